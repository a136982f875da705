import { elementCount } from '../core/elementCount.js';
import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { decodeModelProto } from '../graph/readers/onnx/decodeOnnx.js';
import {
  type GraphProto,
  type ModelProto,
  type NodeProto,
  onnxModelType,
  type TensorProto,
} from '../graph/readers/onnx/onnxSchema.js';
import {
  bfloat16Bits,
  dataTypeBits,
  dataTypeName,
  float16Bits,
  storageOf,
  toNumber,
} from '../graph/readers/onnx/tensorValues.js';
import { tiled } from './tiled.js';

/** A model whose tensors all have values. */
export interface WeightedModel {
  /** the ONNX file */
  model: Uint8Array;
  /** contents of the files that it says its large tensors lie in */
  externalData: { path: string; data: Uint8Array }[];
  /** tensors whose values were made up */
  madeUp: number;
}

/** Tensors of more bytes stay out of the file: a protobuf message holds 2 GB at most. */
const MOST_INSIDE = 1024;

/** Files that the tensors of a model lie in, as the model names them; '' for values that are nowhere. */
export function missingFiles(bytes: Uint8Array, where: string): Set<string> {
  const model = decodeModelProto(bytes, where);
  return new Set(missingTensors(model).map(({ tensor }) => locationOf(tensor)));
}

/**
 * Gives every tensor of a model that has no values in the file seeded random ones, which keep activations near 1: values that decay into denormal
 * numbers would slow a processor down. Vectors (biases, scales, variances) are near 1, matrices and filters uniform with a standard deviation of
 * 1 / sqrt(inputs), 8-bit and narrower weights any number, their zero points 0, masks true. What a cost depends on is none of these.
 * @throws HwcastError `unsupported` naming a tensor of integers that are indices or sizes: those cannot be made up.
 */
export function randomOnnxWeights(bytes: Uint8Array, seed: number, where: string): WeightedModel {
  const proto = decodeModelProto(bytes, where, true);
  const missing = missingTensors(proto);
  if (!missing.length) return { model: bytes, externalData: [], madeUp: 0 };
  const externalData: WeightedModel['externalData'] = [];
  for (const { tensor, isInitializer } of missing) {
    const data = valuesOf(tensor, proto, seed, where);
    if (isInitializer && data.length > MOST_INSIDE) {
      const path = `values-${externalData.length}`;
      externalData.push({ path, data });
      Object.assign(tensor, { dataLocation: 1, externalData: [{ key: 'location', value: path }] });
    } else Object.assign(tensor, { dataLocation: 0, externalData: [], rawData: data });
  }
  return { model: onnxModelType.encode(proto as object).finish(), externalData, madeUp: missing.length };
}

interface MissingTensor {
  tensor: TensorProto;
  /** of the graph itself, not of one inside an operator and no attribute */
  isInitializer: boolean;
}

function missingTensors(model: ModelProto): MissingTensor[] {
  const missing: MissingTensor[] = [];
  const visit = (tensor: TensorProto, isInitializer: boolean) => {
    if (storageOf(tensor, elementCount(tensor.dims.map(toNumber))) !== 'inside') missing.push({ tensor, isInitializer });
  };
  const visitGraph = (graph: GraphProto, isWhole: boolean) => {
    for (const tensor of graph.initializer) visit(tensor, isWhole);
    visitNodes(graph.node);
  };
  const visitNodes = (nodes: readonly NodeProto[]) => {
    for (const { t, g } of nodes.flatMap((node) => node.attribute)) {
      if (t) visit(t, false);
      if (g) visitGraph(g, false);
    }
  };
  if (model.graph) visitGraph(model.graph, true);
  for (const { node } of model.functions) visitNodes(node);
  return missing;
}

const locationOf = (tensor: TensorProto): string => tensor.externalData.find(({ key }) => key === 'location')?.value ?? '';

/** Random values of a tensor as they lie in memory. @throws HwcastError `unsupported` */
function valuesOf(tensor: TensorProto, model: ModelProto, seed: number, where: string): Uint8Array {
  const dims = tensor.dims.map(toNumber),
    count = elementCount(dims),
    type = dataTypeName(tensor.dataType),
    isVector = count === Math.max(1, ...dims);
  const random = createRandom(seed).fork(tensor.name);
  const [centre, half] = isVector ? [1, 0.1] : [0, Math.sqrt(3 / inputsOf(dims))];
  const real = () => centre + half * (2 * random.next() - 1);
  switch (type) {
    case 'float32':
      return bytesOf(tiled(new Float32Array(count), real));
    case 'float64':
      return bytesOf(tiled(new Float64Array(count), real));
    case 'float16':
      return bytesOf(tiled(new Uint16Array(count), () => float16Bits(real())));
    case 'bfloat16':
      return bytesOf(tiled(new Uint16Array(count), () => bfloat16Bits(real())));
    case 'bool':
      return new Uint8Array(count).fill(1);
    case 'int32':
      if (isQuantizedBias(tensor.name, model)) return new Uint8Array(4 * count);
      break;
    default: {
      const bits = dataTypeBits(tensor.dataType);
      if (!/^u?int/.test(type) || bits > 8) break;
      const bytes = new Uint8Array(Math.ceil((count * bits) / 8));
      return isVector ? bytes : tiled(bytes, () => random.int(256));
    }
  }
  const file = locationOf(tensor);
  throw new HwcastError('unsupported', `the values of '${tensor.name}' (${type} [${dims}]) are not there and cannot be made up`, {
    where,
    hint: `${/int/.test(type) ? 'they are indices or sizes' : `hwcast makes up none of ${type}`}: ${file ? `put '${file}' beside the model` : 'export the model with its constants'}`,
  });
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** How many inputs an output sums: of filters [Co, Ci, ..] what follows the first axis; of matrices, which may lie either way, the longer side. */
const inputsOf = (dims: readonly number[]): number => (dims.length === 2 ? Math.max(...dims) : elementCount(dims.slice(1)));

/** Biases of quantised operators are integers of 32 bits; so are some indices. */
function isQuantizedBias(name: string, { graph }: ModelProto): boolean {
  const readers = graph?.node.filter((node) => node.input.includes(name)) ?? [];
  return readers.length > 0 && readers.every(({ opType }) => opType === 'DequantizeLinear' || opType === 'QLinearConv');
}
