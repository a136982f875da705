import { nelderMead } from '../core/nelderMead.js';
import type { ServedRow, ServingForm } from './servedModel.js';

/** Accelerators with fewer rows say nothing of the others. */
const LEAST_ROWS = 20;

/** Least share of the time of lone kernels that a framework's take: less is another constant's time. */
const LEAST_KERNELS = 0.5;

export function byAccelerator(rows: readonly ServedRow[]): Map<string, ServedRow[]> {
  const groups = new Map<string, ServedRow[]>();
  for (const row of rows) groups.set(row.accelerator, [...(groups.get(row.accelerator) ?? []), row]);
  return groups;
}

/** Positive constants of a form that make the mean over accelerators of mean |log(predicted / measured)| least. */
export function fitServing(rows: readonly ServedRow[], { start, value }: ServingForm): Record<string, number> {
  const names = Object.keys(start),
    all = [...byAccelerator(rows).values()],
    many = all.filter((own) => own.length >= LEAST_ROWS),
    groups = many.length ? many : all;
  const constants = (x: readonly number[]) =>
    Object.fromEntries(names.map((n, i) => [n, n === 'kernels' ? Math.max(LEAST_KERNELS, Math.exp(x[i])) : Math.exp(x[i])]));
  const loss = (x: readonly number[]) => {
    const c = constants(x);
    const errorOf = (own: readonly ServedRow[]) => own.reduce((s, r) => s + Math.abs(Math.log(value(r, c) / r.measured)), 0);
    return groups.reduce((sum, own) => sum + errorOf(own) / own.length, 0);
  };
  return constants(
    nelderMead(
      loss,
      names.map((n) => Math.log(start[n])),
      { steps: 400 },
    ),
  );
}
