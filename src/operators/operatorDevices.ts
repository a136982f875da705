import type { Efficiency } from '../analytical/rules/efficiencies.js';
import type { Random } from '../core/random.js';
import { median } from '../core/statistics.js';
import { mostInformative } from '../surrogate/head/chooseSupport.js';
import { supportWidth, Z90 } from '../surrogate/head/tuneSettings.js';
import { fitLikeness, type Hypothesis, type Likeness, leftOutSquare, predictLogs, priorCovariance } from './operatorPosterior.js';
import type { OperatorRow, OperatorTask } from './operatorTask.js';
import { TaskFunctions } from './taskFunctions.js';

/** What ran a new task: back end and kernels, where they are known. */
export type Runner = Pick<OperatorTask, 'backend' | 'source'>;

/** How far constants of a rule may differ between tasks, in logs; more where the training tasks do. Tasks that are alike differ by a third. */
const SPREAD: Readonly<Record<string, number>> = {
  compute: 0.3,
  memory: 0.25,
  sharpness: 0.35,
  launch: 0.7,
  smallTile: 0.7,
  splitCost: 0.7,
  waveCost: 1,
  writing: 0.3,
  held: 0.5,
  cacheRate: 0.5,
  overlap: 0.35,
  host: 0.35,
};
const ALIKE = 1 / 3;
/** Part of the mean that is the one task a new one may be like; the rest is of all. */
const OWN_PART = 0.8;
/** Weight of tasks by what ran them: the same kernels, the same back end, another. */
const SAME = { source: 1, backend: 0.2, other: 0.05 };
/** Probability that the new task is like no single other. */
const NOVEL = 0.3;
/** Hypotheses below this share are not asked. */
const LEAST = 1e-2;

/** Operators on each training device and back end, as a rule with constants of its own and what it leaves. */
export class OperatorDevices {
  private readonly functions: TaskFunctions;

  /** @param start constants from which those of each task are searched */
  constructor(
    private readonly tasks: readonly OperatorTask[],
    start: Efficiency,
    random: Random,
  ) {
    this.functions = new TaskFunctions(tasks, start, random);
  }

  /** Everything a task that `runner` ran may be like. */
  private likenesses(runner: Runner): Likeness[] {
    const of = this.tasks.map((t) =>
      t.source === runner.source ? SAME.source : t.backend === runner.backend ? SAME.backend : SAME.other,
    );
    const total = of.reduce((a, b) => a + b, 0),
      weights = Float64Array.from(of, (w) => w / total),
      { constants } = this.functions,
      names = Object.keys(constants[0]) as (keyof Efficiency)[];
    // of the tasks that ran as it does, those of its kernels where there are any
    const closest = Math.max(...of),
      near = constants.filter((_, t) => of[t] === closest);
    const middle = {} as Efficiency,
      wide: Record<string, number> = {},
      narrow: Record<string, number> = {};
    for (const name of names) {
      const logs = near.map((c) => Math.log(c[name]!)),
        centre = median(logs);
      middle[name] = Math.exp(centre);
      wide[name] = Math.max(SPREAD[name], logs.reduce((sum, l) => sum + Math.abs(l - centre), 0) / logs.length);
      narrow[name] = ALIKE * SPREAD[name];
    }
    const novel: Likeness = { constants: middle, spread: wide, mean: weights, weights, prior: NOVEL };
    return [
      novel,
      ...constants.map((c, t) => ({
        ...{ constants: c, spread: narrow, weights, prior: (1 - NOVEL) * weights[t] },
        twin: t,
        mean: weights.map((w, i) => (1 - OWN_PART) * w + (i === t ? OWN_PART : 0)),
      })),
    ];
  }

  /** The predictor of a new task from measured operators of it, none at all included: seconds, with 90 % intervals. */
  adapt(
    runner: Runner,
    support: readonly OperatorRow[],
    seconds: ArrayLike<number>,
  ): (asked: readonly OperatorRow[]) => { value: number; low: number; high: number }[] {
    const { functions } = this,
      logs = Float64Array.from(support, (_, i) => Math.log(seconds[i])),
      scaled = support.map((r) => functions.scaled(r));
    const likely = weighed(this.likenesses(runner).map((l) => fitLikeness(functions, l, support, logs, scaled)));
    const square = support.length ? likely.reduce((sum, { h, weight }) => sum + weight * leftOutSquare(h), 0) : 1,
      width = support.length ? supportWidth(support.length, square) : 1;
    return (asked) => {
      const at = asked.map((r) => functions.scaled(r)),
        each = likely.map(({ h, weight }) => ({ weight, ...predictLogs(h, functions, asked, at) }));
      return asked.map((_, i) => {
        const mean = each.reduce((sum, e) => sum + e.weight * e.mean[i], 0),
          variance = each.reduce((sum, e) => sum + e.weight * (e.variance[i] + (e.mean[i] - mean) ** 2), 0),
          half = Z90 * width * Math.sqrt(variance);
        return { value: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
      });
    };
  }

  /** Which of some operators to measure so that the others are known best, [k] positions. */
  choose(runner: Runner, among: readonly OperatorRow[], k: number): number[] {
    const { functions } = this,
      [novel] = this.likenesses(runner),
      scaled = among.map((r) => functions.scaled(r));
    const { covariance, noise } = priorCovariance(novel, functions, among, scaled);
    return mostInformative(covariance, new Float64Array(among.length).fill(noise), k, {});
  }
}

/** Hypotheses by their evidence. */
function weighed(all: readonly Hypothesis[]): { h: Hypothesis; weight: number }[] {
  const best = Math.max(...all.map((h) => h.evidence)),
    likely = all.map((h) => ({ h, weight: Math.exp(h.evidence - best) })).filter((l) => l.weight > LEAST),
    total = likely.reduce((sum, l) => sum + l.weight, 0);
  return likely.map(({ h, weight }) => ({ h, weight: weight / total }));
}
