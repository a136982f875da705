import { describe, expect, it } from 'vitest';
import { decodeOnnx } from '../../src/graph/readers/onnx/decodeOnnx.js';
import { missingFiles, randomOnnxWeights } from '../../src/measure/onnxWeights.js';
import { encodeOnnx, type GraphFixture, type NodeFixture, type TensorFixture } from '../graph/readers/onnx/encodeOnnx.js';

const [FLOAT, UINT8, INT8, INT32, INT64, BOOL, HALF, BFLOAT] = [1, 2, 3, 6, 7, 9, 10, 16];

const model = (constants: Record<string, TensorFixture>, nodes?: NodeFixture[]): Uint8Array => {
  const graph: GraphFixture = {
    nodes: nodes ?? [{ op: 'Sum', in: ['x', ...Object.keys(constants)], out: ['y'] }],
    inputs: { x: [1] },
    outputs: { y: [1] },
    constants,
  };
  return encodeOnnx(graph);
};
const missing = (dims: number[], type = FLOAT): TensorFixture => ({ dims, type, external: true });

/** Values that tensors got, of those small enough to lie in the file. */
function filled(bytes: Uint8Array, seed = 0): Record<string, number[]> {
  const { initializers } = decodeOnnx(randomOnnxWeights(bytes, seed, 'm.onnx').model).graph;
  return Object.fromEntries([...initializers].map(([name, t]) => [name, [...(t.values() ?? [])]]));
}
const spread = (values: number[]) => Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length);

describe('weights that a file lacks', () => {
  it('are near 1 as vectors and keep the size of activations as matrices and filters', () => {
    const { bias, scale, matrix, filter } = filled(
      model({ bias: missing([16]), scale: missing([1, 16, 1, 1]), matrix: missing([4, 25]), filter: missing([4, 2, 3, 3]) }),
    );
    for (const v of [...bias, ...scale]) expect(Math.abs(v - 1)).toBeLessThanOrEqual(0.1);
    expect(spread(matrix)).toBeCloseTo(1 / Math.sqrt(25), 1);
    expect(spread(filter)).toBeCloseTo(1 / Math.sqrt(18), 1);
    expect([bias.length, scale.length, matrix.length, filter.length]).toEqual([16, 16, 100, 72]);
  });

  it('are the same for the same seed, and of the type stated', () => {
    const bytes = model({ half: missing([4, 25], HALF), brain: missing([4, 25], BFLOAT) });
    expect(filled(bytes)).toEqual(filled(bytes));
    expect(filled(bytes).half).not.toEqual(filled(bytes, 1).half);
    const { half, brain } = filled(bytes);
    for (const values of [half, brain]) {
      expect(spread(values)).toBeCloseTo(1 / 5, 1);
      expect(new Set(values).size).toBeGreaterThan(50);
    }
  });

  it('are any number in 8 bits, 0 as zero points and quantised biases, true as masks', () => {
    const nodes = [
      { op: 'DequantizeLinear', in: ['bytes', 'scale', 'zero'], out: ['w'] },
      { op: 'DequantizeLinear', in: ['bias', 'scale'], out: ['b'] },
      { op: 'And', in: ['mask', 'mask'], out: ['y'] },
    ];
    const constants = {
      bytes: missing([8, 8], INT8),
      unsigned: missing([8, 8], UINT8),
      zero: missing([8], INT8),
      bias: missing([8], INT32),
      mask: missing([2, 2], BOOL),
      scale: missing([8]),
    };
    const { bytes, unsigned, zero, bias, mask } = filled(model(constants, nodes));
    expect(Math.min(...bytes)).toBeLessThan(-50);
    expect(Math.min(...unsigned)).toBeGreaterThanOrEqual(0);
    expect([zero, bias]).toEqual([Array(8).fill(0), Array(8).fill(0)]);
    expect(mask).toEqual([1, 1, 1, 1]);
  });

  it('are refused where they are indices, by name', () => {
    const refused = (type: number) => () => randomOnnxWeights(model({ positions: missing([3], type) }), 0, 'm.onnx');
    expect(refused(INT64)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        where: 'm.onnx',
        message: "the values of 'positions' (int64 [3]) are not there and cannot be made up",
        hint: 'they are indices or sizes: export the model with its constants',
      }),
    );
    expect(refused(INT32)).toThrow("'positions' (int32 [3])");
    expect(refused(17)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/^hwcast makes up none of float8e4m3fn/) }),
    );
  });

  it('lie beside the file where they are large', () => {
    const {
      model: bytes,
      externalData,
      madeUp,
    } = randomOnnxWeights(model({ small: missing([2]), large: missing([400, 400]) }), 0, '');
    expect(madeUp).toBe(2);
    expect(externalData).toMatchObject([{ path: 'values-0', data: { length: 4 * 400 * 400 } }]);
    expect(bytes.length).toBeLessThan(300);
    expect(missingFiles(bytes, '')).toEqual(new Set(['values-0']));
    const values = new Float32Array(externalData[0].data.buffer);
    expect(spread([...values])).toBeCloseTo(1 / 20, 3);
  });

  it('are made inside operators too, and a whole file stays as it is', () => {
    const whole = model({ w: { dims: [2], values: [3, 4] } });
    expect(randomOnnxWeights(whole, 0, '')).toEqual({ model: whole, externalData: [], madeUp: 0 });
    const constant = { op: 'Constant', in: [], out: ['c'], attributes: { value: { tensor: missing([2, 2]) } } };
    expect(randomOnnxWeights(model({}, [constant]), 0, '').madeUp).toBe(1);
  });
});
