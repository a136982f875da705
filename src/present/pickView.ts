import { csvText } from '../core/csv.js';
import { shortName } from '../graph/shortName.js';
import { DISPLAY, type Target } from '../graph/targets.js';
import type { Judged, Picked, Verdict } from '../networks/pick.js';
import { type Merit, pickFront } from '../networks/pickFront.js';
import { plainTable } from './plainTable.js';
import { columnsOf, inDisplay } from './predictionView.js';

/** Workloads to measure next that people are shown. */
const MOST_NEXT = 5;

/** `workload,latency_ms,low_ms,high_ms,p_meets,verdict,next`, the unit that of the target, in the order of the candidates; empty what is not known. */
export const pickCsv = ({ judged, task: { target } }: Picked): string =>
  csvText(
    headOf(target),
    judged.map((j) => cells(j, target)),
  );

/** An array of the same, with provenance, device and warnings; with a merit also its value as `against`, and whether the workload is on the front. */
export function pickJson({ judged, task: { target, device } }: Picked, merit?: Merit): string {
  const head = headOf(target),
    front = merit && new Set(pickFront(judged, merit));
  const records = judged.map((j) => {
    const row = cells(j, target);
    return {
      ...Object.fromEntries(head.map((name, i) => [name, row[i]])),
      provenance: j.estimate.provenance,
      device,
      ...(merit && front ? { against: merit.of.get(j.workload.id) ?? null, front: front.has(j) } : {}),
      warnings: j.warnings,
      ...(j.assumptions.length ? { assumptions: j.assumptions } : {}),
    };
  });
  return JSON.stringify(records, null, 1);
}

const headOf = (target: Target): string[] => ['workload', ...columnsOf(target), 'p_meets', 'verdict', 'next'];

function cells({ workload, estimate: { value, low, high }, meets, verdict, next }: Judged, target: Target): unknown[] {
  const known = (v: number | null) => (v === null ? null : inDisplay(v, target));
  return [workload.id, known(value), known(low), known(high), meets === null ? null : Number(meets.toFixed(6)), verdict, next];
}

/** For people: a table from the least value to the largest, how many meet the budget, and what to measure next. */
export function pickText(picked: Picked, merit?: Merit): string {
  const { judged, task } = picked,
    { unit, scale } = DISPLAY[task.target],
    front = merit && new Set(pickFront(judged, merit)),
    value = `${task.target} ${unit}`,
    show = (v: number) => (v * scale).toPrecision(4);
  const rows = [...judged]
    .sort((a, b) => a.estimate.value - b.estimate.value)
    .map((j) => {
      const { low, high } = j.estimate;
      return [
        shortName(j.workload),
        show(j.estimate.value),
        low === null || high === null ? 'not known' : low === high ? 'exact' : `${show(low)} to ${show(high)}`,
        j.estimate.provenance,
        percent(j.meets),
        j.verdict,
        j.next ?? '',
        ...(merit && front ? [merit.of.get(j.workload.id) ?? '', front.has(j) ? 'front' : ''] : []),
      ];
    });
  const head = ['workload', value, '90 % interval', 'from', 'meets', 'verdict', 'next', ...(merit ? [merit.name, ''] : [])];
  const table = plainTable(head, rows, [value, '90 % interval', 'meets', 'next', ...(merit ? [merit.name] : [])]);
  return `${table}\n\n${pickSummary(picked)}`;
}

/** `budget 10 ms on 'phone', risk 5 %: 12 yes, 3 maybe, 35 no`. */
export function pickSummary({ judged, task, budget, risk }: Picked): string {
  const { unit, scale } = DISPLAY[task.target],
    count = (verdict: Verdict) => judged.filter((j) => j.verdict === verdict).length;
  return `budget ${Number((budget * scale).toPrecision(6))} ${unit} on '${task.device}', risk ${Number((100 * risk).toPrecision(3))} %: ${count('yes')} yes, ${count('maybe')} maybe, ${count('no')} no`;
}

/** Names of the workloads to measure next, most worth first. */
export const nextNames = ({ judged }: Picked): string[] =>
  judged
    .filter((j) => j.next !== null && j.next <= MOST_NEXT)
    .sort((a, b) => a.next! - b.next!)
    .map((j) => shortName(j.workload));

/** A probability as people read it: neither 0 nor 100 % where something is left to chance. */
function percent(p: number | null): string {
  if (p === null) return 'not known';
  if (p > 0 && p < 0.01) return '<1 %';
  if (p < 1 && p > 0.99) return '>99 %';
  return `${Math.round(100 * p)} %`;
}
