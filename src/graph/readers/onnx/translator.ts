import { elementCount } from '../../../core/elementCount.js';
import { HwcastError } from '../../../core/errors.js';
import type { Attrs } from '../../operators/attributes.js';
import { operatorNamed } from '../../operators/index.js';
import type { OpNode } from '../../opGraph.js';
import type { Dtype, TensorType } from '../../tensorType.js';
import { dimExpression } from '../dimExpression.js';
import { foldedValues } from './foldedValues.js';
import { MOVES_INTEGERS, quantizedAfter, RUNS_ON_INTEGERS } from './integerRegions.js';
import type { OnnxAttribute, OnnxFunction, OnnxNode, OnnxTensor, OnnxValueInfo } from './onnxModel.js';
import { type Emitter, type ModelFacts, NotCovered, Operation } from './operation.js';
import { ruleOf } from './rules/index.js';
import { type Block, inOrder, Scope } from './scope.js';
import { type Constant, constantValue, dtypeOf, isConstant, isFloat, type Value } from './value.js';

/** Types of constants that hold learned values; others are indices, shapes and masks. */
const LEARNED = /^(float|bfloat|int8|uint8|int4|uint4|int2|uint2)/;
/** Functions that call each other this deep call themselves. */
const DEEPEST_CALL = 64;

/** Makes an operator graph of the nodes of an ONNX model, one after another. */
export class Translator implements Emitter {
  readonly nodes: OpNode[] = [];
  readonly assumptions = new Set<string>();
  /** work that the graph does not count */
  readonly warnings: string[] = [];
  /** the operators that each node of the file became; none of those that are constants or pass on what they read */
  readonly madeOf = new Map<OnnxNode, readonly OpNode[]>();
  private readonly names = new Set<string>();
  private readonly counted = new Set<OnnxTensor>();
  private readonly storedReferences = new Map<unknown, string>();
  private depth = 0;

  constructor(readonly model: ModelFacts) {}

  fresh(): Emitter {
    return new Translator(this.model);
  }

  /** Translates the nodes of a block; the outputs of the block. @throws HwcastError `corrupt`, `bad-input` naming the node */
  run(scope: Scope): Value[] {
    const { block } = scope;
    for (const node of inOrder(block.nodes, this.model.where)) this.runNode(node, scope);
    return block.outputs.map((name) => {
      const value = scope.get(name);
      if (!value) throw this.corrupt(`nothing makes the output '${name}'`);
      return value;
    });
  }

  private runNode(given: OnnxNode, scope: Scope): void {
    const node = withAttributes(given, scope.block.attributes);
    const inputs = node.inputs.map((name) => {
      if (!name) return undefined;
      const value = scope.get(name);
      if (!value) throw this.corrupt(`nothing makes '${name}', which '${node.name || node.opType}' reads`);
      return value;
    });
    let outputs: readonly Value[];
    const before = this.nodes.length;
    try {
      outputs = this.outputsOf(node, inputs, scope);
    } catch (error) {
      if (!(error instanceof HwcastError) || error.where) throw error;
      throw new HwcastError(error.code, error.message, {
        where: `${this.model.where}, ${node.opType} '${node.name || node.outputs[0]}'`,
        hint: error.hint,
        cause: error,
      });
    }
    if (this.nodes.length > before) this.madeOf.set(given, this.nodes.slice(before));
    node.outputs.forEach((name, i) => {
      if (name && outputs[i]) scope.set(name, outputs[i]);
    });
  }

  private outputsOf(node: OnnxNode, inputs: readonly (Value | undefined)[], scope: Scope): readonly Value[] {
    const call = this.model.functions.find((f) => f.name === node.opType && f.domain === node.domain);
    if (call) return this.call(call, node, inputs, scope);
    const version = (scope.block.opsets ?? this.model.opsets).get(node.domain) ?? 1;
    const rule = ruleOf(node);
    if (!rule) return this.opaque(new Operation(node, inputs, version, scope, this));
    const moves = MOVES_INTEGERS.has(node.opType);
    const onIntegers =
      (moves || RUNS_ON_INTEGERS.has(node.opType)) &&
      inputs.some((v) => v?.integers) &&
      inputs.every((v) => !v || isConstant(v) || v.integers) &&
      (moves || quantizedAfter(node.outputs[0], scope));
    const operation = new Operation(node, onIntegers ? inputs.map((v) => v?.integers ?? v) : inputs, version, scope, this);
    try {
      const made = rule(operation);
      const outputs = Array.isArray(made) ? (made as readonly Value[]) : [made as Value];
      if (onIntegers) return outputs.map((y) => (isConstant(y) ? y : { shape: y.shape, dtype: 'fp32', integers: y }));
      return operation.folding ? withValues(operation, outputs) : outputs;
    } catch (error) {
      if (!(error instanceof NotCovered)) throw error;
      return this.opaque(operation, error.message);
    }
  }

  /** The nodes of a function in the place of the node that calls it. */
  private call(fn: OnnxFunction, node: OnnxNode, inputs: readonly (Value | undefined)[], caller: Scope): Value[] {
    if (this.depth > DEEPEST_CALL) throw this.corrupt(`function '${fn.name}' calls itself`);
    const attributes = new Map<string, OnnxAttribute>([...fn.defaults, ...node.attributes]);
    const inner = new Scope({ nodes: fn.nodes, outputs: fn.outputs, opsets: fn.opsets, attributes });
    fn.inputs.forEach((name, i) => {
      if (inputs[i]) inner.set(name, inputs[i]);
    });
    this.depth++;
    const outputs = this.run(inner);
    this.depth--;
    // what the caller knows of the names it gives
    node.outputs.forEach((name, i) => {
      if (name && !outputs[i]) caller.set(name, outputs[i]);
    });
    return outputs;
  }

  /** An operator that hwcast does not know, with its tensors; shapes of its outputs as the file says. */
  opaque(operation: Operation, why?: string, extra: readonly Value[] = []): Value[] {
    const { node, scope } = operation;
    const kind = node.domain ? `${node.domain}.${node.opType}` : node.opType;
    const outputs = node.outputs.filter(Boolean).map((name) => this.stated(scope.block.valueInfo?.get(name)));
    const operands = [...operation.operands, ...extra];
    const largest = operands.reduce<Value | undefined>(
      (a, b) => (a && elementCount(a.shape) >= elementCount(b.shape) ? a : b),
      undefined,
    );
    const reason = why ? ` (${why})` : '';
    const shaped = outputs.map((output) => {
      if (output) return output;
      if (!largest)
        throw new HwcastError(
          'unsupported',
          `hwcast does not know ${kind}, and the file does not say the shape it gives out${reason}`,
          {
            hint: 'run shape inference over the model (onnx.shape_inference.infer_shapes)',
          },
        );
      this.assumptions.add(`${kind}${reason}: its output has the shape of its largest operand`);
      return { shape: [...largest.shape], dtype: largest.dtype };
    });
    if (operation.folding && node.opType !== 'If' && node.opType !== 'Loop' && operands.length)
      return shaped.map((t) => constantValue(t.shape, t.dtype));
    return shaped.map((t, i) => {
      const read = i ? [] : operands.filter((v) => !isConstant(v) || elementCount(v.shape) > 1);
      return this.add(i ? `${operation.name}/${i}` : operation.name, 'opaque', read, { kind, shape: [...t.shape] }, t.dtype)[0];
    });
  }

  /** What the file says of a tensor, where all its axes are known. */
  stated(info: OnnxValueInfo | undefined): { shape: number[]; dtype: Dtype } | undefined {
    const shape = info?.dims?.map((d) => (typeof d === 'number' ? d : dimExpression(d, this.model.dims)));
    return shape?.every((d) => d !== undefined) ? { shape, dtype: dtypeOf(info!.dataType) } : undefined;
  }

  /** Outputs that an operator would have. */
  shapesOf(op: string, inputs: readonly Value[], attrs: Attrs, dtype: Dtype): TensorType[] {
    const operator = operatorNamed(op);
    const shapes = inputs.map((v) => v.shape);
    const further = operator.further?.(shapes, attrs) ?? [];
    return [
      { shape: operator.shape(shapes, attrs), dtype },
      ...further.map((t) => ({ shape: t.shape, dtype: t.dtype ?? dtype })),
    ];
  }

  /** Adds an operator; see `Operation.addAll`. */
  add(
    name: string,
    op: string,
    inputs: readonly Value[],
    attrs: Attrs,
    dtype: Dtype,
    weights?: readonly (Value | undefined)[],
  ): Value[] {
    const outputs = this.shapesOf(op, inputs, attrs, dtype);
    const references = inputs.map((v) => this.reference(v));
    const node: OpNode = {
      id: this.newName(name),
      op,
      inputs: references,
      attrs,
      shape: [...outputs[0].shape],
      dtype,
    };
    if (outputs.length > 1) node.furtherOutputs = outputs.slice(1).map((t) => ({ shape: [...t.shape], dtype: t.dtype }));
    if (weights) {
      const learned = this.count(weights);
      if (learned !== operatorNamed(op).cost(node, inputs).params) node.attrs = { ...attrs, params: learned };
    }
    this.nodes.push(node);
    return outputs.map((t, i) => ({ ...t, reference: i ? `${node.id}:${i}` : node.id }));
  }

  /** A tensor from outside. */
  input(name: string, shape: readonly number[], dtype: Dtype): Value {
    return this.add(name, 'input', [], { shape: [...shape] }, dtype)[0];
  }

  /** Where a tensor is in the graph; constants become `stored`, dequantized forms are made when they are first asked for. */
  reference(value: Value): string {
    if (value.reference !== undefined) return value.reference;
    if (value.integers) {
      value.reference = this.add('dequantize', 'dequantize', [value.integers], {}, value.dtype)[0].reference!;
      return value.reference;
    }
    if (!value.constant) throw new NotCovered('reads what is no tensor');
    // equal vectors, such as biases of zeros, are one constant in many files: each reader counts its own
    const isVector = value.shape.length === 1;
    const known = isVector ? undefined : this.storedReferences.get(value.constant);
    if (known) return known;
    const params = isFloat(value.dtype) ? this.learnedIn(value.constant) : 0;
    const [source] = value.constant.sources;
    const attrs: Attrs = { shape: [...value.shape], ...(params ? { params } : {}) };
    const [made] = this.add(source?.name || 'constant', 'stored', [], attrs, value.constant.storedDtype ?? value.dtype);
    if (!isVector) this.storedReferences.set(value.constant, made.reference!);
    return made.reference!;
  }

  /** Learned values of a constant that an operator reads as an operand; tables that an exporter computed are not learned. */
  private learnedIn(constant: Constant): number {
    let learned = 0;
    for (const source of constant.sources) {
      if (!LEARNED.test(source.dataType)) continue;
      if (source.dims.length > 1 && this.model.namesModules && !source.name.includes('.')) continue;
      learned += this.countOnce(source, source.dims.length === 1);
    }
    return learned;
  }

  /** Learned values that an operator holds as weights; those of matrices that an earlier one holds count there, with the vectors beside them. */
  private count(weights: readonly (Value | undefined)[]): number {
    const constants = weights.flatMap((w) => (w?.constant ? [{ shape: w.shape, sources: [...w.constant.sources] }] : []));
    const sources = constants.flatMap((c) => c.sources);
    const shared = sources.some((s) => s.dims.length > 1 && this.counted.has(s));
    let learned = 0;
    for (const source of sources) learned += this.countOnce(source, source.dims.length === 1 && !shared);
    // weights that the file leaves to be made
    for (const { shape, sources: made } of constants) if (!made.length && elementCount(shape) > 1) learned += elementCount(shape);
    return learned;
  }

  private countOnce(source: OnnxTensor, again: boolean): number {
    if (this.counted.has(source) && !again) return 0;
    this.counted.add(source);
    return elementCount(source.dims);
  }

  /** Names of the file, without what stands for an output in references, each once. */
  private newName(name: string): string {
    const base = name.replaceAll(':', '_');
    let unique = base;
    for (let i = 1; this.names.has(unique); i++) unique = `${base}_${i}`;
    this.names.add(unique);
    return unique;
  }

  private corrupt(why: string): HwcastError {
    return new HwcastError('corrupt', why, { where: this.model.where, hint: 'the file is cut, or was not written whole' });
  }
}

/** Values of outputs that depend on constants only. */
function withValues(operation: Operation, outputs: readonly Value[]): readonly Value[] {
  return outputs.map((y, i) => {
    // what a rule has made of values itself stays
    if (!isConstant(y) || operation.operands.includes(y) || y.constant.values()) return y;
    const { storedDtype, sources } = y.constant;
    const folded = constantValue(y.shape, y.dtype, () => foldedValues(operation, y.shape, i), sources);
    return storedDtype ? { ...folded, constant: { ...folded.constant!, storedDtype } } : folded;
  });
}

function withAttributes(node: OnnxNode, given: Block['attributes']): OnnxNode {
  if (!given || ![...node.attributes.values()].some((a) => a.kind === 'reference')) return node;
  const attributes = new Map<string, OnnxAttribute>();
  for (const [name, attribute] of node.attributes) {
    const meant = attribute.kind === 'reference' ? given.get(attribute.value) : attribute;
    if (meant) attributes.set(name, meant);
  }
  return { ...node, attributes };
}
