import type { Efficiency } from '../analytical/rules/efficiencies.js';
import { cartesian } from '../core/cartesian.js';
import { forwardSolve, precisionsOf, solveWithEvidence } from '../core/cholesky.js';
import { mean } from '../core/statistics.js';
import type { OperatorRow } from './operatorTask.js';
import type { TaskFunctions } from './taskFunctions.js';

/** What a new task may be like: constants of the rule with their spread in logs, and how much each training task says of what the rule leaves. */
export interface Likeness {
  constants: Efficiency;
  spread: Readonly<Record<string, number>>;
  /** of the mean, [tasks]; sums to 1 */
  mean: Float64Array;
  /** of the covariance, [tasks] */
  weights: Float64Array;
  /** the task it is like: what that measured of the very sizes says more than its trees */
  twin?: number;
  /** before anything is measured; need not sum to 1 */
  prior: number;
}

/** Scales of the covariance: of what tasks have in common, of the new one's own, over what length, noise of a row. */
interface Scales {
  shared: number;
  own: number;
  length: number;
  noise: number;
}
const GRID: readonly Scales[] = cartesian({
  shared: [0.3, 1],
  own: [0.003, 0.015, 0.06],
  length: [0.5, 1],
  noise: [0.002, 0.012],
});
/** How much of what a twin leaves a new task leaves too: any share from none to all is likely. */
const TWIN = { share: 0.5, spread: 0.4 };
/** Variance of the level that constants do not explain. */
const LEVEL = 0.003;
/** Steps of Gauss-Newton, what the first goes of its way, and the most that a constant moves in one, in logs. */
const STEPS = 4,
  FIRST = 0.7,
  MOST = 1.2;
/** Degrees of freedom of the errors of measurements. */
const FREEDOM = 3;
/** Step of a derivative, in logs. */
const STEP = 0.02;
/** Scales below this share of the evidence of all are dropped; what is left is not made to sum to 1 again. */
const LEAST = 1e-3;

/** Logs of a rule and its derivatives by the logs of its constants, [rows, constants]. */
function linearised(
  rows: readonly OperatorRow[],
  constants: Efficiency,
  names: readonly string[],
): { log: Float64Array; by: Float64Array } {
  const moved = names.map((name) => ({ ...constants, [name]: constants[name as keyof Efficiency]! * Math.exp(STEP) }));
  const by = new Float64Array(rows.length * names.length);
  const log = Float64Array.from(rows, (row, i) => {
    const log = Math.log(row.rule(constants));
    moved.forEach((c, j) => {
      by[i * names.length + j] = (Math.log(row.rule(c)) - log) / STEP;
    });
    return log;
  });
  return { log, by };
}

/** The rows of a support or a query as a likeness sees them. */
interface Seen {
  /** logs of rule plus what the tasks leave, [rows] */
  mean: Float64Array;
  by: Float64Array;
  /** tasks around that mean, [rows, tasks] */
  around: Float64Array;
  /** what the twin's own row of the sizes leaves over its trees, [rows] */
  twin: Float64Array;
}

function see(
  rows: readonly OperatorRow[],
  f: TaskFunctions,
  { mean: weights, twin: of }: Likeness,
  constants: Efficiency,
  names: readonly string[],
): Seen {
  const { log, by } = linearised(rows, constants, names),
    tasks = weights.length,
    around = new Float64Array(rows.length * tasks),
    twin = Float64Array.from(rows, (row) => (of === undefined ? 0 : f.unexplainedBy(of, row)));
  const mean = log.map((l, i) => {
    const at = f.at(rows[i]);
    let m = 0;
    for (let t = 0; t < tasks; t++) m += weights[t] * at[t];
    for (let t = 0; t < tasks; t++) around[i * tasks + t] = at[t] - m;
    return l + m + TWIN.share * twin[i];
  });
  return { mean, by, around, twin };
}

/** Parts of the covariance between rows a and b: of constants and the twin's share, of tasks, squared distance; [a, b] each. */
interface Parts {
  constants: Float64Array;
  shared: Float64Array;
  distance: Float64Array;
}

function partsOf(
  a: Seen,
  b: Seen,
  scaled: [readonly Float64Array[], readonly Float64Array[]],
  l: Likeness,
  names: readonly string[],
): Parts {
  const [left, right] = scaled,
    n = left.length,
    m = right.length,
    tasks = l.weights.length,
    c = names.length,
    variances = names.map((name) => l.spread[name] ** 2),
    parts: Parts = { constants: new Float64Array(n * m), shared: new Float64Array(n * m), distance: new Float64Array(n * m) };
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      let constants = TWIN.spread ** 2 * a.twin[i] * b.twin[j],
        shared = 0,
        distance = 0;
      for (let k = 0; k < c; k++) constants += variances[k] * a.by[i * c + k] * b.by[j * c + k];
      for (let t = 0; t < tasks; t++) shared += l.weights[t] * a.around[i * tasks + t] * b.around[j * tasks + t];
      for (let d = 0; d < left[i].length; d++) distance += (left[i][d] - right[j][d]) ** 2;
      parts.constants[i * m + j] = constants;
      parts.shared[i * m + j] = shared;
      parts.distance[i * m + j] = distance / left[i].length;
    }
  return parts;
}

const covariance = ({ constants, shared, distance }: Parts, cell: number, s: Scales): number =>
  LEVEL + constants[cell] + s.shared * shared[cell] + s.own * Math.exp((-0.5 * distance[cell]) / s.length ** 2);

interface Solved {
  scales: Scales;
  factor: Float64Array;
  solution: Float64Array;
  evidence: number;
}

/** A likeness after the support: the constants around which the rule is linear, how far they moved, and Gaussians by their evidence. */
export interface Hypothesis {
  likeness: Likeness;
  names: readonly string[];
  constants: Efficiency;
  shift: Float64Array;
  support: Seen;
  scaled: readonly Float64Array[];
  /** how many times the noise of others each measurement has: those that fit badly count less, [rows] */
  doubt: Float64Array;
  /** with their share of the hypothesis */
  solved: (Solved & { weight: number })[];
  /** log of the evidence, with the prior */
  evidence: number;
}

/** Posterior of one likeness: Gauss-Newton on the constants, each step a Gaussian process in closed form (Rasmussen and Williams, 2006, 2.2 and 5.4). */
export function fitLikeness(
  f: TaskFunctions,
  likeness: Likeness,
  rows: readonly OperatorRow[],
  logs: Float64Array,
  scaled: readonly Float64Array[],
): Hypothesis {
  const names = Object.keys(likeness.spread),
    first = {
      ...{ likeness, names, constants: likeness.constants, shift: new Float64Array(names.length), scaled, solved: [] },
      doubt: new Float64Array(rows.length).fill(1),
      support: see(rows, f, likeness, likeness.constants, names),
      evidence: Math.log(likeness.prior),
    };
  if (!rows.length) return first;
  let h: Hypothesis = first;
  for (let step = 0; step < STEPS; step++) {
    h = condition(h, logs);
    if (step === STEPS - 1) break;
    const shift = moved(h, step ? 1 : FIRST),
      constants = { ...likeness.constants };
    names.forEach((name, k) => {
      constants[name as keyof Efficiency] = likeness.constants[name as keyof Efficiency]! * Math.exp(shift[k]);
    });
    constants.sharpness = Math.max(1, constants.sharpness);
    if (constants.overlap !== undefined) constants.overlap = Math.max(1, constants.overlap);
    h = { ...h, shift, constants, doubt: doubtOf(h), support: see(rows, f, likeness, constants, names) };
  }
  return h;
}

/** The Gaussians of a linearised hypothesis after its support. */
function condition(h: Hypothesis, logs: Float64Array): Hypothesis {
  const { support, scaled, likeness, names, shift, doubt } = h,
    parts = partsOf(support, support, [scaled, scaled], likeness, names);
  const residual = logs.map((y, i) => y - support.mean[i] + alongShift(support.by, i, shift));
  const solved = GRID.map((s) => solve(parts, residual, s, doubt)),
    best = Math.max(...solved.map((s) => s.evidence)),
    total = solved.reduce((sum, s) => sum + Math.exp(s.evidence - best), 0);
  return {
    ...h,
    solved: solved.map((s) => ({ ...s, weight: Math.exp(s.evidence - best) / total })).filter((s) => s.weight > LEAST),
    evidence: Math.log(likeness.prior) + best + Math.log(total / GRID.length),
  };
}

function alongShift(by: Float64Array, row: number, shift: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < shift.length; k++) sum += by[row * shift.length + k] * shift[k];
  return sum;
}

/** Where the constants go, part of the way. */
function moved({ shift, solved, support, likeness, names, scaled }: Hypothesis, part: number): Float64Array {
  const c = names.length,
    made = new Float64Array(c);
  for (const { solution, weight } of solved)
    names.forEach((name, k) => {
      for (let i = 0; i < scaled.length; i++)
        made[k] += weight * likeness.spread[name] ** 2 * support.by[i * c + k] * solution[i];
    });
  return shift.map((old, k) => old + part * Math.max(-MOST, Math.min(MOST, made[k] - old)));
}

function solve(parts: Parts, residual: Float64Array, scales: Scales, doubt: Float64Array): Solved {
  const n = residual.length,
    factor = new Float64Array(n * n),
    solution = residual.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) factor[i * n + j] = covariance(parts, i * n + j, scales);
    factor[i * n + i] += scales.noise * doubt[i];
  }
  return { scales, factor, solution, evidence: solveWithEvidence(factor, n, solution) };
}

/** Mean and variance of the logs of asked rows, the noise of a row included; [rows] each. */
export function predictLogs(
  h: Hypothesis,
  f: TaskFunctions,
  asked: readonly OperatorRow[],
  scaled: readonly Float64Array[],
): { mean: Float64Array; variance: Float64Array } {
  const { likeness, names, constants, shift, support, solved } = h,
    n = h.scaled.length,
    doubt = n ? mean([...h.doubt]) : 1,
    seen = see(asked, f, likeness, constants, names),
    logs = seen.mean.map((m, i) => m - alongShift(seen.by, i, shift)),
    variance = new Float64Array(asked.length);
  const own = ownParts(seen, likeness, names);
  const parts = partsOf(seen, support, [scaled, h.scaled], likeness, names),
    column = new Float64Array(n);
  const settings = solved.length
    ? solved
    : GRID.map((scales) => ({ scales, weight: 1 / GRID.length, solution: column, factor: column }));
  for (const { scales, weight, solution, factor } of settings)
    asked.forEach((_, i) => {
      let sum = 0,
        shared = 0;
      for (let j = 0; j < n; j++) {
        column[j] = covariance(parts, i * n + j, scales);
        sum += column[j] * solution[j];
        shared += scales.shared * parts.shared[i * n + j] * solution[j];
      }
      logs[i] += weight * (sum - shared + withinTasks(shared, seen, i));
      if (n) forwardSolve(factor, n, column);
      let explained = 0;
      for (let j = 0; j < n; j++) explained += column[j] ** 2;
      variance[i] += weight * (doubt * scales.noise + Math.max(0, covariance(own, i, scales) - explained));
    });
  return { mean: logs, variance };
}

/** What a new task shares with the others, at most as far from their mean as one of them is: few rows lead further where tasks differ by a factor. */
function withinTasks(shared: number, { around, mean }: Seen, row: number): number {
  const tasks = around.length / mean.length,
    own = around.subarray(row * tasks, (row + 1) * tasks);
  return Math.min(Math.max(0, ...own), Math.max(Math.min(0, ...own), shared));
}

/** Parts of the covariance of each row with itself. */
function ownParts({ by, around, twin, mean }: Seen, { spread, weights }: Likeness, names: readonly string[]): Parts {
  const c = names.length,
    tasks = weights.length;
  const sum = (count: number, term: (k: number) => number) => {
    let total = 0;
    for (let k = 0; k < count; k++) total += term(k);
    return total;
  };
  return {
    constants: mean.map((_, i) => (TWIN.spread * twin[i]) ** 2 + sum(c, (k) => (spread[names[k]] * by[i * c + k]) ** 2)),
    shared: mean.map((_, i) => sum(tasks, (t) => weights[t] * around[i * tasks + t] ** 2)),
    distance: new Float64Array(mean.length),
  };
}

/** Squares of what each measurement differs from what the others say of it, in standard deviations (the same, eq. 5.12), [rows]. */
function leftOutSquares({ solved }: Hypothesis): Float64Array {
  const n = solved[0].solution.length,
    squares = new Float64Array(n);
  for (const { factor, solution, weight } of solved)
    precisionsOf(factor, n).forEach((precision, i) => {
      squares[i] += (weight * solution[i] ** 2) / precision;
    });
  return squares;
}

/** Their mean, each with the noise that rows have on average: that of a row which fits badly was raised, so that it seems to fit. */
export function leftOutSquare({ solved, doubt }: Hypothesis): number {
  const usual = mean([...doubt]);
  let square = 0;
  for (const { factor, solution, weight, scales } of solved)
    precisionsOf(factor, solution.length).forEach((precision, i) => {
      const variance = 1 / precision + (usual - doubt[i]) * scales.noise;
      square += (weight * (solution[i] / precision) ** 2) / variance / solution.length;
    });
  return square;
}

/** Noise of measurements whose errors are t-distributed, a step of expectation maximisation (Lange, Little and Taylor, JASA 1989). */
const doubtOf = (h: Hypothesis): Float64Array => leftOutSquares(h).map((z) => Math.max(1, (FREEDOM + z) / (FREEDOM + 1)));

/** Scales of the choice of what to measure, when there is no evidence yet. */
const OF_CHOICE: Scales = { shared: 1, own: 0.015, length: 0.7, noise: 0.006 };

/** Covariance of the logs of rows before anything is measured, [rows, rows], and the variance of one beside it. */
export function priorCovariance(
  likeness: Likeness,
  f: TaskFunctions,
  rows: readonly OperatorRow[],
  scaled: readonly Float64Array[],
): { covariance: Float64Array; noise: number } {
  const names = Object.keys(likeness.spread),
    seen = see(rows, f, likeness, likeness.constants, names),
    parts = partsOf(seen, seen, [scaled, scaled], likeness, names);
  return { covariance: parts.constants.map((_, cell) => covariance(parts, cell, OF_CHOICE)), noise: OF_CHOICE.noise };
}
