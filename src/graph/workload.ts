import { HwcastError } from '../core/errors.js';
import { MODEL_TABLES, type ModelFacts, modelId, modelTableOf } from './namedModel.js';
import type { OpGraph } from './opGraph.js';
import { SPACES, spaceNamed } from './spaces/index.js';
import type { Arch, GraphOptions, Space } from './spaces/space.js';

/** The file that a workload was read from. */
export interface ModelFile {
  path: string;
  /** of the reader that knew it */
  format: string;
}

/** What runs: a network of a space (choices known), a free operator graph, or a model known by its name in a table. `id` is its canonical name and key in datasets. */
export interface Workload {
  id: string;
  /** set for networks of a space */
  space?: Space;
  arch?: Arch;
  /** set for free graphs, e.g. read from a trace */
  graph?: OpGraph;
  /** set for models known by name: what their table says of them */
  facts?: ModelFacts;
  /** set for graphs of model files */
  file?: ModelFile;
}

const cache = new Map<string, Workload>();

/**
 * A workload from its text: a network of a space, `space:code` or the code alone where it is unambiguous, or a model of a table, `timm:resnet50@224`.
 * Spelling variants give one canonical `id`.
 * @throws HwcastError `not-found` for an unknown space, `bad-input` for a bad code.
 */
export function parseWorkload(text: string): Workload {
  const known = cache.get(text);
  if (known) return known;
  const trimmed = text.trim();
  const table = modelTableOf(trimmed);
  if (table) return { id: modelId(table, trimmed.slice(table.length + 1)), facts: {} };
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
        hint: `write space:code with one of ${Object.keys(SPACES).join(', ')}, or table:name with one of ${Object.keys(MODEL_TABLES).join(', ')}`,
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
    throw new HwcastError('bad-input', `workload '${workload.id}' has neither graph nor space`, {
      hint: workload.facts ? 'it is known by name only: give the file of the model' : undefined,
    });
  return workload.space.toOpGraph(workload.arch, options);
}
