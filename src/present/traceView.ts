import { csvText } from '../core/csv.js';
import { kept } from '../core/kept.js';
import type { WhatIfResult } from '../networks/traceWhatIf.js';
import type { TraceAnalysis } from '../trace/traceAnalysis.js';
import { plainTable } from './plainTable.js';

const number = (value: number | null, unit: number, digits = 9) =>
  value === null ? null : Number((value * unit).toPrecision(digits));
const ms = (seconds: number | null) => number(seconds, 1e3);
const us = (seconds: number | null) => number(seconds, 1e6);
const lostOf = (a: TraceAnalysis): number => a.lost.reduce((sum, l) => sum + l.count, 0);

/** The fixed fields of `hwcast trace --json` and `--csv`; null where the file cannot say. */
export function traceRecord(a: TraceAnalysis) {
  return {
    format: a.format,
    device: a.device,
    steps: a.steps,
    latencyMs: ms(a.latency),
    tklqtUs: us(a.tklqt),
    meanKernelUs: us(a.meanKernel),
    idleShare: number(a.idleShare, 1, 6),
    bound: a.bound,
    kernels: a.kernels,
    operators: a.operators,
    lost: lostOf(a),
  };
}

type WhatIfs = readonly (WhatIfResult | null)[];

function whatIfRecord(w: WhatIfResult) {
  return {
    device: w.device,
    batch: w.batch,
    dtype: w.dtype,
    latencyMs: ms(w.latency),
    lowMs: ms(w.low),
    highMs: ms(w.high),
    deviceMs: ms(w.deviceTime),
    launchMs: ms(w.launchTime),
    coverage: number(w.coverage, 1, 6),
    provenance: w.provenance,
    assumptions: w.assumptions,
  };
}

const NO_CHANGE = { device: null, batch: null, dtype: null, latencyMs: null, lowMs: null, highMs: null, provenance: null };

function whatIfText(w: WhatIfResult): string {
  const conditions = [w.device, w.batch === null ? '' : `batch ${w.batch}`, w.dtype ?? ''].filter(Boolean).join(', ');
  return [
    `what if, ${conditions}: ${shown(ms(w.latency))} ms (${shown(ms(w.low))} to ${shown(ms(w.high))}), ${w.provenance}`,
    `  the device works ${shown(ms(w.deviceTime))} ms, the host launches for ${shown(ms(w.launchTime))} ms`,
    ...w.assumptions.map((a) => `  assumed: ${a}`),
  ].join('\n');
}

/** An array with one record a file: the fixed fields, then tables and further times. */
export function traceJson(analyses: readonly TraceAnalysis[], changed?: WhatIfs): string {
  return JSON.stringify(
    analyses.map((a, i) => ({
      ...traceRecord(a),
      ...(changed ? { whatIf: changed[i] && whatIfRecord(changed[i]) } : {}),
      batch: a.batch,
      events: a.events,
      operatorsWithShapes: a.operatorsWithShapes,
      kernelsWithLaunch: a.kernelsWithLaunch,
      kernelsWithOperator: a.kernelsWithOperator,
      issueMs: ms(a.issue),
      copiesUs: us(a.copies),
      overlapUs: us(a.overlap),
      collectives: a.collectives && { timeUs: us(a.collectives.time), aloneUs: us(a.collectives.alone) },
      launch: a.launch && { delayUs: us(a.launch.delay), intervalUs: us(a.launch.interval) },
      byOperator: a.byOperator.map((o) => ({
        name: o.name,
        calls: o.calls,
        timeUs: us(o.time),
        kernels: o.kernels,
        hostUs: us(o.host),
      })),
      byWorkload: a.byWorkload.map((o) => ({ workload: o.name, calls: o.calls, timeUs: us(o.time) })),
      byKernel: a.byKernel.map((k) => ({ name: k.name, kind: k.kind, calls: k.calls, timeUs: us(k.time) })),
      streams: a.streams.map((s) => ({ name: s.name, kernels: s.kernels, busyUs: us(s.busy) })),
      chains: a.chains.map((c) => ({ names: c.names, count: c.count, savedUs: us(c.saved) })),
      losses: a.lost.map((l) => ({ what: l.what, reason: l.reason, count: l.count, offset: l.offset ?? null })),
      notes: a.notes,
    })),
    null,
    2,
  );
}

/** One row a file with the fixed fields. */
export function traceCsv(analyses: readonly TraceAnalysis[], changed?: WhatIfs): string {
  const rows = analyses.map((a, i) => {
    if (!changed) return traceRecord(a);
    const { device, batch, dtype, latencyMs, lowMs, highMs, provenance } = changed[i] ? whatIfRecord(changed[i]) : NO_CHANGE;
    return {
      ...traceRecord(a),
      ifDevice: device,
      ifBatch: batch,
      ifDtype: dtype,
      ifLatencyMs: latencyMs,
      ifLowMs: lowMs,
      ifHighMs: highMs,
      provenance,
    };
  });
  return csvText(
    Object.keys(rows[0]),
    rows.map((row) => Object.values(row)),
  );
}

const shown = (value: number | null, digits = 4): string => (value === null ? '-' : String(Number(value.toPrecision(digits))));
const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(1)} %`);
const MOST_ROWS = 15;

/** For people: what a file says in a few lines, then its operators and kernels; of several files one table, and how two compare. */
export function traceTables(analyses: readonly TraceAnalysis[], changed?: WhatIfs): string {
  const parts = analyses.map((a, i) => [oneTrace(a), changed?.[i] ? whatIfText(changed[i]) : ''].filter(Boolean).join('\n\n'));
  if (analyses.length > 1) parts.push(severalTraces(analyses));
  if (analyses.length === 2) parts.push(comparison(analyses[0], analyses[1]));
  return parts.filter(Boolean).join('\n\n');
}

function oneTrace(a: TraceAnalysis): string {
  const lines = [`${a.source}: ${a.format}${a.device === null ? '' : `, ${a.device}`}`];
  const facts = [
    a.steps === null ? null : `${a.steps} ${a.steps === 1 ? 'step' : 'steps'}`,
    a.latency === null ? null : `latency ${shown(ms(a.latency))} ms`,
    a.idleShare === null ? null : `device idle ${percent(a.idleShare)}`,
    a.bound === null
      ? null
      : a.bound === 'launch'
        ? 'launch-bound: the device waits for its host'
        : 'device-bound: the host waits for the device',
  ].filter((f) => f !== null);
  if (facts.length) lines.push(`  ${facts.join(', ')}`);
  if (a.kernels)
    lines.push(
      `  ${a.kernels} kernels, mean ${shown(us(a.meanKernel))} us${a.tklqt === null ? '' : `, TKLQT ${shown(us(a.tklqt), 6)} us`}${a.copies ? `, copies ${shown(us(a.copies))} us` : ''}`,
    );
  if (a.launch)
    lines.push(
      `  from launch to kernel ${shown(us(a.launch.delay))} us at least (10th percentile)${a.launch.interval === null ? '' : `, a launch every ${shown(us(a.launch.interval))} us`}`,
    );
  if (a.streams.length > 1) lines.push(`  ${a.streams.length} streams, two or more at work for ${shown(us(a.overlap))} us`);
  if (a.collectives)
    lines.push(`  collectives ${shown(us(a.collectives.time))} us, of it ${shown(us(a.collectives.alone))} us alone`);
  for (const text of a.notes) lines.push(`  ${text}`);
  for (const l of a.lost) lines.push(`  lost: ${l.count} ${l.what}${l.count === 1 ? '' : 's'}: ${l.reason}`);
  if (a.byOperator.length) lines.push('', operatorTable(a));
  if (a.byWorkload.length) lines.push('', workloadTable(a));
  if (a.byKernel.length) lines.push('', kernelTable(a));
  if (a.chains.length) lines.push('', chainTable(a));
  return lines.join('\n');
}

const more = (all: readonly unknown[], what: string): string =>
  all.length > MOST_ROWS ? `\n  and ${all.length - MOST_ROWS} further ${what}` : '';

function operatorTable({ byOperator }: TraceAnalysis): string {
  const total = byOperator.reduce((sum, o) => sum + (o.time ?? 0), 0),
    numbers = ['calls', 'time us', 'share', 'kernels', 'host us'];
  const rows = byOperator
    .slice(0, MOST_ROWS)
    .map((o) => [
      o.name,
      o.calls,
      shown(us(o.time)),
      percent(o.time === null || !total ? null : o.time / total),
      o.kernels ?? '-',
      shown(us(o.host)),
    ]);
  return plainTable(['operator', ...numbers], rows, numbers) + more(byOperator, 'operators');
}

/** Calls, time, mean and share of rows that begin with texts. */
function timesTable<T extends { calls: number; time: number | null }>(
  rows: readonly T[],
  what: string,
  texts: Readonly<Record<string, (row: T) => string>>,
): string {
  const total = rows.reduce((sum, r) => sum + (r.time ?? 0), 0),
    numbers = ['calls', 'time us', 'mean us', 'share'];
  const shownRows = rows
    .slice(0, MOST_ROWS)
    .map((r) => [
      ...Object.values(texts).map((text) => text(r)),
      r.calls,
      shown(us(r.time)),
      shown(us(r.time === null ? null : r.time / r.calls)),
      percent(r.time === null || !total ? null : r.time / total),
    ]);
  return plainTable([...Object.keys(texts), ...numbers], shownRows, numbers) + more(rows, what);
}

const workloadTable = ({ byWorkload }: TraceAnalysis): string =>
  timesTable(byWorkload, 'operators with shapes', { 'operator with shapes': (o) => o.name });

const kernelTable = ({ byKernel }: TraceAnalysis): string =>
  timesTable(byKernel, 'kernels', { kernel: (k) => k.name.slice(0, 70), kind: (k) => k.kind });

function chainTable({ chains }: TraceAnalysis): string {
  const numbers = ['times', 'idle between us'];
  const rows = chains.map((c) => [c.names.map((n) => n.slice(0, 45)).join(' -> '), c.count, shown(us(c.saved))]);
  return plainTable(['always one after the other', ...numbers], rows, numbers);
}

/** All files by batch; where batches of one network on one device grow, from which on the device is the bound: TKLQT then grows with them (SKIP). */
function severalTraces(analyses: readonly TraceAnalysis[]): string {
  const numbers = ['batch', 'latency ms', 'kernels', 'mean us', 'TKLQT us', 'idle'];
  const sorted = [...analyses].sort((a, b) => (a.batch ?? 0) - (b.batch ?? 0));
  const rows = sorted.map((a) => [
    a.source,
    a.batch ?? '-',
    shown(ms(a.latency)),
    a.kernels ?? '-',
    shown(us(a.meanKernel)),
    shown(us(a.tklqt), 6),
    percent(a.idleShare),
    a.bound ?? '-',
  ]);
  const table = plainTable(['file', ...numbers, 'bound'], rows, numbers);
  const sweeps = new Map<string, TraceAnalysis[]>();
  for (const a of sorted) if (a.batch !== null && a.tklqt !== null) kept(sweeps, networkOf(a), () => []).push(a);
  const verdicts = [...sweeps.values()].filter((sweep) => new Set(sweep.map((a) => a.batch)).size >= 3).map(sweepVerdict);
  return [table, ...verdicts].join('\n');
}

/** What the files of a sweep have in common: the device, and the operators of a step with how often each runs. */
const networkOf = ({ device, steps, byOperator }: TraceAnalysis): string =>
  JSON.stringify([device, byOperator.map((o) => [o.name, o.calls / (steps || 1)]).sort()]);

function sweepVerdict(sweep: readonly TraceAnalysis[]): string {
  const queued = (a: TraceAnalysis): number => a.tklqt! / (a.steps || 1),
    floor = Math.min(...sweep.map(queued)),
    turn = sweep.find((a) => queued(a) > 2 * floor && a.batch! > sweep[0].batch!),
    plateau = `${shown(us(floor), 6)} us a step`;
  const batches = `batch ${sweep.map((a) => a.batch).join(', ')}`;
  return turn
    ? `${batches}: device-bound from ${turn.batch} on: TKLQT leaves its plateau of ${plateau}`
    : `${batches}: launch-bound at every batch: TKLQT stays near ${plateau}`;
}

/** Times of two files beside each other, by operator: what became slower or faster, largest change first. */
function comparison(a: TraceAnalysis, b: TraceAnalysis): string {
  const perStep = (x: TraceAnalysis, seconds: number | null) => (seconds === null ? null : seconds / (x.steps || 1));
  const names = new Set([...a.byOperator, ...b.byOperator].map((o) => o.name));
  const rows = [...names]
    .map((name) => {
      const [x, y] = [a, b].map((t) => perStep(t, t.byOperator.find((o) => o.name === name)?.time ?? null));
      return { name, x, y, change: (y ?? 0) - (x ?? 0) };
    })
    .sort((p, q) => Math.abs(q.change) - Math.abs(p.change));
  const numbers = ['first us', 'second us', 'change us', 'ratio'];
  const lines = rows
    .slice(0, MOST_ROWS)
    .map((r) => [r.name, shown(us(r.x)), shown(us(r.y)), shown(us(r.change)), r.x && r.y ? (r.y / r.x).toFixed(3) : '-']);
  const whole =
    a.latency && b.latency
      ? `second takes ${(b.latency / a.latency).toFixed(3)} of the first's latency`
      : 'latencies are not both known';
  return `${whole}; operators by step\n${plainTable(['operator', ...numbers], lines, numbers)}${more(rows, 'operators')}`;
}
