import { describe, expect, it } from 'vitest';
import { fpgaPartNamed } from '../../../src/device/fpgaParts.js';
import { hlsNetwork } from '../../../src/fpga/design/designBuilder.js';
import { explore } from '../../../src/fpga/explore/explore.js';
import { analyticalFpga } from '../../../src/fpga/fpgaPredictor.js';
import { explorationJson, explorationText, settingsCsv } from '../../../src/present/fpga/explorationView.js';

const design = hlsNetwork({ id: 'one', input: [16], bits: 16, strategy: 'resource', clockNs: 5 })
  .dense(8)
  .build();
const exploration = explore(design, analyticalFpga, { part: fpgaPartNamed('xc7z020'), reuse: [1, 2, 4], bits: [8, 16] });

describe('views of an exploration', () => {
  it('as CSV: a row a setting, reuse and bits of each layer first', () => {
    const [head, ...rows] = settingsCsv(exploration, exploration.settings).split('\n');
    expect(head).toBe(
      'dense_0.reuse,dense_0.bits,lut,ff,dsp,bram18,lat_max,ii_max,tightest_percent,feasible,within_budget,front',
    );
    expect(rows.map((row) => row.split(',').slice(0, 2).join('/')).sort()).toEqual(['1/16', '1/8', '2/16', '2/8', '4/16', '4/8']);
  });

  it('as JSON: the front with estimates, and the steps as they are', () => {
    const { layers, evaluated, front, steps } = JSON.parse(explorationJson(exploration));
    expect({ layers, evaluated, steps }).toEqual({ layers: ['dense_0'], evaluated: 6, steps: exploration.steps });
    expect(front).toHaveLength(exploration.front.length);
    expect(front[0].latMax.value).toBe(exploration.front[0].prediction.targets.cycles.value);
  });

  it('as text: widths that change alike share a line', () => {
    const step = { layer: 'dense_0', from: 1, to: 2, resource: 'lut', before: 10, after: 20, why: 'because' } as const;
    const text = explorationText({ ...exploration, steps: [8, 16].map((bits) => ({ ...step, bits })) }, 'xc7z020');
    expect(text).toMatch(/^Pareto front on xc7z020: \d+ of \d+ settings that fit, 6 evaluated, grid of 6$/m);
    expect(text).toContain('  dense_0, reuse 1 -> 2: lut 10 -> 20 at 8 bits; lut 10 -> 20 at 16 bits\n      because');
  });
});
