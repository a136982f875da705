import type { OpGraph } from '../graph/opGraph.js';
import type { ModelFile } from '../graph/workload.js';

/** A network that is ready to run: weights and input made, nothing timed yet. */
export interface PreparedNetwork {
  /** one inference, finished (its result is in memory) when the call returns or the promise settles */
  run(): void | Promise<void>;
  dispose(): void | Promise<void>;
  /** what was taken for granted */
  readonly assumptions?: readonly string[];
}

/** Something that runs operator graphs on this machine. A new runtime is one file that exports a function returning this. */
export interface Runtime {
  readonly name: string;
  /** what ran: runtime, backend and versions, for the record */
  describe(): Record<string, string>;
  /**
   * Readies a graph with random weights and input; the same seed gives the same numbers. `file` is the file that the graph was read from, for
   * runtimes that run files.
   * @throws HwcastError `unsupported` naming the node the runtime cannot run.
   */
  prepare(graph: OpGraph, seed: number, file?: ModelFile): Promise<PreparedNetwork>;
}
