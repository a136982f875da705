import { HwcastError } from '../core/errors.js';
import type { OpGraph } from './opGraph.js';
import { SPACES, spaceNamed } from './spaces/index.js';
import type { Arch, GraphOptions, Space } from './spaces/space.js';

/** What runs: a network of a space (choices known) or a free operator graph. `id` is its canonical name and key in datasets. */
export interface Workload {
  id: string;
  /** set for networks of a space */
  space?: Space;
  arch?: Arch;
  /** set for free graphs, e.g. read from a trace */
  graph?: OpGraph;
}

const cache = new Map<string, Workload>();

/**
 * A workload of a space from its text: `space:code`, or the code alone where it is unambiguous. Spelling variants give one canonical `id`.
 * @throws HwcastError `not-found` for an unknown space, `bad-input` for a bad code.
 */
export function parseWorkload(text: string): Workload {
  const known = cache.get(text);
  if (known) return known;
  const trimmed = text.trim();
  const prefixed = /^([a-z][a-z0-9_-]*):(.*)$/is.exec(trimmed);
  let space: Space | undefined,
    code = trimmed;
  if (prefixed) {
    space = spaceNamed(prefixed[1]);
    code = prefixed[2];
  } else {
    space = Object.values(SPACES).find((s) => s.recognises(trimmed));
    if (!space)
      throw new HwcastError('bad-input', `'${trimmed.slice(0, 120)}' is no workload of a known space`, {
        hint: `write space:code with one of ${Object.keys(SPACES).join(', ')}`,
      });
  }
  const workload = spaceWorkload(space, space.parse(code));
  if (cache.size > 20_000) cache.clear();
  cache.set(text, workload);
  return workload;
}

/** The workload of a network given by its choices. */
export function spaceWorkload(space: Space, arch: Arch): Workload {
  return { id: `${space.name}:${space.format(arch)}`, space, arch };
}

/** The operator graph of a workload: its own, or the expanded network of its space. */
export function workloadGraph(workload: Workload, options?: GraphOptions): OpGraph {
  if (workload.graph) return workload.graph;
  if (!workload.space || !workload.arch)
    throw new HwcastError('bad-input', `workload '${workload.id}' has neither graph nor space`);
  return workload.space.toOpGraph(workload.arch, options);
}
