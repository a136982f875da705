import { ridge } from '../../core/cholesky.js';
import { leaveOneOut } from '../../core/leaveOneOut.js';
import { mean } from '../../core/statistics.js';

const LAMBDAS = [1e-3, 1e-2, 1e-1, 1, 10, 100];

/**
 * Ridge regression of `values` [rows] on `known` [rows][columns], standardised, with the penalty of the least leave-one-out error.
 * @returns values of `asked` [queries][columns]
 */
export function ridgePredict(
  known: readonly (readonly number[])[],
  values: readonly number[],
  asked: readonly (readonly number[])[],
): number[] {
  const centre = known[0].map((_, j) => mean(known.map((row) => row[j]))),
    scale = centre.map((c, j) => Math.sqrt(mean(known.map((row) => (row[j] - c) ** 2))) || 1);
  const standardised = (row: readonly number[]) => row.map((v, j) => (v - centre[j]) / scale[j]);
  const rows = known.map((row, i) => ({ x: standardised(row), value: values[i] }));
  const predict = fit(rows, bestLambda(rows));
  return asked.map((row) => predict(standardised(row)));
}

interface Row {
  x: readonly number[];
  value: number;
}

function fit(rows: readonly Row[], lambda: number): (x: readonly number[]) => number {
  const level = mean(rows.map((row) => row.value)),
    weights = ridge(
      Float64Array.from(rows.flatMap((row) => row.x)),
      Float64Array.from(rows, (row) => row.value - level),
      rows.length,
      rows[0].x.length,
      lambda,
    );
  return (x) => x.reduce((sum, v, j) => sum + v * weights[j], level);
}

function bestLambda(rows: readonly Row[]): number {
  let best = LAMBDAS[LAMBDAS.length - 1],
    least = Number.POSITIVE_INFINITY;
  if (rows.length > 2)
    for (const lambda of LAMBDAS) {
      const error = leaveOneOut(rows, (others, left) => (fit(others, lambda)(left.x) - left.value) ** 2).reduce(
        (a, b) => a + b,
        0,
      );
      if (error < least) {
        least = error;
        best = lambda;
      }
    }
  return best;
}
