import { describe, expect, it } from 'vitest';
import { accuracyPage } from '../../scripts/accuracyPage.js';
import type { ResultRow } from '../../src/evaluate/resultRow.js';

/** Rows of one method on three devices, median errors in percent. */
function rowsOf(method: string, errors: readonly number[], coverage90 = 0.9): ResultRow[] {
  return errors.map(
    (error, i) =>
      ({
        protocol: 'leave-one-out',
        space: 'nasbench201',
        task: `without d${i}`,
        device: `d${i}`,
        target: 'latency',
        method,
        k: 10,
        selection: 'chosen',
        draws: 1,
        spearman: 0.9,
        medianApe: error / 100,
        coverage90,
        ceiling: 0.95,
        measuredAt: '2026-11-26T00:00:00.000Z',
        command: 'hwcast evaluate',
      }) as ResultRow,
  );
}

const ROWS = [...rowsOf('closed-form', [4, 5, 9]), ...rowsOf('flops', [40, 50, 60]), ...rowsOf('nearest-device', [7, 8, 9])];

describe('accuracyPage', () => {
  it('has one row a protocol: ours, the worst device, the best simple method, ceiling and coverage', () => {
    expect(accuracyPage(ROWS)).toContain(
      '| leave-one-out, nasbench201, latency | 3 | 6.0 %, 0.900 | d2 9.0 % | nearest-device: 8.0 %, 0.900 | - | 0.950 | 90 % |',
    );
  });

  it('says where a simple method is as good and where intervals are too narrow', () => {
    const page = accuracyPage([...rowsOf('closed-form', [4, 5, 9], 0.7), ...rowsOf('flops', [1, 1, 1])]);
    expect(page).toContain('Where a simple method is at least as good: leave-one-out, nasbench201, latency.');
    expect(page).toContain('Where fewer than 88 % lie in the 90 % interval: leave-one-out, nasbench201, latency.');
    expect(accuracyPage(ROWS)).toContain('Where a simple method is at least as good: nowhere.');
  });

  it('says what learned features add by the spread over devices', () => {
    const better = accuracyPage([...ROWS, ...rowsOf('hwcast', [3, 4.1, 8])]);
    expect(better).toContain('they improve 1 of the 1 rows beyond noise and worsen none');
    const noise = accuracyPage([...ROWS, ...rowsOf('hwcast', [3, 6, 8])]);
    expect(better).toContain('is there for the rows named here');
    expect(noise).not.toContain('is there for the rows named here');
    expect(noise).toContain('they improve none of the 1 rows beyond noise and worsen none');
    expect(noise).toContain('| leave-one-out, nasbench201, latency | 3 | -0.33 ± 2.87 | 2 of 3 | no difference beyond noise |');
  });

  it('shows a dash for what was not measured', () => {
    expect(accuracyPage(rowsOf('closed-form', [4, 5, 9]))).toContain('| d2 9.0 % | - | - | 0.950 |');
  });
});
