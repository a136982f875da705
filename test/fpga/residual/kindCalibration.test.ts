import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { kindCalibration } from '../../../src/fpga/residual/kindCalibration.js';
import { kindStrata } from '../../../src/fpga/residual/kindStrata.js';
import { kindsFound } from '../../../src/fpga/residual/kindsFound.js';
import { predictiveWidth } from '../../../src/fpga/residual/predictiveWidth.js';
import { prepareRows } from '../../../src/fpga/residual/residualRow.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';

const network = (tool: string, ioType: 'io_parallel' | 'io_stream' = 'io_parallel') =>
  hlsNetwork({ input: [8], bits: 8, part: 'xcu250', clockNs: 5, tool, ioType })
    .dense(4)
    .relu()
    .build();
const design = network('vitis_hls');
const { lut } = analyseDesign(design).total;
/** A row whose LUTs are `times` those of the rules. */
const row = (group: string, times: number) => ({
  design,
  stage: 'csynth' as const,
  labels: { lut: Math.round(times * (lut + 1)) - 1 },
  group,
});
const found = (rows: ReturnType<typeof row>[], of = design, target: 'lut' | 'ff' = 'lut') =>
  kindsFound({ calibration: kindCalibration(prepareRows(rows)) }, of, analyseDesign(of).layers, 'csynth', target);

describe('kindCalibration', () => {
  test('strata name stage, tool, io type and kind; the first Vitis HLS is a tool of its own', () => {
    expect(kindStrata(design, 'csynth')).toEqual([
      'kind:csynth/vitis_hls/io_parallel dense',
      'kind:csynth/vitis_hls/io_parallel activation relu',
    ]);
    expect(kindStrata({ ...design, toolVersion: '2020.1' }, 'csynth')[0]).toContain('/vitis_hls 2020/');
  });

  test('few groups: what Student tells around the scale of all kinds, each by the share that it has; no narrower than constants that were read off them', () => {
    // two groups, one off by a factor of two, in both kinds: the scale of all kinds is theirs
    const { layers } = analyseDesign(design),
      [dense, relu] = layers.map((l) => l.lut / (layers[0].lut + layers[1].lut)),
      most = Math.max(dense, relu),
      prior = { scale: Math.log(2) / Math.sqrt(2), weight: 3 };
    const width = (share: number) =>
      predictiveWidth(
        [Math.log(2), 0].map((error) => ({ error, share })),
        prior,
      );
    expect(found([row('a', 2), row('b', 1)])?.halfWidth).toBeCloseTo(dense * width(dense / most) + relu * width(relu / most), 2);
    expect(found([row('a', 1), row('b', 1)])?.halfWidth).toBe(0.1);
    // of one group no less than that was off, whatever its layers have of it
    expect(found([row('a', 8)])?.halfWidth).toBeGreaterThanOrEqual(Math.log(8) - 1e-3);
  });

  test('from nine groups on the quantile of split conformal prediction, of nine the largest', () => {
    const alone = hlsNetwork({ input: [8], bits: 8, part: 'xcu250', clockNs: 5, tool: 'vitis_hls' })
        .dense(4)
        .build(),
      count = analyseDesign(alone).total.lut;
    const nine = Array.from({ length: 9 }, (_, i) => ({
      ...row(`g${i}`, 1),
      design: alone,
      labels: { lut: Math.round((i ? 1 : 1.5) * (count + 1)) - 1 },
    }));
    expect(found(nine, alone)?.halfWidth).toBeCloseTo(Math.log(1.5), 2);
    expect(found(nine.slice(1), alone)?.halfWidth).toBe(0.1);
  });

  test('a version that was not seen: also what the rules of two that were differ by', () => {
    // a table of sigmoid takes fewer LUTs in 2024 than in 2023
    const sigmoid = (toolVersion: string) => ({
      ...hlsNetwork({ input: [8], bits: 8, part: 'xcu250', clockNs: 5, tool: 'vitis_hls' })
        .sigmoid()
        .build(),
      toolVersion,
    });
    const exact = (group: string, toolVersion: string) => ({
      ...row(group, 1),
      design: sigmoid(toolVersion),
      labels: { lut: analyseDesign(sigmoid(toolVersion)).total.lut },
    });
    const width = (rows: ReturnType<typeof exact>[], toolVersion: string) => found(rows, sigmoid(toolVersion))!.halfWidth;
    const [of2023, of2024] = ['2023.1', '2024.1'].map((v) => analyseDesign(sigmoid(v)).total.lut),
      shift = Math.abs(Math.log((of2024 + 1) / (of2023 + 1)));
    expect(shift).toBeGreaterThan(0.1);
    const both = [exact('a', '2023.1'), exact('b', '2024.1')];
    expect(width(both, '2023.1')).toBe(0.1);
    expect(width(both, '2022.2')).toBeGreaterThan(shift);
    // seen in one version, and nothing else in two: a quarter more
    expect(width(both.slice(1), '2022.2')).toBeCloseTo(0.125, 9);
    // ... but where Vivado HLS was seen too: also what the tools differ by
    const vivado = { ...sigmoid('2020.1'), tool: 'vivado_hls' },
      of2020 = analyseDesign(vivado).total.lut,
      apart = Math.abs(Math.log((of2024 + 1) / (of2020 + 1)));
    const before = { ...exact('c', '2020.1'), design: vivado, labels: { lut: of2020 } };
    expect(apart).toBeGreaterThan(0.1);
    expect(width([before, exact('b', '2024.1')], '2022.2')).toBeGreaterThan(apart);
    expect(found([before, exact('b', '2024.1')], { ...vivado, toolVersion: '2019.2' })!.halfWidth).toBeCloseTo(0.125, 9);
  });

  test('a kind that a tool was not seen with is no narrower than those that it was', () => {
    const first = { ...network('vitis_hls', 'io_stream'), toolVersion: '2020.1' },
      later = { ...network('vitis_hls', 'io_stream'), toolVersion: '2023.1' },
      sigmoid = {
        ...hlsNetwork({ input: [8], bits: 8, part: 'xcu250', clockNs: 5, tool: 'vitis_hls', ioType: 'io_stream' })
          .sigmoid()
          .build(),
        toolVersion: '2023.1',
      };
    const labelled = (group: string, of: typeof design, times: number) => ({
      ...row(group, 1),
      design: of,
      labels: { lut: Math.round(times * (analyseDesign(of).total.lut + 1)) - 1 },
    });
    const rows = [labelled('a', first, 4), labelled('b', later, 1), labelled('c', sigmoid, 1)];
    const asked = { ...sigmoid, toolVersion: '2020.1' };
    expect(found(rows, asked)!.halfWidth).toBeGreaterThan(0.5 * Math.log(4));
    expect(found(rows.slice(1), asked)!.halfWidth).toBeCloseTo(0.3, 9);
  });

  test('exact where every row of a version was, in two groups at least', () => {
    const versioned = (group: string, toolVersion: string, times = 1) => ({
      ...row(group, times),
      design: { ...design, toolVersion },
    });
    const rows = [
      versioned('a', '2023.1'),
      versioned('b', '2023.1'),
      versioned('a', '2024.1'),
      versioned('c', '2024.2'),
      versioned('d', '2024.2', 2),
    ];
    const exact = (toolVersion: string) => found(rows, { ...design, toolVersion })?.exact;
    expect([exact('2023.1'), exact('2024.1'), exact('2024.2')]).toEqual([true, false, false]);
    // nothing is known of other widths, nor of larger layers
    const of = (inputs: number, bits: number) => ({
      ...hlsNetwork({ input: [inputs], bits, part: 'xcu250', clockNs: 5, tool: 'vitis_hls' })
        .dense(4)
        .relu()
        .build(),
      toolVersion: '2023.1',
    });
    expect([of(8, 8), of(4, 8), of(8, 9), of(9, 8)].map((d) => found(rows, d)?.exact)).toEqual([true, true, false, false]);
  });

  test('a rule that nothing like it was seen of tells nothing where it counts nothing', () => {
    const merged = (merge: string) => ({
      ...design,
      layers: [
        ...design.layers,
        { name: 'm', kind: 'merge' as const, merge, inputs: ['relu_0', 'relu_0'], inShape: [4], outShape: [4] },
      ],
    });
    const rows = [row('a', 1), row('b', 1)];
    expect(found(rows, merged('add'))?.elsewhere).toEqual(['io_parallel merge']);
    expect(found(rows, merged('concatenate'))).toBeUndefined();
  });

  test('layers that work alike tell of each other; a mean by which no shift divides is a kind of its own', () => {
    const options = { part: 'xcu250', clockNs: 5, tool: 'vitis_hls', bits: 8 };
    const labelled = (group: string, of: typeof design) => ({
      ...row(group, 1),
      design: of,
      labels: { lut: analyseDesign(of).total.lut },
    });
    const gru = hlsNetwork({ ...options, input: [4, 8] })
        .gru(4)
        .build(),
      lstm = hlsNetwork({ ...options, input: [4, 8] })
        .lstm(4)
        .build();
    const pool = (size: number) =>
      hlsNetwork({ ...options, input: [12, 8] })
        .avgPool(size)
        .build();
    const rows = [labelled('a', gru), labelled('b', pool(2))];
    expect(found(rows, lstm)?.elsewhere).toEqual(['io_parallel lstm']);
    expect(found(rows, pool(4))?.elsewhere).toEqual([]);
    expect(found(rows, pool(3))).toBeUndefined();
  });

  test('a dense layer over positions is the convolution that hls4ml makes of it', () => {
    const over = (ioType: 'io_parallel' | 'io_stream') =>
      hlsNetwork({ input: [5, 8], bits: 8, part: 'xcu250', clockNs: 5, tool: 'vitis_hls', ioType })
        .dense(4)
        .build();
    expect(kindStrata(over('io_stream'), 'csynth')).toEqual(['kind:csynth/vitis_hls/io_stream conv1d']);
    // each position has multipliers of its own
    expect(kindStrata(over('io_parallel'), 'csynth')).toEqual(['kind:csynth/vitis_hls/io_parallel conv1d of several pixels']);
  });

  test('a width counts by what its layers have of the target', () => {
    const calibration = kindCalibration(prepareRows([row('a', 3), row('b', 1), row('c', 1)]));
    const key = 'kind:csynth/vitis_hls/io_parallel activation relu';
    calibration[key].lut!.halfWidth = 0;
    const dense = calibration['kind:csynth/vitis_hls/io_parallel dense'].lut!.halfWidth;
    const { layers } = analyseDesign(design),
      share = layers[0].lut / (layers[0].lut + layers[1].lut);
    expect(kindsFound({ calibration }, design, layers, 'csynth', 'lut')?.halfWidth).toBeCloseTo(share * dense, 6);
  });

  test('a later stage of kinds that were seen at csynth only: both widths', () => {
    const other = hlsNetwork({ input: [4, 8], bits: 8, part: 'xcu250', clockNs: 5, tool: 'vivado_hls' })
      .gru(4)
      .build();
    const later = { ...row('z', 1), design: other, stage: 'vsynth' as const, labels: { lut: 400 } };
    const calibration = kindCalibration(prepareRows([row('a', 1.5), row('b', 1), later]));
    const { layers } = analyseDesign(design);
    const width = (stage: string) => kindsFound({ calibration }, design, layers, stage, 'lut')?.halfWidth ?? 0;
    const left = calibration['later:vsynth'].lut!.halfWidth;
    expect(width('vsynth')).toBeCloseTo(Math.hypot(width('csynth'), left), 9);
    expect(width('impl')).toBeCloseTo(Math.hypot(width('csynth'), 1.5 * left), 9);
  });

  test('another tool makes it wider, another io type still more; nothing where a kind was seen nowhere', () => {
    const rows = [row('a', 1.5), row('b', 1)];
    const own = found(rows)!.halfWidth;
    expect(found(rows, network('vivado_hls'))?.halfWidth).toBeCloseTo(1.5 * own, 2);
    expect(found(rows, network('vitis_hls', 'io_stream'))?.halfWidth).toBeCloseTo(2 * own, 2);
    expect(found(rows, network('vitis_hls', 'io_stream'))).toMatchObject({
      elsewhere: ['io_stream dense', 'io_stream activation relu'],
    });
    const settings = { bits: 8, tool: 'vitis_hls' } as const;
    const alike = hlsNetwork({ ...settings, input: [8] })
      .dense(4)
      .sigmoid()
      .build();
    expect(found(rows, alike)).toMatchObject({ elsewhere: ['io_parallel activation sigmoid'] });
    expect(found(rows, alike)!.halfWidth).toBeGreaterThan(own);
    const recurrent = hlsNetwork({ ...settings, input: [4, 8] })
      .gru(4)
      .build();
    expect(found(rows, recurrent)).toBeUndefined();
    // weights in memory are another kind
    expect(found(rows, { ...design, strategy: 'resource', reuseFactor: 4 })).toBeUndefined();
    expect(found(rows, design, 'ff')).toBeUndefined();
  });

  test('DSPs by the width of the weights, where it was seen', () => {
    const wide = (bits: number) =>
      hlsNetwork({ input: [8], bits, part: 'xcu250', clockNs: 5, tool: 'vitis_hls' })
        .dense(4)
        .build();
    const counted = (bits: number, group: string, off: number) => ({
      ...row(group, 1),
      design: wide(bits),
      labels: { dsp: Math.round(off * (analyseDesign(wide(bits)).total.dsp + 1)) - 1 },
    });
    const rows = [counted(16, 'a', 1), counted(16, 'b', 1), counted(8, 'c', 3), counted(8, 'd', 3)];
    const calibration = kindCalibration(prepareRows(rows));
    const width = (bits: number) =>
      kindsFound({ calibration }, wide(bits), analyseDesign(wide(bits)).layers, 'csynth', 'dsp')!.halfWidth;
    expect(width(8)).toBeGreaterThan(1);
    expect(width(16)).toBeLessThan(width(8));
    // a width that was not seen: that of all
    expect(width(12)).toBeCloseTo(calibration['kind:csynth/vitis_hls/io_parallel dense'].dsp!.halfWidth, 9);
  });
});
