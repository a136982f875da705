import type { ResultRow } from '../../src/evaluate/resultRow.js';

/** A row of results with every field, to be varied. */
export const resultRow = (over: Partial<ResultRow> = {}): ResultRow => ({
  protocol: 'help',
  space: 'nasbench201',
  task: 'HELP',
  device: 'gold_6226',
  target: 'latency',
  method: 'closed-form',
  k: 20,
  selection: 'random',
  draws: 10,
  spearman: 0.98765,
  spearmanSd: 0.0042,
  kendall: 0.91,
  mape: 0.0321,
  medianApe: 0.0213,
  within5: 0.81,
  within10: 0.97,
  coverage90: 0.894,
  ceiling: 0.995,
  measuredAt: '2026-01-02T03:04:05.000Z',
  command: 'hwcast evaluate --protocol help',
  ...over,
});
