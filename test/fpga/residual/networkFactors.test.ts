import { describe, expect, test } from 'vitest';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import type { HlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { kindCalibration } from '../../../src/fpga/residual/kindCalibration.js';
import { kindsFound } from '../../../src/fpga/residual/kindsFound.js';
import { networkFactors } from '../../../src/fpga/residual/networkFactors.js';
import { prepareRows } from '../../../src/fpga/residual/residualRow.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';

const settings = { input: [8], bits: 8, part: 'xcu250', clockNs: 5, tool: 'vitis_hls' } as const;
const single = hlsNetwork(settings).dense(4).build(),
  network = hlsNetwork(settings).dense(8).dense(4).build();
const row = (design: HlsDesign, group: string, times: number) => ({
  design,
  stage: 'csynth' as const,
  labels: { lut: Math.round(times * (analyseDesign(design).total.lut + 1)) - 1 },
  group,
});
const singles = Array.from({ length: 9 }, (_, i) => row(single, `single ${i}`, 1.1));
/** Ten networks, of which two are off by a factor of two. */
const networks = Array.from({ length: 10 }, (_, i) => row(network, `network ${i}`, i < 2 ? 2 : 1.05));

describe('networkFactors', () => {
  test('the share of networks left out that are within is that of intervals, drawn towards one by three', () => {
    const rows = prepareRows([...singles, ...networks]);
    // widths that nobody learned from: 0.1 for everything
    const tenth = () => {
      const calibration = kindCalibration(prepareRows(singles));
      for (const of of Object.values(calibration)) of.lut!.halfWidth = 0.1;
      return calibration;
    };
    const factor = networkFactors(rows, tenth).lut!;
    expect(factor).toBeCloseTo((10 * (Math.log(2) / 0.1) + 3) / 13, 1);
    expect(networkFactors(prepareRows(singles), tenth).lut).toBeUndefined();
    // where all are within, intervals stay as they are
    expect(networkFactors(prepareRows([...singles, ...networks.slice(2)]), tenth).lut).toBe(1);
  });

  test('networks are as much wider, single layers are not', () => {
    const calibration = kindCalibration(prepareRows([...singles, ...networks])),
      key = 'kind:csynth/vitis_hls/io_parallel dense',
      { halfWidth, networks: factor } = calibration[key].lut!;
    const width = (design: HlsDesign) =>
      kindsFound({ calibration }, design, analyseDesign(design).layers, 'csynth', 'lut')!.halfWidth;
    expect(factor ?? 1).toBeGreaterThanOrEqual(1);
    expect(width(single)).toBe(halfWidth);
    expect(width(network)).toBeCloseTo((factor ?? 1) * halfWidth, 12);
  });
});
