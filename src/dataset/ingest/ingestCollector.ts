import { HwcastError } from '../../core/errors.js';
import { kept } from '../../core/kept.js';
import { median, quantile } from '../../core/statistics.js';
import { operatorNamed } from '../../graph/operators/index.js';
import { operatorGraph, operatorOfGraph, operatorText, parseOperatorText } from '../../graph/operatorText.js';
import type { OpGraph } from '../../graph/opGraph.js';
import { TARGETS, type Target } from '../../graph/targets.js';
import { parseWorkload, type Workload } from '../../graph/workload.js';
import type { Framework, NetworkRecord, ReadIssue, RowRecord } from '../../trace/traceReader.js';
import { type Dataset, taskId } from '../dataset.js';
import { assembleDataset, profiledCondition } from './assembleDataset.js';
import type { CollectedOperator, CollectedSource } from './collectSource.js';
import { mergeNetworks, type TracedNetwork } from './ingestNetworks.js';
import type { IngestOptions } from './ingestOptions.js';
import { type IngestReport, SkippedList, traceLine } from './ingestReport.js';
import { finishTask, type IngestTask, medianValue } from './ingestTask.js';

/** `NVIDIA H100 80GB HBM3` -> `nvidia_h100_80gb_hbm3` */
const deviceId = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

/** Where a trace of a CPU ran, which it does not name. */
const HOST = 'a CPU';

/** Runs of one operator on one device. */
interface TracedOperator {
  device: string;
  framework: Framework;
  id: string;
  /** s; 0 where a trace of whole microseconds rounded it */
  samples: number[];
  /** the first source that ran it */
  source: string;
  opaque: boolean;
}

/** Gathers the records of all sources and makes one dataset of them; the order of the sources leaves no trace in it. */
export class IngestCollector {
  private readonly workloads = new Map<string, Workload>();
  private readonly operators = new Map<string, TracedOperator>();
  private readonly networks: TracedNetwork[] = [];
  private readonly tasks = new Map<string, IngestTask>();
  private readonly launch = new Map<string, { delays: number[]; host: number[] }>();
  /** name the traces give each device */
  private readonly headers = new Map<string, string>();
  /** device each id stands for in traces */
  private readonly ranOn = new Map<string, string>();
  private readonly skipped = new SkippedList();
  private readonly sources: IngestReport['sources'] = [];
  private readonly traces: IngestReport['traces'] = [];
  private usable = 0;
  private opaque = 0;
  private merged = 0;

  constructor(private readonly options: IngestOptions) {}

  issue(issue: ReadIssue): void {
    this.skipped.add(issue);
  }

  /** @throws HwcastError `bad-input` where the source is of another device than those before it under the same id; nothing of it is taken then */
  take({ name: source, format, records }: CollectedSource): void {
    for (const r of records) if (r.kind === 'operator' || r.kind === 'network') this.checkDevice(r, source);
    const before = this.accepted;
    let given = 0,
      skipped = 0;
    for (const record of records) {
      if (record.kind === 'issue') {
        this.issue(record);
        skipped += record.count;
        continue;
      }
      if (record.kind === 'summary') {
        this.traces.push(traceLine(source, record));
        continue;
      }
      given += record.kind === 'operator' ? record.samples.length : 1;
      if (record.kind === 'operator') this.operator(record, source);
      else if (record.kind === 'row') this.row(record);
      else {
        const on = this.deviceOf(record.device, source, 'network');
        if (on) this.networks.push({ ...record, on });
      }
    }
    const usable = this.accepted - before;
    this.sources.push({ name: source, format, usable, skipped: skipped + given - usable });
  }

  /** rows, operators and networks taken */
  private get accepted(): number {
    return this.usable + this.networks.length;
  }

  /** One id is one device: what ran on a CPU is none of a GPU, though its trace names no device. */
  private checkDevice(record: CollectedOperator | NetworkRecord, where: string): void {
    const id = this.options.device ?? (record.device === null ? undefined : deviceId(record.device));
    const named = record.device ?? (record.kind === 'operator' && !record.onDevice ? HOST : null);
    if (id === undefined || named === null) return;
    const known = this.ranOn.get(id);
    if (known !== undefined && known !== named)
      throw new HwcastError('bad-input', `the sources name two devices, '${known}' and '${named}', for one id '${id}'`, {
        where,
        hint: 'ingest them apart, or leave out --device',
      });
    this.ranOn.set(id, named);
  }

  private deviceOf(named: string | null, where: string, what: ReadIssue['what'], count = 1): string | undefined {
    const device = this.options.device ?? (named === null ? undefined : deviceId(named));
    if (!device) {
      this.issue({ kind: 'issue', where, reason: 'the source names no device; give one with --device', count, what });
      return undefined;
    }
    if (named !== null) this.headers.set(device, named);
    return device;
  }

  private operator(
    { framework, id, graph, samples, hostTimes, launchDelays, ...record }: CollectedOperator,
    source: string,
  ): void {
    const device = this.deviceOf(record.device, source, 'operator', samples.length);
    if (!device) return;
    this.usable += samples.length;
    const opaque = operatorNamed(graph.nodes[graph.nodes.length - 1].op).isUnknown;
    if (opaque) this.opaque += samples.length;
    if (!this.workloads.has(id)) this.workloads.set(id, { id, graph });
    const known = kept(this.operators, `${device} ${framework} ${id}`, () => ({
        device,
        framework,
        id,
        samples: [],
        source,
        opaque,
      })),
      launch = kept(this.launch, device, () => ({ delays: [], host: [] }));
    for (const s of samples) known.samples.push(s);
    for (const t of hostTimes) launch.host.push(t);
    for (const d of launchDelays) launch.delays.push(d);
  }

  private operatorId(graph: OpGraph): string {
    const id = operatorText(operatorOfGraph(graph));
    if (!this.workloads.has(id)) this.workloads.set(id, { id, graph });
    return id;
  }

  private row(record: RowRecord): void {
    const device = record.device ?? this.options.device;
    if (!device)
      this.badRow(record, 'row without a device; give one with --device, or map a column', record.workload.slice(0, 60));
    else if (!(TARGETS as readonly string[]).includes(record.target))
      this.badRow(record, 'unknown target', `'${record.target}'; known: ${TARGETS.join(', ')}`);
    else {
      try {
        const id = this.workloadId(record.workload);
        this.task(device, record.condition, record.target as Target).rows.push({ ...record, id });
        this.usable++;
      } catch (error) {
        if (!(error instanceof HwcastError)) throw error;
        this.badRow(record, 'workload not understood', error.message);
      }
    }
  }

  private badRow(record: RowRecord, reason: string, detail: string): void {
    this.issue({ kind: 'issue', where: `${record.where} (${detail})`, reason, count: 1, what: 'row' });
  }

  private workloadId(text: string): string {
    if (text.startsWith('op:')) return this.operatorId(operatorGraph(parseOperatorText(text)));
    // its graph comes with its trace, which may still be to come: checked in `finish`
    if (text.startsWith('trace:')) return text;
    const workload = parseWorkload(text);
    if (!this.workloads.has(workload.id)) this.workloads.set(workload.id, workload);
    return workload.id;
  }

  private task(device: string, condition: string, target: Target): IngestTask {
    const key = taskId({ device, condition, target });
    const task = this.tasks.get(key) ?? { device, condition, target, rows: [], values: [] };
    this.tasks.set(key, task);
    return task;
  }

  /** @param names of the sources in the order in which the report lists them */
  finish(names: readonly string[]): { dataset: Dataset; report: IngestReport } {
    const networks = mergeNetworks(this.networks);
    for (const { graph, latencies, framework, line } of networks) {
      this.workloads.set(line.workload, { id: line.workload, graph });
      this.task(line.device, profiledCondition(framework), 'latency').values.push(medianValue(line.workload, latencies));
    }
    this.finishOperators();
    const noise: Dataset['card']['noise'] = {},
      lines: IngestReport['tasks'] = [],
      kept: IngestTask[] = [];
    for (const [key, task] of [...this.tasks].sort(([a], [b]) => (a < b ? -1 : 1))) {
      this.dropUnknown(task);
      const { aggregation, merged } = finishTask(task);
      this.merged += merged;
      const found = aggregation?.noise ?? null,
        runFactors = aggregation?.runFactors ?? {};
      const dropped = this.options.minAgreement !== undefined && found !== null && found.ofMean < this.options.minAgreement;
      if (!task.values.length) continue;
      lines.push({
        task: key,
        workloads: task.values.length,
        noise: found,
        dropped,
        ...(Object.keys(runFactors).length > 1 ? { runFactors } : {}),
      });
      if (dropped) continue;
      kept.push(task);
      if (found) noise[key] = found;
    }
    if (!kept.length) throw this.nothing(lines);
    const dataset = assembleDataset(kept, this.workloads, this.headers, noise, this.options);
    return {
      dataset,
      report: this.report(
        dataset,
        lines,
        networks.map((n) => n.line),
        names,
      ),
    };
  }

  private finishOperators(): void {
    for (const { device, framework, id, samples, source: where, opaque } of this.operators.values()) {
      if (samples.some((s) => s > 0))
        this.task(device, profiledCondition(framework), 'latency').values.push(medianValue(id, samples));
      else {
        const count = samples.length;
        this.usable -= count;
        if (opaque) this.opaque -= count;
        this.issue({ kind: 'issue', where, reason: 'operator whose kernels took no time in any run', count, what: 'operator' });
      }
    }
  }

  private dropUnknown(task: IngestTask): void {
    const known = task.rows.filter((r) => this.workloads.has(r.id));
    for (const r of task.rows)
      if (!this.workloads.has(r.id))
        this.badRow(r, 'workload not understood', `'${r.id}' is known only from its trace: ingest the trace too`);
    this.usable -= task.rows.length - known.length;
    task.rows = known;
  }

  private nothing(lines: IngestReport['tasks']): HwcastError {
    if (lines.length)
      return new HwcastError('quality-gate', `the passes of no task agree to ${this.options.minAgreement}`, {
        hint: lines.map((l) => `${l.task}: ${l.noise?.ofMean.toFixed(3)}`).join('; '),
      });
    const reasons = this.skipped.sorted().slice(0, 5);
    return new HwcastError('bad-input', 'nothing usable in the sources', {
      where: reasons[0]?.examples[0],
      hint:
        reasons.map((s) => `${s.count} ${s.what}${s.count === 1 ? '' : 's'}: ${s.reason}`).join('\n  ') || 'there are no files',
    });
  }

  private report(
    dataset: Dataset,
    tasks: IngestReport['tasks'],
    networks: IngestReport['networks'],
    names: readonly string[],
  ): IngestReport {
    const place = new Map(names.map((name, i) => [name, i])),
      inOrder = <T>(list: readonly T[], nameOf: (item: T) => string): T[] =>
        [...list].sort((a, b) => (place.get(nameOf(a)) ?? 0) - (place.get(nameOf(b)) ?? 0));
    const operators = dataset.workloads.filter((w) => w.id.startsWith('op:')).length;
    const skipped = this.skipped.rows,
      read = this.usable + skipped;
    return {
      sources: inOrder(this.sources, (s) => s.name),
      models: dataset.workloads.length - operators,
      operators,
      rows: { read, usable: this.usable, skipped, opaque: this.opaque },
      share: read ? this.usable / read : null,
      merged: this.merged,
      skipped: this.skipped.sorted(),
      networks,
      traces: inOrder(this.traces, (t) => t.source),
      launch: [...this.launch].map(([device, { delays, host }]) => ({
        device,
        launch_delay_us: delays.length ? { least10: 1e6 * quantile(delays, 0.1), median: 1e6 * median(delays) } : null,
        host_us: host.length ? { median: 1e6 * median(host) } : null,
      })),
      tasks,
    };
  }
}
