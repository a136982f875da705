import type { KernelTimes, OperatorTimes } from './traceAnalysis.js';

/** Sums of runs by name, most time first; times in seconds. */
export function operatorTotals(
  runs: Iterable<{ name: string; time: number; calls?: number; kernels?: number | null; host?: number | null }>,
): OperatorTimes[] {
  const rows = new Map<string, OperatorTimes>();
  for (const { name, time, calls = 1, kernels = null, host = null } of runs) {
    const row = rows.get(name);
    if (!row) rows.set(name, { name, calls, time, kernels, host });
    else {
      row.calls += calls;
      row.time! += time;
      if (kernels !== null) row.kernels = (row.kernels ?? 0) + kernels;
      if (host !== null) row.host = (row.host ?? 0) + host;
    }
  }
  return [...rows.values()].sort((a, b) => b.time! - a.time! || (a.name < b.name ? -1 : 1));
}

/** Sums of kernels by name and kind, most time first; times in seconds. */
export function kernelTotals(runs: Iterable<KernelTimes>): KernelTimes[] {
  const rows = new Map<string, KernelTimes>();
  for (const run of runs) {
    const key = `${run.kind} ${run.name}`,
      row = rows.get(key);
    if (!row) rows.set(key, { ...run });
    else {
      row.calls += run.calls;
      row.time += run.time;
    }
  }
  return [...rows.values()].sort((a, b) => b.time - a.time || (a.name < b.name ? -1 : 1));
}
