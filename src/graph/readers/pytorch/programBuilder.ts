import { elementCount } from '../../../core/elementCount.js';
import { HwcastError } from '../../../core/errors.js';
import { type AtenTensor, type Made, Unusable } from '../../aten/atenCall.js';
import { atenOperator } from '../../aten/atenTable.js';
import type { GraphBuilder } from '../../graphBuilder.js';
import type { Attrs } from '../../operators/attributes.js';
import { operatorNamed } from '../../operators/index.js';
import { sameShape } from '../../operators/shapes.js';
import type { Dtype, Shape } from '../../tensorType.js';
import { handedOver, subgraphsOf } from './higherOrder.js';
import { ProgramCall, tensorNames } from './programCall.js';
import type { ProgramGraph, ProgramNode } from './programSchema.js';
import type { ProgramScope, ProgramValue } from './programScope.js';
import { type StoredValue, storedOperand, takeElements } from './storedTensors.js';

/** Namespaces whose operators the table of ATen operators speaks of. */
const TABLED = new Set(['aten', 'quantized_decomposed', 'torchao', 'torchvision']);
/** Operators that only run the graph inside them, under some setting. */
const INLINED =
  /^(wrap|wrap_with_set_grad_enabled|wrap_with_autocast|wrap_activation_checkpoint|tag_activation_checkpoint|invoke_subgraph|hints_wrapper)$/;
const INTEGERS: readonly Dtype[] = ['int8', 'uint8', 'int4'];

/** Adds the nodes of exported programs to an operator graph. */
export class ProgramBuilder {
  /** what is not counted, and why, for people */
  readonly notes: string[] = [];

  constructor(private readonly graph: GraphBuilder) {}

  /** Nodes of a graph in order; its inputs have values. */
  addGraph(scope: ProgramScope): void {
    for (const node of scope.graph.nodes) this.addNode(node, scope);
  }

  /** How other nodes refer to a tensor; undefined for a name that stands for none. */
  referenceTo(name: string, scope: ProgramScope): string | undefined {
    const value = scope.values.get(name);
    if (!value) return undefined;
    return 'reference' in value ? value.reference : storedOperand(value.stored, this.graph);
  }

  private addNode(node: ProgramNode, scope: ProgramScope): void {
    const names = node.outputs.flatMap(tensorNames);
    if (!names.length) return;
    const [namespace, name = ''] = node.target.replace(/^torch\.ops\./, '').split('.');
    const subgraphs = subgraphsOf(node, scope.where);
    if (namespace === 'higher_order' && INLINED.test(name) && subgraphs.length === 1) {
      this.inline(node, names, subgraphs[0], scope);
      return;
    }
    const kind = `${namespace}::${name}`;
    const known = kind === 'higher_order::flex_attention' ? FLEX : TABLED.has(namespace) ? atenOperator(name) : undefined;
    const call = new ProgramCall(node, known?.signature ?? [], scope);
    const value = known && this.attempt(kind, () => this.place(known.rule(call), call, scope));
    if (value) this.nameOutputs(names, value, scope);
    else this.addOpaque(kind, names, call, subgraphs, scope);
    // later nodes read the changed tensor
    const self = node.inputs[0] && tensorNames(node.inputs[0].arg)[0];
    const changed = scope.values.get(names[0]);
    if (self && changed && /[a-z0-9]_$/.test(name)) scope.values.set(self, changed);
  }

  /** What `make` makes; undefined, with a note, where a rule does not fit. */
  private attempt<T>(kind: string, make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      const isMisfit = error instanceof Unusable || (error instanceof HwcastError && error.code === 'bad-input' && !error.where);
      if (!isMisfit) throw error;
      this.note(`${kind} is opaque where ${error.message}`);
      return undefined;
    }
  }

  private note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** Adds the node that a rule makes, with reshapes around it where shapes ask for them; views of stored tensors stay stored. */
  private place(made: Made, call: ProgramCall, scope: ProgramScope): ProgramValue {
    const [output] = call.outputs;
    const stored = made.inputs.length === 1 ? storedValue(made.inputs[0], scope) : undefined;
    if (stored && (made.op === 'view' || made.op === 'dequantize'))
      return { stored: { tensor: stored.tensor, shape: output.shape, dtype: output.dtype } };
    const inputs = made.inputs.map((t) => this.operand(t, scope));
    const shapes = inputs.map((reference) => this.graph.shapeOf(reference));
    const attrs = this.withShape(made.op, shapes, this.withWeights(made, shapes, output, scope), made.shape ?? output.shape);
    const reference = this.graph.add(made.op, inputs, attrs, output.dtype);
    const shape = this.graph.shapeOf(reference);
    if (sameShape(shape, output.shape)) return { reference };
    const isWhole = elementCount(shape) === elementCount(output.shape);
    return { reference: this.graph.add(isWhole ? 'reshape' : 'view', [reference], { shape: [...output.shape] }, output.dtype) };
  }

  /** Attributes with the output's shape where it does not follow, or follows in another form. */
  private withShape(op: string, shapes: readonly Shape[], attrs: Attrs, expected: Shape): Attrs {
    const operator = operatorNamed(op);
    const stated = { ...attrs, shape: [...expected] };
    let natural: Shape;
    try {
      natural = operator.shape(shapes, attrs);
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error;
      operator.shape(shapes, stated);
      return stated;
    }
    if (sameShape(natural, expected)) return attrs;
    try {
      operator.shape(shapes, stated);
      return stated;
    } catch (error) {
      if (!(error instanceof HwcastError) || elementCount(natural) !== elementCount(expected)) throw error;
      return attrs;
    }
  }

  /** Attributes with what the weights of an operator are: how many count here, and their element type. */
  private withWeights(made: Made, shapes: readonly Shape[], output: AtenTensor, scope: ProgramScope): Attrs {
    const operator = operatorNamed(made.op);
    if (!made.weights || !operator.attributeNames.includes('params')) return made.attrs;
    const values = made.weights.flatMap((t) => storedValue(t, scope) ?? []);
    const params = values.reduce((sum, value) => sum + takeElements(value), 0);
    const attrs: Record<string, Attrs[string]> = { ...made.attrs };
    const weightDtype = values[0]?.tensor.dtype;
    if (weightDtype && weightDtype !== output.dtype && operator.attributeNames.includes('weightDtype')) {
      attrs.weightDtype = weightDtype;
      const before = this.typeBehind(made.inputs[0], scope);
      if (
        INTEGERS.includes(weightDtype) &&
        before &&
        INTEGERS.includes(before) &&
        operator.attributeNames.includes('computeDtype')
      )
        attrs.computeDtype = 'int8';
    }
    const inputs = made.inputs.map((t, i) => ({ shape: shapes[i], dtype: t.dtype }));
    const natural = operator.cost({ attrs, shape: made.shape ?? output.shape, dtype: output.dtype }, inputs).params;
    return natural === params ? attrs : { ...attrs, params };
  }

  /** Element type that a tensor had before it was made real numbers. */
  private typeBehind(tensor: AtenTensor, scope: ProgramScope): Dtype | undefined {
    const reference = tensor.ref && this.referenceTo(tensor.ref, scope);
    const node = this.graph.nodes.find((n) => n.id === reference);
    return node?.op === 'dequantize' ? this.graph.nodes.find((n) => n.id === node.inputs[0])?.dtype : undefined;
  }

  /** A tensor as an operand, in the shape that the rule asks for. */
  private operand(tensor: AtenTensor, scope: ProgramScope): string {
    const reference = tensor.ref === undefined ? undefined : this.referenceTo(tensor.ref, scope);
    if (reference === undefined)
      throw new HwcastError('corrupt', `a node reads '${tensor.ref}', which does not stand before it`, { where: scope.where });
    const shape = this.graph.shapeOf(reference);
    if (sameShape(shape, tensor.shape)) return reference;
    const op = elementCount(shape) === elementCount(tensor.shape) ? 'reshape' : 'view';
    return this.graph.add(op, [reference], { shape: [...tensor.shape] }, tensor.dtype);
  }

  /** Names of a node's results: the first is the value, others its further outputs, or come with it. */
  private nameOutputs(names: readonly string[], value: ProgramValue, scope: ProgramScope): void {
    names.forEach((name, k) => {
      if ('stored' in value) {
        const { shape, dtype } = scope.tensor(name);
        scope.values.set(name, { stored: { tensor: value.stored.tensor, shape, dtype } });
      } else if (k === 0) scope.values.set(name, value);
      else scope.values.set(name, { reference: this.further(value.reference, name, k, scope) });
    });
  }

  private further(reference: string, name: string, k: number, scope: ProgramScope): string {
    const { shape, dtype } = scope.tensor(name);
    const own = this.graph.nodes.find((n) => n.id === reference);
    const output = own?.furtherOutputs?.[k - 1];
    if (output && sameShape(output.shape, shape)) return `${reference}:${k}`;
    // parts of one tensor are views of what was split
    const from = own?.op === 'view' ? own.inputs[0] : reference;
    return this.graph.add('view', [from], { shape }, dtype);
  }

  /** What hwcast does not know: its tensors count, its arithmetic does not. */
  private addOpaque(
    kind: string,
    names: string[],
    call: ProgramCall,
    inside: readonly ProgramGraph[],
    scope: ProgramScope,
  ): void {
    const hidden = inside.reduce((sum, graph) => sum + graph.nodes.length, 0);
    if (hidden) this.note(`${kind} is opaque: the ${hidden} operators inside it are not counted`);
    const inputs = call.tensors().map((t) => this.operand(t, scope));
    const largest = call.outputs.reduce((a, b) => (elementCount(b.shape) > elementCount(a.shape) ? b : a));
    const reference = this.graph.add('opaque', inputs, { kind, shape: [...largest.shape] }, largest.dtype);
    for (const name of names) {
      const { shape, dtype } = scope.tensor(name);
      const value = name === largest.ref ? reference : this.graph.add('view', [reference], { shape }, dtype);
      scope.values.set(name, { reference: value });
    }
  }

  /** The graph inside a node, as if it stood in its place. */
  private inline(node: ProgramNode, names: readonly string[], inside: ProgramGraph, scope: ProgramScope): void {
    const inner = scope.inside(inside);
    const handed = handedOver(node);
    inside.inputs.flatMap(tensorNames).forEach((name, i) => {
      const value = scope.values.get(handed[i]);
      if (value) inner.values.set(name, value);
    });
    this.addGraph(inner);
    const results = inside.outputs.flatMap(tensorNames);
    names.forEach((name, i) => {
      const value = inner.values.get(results[i]);
      if (value) scope.values.set(name, value);
    });
  }
}

/** The fused attention of torch.nn.attention, whatever its graph of scores does. */
const FLEX = {
  signature: ['query', 'key', 'value'],
  rule: atenOperator('scaled_dot_product_attention')!.rule,
};

function storedValue(tensor: AtenTensor, scope: ProgramScope): StoredValue | undefined {
  const value = tensor.ref === undefined ? undefined : scope.values.get(tensor.ref);
  return value && 'stored' in value ? { ...value.stored, shape: tensor.shape } : undefined;
}
