import { median, spearman } from '../core/statistics.js';

export interface PassSummary {
  /** geometric mean over the passes, in the unit of the passes */
  value: number;
  /** median absolute deviation of the logs of the passes, the factor of each pass taken out */
  spread: number;
  /** passes behind it */
  repeats: number;
}

/**
 * One value a workload from several passes over all workloads. On a shared machine whole passes differ by 10-15 % (clocks, neighbours), so each
 * pass has a factor: the median over the workloads of log(time) minus the workload's mean, centred over the passes. It is divided out first.
 * @param passes passes x workloads, positive times
 */
export function aggregatePasses(passes: readonly (readonly number[])[]): PassSummary[] {
  const logs = passes.map((p) => p.map(Math.log)); // passes x workloads
  const means = meanOver(logs);
  const factors = logs.map((pass) => median(pass.map((v, w) => v - means[w])));
  const centre = factors.reduce((a, b) => a + b, 0) / factors.length;
  return means.map((mean, w) => {
    const values = logs.map((pass, p) => pass[w] - (factors[p] - centre));
    const middle = median(values);
    return { value: Math.exp(mean), spread: median(values.map((v) => Math.abs(v - middle))), repeats: passes.length };
  });
}

/** Spearman correlation between the means of the even and of the odd passes: how well the measurement agrees with itself. NaN below 2 passes. */
export function halvesAgreement(passes: readonly (readonly number[])[]): number {
  if (passes.length < 2) return Number.NaN;
  const logs = passes.map((p) => p.map(Math.log));
  return spearman(meanOver(logs.filter((_, i) => i % 2 === 0)), meanOver(logs.filter((_, i) => i % 2 === 1)));
}

const meanOver = (rows: number[][]) => rows[0].map((_, w) => rows.reduce((s, row) => s + row[w], 0) / rows.length);
