import type { Attrs } from '../../operators/attributes.js';
import type { OpNode } from '../../opGraph.js';
import type { Dtype, TensorType } from '../../tensorType.js';
import type { OnnxAttribute, OnnxFunction, OnnxGraph, OnnxNode, OnnxTensor, OnnxValueInfo } from './onnxModel.js';
import type { Scope } from './scope.js';
import { constantValue, isConstant, sourcesOf, type Value } from './value.js';

/** What holds for all of a model. */
export interface ModelFacts {
  /** the file, for messages */
  where: string;
  opsets: ReadonlyMap<string, number>;
  functions: readonly OnnxFunction[];
  /** constants are named after modules, as PyTorch does: names without a dot are then tables that the exporter computed */
  namesModules: boolean;
  /** names of the parameters that were exported, those that the file leaves out too; none where it does not say */
  parameters: ReadonlySet<string>;
  /** names of the weights of convolutions that a batch norm was folded into, where it says so */
  normsInto: ReadonlySet<string>;
  /** lengths of symbolic axes */
  dims: ReadonlyMap<string, number>;
}

/** The operator graph that is being made. */
export interface Emitter {
  readonly model: ModelFacts;
  readonly nodes: OpNode[];
  /** what was taken for granted */
  readonly assumptions: Set<string>;
  /** work that the graph does not count */
  readonly warnings: string[];
  /** Adds an operator; see `Operation.addAll`. */
  add(name: string, op: string, inputs: readonly Value[], attrs: Attrs, dtype: Dtype, weights?: AddOptions['weights']): Value[];
  /** Outputs that an operator would have. */
  shapesOf(op: string, inputs: readonly Value[], attrs: Attrs, dtype: Dtype): TensorType[];
  /** A tensor from outside. */
  input(name: string, shape: readonly number[], dtype: Dtype): Value;
  /** What the file says of a tensor, where all its axes are known. */
  stated(info: OnnxValueInfo | undefined): { shape: number[]; dtype: Dtype } | undefined;
  /** Translates the nodes of a block; its outputs. */
  run(scope: Scope): Value[];
  /** An empty graph of the same model. */
  fresh(): Emitter;
}

/** Why a node is not read by its rule: it becomes opaque, with a warning. */
export class NotCovered extends Error {}

/** One node of the file as its rule sees it: operands with their shapes, attributes by type, and the operators it becomes. */
export class Operation {
  /** how many operators this node became */
  private made = 0;
  /** nothing depends on an input: shapes and values only, no operators */
  readonly folding: boolean;

  constructor(
    readonly node: OnnxNode,
    readonly inputs: readonly (Value | undefined)[],
    readonly version: number,
    readonly scope: Scope,
    readonly translator: Emitter,
  ) {
    this.folding = inputs.every((v) => v === undefined || isConstant(v));
  }

  get type(): string {
    return this.node.opType;
  }

  get name(): string {
    return this.node.name || this.node.outputs.find(Boolean) || this.node.opType;
  }

  /** Operand `i`. @throws NotCovered where the file leaves it out */
  input(i: number): Value {
    const value = this.inputs[i];
    if (!value) throw new NotCovered(`has no operand ${i}`);
    return value;
  }

  /** Operands that are there. */
  get operands(): Value[] {
    return this.inputs.filter((v) => v !== undefined);
  }

  private attribute<T>(name: string, kind: OnnxAttribute['kind']): T | undefined {
    const found = this.node.attributes.get(name);
    return found?.kind === kind && 'value' in found ? (found.value as T) : undefined;
  }
  int(name: string): number | undefined;
  int(name: string, fallback: number): number;
  int(name: string, fallback?: number): number | undefined {
    return this.attribute<number>(name, 'int') ?? fallback;
  }
  float(name: string): number | undefined {
    return this.attribute<number>(name, 'float');
  }
  ints(name: string): number[] | undefined {
    return this.attribute<number[]>(name, 'ints');
  }
  floats(name: string): number[] | undefined {
    return this.attribute<number[]>(name, 'floats');
  }
  string(name: string): string | undefined {
    return this.attribute<string>(name, 'string');
  }
  tensor(name: string): OnnxTensor | undefined {
    return this.attribute<OnnxTensor>(name, 'tensor');
  }
  graph(name: string): OnnxGraph | undefined {
    return this.attribute<OnnxGraph>(name, 'graph');
  }

  /** Numbers of operand `i`, undefined where it is left out. @throws NotCovered where they depend on an input */
  numbers(i: number): number[] | undefined {
    const value = this.inputs[i];
    if (!value) return undefined;
    const values = value.constant?.values();
    if (!values) throw new NotCovered(`operand ${i} is not known before it runs`);
    return [...values];
  }

  /** Axes, sizes and the like: an operand in newer operator sets, an attribute in older ones. */
  numbersOr(i: number, attribute: string): number[] | undefined {
    return this.numbers(i) ?? this.ints(attribute);
  }

  isRead(output: number): boolean {
    const name = this.node.outputs[output];
    return Boolean(name) && this.scope.isRead(name);
  }

  /** The first output of a new operator; see `addAll`. */
  add(op: string, inputs: readonly Value[], attrs: Attrs = {}, options: AddOptions = {}): Value {
    return this.addAll(op, inputs, attrs, options)[0];
  }

  /**
   * A new operator of the graph; while folding only its shape is worked out.
   * @param options.dtype of its output; that of its first operand unless told
   * @param options.weights constants of the file it holds as weights, whose learned values it counts
   */
  addAll(op: string, inputs: readonly Value[], attrs: Attrs = {}, options: AddOptions = {}): Value[] {
    const dtype = options.dtype ?? inputs[0]?.dtype ?? 'fp32';
    const name = this.made++ ? `${this.name}/${op}` : this.name;
    if (this.folding)
      return this.translator
        .shapesOf(op, inputs, attrs, dtype)
        .map((t) => constantValue(t.shape, t.dtype, undefined, sourcesOf([...inputs, ...(options.weights ?? [])])));
    return this.translator.add(name, op, inputs, attrs, dtype, options.weights);
  }

  /** The same elements in another shape. */
  reshape(x: Value, shape: readonly number[]): Value {
    if (shape.length === x.shape.length && shape.every((n, i) => n === x.shape[i])) return x;
    return this.add('reshape', [x], { shape: [...shape] });
  }
}

export interface AddOptions {
  dtype?: Dtype;
  weights?: readonly (Value | undefined)[];
}

/** What a node of a type becomes: its outputs in order. */
export type Rule = (op: Operation) => Value | readonly Value[];
export type Rules = Readonly<Record<string, Rule>>;
