import protobuf from 'protobufjs/light.js';

type Field = { type: string; id: number; rule?: 'repeated' };

const one = (id: number, type: string): Field => ({ id, type });
const many = (id: number, type: string): Field => ({ id, type, rule: 'repeated' });

/**
 * The part of `onnx.proto3` that hwcast reads and writes (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3, Apache-2.0), field numbers as there. Fields left
 * out are skipped by the decoder: doc strings, metadata, training.
 */
const MESSAGES: Record<string, Record<string, Field>> = {
  ModelProto: {
    irVersion: one(1, 'int64'),
    producerName: one(2, 'string'),
    graph: one(7, 'GraphProto'),
    opsetImport: many(8, 'OperatorSetIdProto'),
    functions: many(25, 'FunctionProto'),
  },
  FunctionProto: {
    name: one(1, 'string'),
    input: many(4, 'string'),
    output: many(5, 'string'),
    node: many(7, 'NodeProto'),
    opsetImport: many(9, 'OperatorSetIdProto'),
    domain: one(10, 'string'),
    attributeProto: many(11, 'AttributeProto'),
  },
  OperatorSetIdProto: { domain: one(1, 'string'), version: one(2, 'int64') },
  GraphProto: {
    node: many(1, 'NodeProto'),
    name: one(2, 'string'),
    initializer: many(5, 'TensorProto'),
    input: many(11, 'ValueInfoProto'),
    output: many(12, 'ValueInfoProto'),
    valueInfo: many(13, 'ValueInfoProto'),
    sparseInitializer: many(15, 'SparseTensorProto'),
    metadataProps: many(16, 'StringStringEntryProto'),
  },
  NodeProto: {
    input: many(1, 'string'),
    output: many(2, 'string'),
    name: one(3, 'string'),
    opType: one(4, 'string'),
    attribute: many(5, 'AttributeProto'),
    domain: one(7, 'string'),
  },
  AttributeProto: {
    name: one(1, 'string'),
    f: one(2, 'float'),
    i: one(3, 'int64'),
    s: one(4, 'bytes'),
    t: one(5, 'TensorProto'),
    g: one(6, 'GraphProto'),
    floats: many(7, 'float'),
    ints: many(8, 'int64'),
    strings: many(9, 'bytes'),
    type: one(20, 'int32'),
    refAttrName: one(21, 'string'),
  },
  TensorProto: {
    dims: many(1, 'int64'),
    dataType: one(2, 'int32'),
    floatData: many(4, 'float'),
    int32Data: many(5, 'int32'),
    int64Data: many(7, 'int64'),
    name: one(8, 'string'),
    rawData: one(9, 'bytes'),
    doubleData: many(10, 'double'),
    uint64Data: many(11, 'uint64'),
    externalData: many(13, 'StringStringEntryProto'),
    dataLocation: one(14, 'int32'),
  },
  SparseTensorProto: { values: one(1, 'TensorProto'), dims: many(3, 'int64') },
  StringStringEntryProto: { key: one(1, 'string'), value: one(2, 'string') },
  ValueInfoProto: { name: one(1, 'string'), type: one(2, 'TypeProto') },
  TypeProto: { tensorType: one(1, 'TensorTypeProto') },
  TensorTypeProto: { elemType: one(1, 'int32'), shape: one(2, 'TensorShapeProto') },
  TensorShapeProto: { dim: many(1, 'DimensionProto') },
  DimensionProto: { dimValue: one(1, 'int64'), dimParam: one(2, 'string') },
};

/** A 64-bit integer as protobufjs gives it. */
export type Int64 = number | { toNumber(): number };

export interface TensorProto {
  dims: Int64[];
  dataType: number;
  floatData: number[];
  int32Data: number[];
  int64Data: Int64[];
  name: string;
  rawData: Uint8Array;
  doubleData: number[];
  uint64Data: Int64[];
  externalData: { key: string; value: string }[];
  dataLocation: number;
}

export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: { dimValue?: Int64; dimParam?: string }[] } | null } | null } | null;
}

export interface AttributeProto {
  name: string;
  f: number;
  i: Int64;
  s: Uint8Array;
  t: TensorProto | null;
  g: GraphProto | null;
  floats: number[];
  ints: Int64[];
  strings: Uint8Array[];
  type: number;
  refAttrName: string;
}

export interface NodeProto {
  input: string[];
  output: string[];
  name: string;
  opType: string;
  domain: string;
  attribute: AttributeProto[];
}

export interface GraphProto {
  node: NodeProto[];
  name: string;
  initializer: TensorProto[];
  sparseInitializer: { values: TensorProto | null; dims: Int64[] }[];
  metadataProps: { key: string; value: string }[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
  valueInfo: ValueInfoProto[];
}

export interface ModelProto {
  irVersion: Int64;
  producerName: string;
  opsetImport: { domain: string; version: Int64 }[];
  graph: GraphProto | null;
  functions: {
    name: string;
    domain: string;
    input: string[];
    output: string[];
    node: NodeProto[];
    opsetImport: { domain: string; version: Int64 }[];
    attributeProto: AttributeProto[];
  }[];
}

/** The decoder and encoder of `ModelProto`. */
export const onnxModelType: protobuf.Type = protobuf.Root.fromJSON({
  nested: Object.fromEntries(Object.entries(MESSAGES).map(([name, fields]) => [name, { fields }])),
}).lookupType('ModelProto');
