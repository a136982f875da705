import { elementCount } from '../../../../core/elementCount.js';
import { positiveAxis } from '../onnxShapes.js';
import type { Operation, Rule, Rules } from '../operation.js';
import { constantValue, isConstant, type Value } from '../value.js';
import { broadcasting } from './elementwise.js';

/** Mean, inverse deviation: one value a row, where something reads them. */
function statistics(op: Operation, x: Value, from: number, count: number): Value[] {
  return Array.from({ length: count }, (_, i) =>
    op.isRead(from + i)
      ? op.add('reduce', [x], { axis: [x.shape.length - 1], keepDims: 1 })
      : constantValue([...x.shape.slice(0, -1), 1], x.dtype),
  );
}

/** A norm over all axes from `axis` on, as rows. */
function rowNorm(op: Operation, name: string, x: Value, axis: number, learned: readonly (Value | undefined)[]): Value {
  const rank = x.shape.length;
  const from = positiveAxis(axis, rank);
  const rows = from === rank - 1 ? x : op.reshape(x, [...x.shape.slice(0, from), elementCount(x.shape.slice(from))]);
  const constants = learned.filter(isConstant);
  const y = op.add(
    name,
    [rows, ...learned.filter((v) => v !== undefined && !isConstant(v))] as Value[],
    {},
    { weights: constants },
  );
  return op.reshape(y, x.shape);
}

const layerNorm: Rule = (op) => {
  const x = op.input(0);
  const y = rowNorm(op, 'layer_norm', x, op.int('axis', -1), [op.inputs[1], op.inputs[2]]);
  return op.node.outputs.length > 1 ? [y, ...statistics(op, x, 1, 2)] : y;
};

const rmsNorm: Rule = (op) => {
  const x = op.input(0);
  const y = rowNorm(op, 'rms_norm', x, op.int('axis', -1), [op.inputs[1]]);
  return op.node.outputs.length > 1 ? [y, ...statistics(op, x, 1, 1)] : y;
};

/** x + skip (+ bias), then a norm; outputs: the norm, mean, inverse deviation, the sum. `learned` are the positions of scale and shift. */
const skipNorm =
  (name: string, learned: readonly number[], bias: number): Rule =>
  (op) => {
    let sum = broadcasting(op, 'add', [op.input(0), op.input(1)]);
    const more = op.inputs[bias];
    if (more) sum = broadcasting(op, 'add', [sum, more]);
    const y = rowNorm(
      op,
      name,
      sum,
      -1,
      learned.map((i) => op.inputs[i]),
    );
    return [y, ...statistics(op, sum, 1, 2), sum];
  };

/** Norms over channels: operands x, scale, shift. */
function channelNorm(op: Operation, name: string, attrs: Record<string, number> = {}): Value {
  const learned = [op.inputs[1], op.inputs[2]];
  return op.add(name, [op.input(0), ...learned.filter((v) => v && !isConstant(v))] as Value[], attrs, {
    weights: learned.filter(isConstant),
  });
}

/** Before operator set 13 a softmax took all axes from `axis` on as one row. */
const softmax =
  (name: string): Rule =>
  (op) => {
    const x = op.input(0);
    const axis = op.int('axis', op.version < 13 ? 1 : -1);
    if (op.version >= 13 || positiveAxis(axis, x.shape.length) >= x.shape.length - 1) return op.add(name, [x], { axis });
    const from = positiveAxis(axis, x.shape.length);
    const rows = op.reshape(x, [elementCount(x.shape.slice(0, from)), elementCount(x.shape.slice(from))]);
    return op.reshape(op.add(name, [rows], { axis: -1 }), x.shape);
  };

/** Tables of words, positions and segments, summed and normalised; outputs: the norm, lengths of the masks, the sum. */
const embedNorm: Rule = (op) => {
  const ids = op.input(0);
  const rows = (indices: Value, table: Value): Value =>
    op.add('embedding', [indices], { rows: table.shape[0], dim: table.shape[1] }, { dtype: table.dtype, weights: [table] });
  const segments = op.inputs[1];
  const words = rows(ids, op.input(2));
  const positions = op.inputs[8] ?? op.add('copy', [ids]);
  let sum = op.add('add', [words, rows(positions, op.input(3))]);
  if (segments && op.inputs[4]) sum = op.add('add', [sum, rows(segments, op.inputs[4])]);
  const y = rowNorm(op, 'layer_norm', sum, -1, [op.inputs[5], op.inputs[6]]);
  return [y, constantValue([ids.shape[0]], 'int32'), sum];
};

/** Batch statistics that training makes are outputs of no use here. */
const batchNorm: Rule = (op) => op.add('batch_norm', [op.input(0)], {}, { weights: [op.inputs[1], op.inputs[2]] });

const microsoftGroupNorm: Rule = (op) => {
  const attrs = { groups: op.int('groups', 1) };
  const x = op.input(0);
  const toChannels = op.int('channels_last', 1) && x.shape.length === 4;
  const inside = toChannels ? op.add('transpose', [x], { order: [0, 3, 1, 2] }) : x;
  const y = op.add('group_norm', [inside], attrs, { weights: [op.inputs[1], op.inputs[2]] });
  const active = op.int('activation', 0) ? op.add('silu', [y]) : y;
  return toChannels ? op.add('transpose', [active], { order: [0, 2, 3, 1] }) : active;
};

export const NORMS: Rules = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  RMSNormalization: rmsNorm,
  SimplifiedLayerNormalization: rmsNorm,
  GroupNormalization: (op) => channelNorm(op, 'group_norm', { groups: op.int('num_groups', 1) }),
  InstanceNormalization: (op) => channelNorm(op, 'instance_norm'),
  MeanVarianceNormalization: (op) => op.add('instance_norm', [op.input(0)], { params: 0 }),
  LpNormalization: (op) => op.add('rms_norm', [op.input(0)], { params: 0 }),
  LRN: (op) => op.add('local_response_norm', [op.input(0)], { size: op.int('size', 1) }),
  Softmax: softmax('softmax'),
  LogSoftmax: softmax('log_softmax'),
  Hardmax: softmax('softmax'),
};

export const NORMS_MICROSOFT: Rules = {
  LayerNormalization: layerNorm,
  SimplifiedLayerNormalization: rmsNorm,
  SkipLayerNormalization: skipNorm('layer_norm', [2, 3], 4),
  SkipSimplifiedLayerNormalization: skipNorm('rms_norm', [2], 3),
  EmbedLayerNormalization: embedNorm,
  GroupNorm: microsoftGroupNorm,
  BiasSoftmax: (op) => op.add('softmax', [broadcasting(op, 'add', [op.input(0), op.input(1)])]),
};
