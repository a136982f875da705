import type { OpGraph } from '../graph/opGraph.js';
import type { ReadIssue } from './readIssue.js';
import type { TraceAnalysis } from './traceAnalysis.js';

export type { ReadIssue };

/** One file of measurements, decompressed, wherever it stood: a plain file, a `.gz`, an entry of a `.tar.gz`, standard input. */
export interface TraceSource {
  /** for messages: path as given, and for an entry `archive!entry` */
  name: string;
  /** the first bytes (at most 128 KiB), for detection */
  head: Uint8Array;
  /** all bytes, from the first; can be read once */
  chunks: AsyncIterable<Uint8Array>;
  /** true where the user named this very file: what cannot be read is then an error, elsewhere an issue */
  named: boolean;
}

/** What runs operators. */
export type Framework = 'pytorch' | 'onnxruntime' | 'tensorrt' | 'tflite' | 'tvm' | 'nn-meter' | 'xla' | 'cuda';

/** One run of one operator, e.g. a convolution of a traced network. */
export interface OperatorRecord {
  kind: 'operator';
  /** what ran it */
  framework: Framework;
  /** name the trace gives its device; null where it names none */
  device: string | null;
  /** the operator and its input nodes */
  graph: OpGraph;
  /** s: sum of its kernels' times; the operator's own time in a trace of a CPU */
  latency: number;
  kernels: number;
  /** s the host spent inside the operator; null where the file does not say */
  hostTime: number | null;
  /** s from the first launch call to its kernel's start (queueing included); null without kernels */
  launchDelay: number | null;
}

/** A whole network: its operators in execution order and the time of each step that ran it. */
export interface NetworkRecord {
  kind: 'network';
  /** what ran it */
  framework: Framework;
  device: string | null;
  /** from the file's name, without folders and endings; null where that name may tell who ran it (host_pid.time.pt.trace.json) */
  name: string | null;
  graph: OpGraph;
  /** s per step, see kinetoSteps */
  latencies: number[];
  /** s per step during which the device worked */
  busy: number[];
  /** how steps were told apart */
  steps: 'annotation' | 'repeat' | 'whole';
  /** share of device time that the graph's operators account for */
  coverage: number;
}

/** One row of a table of measurements, not yet interpreted further. */
export interface RowRecord {
  kind: 'row';
  workload: string;
  device: string | null;
  condition: string;
  target: string;
  /** SI */
  value: number;
  run: string | null;
  pass: string | null;
  repeats: number | null;
  /** median absolute deviation of the logs */
  spread: number | null;
  where: string;
}

/** What was in a trace, for the report. */
export interface TraceSummary {
  kind: 'summary';
  device: string | null;
  hardware: { memoryBytes?: number; sms?: number; compute?: string };
  events: number;
  /** framework operators, and those with input shapes */
  operators: number;
  operatorsWithShapes: number;
  /** kernels and copies; linked to their launch; linked to an operator */
  kernels: number;
  kernelsWithLaunch: number;
  kernelsWithOperator: number;
  /** s, sum over kernels of kernel start minus start of the launch call (TKLQT of SKIP, arXiv 2504.11750); null where no kernel has a launch */
  launchDelaySum: number | null;
}

export type TraceRecord = OperatorRecord | NetworkRecord | RowRecord | TraceSummary;

export interface ReadOptions {
  /** the model that ran, of profiles that lack attributes: a file, or a folder or archive in which one is found by the profile's name */
  model?: string;
  /** images or sequences of a run, of profiles that do not tell it */
  batch?: number;
  /** column mapping of tables: canonical name -> column, or a text with `{column}` placeholders */
  map?: Readonly<Record<string, string>>;
  /** tables: every numeric column without another meaning is a device, its values latency in milliseconds */
  wideDevices?: boolean;
}

/**
 * Reader of one format. A new format is one file that exports a `TraceReader`, one test, and one line in `registry.ts`.
 * `read` yields what it can and an issue for what it cannot; it throws HwcastError where the file as a whole is of no use
 * (`corrupt` with the byte offset, `unsupported`, `bad-input`).
 */
export interface TraceReader {
  readonly format: string;
  /** it also reads files beside its source, or a model */
  readonly readsOthers?: true;
  /** by content, not by file ending */
  detect(head: Uint8Array, name: string): boolean;
  read(source: TraceSource, options: ReadOptions): AsyncIterable<TraceRecord | ReadIssue>;
  /** what the file says of what ran, shapes or not; readers of formats that hold no profile have none. @throws HwcastError as `read` does */
  analyse?(source: TraceSource, options?: ReadOptions): Promise<TraceAnalysis[]>;
}
