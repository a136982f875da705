import { z } from 'zod';
import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';
import { DTYPE_BYTES, type Dtype, type Shape, type TensorType, tensorBytes } from '../tensorType.js';
import { type Attrs, COMMON, type CommonAttributes, Misfit, misfitOf } from './attributes.js';
import type { OnnxForm, OnnxSite } from './onnxForm.js';
import { sameShape } from './shapes.js';
import type { TfjsKernel, TfjsNode } from './tfjsKernel.js';

/** Kinds of operators that cost differently; `pass` costs an eager framework nothing on the device. */
export const OPERATOR_CLASSES = [
  'conv',
  'pointwise',
  'depthwise',
  'grouped',
  'gemm',
  'attention',
  'pool',
  'activation',
  'norm',
  'add',
  'zero',
  'pass',
  'other',
] as const;
export type OperatorClass = (typeof OPERATOR_CLASSES)[number];

/**
 * What a compiler makes of an operator. `free`: no kernel, its output is a view of its input; `open`: a kernel that elementwise operators are
 * appended to; `elementwise`: one output element from one of each operand, joins the kernel of an operand; `rowwise`: a reduction over a row, joins
 * chains of elementwise operators only; `closed`: a finished library call that nothing joins.
 */
export type KernelClass = 'free' | 'open' | 'elementwise' | 'rowwise' | 'closed';

/**
 * What the value of an operator is to a compiler. `given` from outside; `stored` in the model; `passed` on unchanged; `constant` whatever it reads; a `sum`, which passes
 * on the one operand left when the others are constant; `computed` from its operands.
 */
export type ValueRule = 'given' | 'stored' | 'passed' | 'constant' | 'sum' | 'computed';

/** Work of one operator, as its definition states it; what is left out is 0 or follows from the tensors. */
export interface Work {
  /** multiply-accumulates; each counts as 2 floating-point operations */
  macs?: number;
  /** floating-point operations beside the multiply-accumulates */
  flops?: number;
  /** learned values */
  params?: number;
  /** learned values that are read; all unless told */
  paramsRead?: number;
  /** elements of the output's type that are read; all of every operand unless told */
  elementsRead?: number;
}

/** Arithmetic and traffic of one operator, each tensor counted once. */
export interface OperatorCost {
  /** multiply-accumulates */
  macs: number;
  /** floating-point operations; a multiply-accumulate counts 2 */
  flops: number;
  /** learned values */
  params: number;
  /** bytes of activations read */
  bytesIn: number;
  /** bytes of activations written */
  bytesOut: number;
  /** bytes of weights read */
  bytesWeights: number;
  /** bytes that the learned values take in memory */
  bytesResident: number;
}

/** A further output of an operator, after the first; of the node's element type unless told. */
export interface FurtherOutput {
  readonly shape: Shape;
  readonly dtype?: Dtype;
}

/** The node that an operator is asked about. */
export interface NodeTensors extends TensorType {
  readonly attrs: Attrs;
  readonly furtherOutputs?: readonly TensorType[];
}

/** An operator as its family defines it; `A` are its attributes with defaults filled in. A new operator is one of these and one line in a family. */
export interface OperatorSpec<A> {
  /** one line for people */
  about: string;
  /** least and most tensors it reads; one unless told */
  operands?: readonly [number, number];
  /** Shape of the first output. `stated` is the shape the node states, for operators whose output does not follow. @throws Misfit */
  shape(inputs: readonly Shape[], attrs: A, stated?: Shape): Shape;
  /** outputs after the first */
  further?(inputs: readonly Shape[], attrs: A): readonly FurtherOutput[];
  /** arithmetic and parameters; none unless told */
  work?(inputs: readonly TensorType[], attrs: A, output: TensorType): Work;
  kernel: KernelClass;
  /** `computed` unless told */
  value?: ValueRule;
  /** it has weights of its own: two of them on the same tensor compute different things */
  weighted?: boolean;
  feature: OperatorClass | ((inputs: readonly TensorType[], attrs: A) => OperatorClass);
  /** operators of one class that read the same tensor and agree in this text may run as one kernel */
  sibling?(attrs: A): string;
  /** set where hwcast does not know what the operator computes: its name */
  unknown?(attrs: A): string | undefined;
  /** its first operand holds indices below this */
  indexLimit?(attrs: A): number;
  /** the output shape that canonical texts leave out; texts state every other one. `shape` unless told; none: always stated */
  textShape?(inputs: readonly Shape[], attrs: A): Shape | undefined;
  tfjs?: TfjsKernel<A>;
  onnx?: OnnxForm<A>;
}

/** An operator as the rest of the program asks it; attributes come as the node holds them and are checked once. */
export interface Operator {
  readonly name: string;
  readonly about: string;
  readonly attributeNames: readonly string[];
  readonly kernel: KernelClass;
  readonly value: ValueRule;
  readonly weighted: boolean;
  /** hwcast does not know what it computes */
  readonly isUnknown: boolean;
  /** @throws HwcastError `bad-input` naming operator, attribute, operands and what to do. */
  shape(inputs: readonly Shape[], attrs: Attrs, stated?: Shape): Shape;
  /** outputs after the first; undefined for operators of one output */
  readonly further: ((inputs: readonly Shape[], attrs: Attrs) => readonly FurtherOutput[]) | undefined;
  /** @throws HwcastError `bad-input` where attributes or operands do not fit. */
  cost(node: NodeTensors, inputs: readonly TensorType[]): OperatorCost;
  /** element type the arithmetic runs in, where it is not the output's */
  computeDtype(attrs: Attrs): Dtype | undefined;
  featureClass(inputs: readonly TensorType[], attrs: Attrs): OperatorClass;
  sibling(attrs: Attrs): string;
  unknown(attrs: Attrs): string | undefined;
  indexLimit(attrs: Attrs): number | undefined;
  textShape(inputs: readonly Shape[], attrs: Attrs): Shape | undefined;
  /** both are undefined where TensorFlow.js has no kernel for it */
  readonly tfjsLayout: TfjsKernel<unknown>['layout'] | undefined;
  readonly prepareTfjs: ((node: TfjsNode<Attrs>) => ReturnType<TfjsKernel<unknown>['prepare']>) | undefined;
  /** undefined where it has no form in ONNX */
  readonly writeOnnx: OnnxForm<Attrs> | undefined;
}

const NO_WORK: Work = Object.freeze({});
const NO_COST: OperatorCost = Object.freeze({
  macs: 0,
  flops: 0,
  params: 0,
  bytesIn: 0,
  bytesOut: 0,
  bytesWeights: 0,
  bytesResident: 0,
});

type Typed<S extends z.ZodRawShape> = z.output<z.ZodObject<S>> & CommonAttributes;
type WeightTypes = { weightDtype?: Dtype; computeDtype?: Dtype; params?: number };

/** Attributes as an operator's code reads them, defaults filled in; an object of attributes is checked once, the schema made when it is needed. */
function checker<A>(makeSchema: () => z.ZodType<A>, names: readonly string[]): (attrs: Attrs) => A {
  let schema: z.ZodType<A> | undefined;
  return remembered((attrs) => {
    schema ??= makeSchema();
    const parsed = schema.safeParse(attrs);
    if (!parsed.success) throw misfitOf(attrs, names, parsed.error);
    return parsed.data;
  });
}

/** A function of attributes, asked once for each object of them. */
function remembered<T>(ask: (attrs: Attrs) => T): (attrs: Attrs) => T {
  const answers = new WeakMap<Attrs, { answer: T }>();
  return (attrs) => {
    let entry = answers.get(attrs);
    if (!entry) {
      entry = { answer: ask(attrs) };
      answers.set(attrs, entry);
    }
    return entry.answer;
  };
}

/** What does not fit, as an error that names the operator and its operands; other errors as they are. */
function located(name: string, error: unknown, inputs: readonly Shape[]): unknown {
  if (!(error instanceof Misfit)) return error;
  const operands = inputs.length ? ` (inputs ${inputs.map((s) => `[${s}]`).join(' ')})` : '';
  return new HwcastError('bad-input', `${name}: ${error.message}${operands}`, { hint: error.hint, cause: error });
}

/** The first output's shape; operands and a stated shape must fit. @throws Misfit */
function shapeBy<A extends CommonAttributes>(spec: OperatorSpec<A>, inputs: readonly Shape[], a: A, stated?: Shape): Shape {
  const made = spec.shape(inputs, a, stated);
  if (a.shape && !sameShape(a.shape, made)) throw new Misfit(`attrs.shape is [${a.shape}], it makes [${made}]`);
  return made;
}

/** @throws Misfit */
function checkOperands([least, most]: readonly [number, number], count: number): void {
  if (count < least) throw new Misfit(least === 1 ? 'needs an input' : `needs ${least} inputs, has ${count}`);
  if (count > most) throw new Misfit(`takes ${most} ${most === 1 ? 'input' : 'inputs'}, has ${count}`);
}

/** A tensor of the model only lies there: what reads it counts its traffic. */
function residentCost({ params = 0 }: WeightTypes, node: TensorType): OperatorCost {
  const elements = Math.max(params, elementCount(node.shape));
  return { ...NO_COST, params, bytesResident: elements * DTYPE_BYTES[node.dtype] };
}

/** The cost of a node by the work of its operator. @throws Misfit */
function costBy<A>(spec: OperatorSpec<A>, a: A, node: NodeTensors, inputs: readonly TensorType[]): OperatorCost {
  const { macs = 0, flops = 0, params: all = 0, paramsRead = all, elementsRead } = spec.work?.(inputs, a, node) ?? NO_WORK;
  const width = DTYPE_BYTES[node.dtype];
  const { weightDtype, params = all } = a as WeightTypes;
  const weightWidth = weightDtype ? DTYPE_BYTES[weightDtype] : width;
  let bytesIn = 0;
  if (elementsRead !== undefined) bytesIn = elementsRead * width;
  else for (const tensor of inputs) bytesIn += tensorBytes(tensor);
  let bytesOut = elementCount(node.shape) * width;
  if (node.furtherOutputs) for (const tensor of node.furtherOutputs) bytesOut += tensorBytes(tensor);
  const total = 2 * macs + flops;
  if (!Number.isFinite(total + params + bytesIn + bytesOut)) throw new Misfit('its cost is no number');
  return {
    macs,
    flops: total,
    params,
    bytesIn,
    bytesOut,
    bytesWeights: paramsRead * weightWidth,
    bytesResident: params * weightWidth,
  };
}

/**
 * Defines an operator.
 *
 *     export const linear = operator('linear', {
 *       about: '..', attributes: { outFeatures: whole(1), bias: flag(0) }, kernel: 'open', weighted: true, feature: 'gemm',
 *       shape: ([x], a) => [...x.slice(0, -1), a.outFeatures],
 *       work: ([x], a, y) => ({ macs: elementCount(y.shape) * last(x.shape), params: .. }),
 *     });
 */
export function operator<S extends z.ZodRawShape>(name: string, spec: OperatorSpec<Typed<S>> & { attributes?: S }): Operator {
  type A = Typed<S>;
  const attributeNames = Object.keys({ ...spec.attributes, ...COMMON });
  const schema = () => z.strictObject({ ...COMMON, ...spec.attributes }) as unknown as z.ZodType<A>;
  const typed = checker(schema, attributeNames);
  const operands = spec.operands ?? [1, 1];
  const ofShapes = (inputs: readonly Shape[]) => inputs;
  const ofTensors = (inputs: readonly TensorType[]) => inputs.map((t) => t.shape);

  /** `ask` with attributes checked and errors located. */
  function guarded<I extends readonly unknown[], T>(shapesOf: (inputs: I) => readonly Shape[], ask: (inputs: I, attrs: A) => T) {
    return (inputs: I, attrs: Attrs): T => {
      try {
        return ask(inputs, typed(attrs));
      } catch (error) {
        throw located(name, error, shapesOf(inputs));
      }
    };
  }
  function ofAttrs<T>(ask: (attrs: A) => T): (attrs: Attrs) => T {
    const run = guarded(ofShapes, (_, attrs) => ask(attrs));
    return (attrs) => run([], attrs);
  }

  const { feature, tfjs, onnx } = spec;
  return {
    name,
    about: spec.about,
    attributeNames,
    kernel: spec.kernel,
    value: spec.value ?? 'computed',
    weighted: spec.weighted ?? false,
    isUnknown: spec.unknown !== undefined,
    shape(inputs, attrs, stated) {
      try {
        checkOperands(operands, inputs.length);
        return shapeBy(spec, inputs, typed(attrs), stated);
      } catch (error) {
        throw located(name, error, inputs);
      }
    },
    further: spec.further && guarded(ofShapes, spec.further),
    cost(node, inputs) {
      if (spec.value === 'stored') return residentCost(typed(node.attrs) as WeightTypes, node);
      if (spec.kernel === 'free') return NO_COST;
      try {
        return costBy(spec, typed(node.attrs), node, inputs);
      } catch (error) {
        throw located(name, error, ofTensors(inputs));
      }
    },
    computeDtype: ofAttrs((attrs) => (attrs as WeightTypes).computeDtype),
    featureClass: typeof feature === 'string' ? () => feature : guarded(ofTensors, feature),
    sibling: spec.sibling ? remembered(ofAttrs(spec.sibling)) : () => '',
    unknown: ofAttrs((attrs) => spec.unknown?.(attrs)),
    indexLimit: ofAttrs((attrs) => spec.indexLimit?.(attrs)),
    textShape: guarded(ofShapes, (inputs, attrs) => (spec.textShape ?? spec.shape)(inputs, attrs)),
    tfjsLayout: tfjs?.layout,
    prepareTfjs: tfjs && ((node) => tfjs.prepare({ ...node, attrs: typed(node.attrs) })),
    writeOnnx: onnx && ((site: OnnxSite<Attrs>, tensors) => onnx({ ...site, attrs: typed(site.attrs) }, tensors)),
  };
}
