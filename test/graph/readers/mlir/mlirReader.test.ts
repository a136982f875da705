import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mlirReader } from '../../../../src/graph/readers/mlir/mlirReader.js';
import { SHARED } from '../../../shared.js';
import { readWith, totalCost, working } from '../readText.js';

const T = (shape: string, type = 'f32') => `tensor<${shape}x${type}>`;
/** The model of a function over `parameters` that returns what its last line makes. */
const fn = async (parameters: string[], ...lines: string[]) => {
  const list = parameters.map((type, i) => `%arg${i}: ${type}`).join(', ');
  const [model] = await readWith(
    mlirReader,
    `func.func @f(${list}) -> tensor<*xf32> {\n${lines.join('\n')}\nreturn %y : tensor<1xf32>\n}\n`,
  );
  return {
    model,
    operators: working(model).map(({ op, shape }) => [op, ...shape]),
    macs: totalCost(model).macs,
    params: totalCost(model).params,
  };
};

describe('mlirReader', () => {
  it('knows functions of tensors', () => {
    expect(mlirReader.detect(Buffer.from('module {\n  func.func @f(%a: tensor<2xf32>) {'), 'x')).toBe('certain');
    expect(mlirReader.detect(Buffer.from('function f(x) { return x; }'), 'x')).toBeUndefined();
  });

  it.each<[string, string[], string[], (string | number)[][], number]>([
    [
      'stablehlo.dot',
      [T('2x3'), T('3x4')],
      [`%y = stablehlo.dot %arg0, %arg1 : (${T('2x3')}, ${T('3x4')}) -> ${T('2x4')}`],
      [['matmul', 1, 2, 4]],
      24,
    ],
    [
      'a batched product in the short form',
      [T('5x2x3'), T('5x4x3')],
      [
        `%y = stablehlo.dot_general %arg0, %arg1, batching_dims = [0] x [0], contracting_dims = [2] x [2] : (${T('5x2x3')}, ${T('5x4x3')}) -> ${T('5x2x4')}`,
      ],
      [['matmul', 5, 2, 4]],
      120,
    ],
    [
      'a product in the generic form',
      [T('2x3'), T('3x4')],
      [
        `%y = "stablehlo.dot_general"(%arg0, %arg1) {dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>} : (${T('2x3')}, ${T('3x4')}) -> ${T('2x4')}`,
      ],
      [['matmul', 1, 2, 4]],
      24,
    ],
    [
      'windows over places',
      [T('1x8x8x3')],
      [
        '%c = stablehlo.constant dense<0.0> : tensor<f32>',
        `%y = "stablehlo.reduce_window"(%arg0, %c) ({\n^bb0(%a: tensor<f32>, %b: tensor<f32>):\n%m = stablehlo.maximum %a, %b : tensor<f32>\nstablehlo.return %m : tensor<f32>\n}) {window_dimensions = array<i64: 1, 2, 2, 1>, window_strides = array<i64: 1, 2, 2, 1>} : (${T('1x8x8x3')}, tensor<f32>) -> ${T('1x4x4x3')}`,
      ],
      [['max_pool2d', 3, 1, 4, 4]],
      0,
    ],
    [
      'linalg.matmul, which writes into its last operand',
      [T('2x3'), T('3x4'), T('2x4')],
      [`%y = linalg.matmul ins(%arg0, %arg1 : ${T('2x3')}, ${T('3x4')}) outs(%arg2 : ${T('2x4')}) -> ${T('2x4')}`],
      [['matmul', 1, 2, 4]],
      24,
    ],
    [
      'a convolution of linalg',
      [T('1x6x6x2'), T('3x3x2x4'), T('1x4x4x4')],
      [
        `%y = linalg.conv_2d_nhwc_hwcf {dilations = dense<1> : tensor<2xi64>, strides = dense<1> : tensor<2xi64>} ins(%arg0, %arg1 : ${T('1x6x6x2')}, ${T('3x3x2x4')}) outs(%arg2 : ${T('1x4x4x4')}) -> ${T('1x4x4x4')}`,
      ],
      [['conv2d', 1, 4, 4, 4]],
      16 * 4 * 18,
    ],
    [
      'loops that multiply and add',
      [T('2x3'), T('4x3'), T('2x4')],
      [
        '%y = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1)>], iterator_types = ["parallel", "parallel", "reduction"]}',
        `  ins(%arg0, %arg1 : ${T('2x3')}, ${T('4x3')}) outs(%arg2 : ${T('2x4')}) {`,
        '  ^bb0(%a: f32, %b: f32, %c: f32):',
        '    %m = arith.mulf %a, %b : f32',
        '    %s = arith.addf %c, %m : f32',
        '    linalg.yield %s : f32',
        `  } -> ${T('2x4')}`,
      ],
      [['matmul', 1, 2, 4]],
      24,
    ],
  ])('reads %s', async (_, parameters, lines, operators, macs) => {
    expect(await fn(parameters, ...lines)).toMatchObject({ operators, macs });
  });

  it('repeats what is broadcast only where it must', async () => {
    const bias = [
      `%c = stablehlo.constant dense<[1.0, 2.0, 3.0]> : ${T('3')}`,
      `%b = stablehlo.broadcast_in_dim %c, dims = [1] : (${T('3')}) -> ${T('2x3')}`,
    ];
    const added = await fn([T('2x3')], ...bias, `%y = stablehlo.add %arg0, %b : ${T('2x3')}`);
    expect(added).toMatchObject({ operators: [['add', 2, 3]], params: 3 });
    const whole = await fn(
      [T('2x3')],
      ...bias,
      `%y = stablehlo.concatenate %arg0, %b, dim = 0 : (${T('2x3')}, ${T('2x3')}) -> ${T('4x3')}`,
    );
    expect(whole.operators).toEqual([
      ['expand', 2, 3],
      ['concat', 4, 3],
    ]);
  });

  it('writes called functions in their place and reads each public one as a model', async () => {
    const text = `
module @one { // with a comment: {
  func.func private @half(%arg0: ${T('4')}) -> ${T('4')} { %0 = stablehlo.tanh %arg0 : ${T('4')}
    %1 = stablehlo.sqrt %0 : ${T('4')}
    return %1 : ${T('4')} }
  func.func public @main(%arg0: ${T('4')}) -> ${T('4')} {
    %0 = call @half(%arg0) : (${T('4')}) -> ${T('4')}
    return %0 : ${T('4')}
  }
}
module @two {
  func.func @other(%arg0: ${T('4', 'bf16')}) -> ${T('4', 'bf16')} {
    %0 = stablehlo.abs %arg0 : ${T('4', 'bf16')}
    func.return %0 : ${T('4', 'bf16')}
  }
}`;
    const models = await readWith(mlirReader, text);
    expect(models.map((m) => [m.name, ...working(m).map(({ op }) => op)])).toEqual([
      ['net @main', 'tanh', 'sqrt'],
      ['net @other', 'abs'],
    ]);
    expect(models[1].graph.nodes[1].dtype).toBe('bf16');
  });

  it('counts what it does not know by its tensors', async () => {
    const { model } = await fn([T('4')], `%y = stablehlo.custom_call @mystery(%arg0) : (${T('4')}) -> ${T('8')}`);
    expect(model.graph.nodes[1]).toMatchObject({ op: 'opaque', shape: [8] });
    expect(model.warnings[0]).toContain('100.0 % of all bytes');
  });

  it('asks for open axes by input and flag', async () => {
    const text = `func.func @f(%x: ${T('?x3')}) -> ${T('?x3')} {\n  %0 = stablehlo.abs %x : ${T('?x3')}\n  return %0 : ${T('?x3')}\n}`;
    await expect(readWith(mlirReader, text)).rejects.toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining("line 1: function @f leaves the shape ?,3 of 'x' open"),
      hint: expect.stringContaining('--shape x='),
    });
    const [model] = await readWith(mlirReader, text, { shapes: { x: [7, 3] } });
    expect(model.graph.nodes[1].shape).toEqual([7, 3]);
    expect((await readWith(mlirReader, text, { batch: 2 }))[0].graph.nodes[0].shape).toEqual([2, 3]);
  });

  it.each<[string, string, Record<string, unknown>]>([
    [
      'a cut file',
      `module {\n  func.func @f(%x: ${T('3')}) -> ${T('3')} {\n    %0 = stablehlo.abs`,
      { code: 'corrupt', message: expect.stringContaining('line 2: function @f does not end') },
    ],
    ['no function', 'module { }', { code: 'corrupt' }],
    [
      'another dialect',
      `func.func @f(%x: ${T('3')}) -> ${T('3')} {\n  %0 = tosa.abs %x : ${T('3')}\n  return %0 : ${T('3')}\n}`,
      { code: 'unsupported', message: expect.stringContaining("line 2: 'tosa.abs'") },
    ],
    [
      'sizes that contradict one another',
      `func.func @f(%x: ${T('2x3')}, %w: ${T('4x4')}) -> ${T('2x4')} {\n  %0 = stablehlo.dot %x, %w : (${T('2x3')}, ${T('4x4')}) -> ${T('2x4')}\n  return %0 : ${T('2x4')}\n}`,
      { code: 'bad-input', message: expect.stringContaining('line 2, stablehlo.dot') },
    ],
  ])('refuses %s', async (_, text, expected) => {
    await expect(readWith(mlirReader, text)).rejects.toMatchObject(expected);
  });
});

const FOLDER = join(SHARED, 'data/traces/mlir');
describe.skipIf(!existsSync(FOLDER))('real MLIR files', () => {
  const read = (file: string, options = {}) => readWith(mlirReader, readFileSync(join(FOLDER, file)), options, file);

  it('multiplies as often as their layers say', async () => {
    const [mnist] = await read('iree_mnist_fake_weights.mlir');
    expect(totalCost(mnist)).toMatchObject({ macs: 784 * 128 + 128 * 10, params: 784 * 128 + 128 + 128 * 10 + 10 });
    const [sobel] = await read('iree_edge_detection.mlir');
    expect(totalCost(sobel).macs).toBe(2 * 128 * 128 * 9);
    const [dense] = await read('iree_fullyconnected.mlir');
    expect(dense.warnings).toEqual([]);
    // 5 rows through 3 x 5, then twice 5 x 5
    expect(totalCost(dense)).toMatchObject({ macs: 5 * (15 + 25 + 25), params: 65 });
  });

  it('reads every convolution of StableHLO whose sizes are told', async () => {
    const models = await read('stablehlo_linalg_convolution.mlir');
    const costs = Object.fromEntries(models.map((m) => [m.name.split('@')[1], totalCost(m).macs]));
    expect(models).toHaveLength(16);
    expect(models[0].warnings).toHaveLength(3); // those with open axes
    expect(costs).toMatchObject({
      depthwise_conv: 2 * 12 * 6 * 4,
      depthwise_conv_multiplier_1: 56 * 56 * 96 * 9,
      conv2d_1452x2223_dilated_valid: 8 * 3 * 8,
      'linalg.conv_0d_nc': 18,
    });
  });

  it('names the line of a dialect of another level', async () => {
    await expect(read('torchmlir_linalg_convolution_bwd.mlir')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/^line \d+: 'torch\./),
    });
  });
});
