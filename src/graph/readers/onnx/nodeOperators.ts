import { HwcastError } from '../../../core/errors.js';
import type { OpGraph } from '../../opGraph.js';
import type { Shape, TensorType } from '../../tensorType.js';
import type { OnnxAttribute, OnnxNode, OnnxValueInfo } from './onnxModel.js';
import { ruleOf } from './rules/index.js';
import { Scope } from './scope.js';
import { Translator } from './translator.js';
import { constantValue, integers } from './value.js';

/** The newest versions whose rules are read. */
const OPSETS: ReadonlyMap<string, number> = new Map([
  ['', 23],
  ['com.microsoft', 1],
]);

/** An operand of a node that ran: a tensor, or a constant of the model with its values where it holds sizes. */
export interface RunOperand extends TensorType {
  constant?: boolean;
  values?: readonly number[];
}

/** A node as it ran, outside its model. */
export interface NodeRunTypes {
  opType: string;
  operands: readonly RunOperand[];
  outputs: readonly (TensorType & { dataType: string })[];
  attributes?: ReadonlyMap<string, OnnxAttribute>;
}

/** The domain whose rules read an operator: ONNX's own, else that of ONNX Runtime's optimisers, else its blocked layouts; undefined where none does. */
export const domainOfOperator = (opType: string): string | undefined =>
  ['', 'com.microsoft', 'com.microsoft.nchwc'].find((domain) => ruleOf({ opType, domain } as OnnxNode) !== undefined);

/**
 * The operators that one node becomes on its own, by the rules of the reader of ONNX, and the shape it gives out by them.
 * @returns undefined where no rule reads it, or its operands do not fit the rule
 */
export function nodeOperators({
  opType,
  operands,
  outputs,
  attributes = new Map(),
}: NodeRunTypes): { graph: OpGraph; shape: Shape } | undefined {
  const domain = domainOfOperator(opType);
  if (domain === undefined || !outputs.length) return undefined;
  const inputs = operands.map((_, i) => `x${i}`),
    names = outputs.map((_, i) => `y${i}`),
    node: OnnxNode = { name: 'y', opType, domain, inputs, outputs: names, attributes };
  const valueInfo = new Map(
    outputs.map(({ shape, dataType }, i): [string, OnnxValueInfo] => [names[i], { name: names[i], dataType, dims: [...shape] }]),
  );
  const translator = new Translator({
      where: opType,
      opsets: OPSETS,
      functions: [],
      namesModules: false,
      dims: new Map(),
      parameters: new Set(),
      normsInto: new Set(),
    }),
    scope = new Scope({ nodes: [node], outputs: [names[0]], valueInfo });
  operands.forEach(({ shape, dtype, constant, values }, i) => {
    const value = values
      ? integers(values)
      : constant
        ? constantValue(shape, dtype)
        : translator.input(inputs[i], [...shape], dtype);
    scope.set(inputs[i], value);
  });
  try {
    const [made] = translator.run(scope);
    return { graph: { nodes: translator.nodes, outputs: [translator.reference(made)] }, shape: made.shape };
  } catch (error) {
    // operands that do not fit the rule: the attributes that ran are not known
    if (error instanceof HwcastError) return undefined;
    throw error;
  }
}
