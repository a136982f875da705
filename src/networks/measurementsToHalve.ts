import { median } from '../core/statistics.js';
import type { Target } from '../graph/targets.js';
import type { ModelMetrics } from './model.js';

export interface Halving {
  /** measurements in all */
  measurements: number;
  /** whether the error is still more than half with so many, the most that were tried */
  isMore: boolean;
}

/**
 * How many measurements have about half the error of `measured` ones, by the model's own scores: its training devices left out in turn, each compared with
 * itself, the median over them. `measured` stands for the largest number scored that it reaches. Undefined where no larger number was scored: one device
 * with ten measurements does not tell.
 */
export function measurementsToHalve({ rows }: ModelMetrics, target: Target, measured: number): Halving | undefined {
  const scored = rows.filter((row) => row.target === target && row.medianApe > 0),
    sizes = [...new Set(scored.map((row) => row.measurements))].sort((a, b) => a - b);
  const from = sizes.filter((size) => size <= measured).at(-1),
    larger = sizes.filter((size) => size > measured);
  if (from === undefined || !larger.length) return undefined;
  const taskOf = ({ device, condition = '' }: ModelMetrics['rows'][number]) => `${device}@${condition}`;
  const before = new Map(scored.filter((row) => row.measurements === from).map((row) => [taskOf(row), row.medianApe]));
  /** error with so many measurements over that with `from` */
  const ratio = (size: number) =>
    median(
      scored.flatMap((row) =>
        row.measurements === size && before.has(taskOf(row)) ? row.medianApe / before.get(taskOf(row))! : [],
      ),
    );
  const half = larger.find((size) => ratio(size) <= 0.5);
  return { measurements: half ?? larger.at(-1)!, isMore: half === undefined };
}
