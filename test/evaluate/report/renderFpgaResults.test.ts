import { describe, expect, it } from 'vitest';
import { renderFpgaResults } from '../../../src/evaluate/report/renderFpgaResults.js';
import { resultRow } from '../../../src/evaluate/resultRow.js';

describe('renderFpgaResults', () => {
  it('renders only columns that have values, and the published figures as other data', () => {
    const row = resultRow(
      {
        protocol: 'fpga',
        space: 's',
        task: 'residual',
        device: 'csynth',
        target: 'cycles',
        method: 'mlp',
        k: 0,
        selection: 'random',
      },
      { smape: 3.21, r2: Number.NaN, within10: 0.5, draws: 1, ofCounts: true },
      { command: 'c', measuredAt: 't' },
    );
    const text = renderFpgaResults([row]);
    expect(text).toMatch('| device | target | method | k | SMAPE | within 10 % |');
    expect(text).toMatch('| csynth | cycles | mlp | 0 | 3.2 | 50 |');
    expect(text).toMatch(/## Published, on other data/);
  });
});
