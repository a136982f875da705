import type { Judged } from './pick.js';

/** A second quantity of workloads, such as accuracy, by their ids. */
export interface Merit {
  name: string;
  of: ReadonlyMap<string, number>;
  /** as with error rates; more is better unless told */
  lessIsBetter?: boolean;
}

/** The Pareto front of the workloads judged `yes`, from the least value: no other of them is at least as good in value and in merit and better in one. */
export function pickFront(judged: readonly Judged[], { of, lessIsBetter = false }: Merit): Judged[] {
  const goodness = (j: Judged) => (lessIsBetter ? -1 : 1) * of.get(j.workload.id)!;
  let best = Number.NEGATIVE_INFINITY;
  return judged
    .filter((j) => j.verdict === 'yes' && of.has(j.workload.id))
    .sort((a, b) => a.estimate.value - b.estimate.value || goodness(b) - goodness(a))
    .filter((j) => {
      if (goodness(j) <= best) return false;
      best = goodness(j);
      return true;
    });
}
