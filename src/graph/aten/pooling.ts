import { inferShape } from '../inferShape.js';
import {
  type AtenCall,
  type AtenRule,
  type AtenTable,
  type AtenTensor,
  type Made,
  operators,
  statedOr,
  Unusable,
} from './atenCall.js';

const perAxis = (values: readonly number[], axes: number): number[] =>
  Array.from({ length: axes }, (_, i) => values[i] ?? values[0]);

/** [N, C, ..]; programs may leave the batch axis out. */
function imageOf(call: AtenCall, axes: number): AtenTensor {
  const x = call.tensor('self');
  return call.outputs && x.shape.length === axes + 1 ? { ...x, shape: [1, ...x.shape] } : x;
}

/** Shape that the call states, with the batch axis that `x` has. */
const batched = (x: AtenTensor, shape: readonly number[]): readonly number[] =>
  shape.length === x.shape.length - 1 ? [1, ...shape] : shape;

/** x, kernel, stride (empty = kernel), padding, dilation. */
const pool =
  (kind: 'avg' | 'max', axes: number): AtenRule =>
  (call) => {
    const op = `${kind}_pool${axes}d`;
    const x = imageOf(call, axes);
    const kernel = perAxis(call.numbers('kernel_size'), axes);
    const stated = call.isGiven('stride') || !call.outputs ? call.numbers('stride', []) : [];
    const stride = stated.length ? perAxis(stated, axes) : kernel;
    const padding = perAxis(call.numbers('padding', [0]), axes);
    const dilation = call.outputs ? perAxis(call.numbers('dilation', [1]), axes) : [1];
    const attrs = { kernel, stride, padding, ...(dilation.some((d) => d !== 1) ? { dilation } : {}) };
    const shape = statedOr(call, () => {
      const inferred = inferShape(op, [x.shape], attrs);
      if (!call.flag('ceil_mode')) return inferred;
      return inferred.map((n, i) => {
        const k = i - 2;
        return k < 0 ? n : Math.ceil((x.shape[i] + 2 * padding[k] - kernel[k]) / stride[k]) + 1;
      });
    });
    return { op, attrs, inputs: [x], shape: batched(x, shape) };
  };

/** Windows that leave the stated number of places. */
const adaptivePool =
  (kind: 'avg' | 'max', axes: number): AtenRule =>
  (call): Made => {
    const x = imageOf(call, axes);
    if (x.shape.length !== axes + 2) throw new Unusable('pool over other than two axes');
    const places = call.outputs?.[0]?.shape.slice(-axes) ?? perAxis(call.numbers('output_size'), axes);
    if (places.every((n) => n === 1)) return { op: `global_${kind}_pool`, attrs: {}, inputs: [x] };
    const kernel = places.map((n, i) => Math.ceil(x.shape[i + 2] / n));
    const stride = places.map((n, i) => Math.floor(x.shape[i + 2] / n) || 1);
    return {
      op: `${kind}_pool${axes}d`,
      attrs: { kernel, stride, padding: kernel.map(() => 0) },
      inputs: [x],
      shape: [x.shape[0], x.shape[1], ...places],
    };
  };

const MAX = 'self kernel_size stride padding dilation ceil_mode';
const AVG = 'self kernel_size stride padding ceil_mode count_include_pad';

export const POOLS: AtenTable = Object.assign(
  {},
  ...[1, 2, 3].flatMap((axes) => [
    operators(`max_pool${axes}d max_pool${axes}d_with_indices`, MAX, pool('max', axes)),
    operators(`avg_pool${axes}d`, AVG, pool('avg', axes)),
    operators(`adaptive_avg_pool${axes}d _adaptive_avg_pool${axes}d`, 'self output_size', adaptivePool('avg', axes)),
    operators(`adaptive_max_pool${axes}d`, 'self output_size', adaptivePool('max', axes)),
  ]),
);
