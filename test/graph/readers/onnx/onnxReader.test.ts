import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModelFile } from '../../../../src/graph/readers/readModelFile.js';
import { hasShared, SHARED } from '../../../shared.js';
import { encodeOnnx, type GraphFixture, type NodeFixture, type TensorFixture } from './encodeOnnx.js';
import { readBytes, readFixture, refused } from './readFixture.js';

const INT64 = 7;
const INT8 = 3;

/** x of a shape through nodes to y. */
const model = (
  dims: (number | string)[],
  nodes: NodeFixture[],
  constants: Record<string, TensorFixture> = {},
  more: Partial<GraphFixture> = {},
): GraphFixture => ({ nodes, inputs: { x: dims }, outputs: { y: undefined }, constants, opset: 17, ...more });

describe('operators of ONNX', () => {
  test('a grouped convolution: MACs = outputs x inputs of a group x kernel', async () => {
    const { total, shape } = await readFixture(
      model(
        [1, 4, 8, 8],
        [{ op: 'Conv', in: ['x', 'w', 'b'], out: ['y'], attributes: { group: 2, pads: [1, 1, 1, 1], strides: [2, 2] } }],
        {
          w: { dims: [6, 2, 3, 3], external: true },
          b: { dims: [6], external: true },
        },
      ),
    );
    expect(shape).toEqual([1, 6, 4, 4]);
    expect(total).toMatchObject({ macs: 6 * 16 * 2 * 9, params: 6 * 2 * 9 + 6 });
  });

  test('a product with weights, with an activation, and Gemm with a transposed matrix', async () => {
    const linear = await readFixture(model([2, 5, 8], [{ op: 'MatMul', in: ['x', 'w'], out: ['y'] }], { w: { dims: [8, 3] } }));
    expect(linear).toMatchObject({ ops: ['linear'], shape: [2, 5, 3], total: { macs: 2 * 5 * 3 * 8, params: 24 } });
    const scores = await readFixture(
      model(
        [2, 5, 8],
        [
          { op: 'Transpose', in: ['x'], out: ['t'], attributes: { perm: [0, 2, 1] } },
          { op: 'MatMul', in: ['x', 't'], out: ['y'] },
        ],
      ),
    );
    expect(scores).toMatchObject({ ops: ['transpose', 'matmul'], shape: [2, 5, 5], total: { macs: 2 * 25 * 8, params: 0 } });
    const gemm = await readFixture(
      model([4, 8], [{ op: 'Gemm', in: ['x', 'w', 'b'], out: ['y'], attributes: { transB: 1 } }], {
        w: { dims: [3, 8] },
        b: { dims: [3] },
      }),
    );
    expect(gemm).toMatchObject({ ops: ['linear'], total: { macs: 4 * 24, params: 27 } });
  });

  test.each([
    ['bhid,bhjd->bhij', [2, 4, 5, 8], [2, 4, 6, 8], [2, 4, 5, 6], 2 * 4 * 5 * 6 * 8],
    ['...ij,...jk->...ik', [3, 5, 8], [3, 8, 2], [3, 5, 2], 3 * 5 * 8 * 2],
    ['bij,bjk', [3, 5, 8], [3, 8, 2], [5, 2], 5 * 2 * 3 * 8],
    ['ij,kj->ki', [5, 8], [3, 8], [3, 5], 5 * 3 * 8],
  ])('Einsum %s', async (equation, a, b, out, macs) => {
    const { shape, total } = await readFixture({
      nodes: [{ op: 'Einsum', in: ['x', 'z'], out: ['y'], attributes: { equation } }],
      inputs: { x: a, z: b },
      outputs: { y: undefined },
    });
    expect(shape).toEqual(out);
    expect(total.macs).toBe(macs);
  });

  test.each([
    ['LSTM', 4, 1],
    ['GRU', 3, 1],
    ['RNN', 1, 2],
  ])('%s: twice the length costs twice the arithmetic', async (op, gates, directions) => {
    const [hidden, features] = [6, 5];
    const ofLength = (length: number) =>
      readFixture(
        model([length, 2, features], [{ op, in: ['x', 'w', 'r', 'b'], out: ['y', 'h'], attributes: { hidden_size: hidden } }], {
          w: { dims: [directions, gates * hidden, features] },
          r: { dims: [directions, gates * hidden, hidden] },
          b: { dims: [directions, 2 * gates * hidden] },
        }),
      );
    const [ten, twenty] = [await ofLength(10), await ofLength(20)];
    expect(ten.shape).toEqual([10, directions, 2, hidden]);
    expect(ten.total.macs).toBe(10 * 2 * directions * gates * hidden * (features + hidden));
    expect(twenty.total.macs).toBe(2 * ten.total.macs);
    expect([ten.total.params, twenty.total.params]).toEqual(Array(2).fill(directions * gates * hidden * (features + hidden + 2)));
  });

  test('causal attention of operator set 23 is half of the full; fewer heads of keys', async () => {
    const attention = (causal: number) =>
      readFixture({
        nodes: [{ op: 'Attention', in: ['q', 'k', 'v'], out: ['y'], attributes: { is_causal: causal } }],
        inputs: { q: [1, 8, 10, 16], k: [1, 2, 10, 16], v: [1, 2, 10, 16] },
        outputs: { y: undefined },
        opset: 23,
      });
    const [full, causal] = [await attention(0), await attention(1)];
    expect(full).toMatchObject({ shape: [1, 8, 10, 16], total: { macs: 8 * 10 * 10 * 16 * 2 } });
    expect(causal.total.macs).toBe(full.total.macs / 2);
  });

  test('rows of a table are an embedding; a table read twice counts once, equal biases count for each', async () => {
    const { ops, total } = await readFixture(
      model(
        [2, 7],
        [
          { op: 'Gather', in: ['table', 'x'], out: ['e'] },
          { op: 'Add', in: ['e', 'zeros'], out: ['f'] },
          { op: 'Add', in: ['f', 'zeros'], out: ['g'] },
          { op: 'Transpose', in: ['table'], out: ['head'], attributes: { perm: [1, 0] } },
          { op: 'MatMul', in: ['g', 'head'], out: ['y'] },
        ],
        { table: { dims: [100, 8] }, zeros: { dims: [8] } },
        { types: { x: INT64 } },
      ),
    );
    expect(ops).toEqual(['embedding', 'add', 'add', 'linear']);
    expect(total).toMatchObject({ params: 800 + 8 + 8, macs: 14 * 8 * 100 });
  });

  test('shapes that the file computes are folded', async () => {
    const { ops, shape } = await readFixture(
      model(
        ['batch', 4, 6],
        [
          { op: 'Shape', in: ['x'], out: ['s'] },
          { op: 'Gather', in: ['s', 'zero'], out: ['n'] },
          { op: 'Unsqueeze', in: ['n', 'axis'], out: ['u'] },
          { op: 'Concat', in: ['u', 'rest'], out: ['target'], attributes: { axis: 0 } },
          { op: 'Reshape', in: ['x', 'target'], out: ['y'] },
        ],
        {
          zero: { dims: [], type: INT64, values: [0] },
          axis: { dims: [1], type: INT64, values: [0] },
          rest: { dims: [2], type: INT64, values: [-1, 3] },
        },
      ),
      { batch: 5 },
    );
    expect([ops, shape]).toEqual([['reshape'], [5, 8, 3]]);
  });

  test('between QuantizeLinear and DequantizeLinear a convolution runs on integers, with the MACs of its twin', async () => {
    const scale = { dims: [], values: [0.1] };
    const zero = { dims: [], type: INT8, values: [0] };
    const { graph, total } = await readFixture(
      model(
        [1, 3, 8, 8],
        [
          { op: 'QuantizeLinear', in: ['x', 's', 'z'], out: ['xq'] },
          { op: 'DequantizeLinear', in: ['xq', 's', 'z'], out: ['xd'] },
          { op: 'DequantizeLinear', in: ['wq', 's', 'z'], out: ['w'] },
          { op: 'Conv', in: ['xd', 'w'], out: ['c'] },
          { op: 'Relu', in: ['c'], out: ['r'] },
          { op: 'QuantizeLinear', in: ['r', 's', 'z'], out: ['rq'] },
          { op: 'DequantizeLinear', in: ['rq', 's', 'z'], out: ['y'] },
        ],
        { s: scale, z: zero, wq: { dims: [4, 3, 3, 3], type: INT8, external: true } },
      ),
    );
    expect(graph.nodes.map((n) => `${n.op}/${n.dtype}`)).toEqual([
      'input/fp32',
      'quantize/int8',
      'conv2d/int8',
      'relu/int8',
      'dequantize/fp32',
    ]);
    expect(total).toMatchObject({ macs: 4 * 36 * 27, params: 108, bytesWeights: 108 });
  });

  test('operators of the optimisers: fused convolution, products, norms, attention', async () => {
    const domain = 'com.microsoft';
    const fused = await readFixture(
      model([1, 3, 4, 4], [{ op: 'FusedConv', domain, in: ['x', 'w'], out: ['y'], attributes: { activation: 'Relu' } }], {
        w: { dims: [2, 3, 1, 1] },
      }),
    );
    expect(fused).toMatchObject({ ops: ['conv2d', 'relu'], total: { macs: 2 * 16 * 3 } });
    const skip = await readFixture(
      model([1, 5, 8], [{ op: 'SkipLayerNormalization', domain, in: ['x', 'x', 'g', 'b', 'c'], out: ['y', '', '', 's'] }], {
        g: { dims: [8] },
        b: { dims: [8] },
        c: { dims: [8] },
      }),
    );
    expect(skip).toMatchObject({ ops: ['add', 'add', 'layer_norm'], total: { params: 24 } });
    const attention = await readFixture(
      model([1, 10, 16], [{ op: 'Attention', domain, in: ['x', 'w', 'b'], out: ['y'], attributes: { num_heads: 4 } }], {
        w: { dims: [16, 48] },
        b: { dims: [48] },
      }),
    );
    expect(attention).toMatchObject({
      ops: ['linear', 'split', 'attention'],
      shape: [1, 10, 16],
      total: { macs: 10 * 16 * 48 + 2 * 10 * 10 * 16, params: 16 * 48 + 48 },
    });
    const dynamic = await readFixture(
      model([5, 8], [{ op: 'DynamicQuantizeMatMul', domain, in: ['x', 'w', 's'], out: ['y'] }], {
        w: { dims: [8, 3], type: INT8, external: true },
        s: { dims: [1], values: [1] },
      }),
    );
    expect(dynamic).toMatchObject({
      ops: ['reduce', 'quantize', 'linear'],
      total: { macs: 5 * 24, params: 24, bytesWeights: 24 },
    });
  });

  test('functions of the file stand where they are called, with the attributes of the call', async () => {
    const { ops, shape } = await readFixture(
      model(
        [2, 3],
        [{ op: 'Halve', domain: 'own', in: ['x'], out: ['y'], attributes: { at: 0 } }],
        {},
        {
          functions: [
            {
              name: 'Halve',
              domain: 'own',
              in: ['a'],
              out: ['c'],
              nodes: [
                { op: 'Concat', in: ['a', 'a'], out: ['b'], attributes: { axis: { reference: 'at' } } },
                { op: 'Relu', in: ['b'], out: ['c'] },
              ],
            },
          ],
        },
      ),
    );
    expect([ops, shape]).toEqual([
      ['concat', 'relu'],
      [4, 3],
    ]);
  });

  test('nodes in any order', async () => {
    const { ops } = await readFixture(
      model(
        [2, 3],
        [
          { op: 'Relu', in: ['a'], out: ['y'] },
          { op: 'Exp', in: ['x'], out: ['a'] },
        ],
      ),
    );
    expect(ops).toEqual(['exp', 'relu']);
  });
});

describe('what is not known before it runs', () => {
  const branch = (op: string): GraphFixture => ({ nodes: [{ op, in: ['x'], out: ['z'] }], inputs: {}, outputs: { z: [2, 3] } });

  test('a branch that is known is taken; another is opaque, with what is behind it', async () => {
    const conditional = (constants: Record<string, TensorFixture>, inputs: Record<string, number[]>) =>
      readFixture({
        nodes: [
          {
            op: 'If',
            in: ['c'],
            out: ['y'],
            attributes: { then_branch: { graph: branch('Relu') }, else_branch: { graph: branch('Exp') } },
          },
        ],
        inputs: { x: [2, 3], ...inputs },
        types: { c: 9 },
        outputs: { y: [2, 3] },
        constants,
      });
    expect((await conditional({ c: { dims: [], type: 9, values: [1] } }, {})).ops).toEqual(['relu']);
    const open = await conditional({}, { c: [] });
    expect(open.ops).toEqual(['opaque']);
    expect(open.warnings[0]).toBe(
      "If 'y' is not counted but by its tensors: 1 operators, 0 MACs a pass or 1 operators, 0 MACs a pass",
    );
    expect(open.warnings[1]).toBe('not known: If; 100.0 % of all bytes are theirs, their arithmetic is not counted');
  });

  test('a scan costs by its length', async () => {
    const scan = (length: number) =>
      readFixture({
        nodes: [
          {
            op: 'Scan',
            in: ['h', 'x'],
            out: ['last', 'y'],
            attributes: {
              num_scan_inputs: 1,
              body: {
                graph: {
                  nodes: [
                    { op: 'MatMul', in: ['a', 'w'], out: ['m'] },
                    { op: 'Add', in: ['m', 'e'], out: ['b'] },
                    { op: 'Identity', in: ['b'], out: ['o'] },
                  ],
                  inputs: { a: [1, 4], e: [1, 4] },
                  outputs: { b: [1, 4], o: [1, 4] },
                },
              },
            },
          },
        ],
        inputs: { h: [1, 4], x: [length, 1, 4] },
        outputs: { y: undefined, last: undefined },
        constants: { w: { dims: [4, 4] } },
      });
    const [ten, twenty] = [await scan(10), await scan(20)];
    expect([ten.shape, ten.total.macs, ten.total.params]).toEqual([[10, 1, 4], 10 * 16, 16]);
    expect(twenty.total).toMatchObject({ macs: 20 * 16, params: 16 });
  });

  test('an operator of nobody is opaque with its bytes, its share is said', async () => {
    const { graph, ops, warnings } = await readFixture(
      model(
        [2, 3],
        [
          { op: 'Mystery', domain: 'acme', in: ['x'], out: ['a'] },
          { op: 'Relu', in: ['a'], out: ['y'] },
        ],
      ),
    );
    expect(ops).toEqual(['opaque', 'relu']);
    expect(warnings).toEqual(['not known: acme.Mystery; 50.0 % of all bytes are theirs, their arithmetic is not counted']);
    expect(graph.assumptions).toEqual(['acme.Mystery: its output has the shape of its largest operand']);
  });
});

describe('bad input', () => {
  const relu = (dims: (number | string)[]) => encodeOnnx(model(dims, [{ op: 'Relu', in: ['x'], out: ['y'] }]));

  test('open axes name the input and the flags; names and expressions bind them', async () => {
    expect(await refused(relu(['batch', 2, 'height', 'width']))).toBe(
      "bad-input: f.onnx: input 'x' leaves axes 2 (height), 3 (width) open\n  bind them: --shape x=1x2x128x128, or --shape height=128 --shape width=128",
    );
    const bytes = relu(['batch', 'n', '2*n + 1', 'floor(n/2)']);
    expect((await readBytes(bytes, { batch: 4, dims: { n: 9 } })).shape).toEqual([4, 9, 19, 4]);
    expect((await readBytes(bytes, { shapes: { x: [2, 3, 4, 5] } })).shape).toEqual([2, 3, 4, 5]);
    expect(await refused(bytes, { dims: { m: 3 } })).toMatch(/^bad-input: .*no input or axis 'm'\n {2}inputs: x; axes: batch, n/);
    expect(await refused(relu([1, 3]), { batch: 4 })).toContain("input 'x' is fixed to [1,3]: --batch 4 cannot change it");
  });

  test('a cut file, a tensor that nothing makes, a circle, a shape that does not fit', async () => {
    const whole = relu([1, 3]);
    expect(await refused(whole.subarray(0, whole.length - 20))).toMatch(
      /^corrupt: f\.onnx: not a whole ONNX file: .* at byte \d+ of \d+/,
    );
    expect(await refused(encodeOnnx(model([1], [{ op: 'Add', in: ['x', 'q'], out: ['y'] }])))).toMatch(
      /^corrupt: f\.onnx: nothing makes 'q', which 'Add' reads/,
    );
    const circle = [
      { op: 'Add', in: ['x', 'b'], out: ['a'] },
      { op: 'Relu', in: ['a'], out: ['b'], name: 'r' },
    ];
    expect(await refused(encodeOnnx(model([1], circle)))).toMatch(/^corrupt: f\.onnx: the operators form a circle through/);
    const misfit = model([1, 3, 4], [{ op: 'MatMul', in: ['x', 'w'], out: ['y'], name: 'fc' }], { w: { dims: [5, 6] } });
    expect(await refused(encodeOnnx(misfit))).toBe("bad-input: f.onnx, MatMul 'fc': inner sizes of [1,3,4] and [5,6] differ");
  });
});

const FILES = join(SHARED, 'data/model-files');
describe.skipIf(!hasShared || !existsSync(FILES))('files of ../shared (needs ../shared)', () => {
  const of = async (name: string, folder = FILES) => readBytes(readFileSync(join(folder, name)));

  test('one network in four operator sets, quantised, fused and in blocks: equal work', async () => {
    const opsets = await Promise.all([9, 11, 13, 17].map((n) => of(`legacy_resnet18_opset${n}.onnx`)));
    expect(opsets.map(({ total: { macs, params } }) => [macs, params])).toEqual(Array(4).fill([1_814_073_344, 11_684_712]));
    const float = await of('tiny_fp32.onnx');
    for (const twin of ['tiny_qdq_int8', 'tiny_fp32_ort_extended', 'tiny_fp32_ort_all']) {
      const { total } = await of(`${twin}.onnx`);
      expect([twin, total.macs, total.params]).toEqual([twin, float.total.macs, float.total.params]);
    }
    const bert = await of('bert_tiny_opset18.onnx');
    expect((await of('bert_tiny_dynamic_int8.onnx')).total).toMatchObject({ macs: bert.total.macs, params: bert.total.params });
    expect((await of('bert_tiny_opset18_ort_extended.onnx')).total.macs).toBe(bert.total.macs);
  });

  test('a loop is opaque and says what is behind it', async () => {
    const { ops, warnings } = await of('scripted_loop_opset17.onnx');
    expect(ops).toEqual(['opaque']);
    expect(warnings[0]).toMatch(
      /^Loop '\/Loop' is not counted but by its tensors: 3 operators, 64 MACs a pass, at most 4 passes$/,
    );
  });

  test('weights in files that are not there are not needed; the broken ones are refused', async () => {
    const folder = join(SHARED, 'data/traces/onnx');
    expect((await of('polygraphy_ext_weights.onnx', folder)).total.params).toBe(9);
    const results = await Promise.all(
      readdirSync(folder)
        .filter((f) => f.endsWith('.onnx'))
        .map(async (f) => [f, await refused(readFileSync(join(folder, f)))] as const),
    );
    expect(results.filter(([, text]) => text !== 'nothing refused').map(([f]) => f)).toEqual([
      'polygraphy_bad_no_import_domains.onnx',
      'polygraphy_dynamic_identity.onnx',
    ]);
  });

  test('found by content, gzipped or not', async () => {
    const [model] = await readModelFile(join(FILES, 'tiny_fp32.onnx'));
    expect(model).toMatchObject({ format: 'onnx', name: 'tiny_fp32.onnx', warnings: [] });
  });
});
