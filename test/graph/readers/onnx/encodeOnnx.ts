import { onnxModelType } from '../../../../src/graph/readers/onnx/onnxSchema.js';

type Dim = number | string;
type Attribute =
  | number
  | string
  | number[]
  | { float: number }
  | { tensor: TensorFixture }
  | { graph: GraphFixture }
  | { reference: string };

export interface TensorFixture {
  dims: number[];
  /** float32 unless said */
  type?: number;
  values?: number[];
  external?: boolean;
}

export interface NodeFixture {
  op: string;
  in: string[];
  out: string[];
  name?: string;
  domain?: string;
  attributes?: Record<string, Attribute>;
}

export interface GraphFixture {
  nodes: NodeFixture[];
  inputs: Record<string, Dim[]>;
  outputs?: Record<string, Dim[] | undefined>;
  constants?: Record<string, TensorFixture>;
  valueInfo?: Record<string, Dim[]>;
  opset?: number;
  name?: string;
  /** element type of inputs that are no float32 */
  types?: Record<string, number>;
  functions?: { name: string; domain: string; in: string[]; out: string[]; nodes: NodeFixture[] }[];
}

const FLOAT = 1;

/** float and int64 data in the field their type has, everything else in int32_data. */
const tensorOf = ({ dims, type = FLOAT, values, external }: TensorFixture, name = '') => ({
  name,
  dims,
  dataType: type,
  ...(external ? { dataLocation: 1 } : {}),
  ...(values ? { [type === FLOAT ? 'floatData' : type === 7 ? 'int64Data' : 'int32Data']: values } : {}),
});

function attributeOf(name: string, value: Attribute) {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
  if (Array.isArray(value)) return { name, type: 7, ints: value };
  if ('graph' in value) return { name, type: 5, g: graphOf(value.graph) };
  if ('reference' in value) return { name, type: 2, refAttrName: value.reference };
  return 'float' in value ? { name, type: 1, f: value.float } : { name, type: 4, t: tensorOf(value.tensor) };
}

const infosOf = (values: Record<string, Dim[] | undefined>, types: Record<string, number> = {}) =>
  Object.entries(values).map(([name, dims]) => ({
    name,
    type: {
      tensorType: {
        elemType: types[name] ?? FLOAT,
        ...(dims ? { shape: { dim: dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) } } : {}),
      },
    },
  }));

const nodesOf = (nodes: readonly NodeFixture[]) =>
  nodes.map((n) => ({
    opType: n.op,
    input: n.in,
    output: n.out,
    name: n.name ?? '',
    domain: n.domain ?? '',
    attribute: Object.entries(n.attributes ?? {}).map(([name, value]) => attributeOf(name, value)),
  }));

function graphOf(graph: GraphFixture): Record<string, unknown> {
  return {
    name: graph.name ?? 'fixture',
    node: nodesOf(graph.nodes),
    initializer: Object.entries(graph.constants ?? {}).map(([name, t]) => tensorOf(t, name)),
    input: infosOf(graph.inputs, graph.types),
    output: infosOf(graph.outputs ?? {}, graph.types),
    valueInfo: infosOf(graph.valueInfo ?? {}, graph.types),
  };
}

/** The bytes of a small ONNX model. */
export function encodeOnnx(graph: GraphFixture): Uint8Array {
  const opsetImport = [{ domain: '', version: graph.opset ?? 13 }];
  const functions = (graph.functions ?? []).map((f) => ({
    name: f.name,
    domain: f.domain,
    input: f.in,
    output: f.out,
    node: nodesOf(f.nodes),
    opsetImport,
  }));
  return onnxModelType.encode(onnxModelType.create({ irVersion: 8, opsetImport, graph: graphOf(graph), functions })).finish();
}
