/** An axis: its length, or its name where the file leaves it open (`''`: not even named). */
export type OnnxDim = number | string;

/** A tensor the graph takes, gives or describes; `dims` undefined: rank unknown. */
export interface OnnxValueInfo {
  name: string;
  /** `float32`, `int8`.. */
  dataType: string;
  dims: OnnxDim[] | undefined;
}

/** A constant tensor. Its bytes stay in the buffer of the file until `values` asks for them. */
export interface OnnxTensor {
  name: string;
  dims: number[];
  dataType: string;
  /** where the values are: in the file, in another file (not followed), or nowhere (left out to save space) */
  stored: 'inside' | 'external' | 'absent';
  /** the values in row-major order, a new array each time; undefined where not inside or of a type that is no number */
  values(): Float64Array | undefined;
}

export type OnnxAttribute =
  | { kind: 'float' | 'int'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'tensor'; value: OnnxTensor }
  | { kind: 'floats' | 'ints'; value: number[] }
  | { kind: 'strings'; value: string[] }
  /** a body of If, Loop or Scan */
  | { kind: 'graph'; value: OnnxGraph }
  /** in a function: the attribute `value` of the node that calls it */
  | { kind: 'reference'; value: string }
  /** types, sparse tensors: present, not decoded */
  | { kind: 'other' };

export interface OnnxNode {
  /** may be empty */
  name: string;
  opType: string;
  /** '' for the operators of ONNX itself */
  domain: string;
  /** '' for an optional input left out */
  inputs: string[];
  outputs: string[];
  attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxGraph {
  name: string;
  nodes: OnnxNode[];
  /** inputs without those that are initializers (files before IR version 4 list both) */
  inputs: OnnxValueInfo[];
  outputs: OnnxValueInfo[];
  /** what the file says of tensors between operators, outputs included */
  valueInfo: ReadonlyMap<string, OnnxValueInfo>;
  initializers: ReadonlyMap<string, OnnxTensor>;
  /** what the exporter says of the graph, e.g. `pkg.torch.export.ExportedProgram.graph_signature` */
  metadata: ReadonlyMap<string, string>;
}

/** A function of the model: its nodes stand where a node of its name and domain does. */
export interface OnnxFunction {
  name: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  nodes: OnnxNode[];
  opsets: ReadonlyMap<string, number>;
  /** attributes that the call may leave out */
  defaults: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxModel {
  irVersion: number;
  producer: string;
  /** version of each operator set, '' for ONNX's own */
  opsets: ReadonlyMap<string, number>;
  graph: OnnxGraph;
  functions: readonly OnnxFunction[];
}

const attributeOf = (node: OnnxNode, name: string, kind: OnnxAttribute['kind']): unknown => {
  const found = node.attributes.get(name);
  return found?.kind === kind && 'value' in found ? found.value : undefined;
};

/** An attribute of a node, undefined where absent or of another type. */
export const intAttribute = (node: OnnxNode, name: string): number | undefined =>
  attributeOf(node, name, 'int') as number | undefined;
export const floatAttribute = (node: OnnxNode, name: string): number | undefined =>
  attributeOf(node, name, 'float') as number | undefined;
export const intsAttribute = (node: OnnxNode, name: string): number[] | undefined =>
  attributeOf(node, name, 'ints') as number[] | undefined;
export const stringAttribute = (node: OnnxNode, name: string): string | undefined =>
  attributeOf(node, name, 'string') as string | undefined;
