import { NotCovered, type Operation, type Rule, type Rules } from '../operation.js';
import type { Value } from '../value.js';
import { windowAttrs } from './convolution.js';

/** Windows of [N, C, ..]; the second output, positions of maxima, only where something reads it. */
const pool =
  (kind: 'avg' | 'max'): Rule =>
  (op) => {
    const x = op.input(0);
    const axes = x.shape.length - 2;
    const kernel = op.ints('kernel_shape');
    if (!kernel || axes < 1 || axes > 3) throw new NotCovered(`operand [${x.shape}]`);
    const y = op.add(`${kind}_pool${axes}d`, [x], { ...windowAttrs(op, kernel), ceilMode: op.int('ceil_mode', 0) ? 1 : 0 });
    return op.isRead(1) ? [y, op.add('argmax', [op.reshape(y, [...y.shape, 1])], { axis: -1 }, { dtype: 'int64' })] : y;
  };

const globalPool =
  (kind: 'avg' | 'max'): Rule =>
  (op) =>
    op.add(`global_${kind}_pool`, [op.input(0)]);

/** Values written to the places that a pool took them from: `output_shape`, or the inverse of the window. */
function unpool(op: Operation): Value {
  const [x, indices] = [op.input(0), op.input(1)];
  const kernel = op.ints('kernel_shape') ?? [];
  const stride = op.ints('strides') ?? kernel.map(() => 1);
  const pads = op.ints('pads') ?? [...kernel, ...kernel].map(() => 0);
  const inverse = x.shape.map((n, i) =>
    i < 2 ? n : (n - 1) * stride[i - 2] - pads[i - 2] - pads[i - 2 + kernel.length] + kernel[i - 2],
  );
  const shape = op.numbers(2) ?? inverse;
  return op.add('fold', [x, indices], { shape });
}

/** Regions at boxes [R, 4] (or [R, 5]) of [N, C, H, W]. */
function regions(op: Operation): Value {
  const [x, boxes] = [op.input(0), op.input(1)];
  const [height, width] = op.ints('pooled_shape') ?? [op.int('output_height', 1), op.int('output_width', 1)];
  const perAxis = op.int('sampling_ratio', 0) || 2;
  return op.add('roi_align', [x, boxes], {
    shape: [boxes.shape[0], x.shape[1], height, width],
    samples: perAxis * perAxis,
  });
}

export const POOLS: Rules = {
  MaxPool: pool('max'),
  AveragePool: pool('avg'),
  LpPool: pool('avg'),
  GlobalMaxPool: globalPool('max'),
  GlobalAveragePool: globalPool('avg'),
  GlobalLpPool: globalPool('avg'),
  MaxUnpool: unpool,
  RoiAlign: regions,
  MaxRoiPool: regions,
};

export const POOLS_MICROSOFT: Rules = {
  QLinearAveragePool: pool('avg'),
  QLinearGlobalAveragePool: globalPool('avg'),
  NhwcMaxPool(op) {
    const x = op.input(0);
    const first = op.add('transpose', [x], { order: [0, 3, 1, 2] });
    const y = op.add('max_pool2d', [first], windowAttrs(op, op.ints('kernel_shape') ?? [1, 1]));
    return op.add('transpose', [y], { order: [0, 2, 3, 1] });
  },
};

/** Pools of blocked layouts. */
export const POOLS_NCHWC: Rules = {
  MaxPool: pool('max'),
  AveragePool: pool('avg'),
  GlobalMaxPool: globalPool('max'),
  GlobalAveragePool: globalPool('avg'),
};
