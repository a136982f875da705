import protobuf from 'protobufjs/light.js';
import { elementCount } from '../../../core/elementCount.js';
import { HwcastError } from '../../../core/errors.js';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from './onnxModel.js';
import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  onnxModelType,
  type TensorProto,
  type ValueInfoProto,
} from './onnxSchema.js';
import { dataTypeBits, dataTypeName, storageOf, storedElements, tensorValues, toNumber } from './tensorValues.js';

/** Fields of ModelProto that may stand behind its first, the IR version. */
const SECOND_FIELDS = new Set([2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26]);

/**
 * Whether bytes begin as an ONNX model: ONNX has no magic number, but every writer puts the IR version first (tag 0x08, a byte no text begins with) and a
 * field of ModelProto behind it.
 */
export function isOnnx(bytes: Uint8Array): boolean {
  const irVersion = bytes[1];
  return bytes[0] === 0x08 && irVersion > 0 && irVersion < 0x80 && (bytes.length === 2 || SECOND_FIELDS.has(bytes[2] >> 3));
}

const DEFINITION = 'the file is cut, damaged, or no ONNX model';

/**
 * The message of an ONNX file, as it stands.
 * @param keepUnknown keeps fields that hwcast does not read, for a model that is written again
 * @throws HwcastError `corrupt` with the byte where the file is cut or damaged.
 */
export function decodeModelProto(bytes: Uint8Array, where?: string, keepUnknown = false): ModelProto {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = !keepUnknown;
  try {
    return onnxModelType.decode(reader) as unknown as ModelProto;
  } catch (cause) {
    throw new HwcastError(
      'corrupt',
      `not a whole ONNX file: ${(cause as Error).message}, at byte ${reader.pos} of ${bytes.length}`,
      { where, hint: DEFINITION, cause },
    );
  }
}

/**
 * Decodes an ONNX model (`ModelProto`) with its subgraphs and functions. Values of constants are read on demand from `bytes`, which must not change
 * meanwhile; external data is not followed.
 * @throws HwcastError `corrupt` with the byte or tensor where the file is cut, damaged or contradicts itself.
 */
export function decodeOnnx(bytes: Uint8Array, where?: string): OnnxModel {
  const model = decodeModelProto(bytes, where);
  const { graph } = model;
  if (!graph?.node.length)
    throw new HwcastError('corrupt', `the ONNX file has no ${graph ? 'operators' : 'graph'}`, { where, hint: DEFINITION });
  const irVersion = toNumber(model.irVersion);
  const opsets = opsetsOf(model.opsetImport);
  // before IR version 3 there was one operator set
  if (!opsets.size && irVersion >= 3)
    throw new HwcastError('corrupt', 'the ONNX file names no operator set (opset_import), so its operators mean nothing', {
      where,
      hint: 'the file is cut, or was not written whole: check it with onnx.checker',
    });
  if (!opsets.size) opsets.set('', 1);
  const convert = new Converter(where);
  return {
    irVersion,
    producer: model.producerName,
    opsets,
    graph: convert.graph(graph),
    functions: model.functions.map((f) => ({
      name: f.name,
      domain: f.domain,
      inputs: f.input,
      outputs: f.output,
      nodes: convert.nodes(f.node),
      opsets: opsetsOf(f.opsetImport),
      defaults: new Map(f.attributeProto.map((a) => [a.name, convert.attribute(a)])),
    })),
  };
}

const domainOf = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);
const opsetsOf = (imports: ModelProto['opsetImport']): Map<string, number> =>
  new Map(imports.map(({ domain, version }) => [domainOf(domain), toNumber(version)]));

/** Messages of a file as the model describes them. */
class Converter {
  constructor(private readonly where: string | undefined) {}

  graph(graph: GraphProto): OnnxGraph {
    const initializers = new Map(graph.initializer.map((t) => [t.name, onnxTensor(t, this.where)]));
    for (const { values, dims } of graph.sparseInitializer)
      if (values?.name)
        initializers.set(values.name, {
          ...onnxTensor(values, this.where),
          dims: dims.map(toNumber),
          stored: 'absent',
          values: none,
        });
    const outputs = graph.output.map(valueInfo);
    return {
      name: graph.name,
      nodes: this.nodes(graph.node),
      inputs: graph.input.filter((i) => !initializers.has(i.name)).map(valueInfo),
      outputs,
      valueInfo: new Map([...graph.valueInfo.map(valueInfo), ...outputs].map((v) => [v.name, v])),
      initializers,
      metadata: new Map(graph.metadataProps.map(({ key, value }) => [key, value])),
    };
  }

  nodes(nodes: readonly NodeProto[]): OnnxNode[] {
    return nodes.map((node) => ({
      name: node.name,
      opType: node.opType,
      domain: domainOf(node.domain),
      inputs: node.input,
      outputs: node.output,
      attributes: new Map(node.attribute.map((a) => [a.name, this.attribute(a)])),
    }));
  }

  /** `type` tells which field counts; files of IR version 1 leave it out. */
  attribute(a: AttributeProto): OnnxAttribute {
    if (a.refAttrName) return { kind: 'reference', value: a.refAttrName };
    switch (a.type || (ATTRIBUTE_FIELDS.find(([field]) => isSet(a, field))?.[1] ?? 0)) {
      case 1:
        return { kind: 'float', value: a.f };
      case 2:
        return { kind: 'int', value: toNumber(a.i) };
      case 3:
        return { kind: 'string', value: text(a.s) };
      case 4:
        return a.t ? { kind: 'tensor', value: onnxTensor(a.t, this.where) } : { kind: 'other' };
      case 5:
        return a.g ? { kind: 'graph', value: this.graph(a.g) } : { kind: 'other' };
      case 6:
        return { kind: 'floats', value: a.floats };
      case 7:
        return { kind: 'ints', value: a.ints.map(toNumber) };
      case 8:
        return { kind: 'strings', value: a.strings.map(text) };
      default:
        return { kind: 'other' };
    }
  }
}

const none = (): undefined => undefined;

function onnxTensor(proto: TensorProto, where?: string): OnnxTensor {
  const dims = proto.dims.map(toNumber),
    elements = elementCount(dims),
    dataType = dataTypeName(proto.dataType);
  const problem = (text: string): HwcastError => new HwcastError('corrupt', `tensor '${proto.name}' ${text}`, { where });
  if (!dims.every((d) => d >= 0) || !Number.isSafeInteger(elements)) throw problem(`has the dims [${dims}]`);
  const common = { name: proto.name, dims, dataType };
  const storage = storageOf(proto, elements);
  if (storage !== 'inside') return { ...common, stored: storage, values: none };
  const stored = storedElements(proto, elements);
  if (stored !== undefined && stored !== elements)
    throw problem(`of ${dataType} [${dims}] has ${stored} elements in place of ${elements}`);
  return { ...common, stored: 'inside', values: dataTypeBits(proto.dataType) ? () => tensorValues(proto, elements) : none };
}

function valueInfo({ name, type }: ValueInfoProto): OnnxValueInfo {
  const tensor = type?.tensorType;
  return {
    name,
    dataType: dataTypeName(tensor?.elemType ?? 0),
    // a field of a oneof that is not set shows the default of its prototype
    dims: tensor?.shape?.dim.map((d) => (Object.hasOwn(d, 'dimValue') ? toNumber(d.dimValue!) : (d.dimParam ?? ''))),
  };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Fields of an attribute and the types that they are of. */
const ATTRIBUTE_FIELDS = [
  ['f', 1],
  ['i', 2],
  ['s', 3],
  ['t', 4],
  ['floats', 6],
  ['ints', 7],
  ['strings', 8],
] as const;

/** Lists are there always, other fields where the file has them. */
const isSet = (a: AttributeProto, field: (typeof ATTRIBUTE_FIELDS)[number][0]): boolean => {
  const value = a[field];
  return Array.isArray(value) ? value.length > 0 : Object.hasOwn(a, field);
};
