import type { OpGraph } from '../opGraph.js';

/** A model file in memory, unpacked where it was gzipped. */
export interface ModelSource {
  /** path or name, for messages; without `.gz` */
  name: string;
  bytes: Uint8Array;
}

/** What a user says of a model whose file leaves sizes open. */
export interface ReadModelOptions {
  /** length of the batch axis; 1 unless told or fixed in the file */
  batch?: number;
  /** shape of an input by its name, e.g. `{ input: [1, 3, 224, 224] }` */
  shapes?: Readonly<Record<string, readonly number[]>>;
  /** length of a symbolic axis by its name, e.g. `{ sequence: 128 }` */
  dims?: Readonly<Record<string, number>>;
}

/** One model of a file. */
export interface ReadModel {
  name: string;
  /** its operators; what was taken for granted stands in `graph.assumptions` */
  graph: OpGraph;
  /** what the reader of the figures must know: opaque operators with their share of bytes, work that is not counted */
  warnings: string[];
}

/**
 * Reads one format of model files: a folder of its own and one line in `registry.ts`. Weights are never read into numbers, external data is not
 * followed, no code of the file runs. An operator that is not known becomes `opaque` with its bytes and a warning, never a node without cost.
 */
export interface ModelReader {
  readonly format: string;
  /** one line for `--help` and for the error that no reader fits */
  readonly about: string;
  /** from the first 64 KiB of the unpacked file and its name; `certain` by a signature, `likely` by how it looks */
  detect(head: Uint8Array, name: string): 'certain' | 'likely' | undefined;
  /**
   * The models of a file; most formats hold one.
   * @throws HwcastError `corrupt` with the place for a cut or damaged file, `unsupported` for a version or form that is not read, `bad-input` naming the
   * input and the flag where a size stays open
   */
  read(source: ModelSource, options: ReadModelOptions): Promise<ReadModel[]>;
}
