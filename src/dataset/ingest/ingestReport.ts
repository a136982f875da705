import type { ReadIssue, TraceSummary } from '../../trace/traceReader.js';
import type { DatasetCard } from '../dataset.js';

/** What ingest read, used and left out. Times carry their unit: this leaves the program. */
export interface IngestReport {
  /** usable: operators, networks and rows; skipped: what issues count, of whatever kind */
  sources: { name: string; format: string; usable: number; skipped: number }[];
  /** distinct workloads: whole networks and single operators */
  models: number;
  operators: number;
  /** runs of operators and rows of tables; `opaque` of the usable ones are operators outside the vocabulary */
  rows: { read: number; usable: number; skipped: number; opaque: number };
  /** usable / read; null where only whole networks were read */
  share: number | null;
  /** rows that repeat another one exactly */
  merged: number;
  skipped: { what: ReadIssue['what']; reason: string; count: number; examples: string[] }[];
  networks: {
    workload: string;
    device: string;
    latency_ms: number;
    busy_ms: number;
    steps: number;
    how: string;
    nodes: number;
    coverage: number;
  }[];
  traces: {
    source: string;
    device: string | null;
    events: number;
    operators: number;
    operatorsWithShapes: number;
    kernels: number;
    kernelsWithLaunch: number;
    kernelsWithOperator: number;
    /** null where no kernel has a launch */
    launch_delay_ms: number | null;
  }[];
  /** per device of a trace, over its operators: time from launch call to kernel start, and time of the host in an operator; microseconds; null where no file says */
  launch: { device: string; launch_delay_us: { least10: number; median: number } | null; host_us: { median: number } | null }[];
  tasks: {
    task: string;
    workloads: number;
    noise: DatasetCard['noise'][string] | null;
    dropped: boolean;
    runFactors?: Record<string, number>;
  }[];
}

/** Skipped things by kind and reason, most frequent first, each with up to three places; files with all of them. */
export class SkippedList {
  private readonly list = new Map<string, IngestReport['skipped'][number]>();

  add({ what, reason, count, where }: ReadIssue): void {
    const key = `${what} ${reason}`,
      known = this.list.get(key);
    if (!known) this.list.set(key, { what, reason, count, examples: [where] });
    else {
      known.count += count;
      // every file that was refused is named
      if ((what === 'file' || known.examples.length < 3) && !known.examples.includes(where)) known.examples.push(where);
    }
  }

  /** rows and operators among them */
  get rows(): number {
    return [...this.list.values()].reduce((n, s) => n + (s.what === 'row' || s.what === 'operator' ? s.count : 0), 0);
  }

  sorted(): IngestReport['skipped'] {
    return [...this.list.values()].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  }
}

export function traceLine(source: string, s: TraceSummary): IngestReport['traces'][number] {
  const { device, events, operators, operatorsWithShapes, kernels, kernelsWithLaunch, kernelsWithOperator } = s;
  return {
    source,
    device,
    events,
    operators,
    operatorsWithShapes,
    kernels,
    kernelsWithLaunch,
    kernelsWithOperator,
    launch_delay_ms: s.launchDelaySum === null ? null : s.launchDelaySum * 1e3,
  };
}

/** The report for people. */
export function renderIngestReport(report: IngestReport): string {
  const { rows, share } = report;
  const lines = [
    `${report.sources.length} sources: ${report.models} models, ${report.operators} operators`,
    `rows: ${rows.read} read, ${rows.usable} usable${share === null ? '' : ` (${(100 * share).toFixed(1)} %)`}, ${rows.skipped} skipped${rows.opaque ? `, ${rows.opaque} of the usable outside the operator vocabulary` : ''}${report.merged ? `, ${report.merged} exact repeats merged` : ''}`,
  ];
  const files = report.skipped.filter((s) => s.what === 'file'),
    parts = report.skipped.filter((s) => s.what !== 'file'),
    unused = report.sources.filter((s) => !s.usable);
  for (const s of files) for (const name of s.examples) lines.push(`  refused ${name}: ${s.reason}`);
  for (const s of unused) lines.push(`  nothing usable in ${s.name} (${s.format})`);
  for (const s of parts.slice(0, 12))
    lines.push(`  skipped ${s.count} ${s.what}${s.count === 1 ? '' : 's'}: ${s.reason}  [${s.examples[0]}]`);
  if (parts.length > 12) lines.push(`  and ${parts.length - 12} further reasons`);
  for (const n of report.networks)
    lines.push(
      `  network ${n.workload} on ${n.device}: ${n.latency_ms.toFixed(3)} ms (device busy ${n.busy_ms.toFixed(3)} ms), ${n.steps} steps by ${n.how}`,
    );
  for (const t of report.tasks) {
    const noise = t.noise
      ? `, halves agree ${t.noise.halves.toFixed(4)}, mean of ${t.noise.passes} passes ${t.noise.ofMean.toFixed(4)}`
      : '';
    lines.push(`  task ${t.task}: ${t.workloads} workloads${noise}${t.dropped ? ' -- dropped' : ''}`);
  }
  return lines.join('\n');
}
