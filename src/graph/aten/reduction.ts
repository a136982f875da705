import { type AtenCall, type AtenRule, type AtenTable, fromFront, type Made, operators, statedOr } from './atenCall.js';

function axesOf(call: AtenCall, rank: number): number[] {
  const stated = call.numbers('dim', []);
  return stated.length ? stated.map((axis) => fromFront(axis, rank)) : Array.from({ length: rank }, (_, i) => i);
}

type Kind = 'mean' | 'sum' | 'max' | 'min' | 'prod' | 'norm';

/** x, axes (absent = all), keepdim */
const reduce =
  (kind: Kind): AtenRule =>
  (call): Made => {
    const x = call.tensor('self');
    const rank = x.shape.length;
    const axes = axesOf(call, rank);
    const keep = call.numbers('dim', []).length > 0 && call.flag('keepdim');
    if (kind === 'mean' && rank === 4 && keep && axes.length === 2 && axes.includes(2) && axes.includes(3))
      return { op: 'global_avg_pool', attrs: {}, inputs: [x] };
    const shape = statedOr(call, () => x.shape.flatMap((n, i) => (axes.includes(i) ? (keep ? [1] : []) : [n])));
    return { op: 'reduce', attrs: { axis: axes, ...(kind === 'mean' ? {} : { kind }) }, inputs: [x], shape };
  };

/** max and min of one tensor reduce, of two they compare. */
const extreme =
  (kind: 'max' | 'min'): AtenRule =>
  (call) =>
    call.has('other') ? { op: kind, attrs: {}, inputs: [call.tensor('self'), call.tensor('other')] } : reduce(kind)(call);

const argmax: AtenRule = (call): Made => {
  const x = call.tensor('self');
  const dim = call.numbers('dim', []);
  if (!dim.length) return { op: 'argmax', attrs: { axis: 0 }, inputs: [{ ...x, shape: [x.shape.reduce((a, b) => a * b, 1)] }] };
  return {
    op: 'argmax',
    attrs: { axis: fromFront(dim[0], x.shape.length), keepDims: call.flag('keepdim') ? 1 : 0 },
    inputs: [x],
  };
};

/** Sorting orders a whole axis: topk of all of it. */
const topk =
  (count: (call: AtenCall, length: number) => number): AtenRule =>
  (call) => {
    const x = call.tensor('self');
    const wide = x.shape.length ? x : { ...x, shape: [1] };
    const axis = fromFront(call.numbers('dim', [-1])[0], wide.shape.length);
    return { op: 'topk', attrs: { k: count(call, wide.shape[axis]), axis }, inputs: [wide] };
  };

const cumulative: AtenRule = (call) => {
  const x = call.tensor('self');
  const wide = x.shape.length ? x : { ...x, shape: [1] };
  return { op: 'cumsum', attrs: { axis: fromFront(call.numbers('dim')[0], wide.shape.length) }, inputs: [wide] };
};

export const REDUCTIONS: AtenTable = {
  ...operators('mean', 'self dim keepdim', reduce('mean')),
  ...operators('sum logsumexp nansum count_nonzero', 'self dim keepdim', reduce('sum')),
  ...operators('amax any', 'self dim keepdim', reduce('max')),
  ...operators('amin all', 'self dim keepdim', reduce('min')),
  ...operators('prod', 'self dim keepdim', reduce('prod')),
  ...operators('linalg_vector_norm', 'self ord dim keepdim', reduce('norm')),
  ...operators('norm', 'self p dim keepdim', reduce('norm')),
  ...operators('var std var_mean std_mean', 'self dim correction keepdim', reduce('norm')),
  ...operators('max', 'self other dim keepdim', extreme('max')),
  ...operators('min', 'self other dim keepdim', extreme('min')),
  ...operators('aminmax median nanmedian', 'self dim keepdim', reduce('max')),
  ...operators('argmax argmin', 'self dim keepdim', argmax),
  ...operators(
    'topk',
    'self k dim',
    topk((call) => call.numbers('k')[0]),
  ),
  ...operators(
    'sort argsort msort',
    'self dim descending',
    topk((_, length) => length),
  ),
  ...operators('cumsum cumprod logcumsumexp cummax cummin', 'self dim', cumulative),
};
