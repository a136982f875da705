import type { Scope } from './scope.js';

/** Operators that hand on or choose elements: integers stay integers through them. */
export const MOVES_INTEGERS: ReadonlySet<string> = new Set([
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Slice',
  'Gather',
  'Split',
  'Expand',
  'Tile',
  'MaxPool',
  'DepthToSpace',
  'SpaceToDepth',
  'Identity',
  'Dropout',
]);

/** Operators that runtimes compute on integers where their result is quantized again. */
export const RUNS_ON_INTEGERS: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'Relu',
  'Clip',
  'LeakyRelu',
  'Sigmoid',
  'HardSigmoid',
  'HardSwish',
  'Softmax',
  'AveragePool',
  'GlobalAveragePool',
  'ReduceMean',
  'Concat',
  'Pad',
  'Resize',
  'Where',
  'ConvTranspose',
]);

/** True where the one reader of a tensor quantizes it, or an activation between does. */
export function quantizedAfter(name: string, scope: Scope): boolean {
  const reader = scope.onlyReader(name);
  if (!reader) return false;
  if (reader.opType === 'QuantizeLinear') return reader.inputs[0] === name;
  return ['Relu', 'Clip', 'LeakyRelu'].includes(reader.opType) && quantizedAfter(reader.outputs[0], scope);
}
