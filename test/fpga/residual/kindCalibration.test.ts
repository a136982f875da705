import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { kindCalibration, kindStrata, kindsFound } from '../../../src/fpga/residual/kindCalibration.js';
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
  kindsFound({ calibration: kindCalibration(prepareRows(rows)) }, of, 'csynth', target);

describe('kindCalibration', () => {
  test('strata name stage, tool, io type and kind; the first Vitis HLS is a tool of its own', () => {
    expect(kindStrata(design, 'csynth')).toEqual([
      'kind:csynth/vitis_hls/io_parallel dense',
      'kind:csynth/vitis_hls/io_parallel activation relu',
    ]);
    expect(kindStrata({ ...design, toolVersion: '2020.1' }, 'csynth')[0]).toContain('/vitis_hls 2020/');
  });

  test('few groups: the largest error and more; no narrower than constants differ between tools', () => {
    expect(found([row('a', 2), row('b', 1)])?.halfWidth).toBeCloseTo(1.5 * Math.log(2), 2);
    expect(found([row('a', 1), row('b', 1)])?.halfWidth).toBe(0.2);
    // nine groups: the 0.9 quantile of split conformal prediction is the largest
    const nine = Array.from({ length: 9 }, (_, i) => row(`g${i}`, i ? 1 : 1.5));
    expect(found(nine)?.halfWidth).toBeCloseTo(Math.log(1.5), 2);
  });

  test('another tool makes it wider, another io type still more; nothing where a kind was seen nowhere', () => {
    const rows = [row('a', 1.5), row('b', 1)];
    const own = found(rows)!.halfWidth;
    expect(found(rows, network('vivado_hls'))?.halfWidth).toBeCloseTo(1.5 * own, 6);
    expect(found(rows, network('vitis_hls', 'io_stream'))).toMatchObject({
      halfWidth: 2 * own,
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
});
