import { describe, expect, it } from 'vitest';
import { accuracyFpgaPage, earlierErrors } from '../../scripts/accuracyFpgaPage.js';
import type { ResultRow } from '../../src/evaluate/resultRow.js';

const row = (method: string, target: string, smape: number, more: Partial<ResultRow> = {}): ResultRow =>
  ({
    protocol: 'fpga',
    space: 'mine',
    task: 'models-left-out',
    device: 'csynth',
    target,
    method,
    k: 0,
    selection: 'random',
    draws: 1,
    n: 12,
    smape,
    coverage90: method === 'mlp' ? 0.9 : null,
    measuredAt: '2026-11-26T00:00:00.000Z',
    command: 'hwcast evaluate',
    ...more,
  }) as ResultRow;

describe('accuracyFpgaPage', () => {
  const rows = [
    row('analytical', 'lut', 5),
    row('mlp', 'lut', 4),
    row('ridge', 'lut', 9),
    row('nearest', 'lut', 7),
    row('analytical', 'ff', 3),
    row('mlp', 'ff', 3.2),
    row('ridge', 'ff', 2),
  ];

  it('shows our error beside that of the best simple method, the smaller bold, and a dash for what was not measured', () => {
    expect(accuracyFpgaPage(rows)).toContain('| mine | csynth | 12 | **4.0** / 7.0 | 3.2 / **2.0** | - | - | - | - | 90 % |');
  });

  it('shows an earlier error where it prints otherwise', () => {
    const earlier = earlierErrors([row('mlp', 'lut', 6), row('mlp', 'ff', 3.2), row('ridge', 'lut', 1)]);
    expect(earlier).toHaveLength(2);
    const page = accuracyFpgaPage(rows, earlier);
    expect(page).toContain('| **4.0** / 7.0, was 6.0 | 3.2 / **2.0** |');
    expect(page).toContain('of 2026-11-26, where it differs');
  });

  it('says of errors that rose whether rules or the residual made them, and what fell', () => {
    const earlier = earlierErrors([
      row('analytical', 'lut', 5),
      row('mlp', 'lut', 3.5),
      row('analytical', 'ff', 3),
      row('mlp', 'ff', 4),
    ]);
    const page = accuracyFpgaPage(rows, earlier);
    expect(page).toContain('| mine | models | csynth | LUT | 5.00 to 5.00 | 3.50 to 4.00 |');
    expect(page).toContain('By the rules: none. By the residual alone, which learns from all rows that are left: LUT of mine.');
    expect(page).toContain(
      '1 of 2 fell by 0.1 or more and 1 of 2 rose; the mean change over all is -0.15, over those that rose 0.50.',
    );
    const ofRules = accuracyFpgaPage(rows, earlierErrors([row('analytical', 'lut', 4), row('mlp', 'lut', 3.5)]));
    expect(ofRules).toContain('By the rules: LUT of mine.');
    expect(accuracyFpgaPage(rows)).toContain('None rose.');
  });

  it('counts where the residual is better than the rules', () => {
    expect(accuracyFpgaPage(rows)).toContain('| models-left-out | 2 | 1 | 0 | 1 | 4.0 to 3.6 |');
  });
});
