import { positiveAxis } from '../onnxShapes.js';
import { NotCovered, type Operation, type Rule, type Rules } from '../operation.js';
import type { Value } from '../value.js';

const KINDS: Readonly<Record<string, string>> = {
  ReduceMean: 'mean',
  ReduceSum: 'sum',
  ReduceMax: 'max',
  ReduceMin: 'min',
  ReduceProd: 'prod',
  ReduceL1: 'norm',
  ReduceL2: 'norm',
  ReduceSumSquare: 'norm',
  ReduceLogSum: 'sum',
  ReduceLogSumExp: 'norm',
};

/** Axes are an attribute, in newer operator sets an operand; none: all. */
function reduce(op: Operation): Value {
  const x = op.input(0);
  const axes = op.numbersOr(1, 'axes') ?? [];
  if (!axes.length && op.int('noop_with_empty_axes', 0)) return x;
  const axis = axes.length ? axes.map((a) => positiveAxis(a, x.shape.length)) : x.shape.map((_, i) => i);
  return op.add('reduce', [x], { axis, keepDims: op.int('keepdims', 1) ? 1 : 0, kind: KINDS[op.type] });
}

const position: Rule = (op) =>
  op.add('argmax', [op.input(0)], { axis: op.int('axis', 0), keepDims: op.int('keepdims', 1) ? 1 : 0 }, { dtype: 'int64' });

function topK(op: Operation): Value[] {
  const k = op.inputs.length > 1 ? op.numbers(1)?.[0] : op.int('k');
  if (k === undefined) throw new NotCovered('k is not known before it runs');
  return op.addAll('topk', [op.input(0)], { k, axis: op.int('axis', -1) });
}

function cumulative(op: Operation): Value {
  const x = op.input(0);
  return op.add('cumsum', [x], { axis: positiveAxis(op.numbers(1)?.[0] ?? 0, x.shape.length) });
}

export const REDUCTIONS: Rules = {
  ...Object.fromEntries(Object.keys(KINDS).map((type): [string, Rule] => [type, reduce])),
  ArgMax: position,
  ArgMin: position,
  TopK: topK,
  CumSum: cumulative,
  CumProd: cumulative,
};

export const REDUCTIONS_MICROSOFT: Rules = { QLinearReduceMean: reduce };
