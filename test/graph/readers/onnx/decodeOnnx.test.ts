import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HwcastError } from '../../../../src/core/errors.js';
import { decodeOnnx, isOnnx } from '../../../../src/graph/readers/onnx/decodeOnnx.js';
import { intAttribute, intsAttribute, stringAttribute } from '../../../../src/graph/readers/onnx/onnxModel.js';
import { onnxModelType } from '../../../../src/graph/readers/onnx/onnxSchema.js';
import { hasShared, SHARED } from '../../../shared.js';
import { encodeOnnx } from './encodeOnnx.js';

const FOLDER = join(SHARED, 'data/traces/onnx');
const file = (name: string): Buffer => readFileSync(join(FOLDER, name));

const caught = (bytes: Uint8Array): HwcastError => {
  try {
    decodeOnnx(bytes, 'f.onnx');
  } catch (error) {
    expect(error).toBeInstanceOf(HwcastError);
    return error as HwcastError;
  }
  throw new Error('nothing was thrown');
};

/** Written by the encoder of the onnx package (1.23.1), so that a wrong field number shows. */
const OFFICIAL = Buffer.from(
  '08081201703a9b020abc010a01770a01731201711a015122055175616e742a0f0a05616c706861150000003fa001012a160a046178657340ffffffffffffff' +
    'ffff014002a001072a100a056e616d65734a01614a0162a001082a190a0d726f756e64696e675f6d6f64652205524f554e44a001032a0d0a067369676e6564' +
    '1801a001022a1b0a01762a13080210032a0bfdffffffffffffffff01044200a001042a0c0a0277733d0000c03fa001063a17716f6e6e782e637573746f6d5f' +
    '6f702e67656e6572616c1201672a130801080210014201774a080000c03f000000c02a0b0801100a2a0280604201735a140a0178120f0a0d080112090a0312' +
    '014e0a02080362090a017112040a0208016a140a0174120f0a0d080212090a0208010a0308ac0242040a00100d421b0a17716f6e6e782e637573746f6d5f6f' +
    '702e67656e6572616c1001',
  'hex',
);

describe('decodeOnnx', () => {
  test('bytes of the official encoder', () => {
    const { graph, ...model } = decodeOnnx(OFFICIAL);
    expect(model).toEqual({
      irVersion: 8,
      producer: 'p',
      functions: [],
      opsets: new Map([
        ['', 13],
        ['qonnx.custom_op.general', 1],
      ]),
    });
    expect(graph.name).toBe('g');
    expect(graph.inputs).toEqual([{ name: 'x', dataType: 'float32', dims: ['N', 3] }]);
    expect(graph.outputs).toEqual([{ name: 'q', dataType: 'float32', dims: undefined }]);
    expect(graph.valueInfo.get('t')).toEqual({ name: 't', dataType: 'uint8', dims: [1, 300] });
    const [node] = graph.nodes;
    expect(node).toMatchObject({
      name: 'Q',
      opType: 'Quant',
      domain: 'qonnx.custom_op.general',
      inputs: ['w', 's'],
      outputs: ['q'],
    });
    expect(intAttribute(node, 'signed')).toBe(1);
    expect(stringAttribute(node, 'rounding_mode')).toBe('ROUND');
    expect(intsAttribute(node, 'axes')).toEqual([-1, 2]);
    expect(node.attributes.get('alpha')).toEqual({ kind: 'float', value: 0.5 });
    expect(node.attributes.get('ws')).toEqual({ kind: 'floats', value: [1.5] });
    expect(node.attributes.get('names')).toEqual({ kind: 'strings', value: ['a', 'b'] });
    const tensor = node.attributes.get('v');
    expect(tensor?.kind === 'tensor' && [tensor.value.dataType, ...(tensor.value.values() ?? [])]).toEqual(['int8', -3, 4]);
    // raw_data, and half precision in int32_data
    expect(graph.initializers.get('w')).toMatchObject({ dims: [1, 2], dataType: 'float32', stored: 'inside' });
    expect([...graph.initializers.get('w')!.values()!]).toEqual([1.5, -2]);
    expect([...graph.initializers.get('s')!.values()!]).toEqual([0.125]);
    // asked for as another type, or not there
    expect([intAttribute(node, 'rounding_mode'), stringAttribute(node, 'none')]).toEqual([undefined, undefined]);
  });

  test.each([
    ['uint8', 2, [0, 255], 'ff'],
    ['int8', 3, [0, -1], 'ff'],
    ['uint16', 4, [0, 65535], 'ffff'],
    ['int16', 5, [0, -2], 'feff'],
    ['int32', 6, [0, -2], 'feffffff'],
    ['int64', 7, [0, -2], 'feffffffffffffff'],
    ['bool', 9, [0, 1], '01'],
    ['float16', 10, [0, -1.5], '00be'],
    ['float64', 11, [0, 0.1], '9a9999999999b93f'],
    ['uint32', 12, [0, 4294967295], 'ffffffff'],
    ['uint64', 13, [0, 2 ** 40], '0000000000010000'],
    ['bfloat16', 16, [0, -2.5], '20c0'],
  ])('raw values of %s', (dataType, type, values, hex) => {
    const rawData = Buffer.from('00'.repeat(hex.length / 2) + hex, 'hex');
    const bytes = onnxModelType
      .encode({
        irVersion: 8,
        opsetImport: [{ version: 13 }],
        graph: { node: [{ opType: 'Relu' }], initializer: [{ name: 'w', dims: [2], dataType: type, rawData }] },
      })
      .finish();
    const tensor = decodeOnnx(bytes).graph.initializers.get('w')!;
    expect(tensor.dataType).toBe(dataType);
    expect([...tensor.values()!]).toEqual(values);
  });

  test.each([
    ['int4', 22, [-8, 7, -1], [0x78, 0x0f]],
    ['uint4', 21, [8, 7, 15], [0x78, 0x0f]],
    ['int2', 26, [0, 1, -2, -1, 1], [0b11100100, 1]],
    ['uint2', 25, [0, 1, 2, 3, 1], [0b11100100, 1]],
  ])('packed values of %s, the last byte filled in part', (dataType, type, values, bytes) => {
    for (const field of ['rawData', 'int32Data']) {
      const initializer = [
        { name: 'w', dims: [values.length], dataType: type, [field]: field === 'rawData' ? Uint8Array.from(bytes) : bytes },
      ];
      const model = { irVersion: 10, opsetImport: [{ version: 21 }], graph: { node: [{ opType: 'Relu' }], initializer } };
      const tensor = decodeOnnx(onnxModelType.encode(model).finish()).graph.initializers.get('w')!;
      expect([tensor.dataType, ...tensor.values()!]).toEqual([dataType, ...values]);
    }
  });

  test('any float32 tensor comes back as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { minLength: 1, maxLength: 20 }), (values) => {
        const bytes = encodeOnnx({
          nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }],
          inputs: {},
          constants: { w: { dims: [values.length], values } },
        });
        expect([...decodeOnnx(bytes).graph.initializers.get('w')!.values()!]).toEqual(values);
      }),
    );
  });

  test('weights left out or in another file have dims but no values; initializers are no inputs', () => {
    const { graph } = decodeOnnx(
      encodeOnnx({
        nodes: [{ op: 'Gemm', in: ['x', 'w', 'b'], out: ['y'] }],
        inputs: { x: [1, 4], w: [4, 2] },
        constants: { w: { dims: [4, 2] }, b: { dims: [2], external: true }, e: { dims: [0], values: [] } },
      }),
    );
    expect(graph.inputs.map((i) => i.name)).toEqual(['x']);
    expect(graph.initializers.get('w')).toMatchObject({ dims: [4, 2], stored: 'absent' });
    expect(graph.initializers.get('w')!.values()).toBeUndefined();
    expect(graph.initializers.get('b')).toMatchObject({ stored: 'external' });
    // an empty tensor has all its values
    expect(graph.initializers.get('e')).toMatchObject({ stored: 'inside' });
  });

  const relu = { nodes: [{ op: 'Relu', in: ['x'], out: ['y'] }], inputs: { x: [1, 2] } };
  test.each([
    [
      'another number of values',
      encodeOnnx({ ...relu, constants: { w: { dims: [3], values: [1, 2] } } }),
      /tensor 'w' of float32 \[3\] has 2 elements in place of 3/,
    ],
    ['a negative axis', encodeOnnx({ ...relu, constants: { w: { dims: [-3], values: [1] } } }), /tensor 'w' has the dims \[-3\]/],
    ['no operators', encodeOnnx({ ...relu, nodes: [] }), /no operators/],
    ['no graph', Uint8Array.from([8, 8, 66, 2, 16, 13]), /no graph/],
    ['a wrong wire type', Uint8Array.from([8, 8, 0x3f]), /not a whole ONNX file: .*at byte 3 of 3/],
    ['groups without end', Uint8Array.from([8, 8, ...Array.from({ length: 500 }, () => 0x1b)]), /not a whole ONNX file/],
  ])('%s is refused', (_, bytes, message) => {
    const error = caught(bytes);
    expect(error).toMatchObject({ code: 'corrupt', where: 'f.onnx' });
    expect(error.message).toMatch(message);
  });

  test('a file cut anywhere is refused', () => {
    // without its last field, the second operator set, it is a whole file again
    const whole = OFFICIAL.length - 29;
    expect(decodeOnnx(OFFICIAL.subarray(0, whole)).opsets.size).toBe(1);
    for (let length = 0; length < OFFICIAL.length; length++)
      if (length !== whole) expect(caught(OFFICIAL.subarray(0, length)).code).toBe('corrupt');
  });
});

test('isOnnx tells ONNX from texts and other binaries', () => {
  expect(isOnnx(OFFICIAL)).toBe(true);
  for (const text of ['', '{"a":1}', 'HLSConfig:\n', '\n[1]', '# hls4ml', '\x1f\x8b\x08\x00', '\x89PNG', '\x08'])
    expect(isOnnx(Buffer.from(text, 'latin1'))).toBe(false);
});

describe.skipIf(!hasShared)('the ONNX files of ../shared (needs ../shared)', () => {
  // counted with the onnx package 1.23.1
  test.each([
    ['light_bvlc_alexnet', 3, 9, 40, 17, ['data_0'], [1, 3, 224, 224]],
    ['light_inception_v1', 3, 9, 237, 118, ['data_0'], [1, 3, 224, 224]],
    ['light_resnet50', 3, 9, 415, 269, ['gpu_0/data_0'], [1, 3, 224, 224]],
    ['light_shufflenet', 3, 9, 446, 281, ['gpu_0/data_0'], [1, 3, 224, 224]],
    ['light_squeezenet', 3, 9, 105, 52, ['data_0'], [1, 3, 224, 224]],
    ['nnlqp_resnet18_no_weight', 3, 8, 69, 102, ['data'], [1, 3, 224, 224]],
    ['polygraphy_dynamic_identity', 5, 10, 1, 0, ['X'], [1, 2, 'height', 'width']],
    ['polygraphy_ext_weights', 7, 11, 3, 3, ['input'], [1, 3]],
    ['polygraphy_loop', 6, 11, 6, 4, ['input_0'], [1]],
    ['polygraphy_qdq_conv', 9, 13, 3, 4, [], undefined],
  ])('%s', (name, irVersion, opset, nodes, initializers, inputs, dims) => {
    const { graph, ...model } = decodeOnnx(file(`${name}.onnx`));
    expect(model).toMatchObject({ irVersion, opsets: new Map([['', opset]]) });
    expect([graph.nodes.length, graph.initializers.size]).toEqual([nodes, initializers]);
    expect(graph.inputs.map((i) => i.name)).toEqual(inputs);
    expect(graph.inputs[0]?.dims).toEqual(dims);
  });

  test('values, and where they are not', () => {
    const { initializers } = decodeOnnx(file('light_bvlc_alexnet.onnx')).graph;
    expect([...initializers.get('conv1_w_0__SHAPE')!.values()!]).toEqual([96, 3, 11, 11]);
    const qdq = decodeOnnx(file('polygraphy_qdq_conv.onnx')).graph.initializers;
    expect(qdq.get('y_zero_point')).toMatchObject({ dataType: 'uint8', dims: [3], stored: 'inside' });
    expect(
      [...decodeOnnx(file('nnlqp_resnet18_no_weight.onnx')).graph.initializers.values()].every((t) => t.stored === 'absent'),
    ).toBe(true);
    expect(
      [...decodeOnnx(file('polygraphy_ext_weights.onnx')).graph.initializers.values()].every((t) => t.stored === 'external'),
    ).toBe(true);
  });

  test('all are recognised; the one without operator sets is refused, and so is every file cut in the middle', () => {
    for (const name of readdirSync(FOLDER).filter((f) => f.endsWith('.onnx'))) {
      const bytes = file(name);
      expect(isOnnx(bytes)).toBe(true);
      expect(caught(bytes.subarray(0, Math.floor(bytes.length / 2)))).toMatchObject({ code: 'corrupt', where: 'f.onnx' });
    }
    expect(caught(file('polygraphy_bad_no_import_domains.onnx')).message).toContain('opset_import');
  });
});
