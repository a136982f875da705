import { elementCount } from '../../../core/elementCount.js';
import { graphIndex, operands } from '../../graphIndex.js';
import { operatorNamed } from '../../operators/index.js';
import { notInOnnx, type OnnxAttributeValue, type OnnxSite } from '../../operators/onnxForm.js';
import type { Attrs, OpGraph, OpNode } from '../../opGraph.js';
import { onnxModelType } from '../../readers/onnx/onnxSchema.js';
import { bfloat16Bits, dataTypeNumber, float16Bits } from '../../readers/onnx/tensorValues.js';
import { outputAt, parseReference } from '../../reference.js';
import type { Dtype, Shape, TensorType } from '../../tensorType.js';

const OPSET = 20;
const IR_VERSION = 9;

/** Element types that are written; others have no arithmetic in ONNX Runtime. */
const DATA_TYPES: Partial<Record<Dtype, string>> = {
  fp64: 'float64',
  fp32: 'float32',
  tf32: 'float32',
  fp16: 'float16',
  bf16: 'bfloat16',
  int64: 'int64',
  int32: 'int32',
  int16: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  bool: 'bool',
};

/**
 * An operator graph as an ONNX model (operator set 20), each node by the form of its operator. Tensors have the ids of their nodes where a node is one
 * operator of ONNX. Learned tensors are named `NODE.NAME` and have no values: they are said to lie outside the file.
 * @throws HwcastError `unsupported` naming the node that has no form in ONNX.
 */
export function writeOnnx(graph: OpGraph): Uint8Array {
  const writer = new OnnxWriter();
  const index = graphIndex(graph);
  /** names of the outputs of each node */
  const names: string[][] = [];
  graph.nodes.forEach((node, i) => {
    const read = index.inputs[i].map((j, k) => names[j][index.ports.get(i)?.[k] ?? 0]);
    names.push(writer.node(node, operands(graph, index, i), read));
  });
  for (const reference of new Set(graph.outputs)) {
    const { node, port } = parseReference(reference, index.position)!;
    writer.output(names[node][port], outputAt(graph.nodes[node], port)!, graph.nodes[node]);
  }
  return writer.bytes();
}

/** Collects the messages of one model. */
class OnnxWriter {
  private readonly nodes: object[] = [];
  private readonly initializers: object[] = [];
  private readonly inputs: object[] = [];
  private readonly outputs: object[] = [];
  private readonly names = new Set<string>();
  /** names of the tensors that operators make, not inputs and constants */
  private readonly made = new Set<string>();

  /** Writes a node that reads `tensors`, whose names are `read`; names of its outputs. */
  node(node: OpNode, tensors: readonly TensorType[], read: readonly string[]): string[] {
    const { value, writeOnnx: write } = operatorNamed(node.op);
    if (value === 'passed') return [read[0]];
    if (value === 'given') {
      const name = this.fresh(node.id);
      this.inputs.push(infoOf(name, node, node));
      return [name];
    }
    if (!write) throw notInOnnx(node, 'it has no form there');
    const { weightDtype = node.dtype, computeDtype = node.dtype } = node.attrs;
    if (weightDtype !== node.dtype || computeDtype !== node.dtype)
      throw notInOnnx(node, `weights in ${weightDtype} and arithmetic in ${computeDtype} beside ${node.dtype}`);
    const made = write(this.site(node, tensors), read);
    return typeof made === 'string' ? [made] : [...made];
  }

  private site(node: OpNode, inputs: readonly TensorType[]): OnnxSite<Attrs> {
    const dataType = dataTypeOf(node, node);
    const addSeveral: OnnxSite<Attrs>['addSeveral'] = (opType, operandNames, attributes, count) => {
      const output = Array.from({ length: count }, () => this.fresh(node.id));
      for (const name of output) this.made.add(name);
      this.nodes.push({ name: output[0], opType, input: operandNames, output, attribute: attributesOf(attributes) });
      return output;
    };
    return {
      id: node.id,
      op: node.op,
      attrs: node.attrs,
      inputs,
      output: node,
      weight: (name, shape) => this.constant(`${node.id}.${name}`, shape, dataType, { dataLocation: 1 }),
      integers: (values) =>
        this.constant(`${node.id}/sizes`, [values.length], dataTypeNumber('int64')!, { int64Data: [...values] }),
      scalar: (value) => this.constant(`${node.id}/number`, [], dataType, numberOf(value, node)),
      add: (opType, operandNames, attributes = {}) => addSeveral(opType, operandNames, attributes, 1)[0],
      addSeveral,
    };
  }

  private constant(name: string, shape: Shape, dataType: number, data: object): string {
    const unique = this.fresh(name);
    // a vector of no elements is written with its data, which is none
    this.initializers.push({ name: unique, dims: [...shape], dataType, ...(elementCount(shape) ? data : {}) });
    return unique;
  }

  /** An output of the model; a copy where it is an input or a constant. */
  output(name: string, tensor: TensorType, node: OpNode): void {
    let made = name;
    if (!this.made.has(name)) {
      made = this.fresh(`${node.id}/out`);
      this.nodes.push({ name: made, opType: 'Identity', input: [name], output: [made], attribute: [] });
    }
    this.outputs.push(infoOf(made, tensor, node));
  }

  bytes(): Uint8Array {
    const { nodes: node, initializers: initializer, inputs: input, outputs: output } = this;
    const model = {
      irVersion: IR_VERSION,
      producerName: 'hwcast',
      opsetImport: [{ domain: '', version: OPSET }],
      graph: { name: 'graph', node, initializer, input, output },
    };
    return onnxModelType.encode(onnxModelType.fromObject(model)).finish();
  }

  private fresh(name: string): string {
    let unique = name;
    for (let i = 1; this.names.has(unique); i++) unique = `${name}/${i}`;
    this.names.add(unique);
    return unique;
  }
}

function dataTypeOf({ dtype }: TensorType, node: OpNode): number {
  const name = DATA_TYPES[dtype];
  if (!name) throw notInOnnx(node, `in ${dtype}`);
  return dataTypeNumber(name)!;
}

const infoOf = (name: string, tensor: TensorType, node: OpNode): object => ({
  name,
  type: {
    tensorType: { elemType: dataTypeOf(tensor, node), shape: { dim: tensor.shape.map((dimValue) => ({ dimValue })) } },
  },
});

/** A number in the field of `TensorProto` that its type has. */
function numberOf(value: number, { dtype }: OpNode): object {
  if (dtype === 'fp16') return { int32Data: [float16Bits(value)] };
  if (dtype === 'bf16') return { int32Data: [bfloat16Bits(value)] };
  if (dtype === 'fp64') return { doubleData: [value] };
  if (dtype === 'fp32' || dtype === 'tf32') return { floatData: [value] };
  return dtype === 'int64' ? { int64Data: [Math.round(value)] } : { int32Data: [Math.round(value)] };
}

/** Numbers are of `AttributeProto.type` 2, 7 as a list, 1 where they may be real; texts are 3. */
const attributesOf = (attributes: Readonly<Record<string, OnnxAttributeValue>>): object[] =>
  Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'number') return { name, type: 2, i: value };
    if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
    return 'float' in value ? { name, type: 1, f: value.float } : { name, type: 7, ints: [...value] };
  });
