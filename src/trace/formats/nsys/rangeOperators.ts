import { HwcastError } from '../../../core/errors.js';
import { kept } from '../../../core/kept.js';
import type { MappedOp, Tensor } from '../../../graph/operatorText.js';
import type { ModelSource } from '../../../graph/readers/modelReader.js';
import type { OnnxNode } from '../../../graph/readers/onnx/onnxModel.js';
import type { Dtype } from '../../../graph/tensorType.js';
import { ModelOperators, NamedNodes } from '../../modelOperators.js';
import type { LinkedTimeline } from '../../timeline/linkTimeline.js';
import { kernelDtype, kernelTile } from './kernelFacts.js';
import type { NsysTrace } from './nsysTimeline.js';

/** The kernels of one NVTX range, and the operator that its nodes are together or why they are none. */
export interface RangeOperator {
  operator: MappedOp | string;
  /** position of the range */
  range: number;
  /** positions of its work, by start */
  work: number[];
}

/** `Conv_0 + PWN(Relu_1)` of TensorRT, or the name of one node. */
const nodeNames = (range: string): string[] =>
  range.split(/ \+ |, (?=\w)/).map((part) => part.replace(/^(?:PWN|\(Unnamed Layer\* \d+\) \[\w+\])\(?|\)+$/g, '').trim());

/**
 * Operators of the ranges that are called after nodes of a model. Exports tell neither shapes nor types: those are the model's, at the batch that is told or
 * that the tiles of its kernels cover, in the type that the names of the kernels tell.
 * @throws HwcastError `bad-input` where no range is called after a node, or the batch can be told by nothing
 */
export function rangeOperators(
  { timeline, ranges, blocks }: NsysTrace,
  linked: LinkedTimeline,
  file: ModelSource,
  batch: number | undefined,
): RangeOperator[] {
  const nodes = new NamedNodes(file),
    works = new Map<number, number[]>();
  for (const w of linked.work) if (linked.operator[w] >= 0) kept(works, linked.operator[w], () => []).push(w);
  const found = [...works].map(([range, work]) => ({
    range,
    work,
    nodes: nodesOf(nodes, ranges[timeline.operators.detail.get(range)]),
  }));
  if (!found.some((f) => f.nodes.length))
    throw new HwcastError('bad-input', `none of ${found.length} NVTX ranges with kernels is called after a node of the model`, {
      where: file.name,
      hint: 'give with --model the ONNX file that the engine was built from, and build it with --profilingVerbosity=detailed',
    });
  const nameOf = (w: number): string => timeline.names.list[timeline.work.name.get(w)],
    one = new ModelOperators(nodes, sizesOf(nodes, 1)),
    told =
      batch ??
      batchOfTiles(
        found.map((f) => ({ ...f, kernels: f.work.map((w) => ({ name: nameOf(w), blocks: blocks[w] })) })),
        one,
        file.name,
      ),
    operators = told === 1 ? one : new ModelOperators(nodes, sizesOf(nodes, told));
  const operatorOf = (joined: readonly OnnxNode[], work: readonly number[]): MappedOp | string => {
    if (!joined.length) return 'range that is called after no node of the model';
    const head = operators.headOf(joined);
    if (!head) return 'range of constants or views';
    const dtype = work.map((w) => kernelDtype(nameOf(w))).find((d) => d !== undefined);
    return dtype ? inType(head, dtype) : 'range whose kernels do not tell the element type by their names';
  };
  return found.map(({ nodes: joined, range, work }) => ({ range, work, operator: operatorOf(joined, work) }));
}

/** Nodes of a range; none where a part of its name is neither a node nor a constant (`Reformatting CopyNode for .. to Conv_0 + Relu_1`). */
function nodesOf(nodes: NamedNodes, range: string): OnnxNode[] {
  const names = nodeNames(range).filter((name) => !nodes.isConstant(name)),
    found = names.flatMap((name) => nodes.named(name) ?? []);
  return found.length === names.length ? found : [];
}

/** Shapes of the inputs at a batch, also where the file fixes another. */
function sizesOf({ model: { graph } }: NamedNodes, batch: number): { batch?: number; shapes: Record<string, number[]> } {
  const shapes: Record<string, number[]> = {};
  let isOpen = false;
  for (const { name, dims } of graph.inputs) {
    const [first, ...rest] = dims ?? [];
    if (typeof first === 'number' && rest.length && rest.every((n) => typeof n === 'number')) shapes[name] = [batch, ...rest];
    else isOpen = true;
  }
  return isOpen ? { batch, shapes } : { shapes };
}

interface Joined {
  nodes: readonly OnnxNode[];
  kernels: readonly { name: string; blocks: number }[];
}

/** The one batch at which the tiles of every kernel cover just the output of its operator. @throws HwcastError `bad-input` where none or several do */
function batchOfTiles(joined: readonly Joined[], one: ModelOperators, where: string): number {
  let least = 1,
    most = Number.POSITIVE_INFINITY,
    kernels = 0;
  for (const { nodes, kernels: ran } of joined) {
    const head = one.headOf(nodes),
      tile = ran.length === 1 ? kernelTile(ran[0].name) : undefined;
    if (!tile || !head?.op.startsWith('conv2d')) continue;
    const [, channels, height, width] = head.shape,
      rows = ran[0].blocks / Math.ceil(channels / tile.columns);
    if (!Number.isInteger(rows)) continue;
    kernels++;
    least = Math.max(least, Math.floor(((rows - 1) * tile.rows) / (height * width)) + 1);
    most = Math.min(most, Math.floor((rows * tile.rows) / (height * width)));
  }
  if (least === most) return least;
  throw new HwcastError(
    'bad-input',
    kernels
      ? `the tiles of ${kernels} kernels tell no one batch (${least} to ${most})`
      : 'the export tells neither shapes nor the batch of its kernels',
    { where, hint: 'say it: --batch N' },
  );
}

const isFloat = (dtype: Dtype): boolean => /^(fp|bf|tf)/.test(dtype);

/** The same operator on another element type. */
function inType(head: MappedOp, dtype: Dtype): MappedOp {
  const cast = (t: Dtype): Dtype => (isFloat(t) ? dtype : t),
    inputs = head.inputs.map((t): Tensor => ({ ...t, dtype: cast(t.dtype) }));
  return { ...head, inputs, dtype: cast(head.dtype) };
}
