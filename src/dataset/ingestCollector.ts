import { findDevice } from '../device/deviceNamed.js';
import { hardwareOfDevice } from '../device/hardwareOfDevice.js';
import { HwcastError } from '../errors.js';
import { sha256 } from '../files.js';
import type { OpGraph } from '../graph/opGraph.js';
import { parseWorkload, type Workload } from '../graph/workload.js';
import { median, quantile } from '../statistics.js';
import { operatorGraph, operatorOfGraph, operatorText, parseOperatorText } from '../trace/operatorText.js';
import type { NetworkRecord, OperatorRecord, ReadIssue, RowRecord, TraceRecord } from '../trace/traceReader.js';
import { aggregatePasses, deviation } from './aggregatePasses.js';
import { type Condition, type Dataset, type DeviceEntry, TARGETS, type Target, type TaskData, taskId } from './dataset.js';
import type { IngestOptions } from './ingest.js';
import { type IngestReport, SkippedList, traceLine } from './ingestReport.js';

/** Condition of what profilers measured: the profiler slows the host, so whole networks take longer than without it. */
export const PROFILED = 'profiled';
const PROFILED_CONDITION: Condition = {
  framework: 'pytorch',
  note: 'from profiler traces: operators by the time of their kernels, networks by step with the profiler on',
};

interface Value {
  workload: string;
  value: number;
  repeats: number | null;
  spread: number | null;
}
type TracedNetwork = NetworkRecord & { on: string; hash: string };
interface TaskRows {
  device: string;
  condition: string;
  target: Target;
  rows: (RowRecord & { id: string })[];
  values: Value[];
}

/** `NVIDIA H100 80GB HBM3` -> `nvidia_h100_80gb_hbm3` */
export const deviceId = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

/** Gathers the records of all sources and makes one dataset of them; the order of the sources leaves no trace in it. */
export class IngestCollector {
  private readonly workloads = new Map<string, Workload>();
  private readonly operators = new Map<string, { device: string; id: string; samples: number[] }>();
  private readonly networks: TracedNetwork[] = [];
  private readonly tasks = new Map<string, TaskRows>();
  private readonly launch = new Map<string, { delays: number[]; host: number[] }>();
  /** name the traces give each device */
  private readonly headers = new Map<string, string>();
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

  take(source: string, format: string, records: readonly (TraceRecord | ReadIssue)[]): void {
    this.sources.push({ name: source, format, records: records.length });
    for (const record of records)
      switch (record.kind) {
        case 'issue':
          this.issue(record);
          break;
        case 'summary':
          this.traces.push(traceLine(source, record));
          break;
        case 'operator':
          this.operator(record, source);
          break;
        case 'network': {
          const on = this.deviceOf(record.device, source, 'network');
          if (on) this.networks.push({ ...record, on, hash: sha256(JSON.stringify(record.graph)).slice(0, 8) });
          break;
        }
        case 'row':
          this.row(record);
      }
  }

  private deviceOf(named: string | null, where: string, what: ReadIssue['what']): string | undefined {
    const device = this.options.device ?? (named === null ? undefined : deviceId(named));
    if (!device) {
      this.issue({ kind: 'issue', where, reason: 'the source names no device; give one with --device', count: 1, what });
      return undefined;
    }
    if (named !== null) {
      const known = this.headers.get(device);
      if (known !== undefined && known !== named)
        throw new HwcastError('bad-input', `the sources name two devices, '${known}' and '${named}', for one id '${device}'`, {
          where,
          hint: 'ingest them apart, or leave out --device',
        });
      this.headers.set(device, named);
    }
    return device;
  }

  private operator(record: OperatorRecord, source: string): void {
    const device = this.deviceOf(record.device, source, 'operator');
    if (!device) return;
    if (!(record.latency > 0)) {
      this.issue({ kind: 'issue', where: source, reason: 'operator whose kernels took no time', count: 1, what: 'operator' });
      return;
    }
    this.usable++;
    if (record.graph.nodes[record.graph.nodes.length - 1].op === 'opaque') this.opaque++;
    const id = this.free(record.graph),
      key = `${device} ${id}`;
    const known = this.operators.get(key);
    if (known) known.samples.push(record.latency);
    else this.operators.set(key, { device, id, samples: [record.latency] });
    const launch = this.launch.get(device) ?? { delays: [], host: [] };
    this.launch.set(device, launch);
    launch.host.push(record.hostTime);
    if (record.launchDelay !== null) launch.delays.push(record.launchDelay);
  }

  /** id of an operator's graph */
  private free(graph: OpGraph): string {
    const id = operatorText(operatorOfGraph(graph));
    if (!this.workloads.has(id)) this.workloads.set(id, { id, graph });
    return id;
  }

  private row(record: RowRecord): void {
    const bad = (reason: string, detail: string) =>
      this.issue({ kind: 'issue', where: `${record.where} (${detail})`, reason, count: 1, what: 'row' });
    const device = record.device ?? this.options.device;
    if (!device) return bad('row without a device; give one with --device, or map a column', record.workload.slice(0, 60));
    if (!(TARGETS as readonly string[]).includes(record.target))
      return bad('unknown target', `'${record.target}'; known: ${TARGETS.join(', ')}`);
    let id: string;
    try {
      id = this.workloadId(record.workload);
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error;
      return bad('workload not understood', error.message);
    }
    this.usable++;
    const target = record.target as Target;
    this.task(device, record.condition, target).rows.push({ ...record, id });
  }

  private workloadId(text: string): string {
    if (text.startsWith('op:')) return this.free(operatorGraph(parseOperatorText(text)));
    if (text.startsWith('trace:')) {
      if (!this.workloads.has(text))
        throw new HwcastError(
          'bad-input',
          `'${text}' is known only from its trace: ingest the trace too, named before this table`,
        );
      return text;
    }
    const workload = parseWorkload(text);
    if (!this.workloads.has(workload.id)) this.workloads.set(workload.id, workload);
    return workload.id;
  }

  private task(device: string, condition: string, target: Target): TaskRows {
    const key = taskId({ device, condition, target });
    let task = this.tasks.get(key);
    if (!task) this.tasks.set(key, (task = { device, condition, target, rows: [], values: [] }));
    return task;
  }

  finish(): { dataset: Dataset; report: IngestReport } {
    const networks = this.finishNetworks();
    for (const { device, id, samples } of this.operators.values())
      this.task(device, PROFILED, 'latency').values.push({
        workload: id,
        value: median(samples),
        repeats: samples.length,
        spread: samples.length > 1 ? deviation(samples.map(Math.log)) : null,
      });
    const noise: Dataset['card']['noise'] = {},
      lines: IngestReport['tasks'] = [],
      kept: TaskRows[] = [];
    for (const [key, task] of [...this.tasks].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const found = this.finishRows(task);
      const dropped =
        this.options.minAgreement !== undefined && found?.noise != null && found.noise.ofMean < this.options.minAgreement;
      lines.push({
        task: key,
        workloads: task.values.length,
        noise: found?.noise ?? null,
        dropped,
        ...(found && Object.keys(found.runFactors).length > 1 ? { runFactors: found.runFactors } : {}),
      });
      if (dropped) continue;
      kept.push(task);
      if (found?.noise) noise[key] = found.noise;
    }
    const skippedRows = this.skipped.rows,
      read = this.usable + skippedRows;
    if (!kept.length) {
      if (lines.length)
        throw new HwcastError('quality-gate', `the passes of no task agree to ${this.options.minAgreement}`, {
          hint: lines.map((l) => `${l.task}: ${l.noise?.ofMean.toFixed(3)}`).join('; '),
        });
      const reasons = this.skipped.sorted().slice(0, 5);
      throw new HwcastError('bad-input', 'nothing usable in the sources', {
        where: reasons[0]?.examples[0],
        hint:
          reasons.map((s) => `${s.count} ${s.what}${s.count === 1 ? '' : 's'}: ${s.reason}`).join('\n  ') || 'there are no files',
      });
    }
    const dataset = this.build(kept, noise);
    const report: IngestReport = {
      sources: this.sources,
      models: dataset.workloads.filter((w) => !w.id.startsWith('op:')).length,
      operators: dataset.workloads.filter((w) => w.id.startsWith('op:')).length,
      rows: { read, usable: this.usable, skipped: skippedRows, opaque: this.opaque },
      share: read ? this.usable / read : null,
      merged: this.merged,
      skipped: this.skipped.sorted(),
      networks,
      traces: this.traces,
      launch: [...this.launch].map(([device, { delays, host }]) => ({
        device,
        launch_delay_us: { least10: 1e6 * quantile(delays, 0.1), median: 1e6 * median(delays) },
        host_us: { median: 1e6 * median(host) },
      })),
      tasks: lines,
    };
    return { dataset, report };
  }

  /** Networks of one name and graph are one workload; one name with several graphs gets the graph's hash added to each. */
  private finishNetworks(): IngestReport['networks'] {
    const hashes = new Map<string, Set<string>>();
    for (const n of this.networks) if (n.name) hashes.set(n.name, (hashes.get(n.name) ?? new Set()).add(n.hash));
    const groups = new Map<string, { id: string; parts: TracedNetwork[] }>();
    for (const n of this.networks) {
      const id =
        n.name === null
          ? `trace:graph-${n.hash}`
          : hashes.get(n.name)!.size > 1
            ? `trace:${n.name}~${n.hash}`
            : `trace:${n.name}`;
      const key = `${n.on} ${id}`,
        group = groups.get(key);
      if (group) group.parts.push(n);
      else groups.set(key, { id, parts: [n] });
    }
    return [...groups.values()]
      .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.parts[0].on < b.parts[0].on ? -1 : 1))
      .map(({ id, parts }) => {
        const [first] = parts,
          latencies = parts.flatMap((p) => p.latencies),
          busy = parts.flatMap((p) => p.busy);
        this.workloads.set(id, { id, graph: first.graph });
        this.task(first.on, PROFILED, 'latency').values.push({
          workload: id,
          value: median(latencies),
          repeats: latencies.length,
          spread: latencies.length > 1 ? deviation(latencies.map(Math.log)) : null,
        });
        return {
          workload: id,
          device: first.on,
          latency_ms: median(latencies) * 1e3,
          busy_ms: median(busy) * 1e3,
          steps: latencies.length,
          how: first.steps,
          nodes: first.graph.nodes.length,
          coverage: first.coverage,
        };
      });
  }

  /** Table rows of a task to one value a workload. */
  private finishRows(task: TaskRows): ReturnType<typeof aggregatePasses> | undefined {
    if (!task.rows.length) return undefined;
    const inPasses = task.rows.some((r) => r.run !== null || r.pass !== null);
    const first = new Map<string, RowRecord>();
    const rows = task.rows.filter((r) => {
      // without a pass number, rows of one run are its passes in file order
      if (inPasses && r.pass === null) return true;
      const key = JSON.stringify([r.id, r.run, r.pass]),
        known = first.get(key);
      if (!known) {
        first.set(key, r);
        return true;
      }
      if (known.value !== r.value)
        throw new HwcastError(
          'bad-input',
          `${task.target} of '${r.id}' on '${task.device}' is given twice, ${known.value} and ${r.value} (SI)${r.pass === null ? '' : `, for run ${r.run ?? '-'} pass ${r.pass}`}; the other is at ${known.where}`,
          {
            where: r.where,
            hint: inPasses
              ? 'number the passes apart'
              : 'keep one, or map the columns that tell repeats apart: --map run=COLUMN,pass=COLUMN',
          },
        );
      this.merged++;
      return false;
    });
    if (!inPasses) {
      for (const r of rows) task.values.push({ workload: r.id, value: r.value, repeats: r.repeats, spread: r.spread });
      return undefined;
    }
    const ids = [...new Set(rows.map((r) => r.id))],
      index = new Map(ids.map((id, i) => [id, i]));
    const order = (r: RowRecord) => [r.run ?? '', r.pass ?? ''];
    // in the order of runs and passes, whatever the order of files
    const sorted = rows
      .map((r, at) => ({ r, at, key: order(r) }))
      .sort((a, b) => compare(a.key[0], b.key[0]) || compare(a.key[1], b.key[1]) || a.at - b.at);
    const aggregation = aggregatePasses(
      sorted.map(({ r }) => ({ workload: index.get(r.id)!, run: r.run ?? '', value: r.value })),
      { mean: task.target === 'energy' || task.target === 'power' ? 'arithmetic' : 'geometric' },
    );
    for (const v of aggregation.values)
      task.values.push({
        workload: ids[v.workload],
        value: v.value,
        repeats: v.repeats,
        spread: v.repeats > 1 ? v.spread : null,
      });
    return aggregation;
  }

  private build(kept: readonly TaskRows[], noise: Dataset['card']['noise']): Dataset {
    const ids = [...new Set(kept.flatMap((t) => t.values.map((v) => v.workload)))].sort();
    const position = new Map(ids.map((id, i) => [id, i]));
    const tasks: TaskData[] = kept.map(({ device, condition, target, values }) => {
      const at = values.map((v) => ({ ...v, row: position.get(v.workload)! })).sort((a, b) => a.row - b.row);
      const twice = at.find((v, i) => i > 0 && at[i - 1].row === v.row);
      if (twice)
        throw new HwcastError(
          'bad-input',
          `'${twice.workload}' on '${device}' (${condition || 'no condition'}) is given by a table and by a trace`,
          {
            hint: 'give the table another condition',
          },
        );
      return {
        device,
        condition,
        target,
        rows: Int32Array.from(at, (v) => v.row),
        values: Float64Array.from(at, (v) => v.value),
        spread: Float64Array.from(at, (v) => v.spread ?? Number.NaN),
        repeats: Int32Array.from(at, (v) => v.repeats ?? 0),
      };
    });
    const devices: Record<string, DeviceEntry> = {};
    for (const { device, condition } of kept) {
      const told = this.options.devices?.[device],
        header = this.headers.get(device);
      const hardware = told?.hardware ?? hardwareOfDevice(device)?.spec.name ?? (header && findDevice(header)?.name);
      devices[device] ??= { ...(hardware ? { hardware } : {}), conditions: {} };
      devices[device].conditions[condition] = {
        ...(condition === PROFILED ? PROFILED_CONDITION : {}),
        ...told?.conditions[condition],
      };
    }
    const { name = 'ingested', source = 'own measurements', licence = 'not stated', notes = [] } = this.options;
    const card = { name, source, licence, devices, noise, notes: [...notes] };
    return { card, workloads: ids.map((id) => this.workloads.get(id)!), tasks, splits: {} };
  }
}

/** Numbers by size, other text by code points. */
const compare = (a: string, b: string): number => {
  const d = Number(a) - Number(b);
  return Number.isNaN(d) ? (a < b ? -1 : a > b ? 1 : 0) : d;
};
