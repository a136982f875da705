import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import type { HlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import type { ResidualRow } from '../../../src/fpga/residual/residualRow.js';
import { analyseDesign } from '../../../src/fpga/rules/analyseDesign.js';

export const denseDesign = (
  inputs: number,
  outputs: number,
  strategy: 'latency' | 'resource',
  reuseFactor = 4,
  bits = 12,
): HlsDesign =>
  hlsNetwork({
    input: [inputs],
    reuseFactor,
    bits,
    strategy,
    part: 'xcu250',
    clockNs: 5,
    tool: 'vitis_hls',
    toolVersion: '2021.1',
  })
    .dense(outputs)
    .build();

export const twoLayers = (): HlsDesign =>
  hlsNetwork({
    input: [16],
    reuseFactor: 4,
    strategy: 'resource',
    part: 'xcu250',
    clockNs: 5,
    tool: 'vivado_hls',
    toolVersion: '2020.1',
  })
    .dense(32)
    .relu()
    .dense(5)
    .build();

/** Labels a tool might give that follows the rules except for LUTs of unrolled layers, which it needs 1.5 times of. */
export function madeUpRows(): ResidualRow[] {
  const rows: ResidualRow[] = [];
  for (const inputs of [8, 12, 16, 24, 32])
    for (const outputs of [4, 8, 16])
      for (const strategy of ['latency', 'resource'] as const) {
        const design = denseDesign(inputs, outputs, strategy, strategy === 'latency' ? 1 : 4),
          { total } = analyseDesign(design);
        rows.push({
          design,
          stage: 'csynth',
          group: `${inputs}x${outputs}`,
          labels: {
            lut: Math.round(total.lut * (strategy === 'latency' ? 1.5 : 1)),
            ff: total.ff,
            dsp: total.dsp,
            bram18: total.bram18,
            cycles: total.latencyMax,
            ii: total.iiMax,
          },
        });
      }
  return rows;
}
