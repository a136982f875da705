import { elementCount } from '../../../core/elementCount.js';
import { HwcastError } from '../../../core/errors.js';
import { bindInputs } from '../bindInputs.js';
import { type ChannelsLast, ChannelsLastBuilder } from '../channelsLast.js';
import { locatedIn, ModelBuilder } from '../modelBuilder.js';
import type { ModelReader, ReadModel, ReadModelOptions } from '../modelReader.js';
import { inReadingOrder, isNnmeter, type NnmeterModel, type NnmeterNode, parseNnmeter } from './nnmeterModel.js';
import { nnmeterRule } from './nnmeterRules.js';
import { NnmeterVisit } from './nnmeterVisit.js';

/** nn-Meter's graphs in JSON, as its converters from TensorFlow and ONNX write them, and its datasets with such a graph a line. */
export const nnmeterReader: ModelReader = {
  format: 'nnmeter',
  about: "nn-Meter's IR in JSON, or JSON lines of it",
  detect: (head) => (isNnmeter(Buffer.from(head).toString('utf8')) ? 'certain' : undefined),
  async read({ bytes, name }, options) {
    return parseNnmeter(Buffer.from(bytes).toString('utf8'), name).map((model) => nnmeterGraph(model, name, options));
  },
};

/** Types of TensorFlow whose channels stand last unless they say otherwise. */
const TENSORFLOW = /^(Placeholder|Conv2D|DepthwiseConv2dNative|BiasAdd|FusedBatchNorm|ConcatV2)/;

/** @throws HwcastError as `ModelReader.read` */
export function nnmeterGraph({ name, nodes }: NnmeterModel, where: string, options: ReadModelOptions): ReadModel {
  const build = new ChannelsLastBuilder(new ModelBuilder('fp32'));
  const all = [...nodes.values()];
  const channelsLast = all.some(({ type }) => TENSORFLOW.test(type)) && !all.some(({ attr }) => attr.data_format === 'NCHW');
  const inputs = addInputs(all, nodes, build, where, options);
  const tensors = new Map<string, readonly ChannelsLast[]>();
  const read = new Set<string>();
  for (const node of inReadingOrder(nodes, where)) {
    try {
      const operands = node.inbounds.flatMap((from) => partFor(node, nodes.get(from), tensors, read) ?? []);
      tensors.set(node.name, [made(node, operands, inputs, build, channelsLast)].flat());
    } catch (error) {
      throw locatedIn(`node '${node.name}' (${node.type})`, where, error);
    }
  }
  const outputs = [...tensors].filter(([n]) => !read.has(n)).flatMap(([, parts]) => parts.map((x) => build.last(x)));
  return build.model.finish(name, outputs);
}

/** What a node reads of another: of several parts, the one that is its by the order of the readers. */
function partFor(
  node: NnmeterNode,
  from: NnmeterNode | undefined,
  tensors: ReadonlyMap<string, readonly ChannelsLast[]>,
  read: Set<string>,
): ChannelsLast | undefined {
  if (!from) return undefined; // weights that nn-Meter left out
  read.add(from.name);
  const parts = tensors.get(from.name) ?? [];
  return parts[Math.max(0, Math.min(parts.length - 1, from.outbounds.indexOf(node.name)))];
}

function made(
  node: NnmeterNode,
  operands: readonly ChannelsLast[],
  inputs: ReadonlyMap<string, ChannelsLast>,
  build: ChannelsLastBuilder,
  channelsLast: boolean,
): ChannelsLast | readonly ChannelsLast[] {
  const input = inputs.get(node.name);
  if (input && isInput(node)) return input;
  if (node.type === 'Const') {
    // a number is part of the operator that reads it
    const shape = node.outputShapes[0] ?? [];
    return elementCount(shape) > 1 ? build.plain(build.model.weight(shape)) : [];
  }
  const visit = new NnmeterVisit(build, node, operands.length || !input ? operands : [input], channelsLast);
  return nnmeterRule(node.type)(visit);
}

const isInput = ({ type }: NnmeterNode): boolean => type === 'Placeholder';

/** The shape of an input: -1 where it is open. @throws HwcastError `bad-input` */
function stated({ name, attr, outputShapes }: NnmeterNode, where: string): readonly number[] {
  const shape = attr.shape ?? outputShapes[0] ?? [];
  if (Array.isArray(shape) && shape.every((n) => Number.isInteger(n))) return shape;
  throw new HwcastError('bad-input', `input '${name}' has the shape ${JSON.stringify(shape)}`, { where });
}

/**
 * Inputs by the name of the node that is one, or that reads one: graphs of ONNX do not hold their inputs, so that operators which nothing of the graph feeds
 * read an input of the shape they state, the same where the shape is.
 */
function addInputs(
  all: readonly NnmeterNode[],
  nodes: ReadonlyMap<string, NnmeterNode>,
  build: ChannelsLastBuilder,
  where: string,
  options: ReadModelOptions,
): Map<string, ChannelsLast> {
  const placeholders = all.filter(isInput);
  const readers = placeholders.length
    ? []
    : all.filter((node) => node.type !== 'Const' && node.inputShapes.length && !node.inbounds.some((from) => nodes.has(from)));
  const shapes = new Map<string, readonly number[]>();
  const names = new Map<string, string>();
  for (const node of placeholders) {
    shapes.set(node.name, stated(node, where));
    names.set(node.name, node.name);
  }
  for (const node of readers) {
    const [shape] = node.inputShapes;
    const known = [...shapes].find(([, other]) => String(other) === String(shape))?.[0];
    const name = known ?? (shapes.size ? `input${shapes.size}` : 'input');
    shapes.set(name, shape);
    names.set(node.name, name);
  }
  const declared = [...shapes].map(([name, shape]) => ({ name, dims: shape.map((n) => (n < 0 ? '' : n)) }));
  const bound = bindInputs(declared, options, where);
  for (const assumption of bound.assumptions) build.model.assume(assumption);
  const tensors = new Map([...bound.shapes].map(([name, shape]) => [name, build.plain(build.model.input(shape))]));
  return new Map([...names].map(([node, name]) => [node, tensors.get(name)!]));
}
