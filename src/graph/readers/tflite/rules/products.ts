import { elementCount } from '../../../../core/elementCount.js';
import type { Shape } from '../../../tensorType.js';
import type { ChannelsLast } from '../../channelsLast.js';
import { isConstant } from '../tfliteValue.js';
import type { TfliteRule, TfliteRules, TfliteVisit } from '../tfliteVisit.js';

const last = (shape: Shape): number => shape[shape.length - 1];

/** Rows of `features`: all elements of the input, however its axes lie, unless they are kept. */
function rows(visit: TfliteVisit, features: number): ChannelsLast {
  const x = visit.tensor();
  if (visit.option('FullyConnectedOptions', 'keep_num_dims') && last(x.shape) === features) return x;
  const count = elementCount(x.shape);
  if (count % features) throw visit.problem(`weights take rows of ${features}, the input is [${x.shape}]`);
  return visit.build.reshaped(x, [count / features, features]);
}

/** Weights [outputs, features]. */
const fullyConnected: TfliteRule = (visit) => {
  const [weight, bias] = [visit.weight(1), visit.weight(2)];
  const { shape } = visit.input(1);
  const x = rows(visit, last(shape));
  const y = weight
    ? visit.ordinary('linear', [x], {
        outFeatures: shape[0],
        bias: bias ? 1 : 0,
        ...visit.weightAttrs([weight, bias]),
      })
    : withBias(visit, visit.ordinary('matmul', [x, visit.tensor(1)], { transposeB: 1 }));
  return visit.activated(y, 'FullyConnectedOptions');
};

const withBias = (visit: TfliteVisit, y: ChannelsLast): ChannelsLast =>
  visit.inputs[2] ? visit.ordinary('add', [y, visit.tensor(2)]) : y;

/** A learned matrix on the right is the weights of a linear layer. */
const batchMatMul: TfliteRule = (visit) => {
  const [transposeA, transposeB] = ['adj_x', 'adj_y'].map((field) => (visit.option('BatchMatMulOptions', field) ? 1 : 0));
  const y = visit.input(1);
  const matrix = y.shape.slice(-2);
  if (isConstant(y) && !transposeA && elementCount(y.shape) === elementCount(matrix)) {
    const attrs = visit.weightAttrs([y]);
    return visit.ordinary('linear', [visit.tensor()], { outFeatures: transposeB ? matrix[0] : matrix[1], ...attrs });
  }
  return visit.ordinary('matmul', [visit.tensor(), visit.tensor(1)], {
    ...(transposeA ? { transposeA } : {}),
    ...(transposeB ? { transposeB } : {}),
  });
};

/** Rows of a learned table at indices. */
function embedded(visit: TfliteVisit, table: number, indices: number): ChannelsLast | undefined {
  const weight = visit.weight(table);
  if (weight?.shape.length !== 2 || weight.sources.length === 0) return undefined;
  const [rows, dim] = weight.shape;
  const { computeDtype: _, ...attrs } = visit.weightAttrs([weight]);
  return visit.ordinary('embedding', [visit.tensor(indices)], { rows, dim, ...attrs });
}

/** Elements along an axis at indices; the leading `batch_dims` axes go together. */
const gather: TfliteRule = (visit) => {
  const [x, indices] = [visit.input(0), visit.input(1)];
  const axis = visit.axis(visit.option('GatherOptions', 'axis'), x.shape.length);
  const together = visit.axis(visit.option('GatherOptions', 'batch_dims'), indices.shape.length + 1);
  const table = axis === 0 && !together && /^(fp|bf|int8|uint8|int4)/.test(visit.dtype) ? embedded(visit, 0, 1) : undefined;
  if (table) return table;
  const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(together), ...x.shape.slice(axis + 1)];
  return visit.ordinary('gather', [visit.tensor(), visit.tensor(1)], { shape });
};

/** Blocks at places: the last axis of the indices holds where. */
const gatherNd: TfliteRule = (visit) => {
  const [x, indices] = [visit.input(0), visit.input(1)];
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(last(indices.shape))];
  return visit.ordinary('gather', [visit.tensor(), visit.tensor(1)], { shape });
};

const embeddingLookup: TfliteRule = (visit) => {
  const [indices, table] = [visit.input(0), visit.input(1)];
  const learned = embedded(visit, 1, 0);
  if (learned) return learned;
  const shape = [...indices.shape, ...table.shape.slice(1)];
  return visit.ordinary('gather', [visit.tensor(1), visit.tensor(0)], { shape });
};

const softmax =
  (op: string): TfliteRule =>
  (visit) => {
    const x = visit.tensor();
    return visit.build.inPlace(op, x, { axis: visit.build.axis(x, x.shape.length - 1) }, visit.dtype);
  };

/** Divided by the root of the sum of squares over the channels. */
const l2Normalization: TfliteRule = (visit) => {
  const x = visit.tensor();
  const axis = visit.build.axis(x, x.shape.length - 1);
  const norm = visit.build.inPlace('reduce', x, { axis: [axis], keepDims: 1, kind: 'norm' }, visit.dtype);
  return visit.build.elementwise('div', [x, norm], {}, visit.dtype);
};

export const PRODUCTS: TfliteRules = {
  FULLY_CONNECTED: fullyConnected,
  BATCH_MATMUL: batchMatMul,
  GATHER: gather,
  GATHER_ND: gatherNd,
  EMBEDDING_LOOKUP: embeddingLookup,
  SOFTMAX: softmax('softmax'),
  LOG_SOFTMAX: softmax('log_softmax'),
  L2_NORMALIZATION: l2Normalization,
};
