import { basename } from 'node:path';
import { HwcastError } from '../../../core/errors.js';
import { kept } from '../../../core/kept.js';
import type { MappedOp } from '../../../graph/operatorText.js';
import { modelOfProfile } from '../../modelOfProfile.js';
import { networkName } from '../../networkName.js';
import type { ReadOptions, TraceSource } from '../../traceReader.js';
import { type NodeRun, type OnnxruntimeEvents, outermost, type Run } from './onnxruntimeEvents.js';
import type { ProfiledModel } from './profiledModel.js';

/** Providers that put their work on a device and return: the time of a node is that of its launch. */
const LAUNCHES = /^(CUDA|ROCM|MIGraphX|Dml|WebGpu|WebNN|Js)/;

/** What ran, without the first run. */
export interface SteadyRuns {
  /** runs of the session; one from end to end where the profile marks none */
  windows: Run[];
  marked: boolean;
  /** nodes of each window that no other is around */
  nodes: NodeRun[][];
  /** the first of several is left out: it allocates */
  skipped: number;
}

/** @throws HwcastError `bad-input` where no node ran */
export function steadyRuns({ nodes, runs }: Pick<OnnxruntimeEvents, 'nodes' | 'runs'>, where: string): SteadyRuns {
  if (!nodes.length)
    throw new HwcastError('bad-input', 'no node of a model ran while this profile was taken', {
      where,
      hint: 'run the session before its profile is ended',
    });
  const used = runs.length > 1 ? runs.slice(1) : runs,
    windows = used.length ? used : [{ start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY }],
    inside = outermost(nodes);
  return {
    windows,
    marked: used.length > 0,
    nodes: windows.map((w) => inside.filter((n) => n.start >= w.start && n.end <= w.end)),
    skipped: runs.length - used.length,
  };
}

/** What each node of a profile computes. */
export interface ProfiledOperators {
  model: ProfiledModel | null;
  /** name of the model's file, without its endings; null without a model */
  name: string | null;
  /** the operator, or why it is none of a dataset */
  operatorOf(run: NodeRun): MappedOp | string;
}

/** Below this share of a profile's nodes in a model, of those whose type it has, the model is another. */
const LEAST_JOINED = 0.5;

/**
 * Joins the nodes that ran with their model, by name, for attributes; those that the optimiser made, and all without a model, are told by their shapes.
 * @throws HwcastError `bad-input` where the model is not the one that ran, else as readers of model files do
 */
export async function profiledOperators(
  source: Pick<TraceSource, 'name'>,
  nodes: readonly NodeRun[],
  options: ReadOptions,
): Promise<ProfiledOperators> {
  // loaded where a profile is read: every command starts without the rules of ONNX
  const [{ operatorByShapes }, { ProfiledModel }] = await Promise.all([
    import('./operatorByShapes.js'),
    import('./profiledModel.js'),
  ]);
  const file = await modelOfProfile(source.name, options.model),
    model = file ? new ProfiledModel(file, nodes) : null;
  if (model && file) refuseOther(model, nodes, source.name, file.name);
  const known = new Map<string, MappedOp | string>();
  return {
    model,
    name: file ? networkName(file.name.replace(/\.onnx$/i, '')) : null,
    operatorOf(run) {
      if (LAUNCHES.test(run.provider))
        return `${run.operator} on ${run.provider}: the profile has the time of its launch, not of its work`;
      return kept(known, keyOf(run), () => model?.operatorOf(run) ?? operatorByShapes(run));
    },
  };
}

const keyOf = ({ name, operator, inputs, outputs }: NodeRun): string => JSON.stringify([name, operator, inputs, outputs]);

function refuseOther(model: ProfiledModel, nodes: readonly NodeRun[], where: string, file: string): void {
  const own = nodes.filter(model.mayHave),
    // without any of its types, all of them are another model's
    distinct = new Map((own.length ? own : nodes).map((n) => [n.name, n])),
    named = [...distinct.values()].filter((n) => typeof model.operatorOf(n) === 'object').length;
  if (named >= LEAST_JOINED * distinct.size) return;
  throw new HwcastError('bad-input', `${named} of ${distinct.size} nodes of the profile are operators of '${basename(file)}'`, {
    where,
    hint: 'give with --model the ONNX file that the session loaded',
  });
}
