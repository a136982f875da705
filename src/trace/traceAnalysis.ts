import type { ReadIssue } from './readIssue.js';

/** Runs of one operator. Times in seconds. */
export interface OperatorTimes {
  name: string;
  calls: number;
  /** sum of what its work took on the device; of a trace of a host its own time. null where the file does not say */
  time: number | null;
  /** pieces of device work; null where the file does not say */
  kernels: number | null;
  /** sum of its time on the host, its parts included; null where the file does not say */
  host: number | null;
}

/** Runs of one kernel, copy or fill. Times in seconds. */
export interface KernelTimes {
  name: string;
  kind: 'kernel' | 'collective' | 'copy' | 'fill';
  calls: number;
  time: number;
}

/** How the streams of a device shared its time. Times in seconds. */
export interface StreamTimes {
  name: string;
  kernels: number;
  busy: number;
}

/** What a profile says of what ran, whether or not it knows shapes. Times in seconds; null where the file cannot say. */
export interface TraceAnalysis {
  /** the file as it was named; not part of the fixed output */
  source: string;
  format: string;
  device: string | null;
  /** images or sequences a step, where shapes tell */
  batch: number | null;
  events: number;
  /** runs of the whole network that were told apart; one where nothing marks them */
  steps: number | null;
  /** median over steps: from the start of the first operator to the end of the last piece of device work */
  latency: number | null;
  /** median over steps: from its start to its last launch call, the time the host takes to launch it */
  issue: number | null;
  /** sum over kernels of their start minus the start of their launch call (total kernel launch and queueing time, SKIP, arXiv 2504.11750) */
  tklqt: number | null;
  /** mean duration of kernels; copies and fills are none */
  meanKernel: number | null;
  /** share of the steps during which the device did nothing */
  idleShare: number | null;
  /** which of the two the latency follows: the host's launches, or the device's work */
  bound: 'launch' | 'device' | null;
  /** kernels that ran; and those with a launch call, and with an operator */
  kernels: number | null;
  kernelsWithLaunch: number | null;
  kernelsWithOperator: number | null;
  /** runs of operators */
  operators: number | null;
  /** runs of operators with input shapes */
  operatorsWithShapes: number | null;
  byOperator: OperatorTimes[];
  /** of profiles with shapes and attributes: operators as workloads, by the text of their id */
  byWorkload: OperatorTimes[];
  byKernel: KernelTimes[];
  streams: StreamTimes[];
  /** time during which two streams or more worked; null without device work */
  overlap: number | null;
  /** time of collectives, and of it while nothing else ran; null without collectives */
  collectives: { time: number; alone: number } | null;
  /** time of copies and fills, apart from kernels */
  copies: number | null;
  /** least time from launch call to kernel (tenth percentile), and between two launches of one thread (median); null without launches */
  launch: { delay: number; interval: number | null } | null;
  /** kernels that always follow one another: what could be one launch */
  chains: { names: string[]; count: number; saved: number }[];
  /** one step for a picture */
  picture: TracePicture | null;
  /** of engines: what each layer is, where a file of its own says so */
  layers?: { name: string; type: string }[];
  /** what could not be used */
  lost: ReadIssue[];
  /** things a reader of the numbers should know */
  notes: string[];
}

/** What ran when in one step. Times in seconds from its start. */
export interface TracePicture {
  length: number;
  lanes: { name: string; items: { name: string; kind: string; start: number; end: number }[] }[];
}
