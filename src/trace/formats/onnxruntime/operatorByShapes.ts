import type { MappedOp } from '../../../graph/operatorText.js';
import { nodeOperators, type RunOperand } from '../../../graph/readers/onnx/nodeOperators.js';
import type { OnnxAttribute } from '../../../graph/readers/onnx/onnxModel.js';
import { tensorBytes } from '../../../graph/tensorType.js';
import { headOperator } from '../../headOperator.js';
import { isRoundedUp } from './isRoundedUp.js';
import type { NodeRun } from './onnxruntimeEvents.js';

/** Operators whose work follows from the shapes of what they read and give: without attributes, or with such as change no work. */
const PLAIN = new Set(
  `Add Sub Mul Div Mod Pow Sqrt Reciprocal Neg Abs Exp Log Erf Sign Sin Cos Floor Ceil Round Min Max Sum Mean Where Equal Greater GreaterOrEqual
  Less LessOrEqual And Or Not IsNaN IsInf Relu LeakyRelu PRelu Elu Selu Celu Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign Mish Clip Gelu
  FastGelu QuickGelu BiasGelu BiasSplitGelu LayerNormalization SimplifiedLayerNormalization SkipLayerNormalization
  SkipSimplifiedLayerNormalization BatchNormalization Identity Cast MatMul ReorderInput ReorderOutput`.split(/\s+/),
);
/** Their second operand holds the shape that they give out. */
const SHAPED = new Set(['Reshape', 'Expand']);
/** Products of matrices of which either may be turned; which, follows from the shapes or makes no difference to the work. */
const PRODUCTS = new Set(['Gemm', 'FusedGemm', 'FusedMatMul', 'MatMul']);

/**
 * The operator of a node that no model tells of, from its shapes alone.
 * @returns why it cannot be told, where it cannot
 */
export function operatorByShapes(run: NodeRun): MappedOp | string {
  const { operator, inputs, outputs } = run;
  if (!inputs) return 'operators without recorded shapes';
  if (!outputs.length) return `${operator}: the profile does not say what it gives out`;
  const operands = operandsOf(run),
    tries = attributesOf(run);
  if (!tries.length) return `${operator}: its attributes are in the model; give its ONNX file with --model`;
  for (const attributes of tries) {
    const made = nodeOperators({ opType: operator, operands, outputs, attributes });
    if (!made || !isRoundedUp(made.shape, outputs[0].shape)) continue;
    const head = headOperator(made.graph, made.graph.nodes);
    if (head?.op !== 'opaque') return head ?? `${operator}: it gives out what it reads`;
  }
  return `${operator}: its shapes do not tell what it computes`;
}

/** Attributes to try, most likely first; none for operators whose attributes cannot be told. */
function attributesOf({ operator, inputs, outputs }: NodeRun): ReadonlyMap<string, OnnxAttribute>[] {
  const whole = (values: Record<string, number>): ReadonlyMap<string, OnnxAttribute> =>
    new Map(Object.entries(values).map(([name, value]) => [name, { kind: 'int', value }]));
  if (PRODUCTS.has(operator))
    return [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ].map(([transA, transB]) => whole({ transA, transB }));
  if (operator === 'ReorderOutput') return [whole({ channels: outputs[0].shape[1] })];
  if (operator === 'Split' || operator === 'Concat') {
    const axis = inputs![0]?.shape.findIndex((n, i) => n !== outputs[0].shape[i]);
    return axis >= 0 ? [whole({ axis })] : [];
  }
  return PLAIN.has(operator) || SHAPED.has(operator) ? [new Map()] : [];
}

/** Operands with what is known of constants: sizes to give out, weights that the runtime packed away, and those that its bytes of parameters tell. */
function operandsOf({ operator, inputs, outputs, parameterBytes }: NodeRun): RunOperand[] {
  const operands: RunOperand[] = [];
  let left = parameterBytes;
  // from the last: what is learned stands behind what is read
  for (const tensor of [...inputs!].reverse()) {
    const isParameter = operands.length < inputs!.length - 1 && tensorBytes(tensor) <= left;
    if (isParameter) left -= tensorBytes(tensor);
    operands.unshift({ shape: tensor.shape, dtype: tensor.dtype, constant: isParameter });
  }
  if (operator === 'Split') {
    const sizes = outputs.map((o) => o.shape[inputs![0].shape.findIndex((n, i) => n !== o.shape[i])]);
    operands.splice(1, 1, { shape: [sizes.length], dtype: 'int64', values: sizes });
  }
  if (SHAPED.has(operator) && operands.length === 2) operands[1] = { ...operands[1], values: outputs[0].shape };
  if (PRODUCTS.has(operator) && operands.length === 1) {
    const { shape, dtype } = operands[0];
    operands.push({ shape: [shape[shape.length - 1], outputs[0].shape[outputs[0].shape.length - 1]], dtype, constant: true });
  }
  return operands;
}
