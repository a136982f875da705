import type { Dtype, OpGraph } from '../opGraph.js';

/** One network of a space as its choices, e.g. the six edge operators of a NAS-Bench-201 cell. */
export type Arch = readonly number[];

/** Small graph of one cell or chain for a GNN: one class per node, directed edges [from, to]. */
export interface CompactGraph {
  nodes: number[];
  edges: [number, number][];
}

export interface GraphOptions {
  /** images per batch; 1 unless told */
  batch?: number;
  /** element type of all tensors; fp32 unless told */
  dtype?: Dtype;
}

/**
 * A search space: how its networks are written, encoded and expanded. A new space is one file that exports a `Space`, one test, and one line in
 * `spaces/index.ts`. All functions are pure; `parse` throws HwcastError `bad-input`.
 */
export interface Space {
  readonly name: string;
  /** number of values of each choice; `encodeArch` is the concatenated one-hot of these */
  readonly choices: readonly number[];
  /** number of networks, where it is a number worth enumerating */
  readonly size?: number;
  /** classes of the nodes of `compactGraph` */
  readonly nodeClasses: readonly string[];
  /** true where `code` without prefix can only belong to this space */
  recognises(code: string): boolean;
  parse(code: string): Arch;
  /** canonical code; parse(format(a)) equals a */
  format(arch: Arch): string;
  /** the network at position `index` of the space's standard order, where it has one */
  at?(index: number): Arch;
  /** position in the standard order */
  indexOf?(arch: Arch): number;
  /** a uniformly drawn network; `random` gives [0, 1) */
  draw(random: () => number): Arch;
  compactGraph(arch: Arch): CompactGraph;
  /** the choices with those that no path uses set to the empty choice (what a compiler sees); the same arch where the space has no dead choices */
  live(arch: Arch): Arch;
  /** the whole network as operators */
  toOpGraph(arch: Arch, options?: GraphOptions): OpGraph;
}

/** Concatenated one-hot encoding of the choices, length = sum of `choices`. */
export function encodeArch(space: Space, arch: Arch): Float32Array {
  const out = new Float32Array(space.choices.reduce((a, b) => a + b, 0));
  let at = 0;
  arch.forEach((v, i) => {
    out[at + v] = 1;
    at += space.choices[i];
  });
  return out;
}
