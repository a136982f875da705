import { describe, expect, it } from 'vitest';
import { atenNames, atenOperator, bareName } from '../../../src/graph/aten/atenTable.js';
import { graphCosts } from '../../../src/graph/operatorCost.js';
import { INT64, readTiny, type TinyProgram } from '../readers/pytorch/tinyProgram.js';

type Tensors = Record<string, number[]>;
const sized = (tensors: Tensors, dtype?: number) =>
  Object.fromEntries(Object.entries(tensors).map(([name, sizes]) => [name, { sizes, ...(dtype ? { dtype } : {}) }]));

/** What one operator of a program becomes: the last node that is not a view, and what it costs. */
async function one(target: string, args: Record<string, unknown>, tensors: Tensors, out: Tensors, weights: Tensors = {}) {
  const program: TinyProgram = {
    inputs: sized(tensors),
    parameters: sized(weights),
    nodes: [[target, args, sized(out)]],
    outputs: Object.keys(out),
  };
  const { graph, warnings } = await readTiny(program);
  const { each, total } = graphCosts(graph);
  const position = graph.nodes.findLastIndex((n) => !['view', 'reshape', 'input', 'stored'].includes(n.op));
  const { op, attrs, shape } = graph.nodes[position];
  return { op, attrs, shape, macs: total.macs, params: total.params, flops: each[position].flops, warnings };
}

describe('the table of ATen operators', () => {
  it('knows operators by bare names', () => {
    expect(bareName('relu_')).toBe('relu');
    expect(bareName('__and__')).toBe('__and__');
    expect(atenOperator('silu_')).toBe(atenOperator('silu'));
    expect(atenOperator('no_such')).toBeUndefined();
    expect(atenNames().filter((name) => name.includes(':') || name.includes('.'))).toEqual([]);
  });

  it('convolutions of one to three axes, transposed, grouped, dilated, of one image', async () => {
    expect(
      await one(
        'conv1d',
        { input: 'x', weight: 'w', bias: null, stride: [2] },
        { x: [1, 4, 9] },
        { y: [1, 6, 4] },
        { w: [6, 2, 3] },
      ),
    ).toMatchObject({ op: 'conv1d', attrs: { groups: 2 }, macs: 6 * 4 * 6, params: 36 });
    expect(
      await one(
        'conv3d',
        { input: 'x', weight: 'w', bias: 'b', padding: [1, 1, 1] },
        { x: [2, 3, 4, 4, 4] },
        { y: [2, 5, 4, 4, 4] },
        { w: [5, 3, 3, 3, 3], b: [5] },
      ),
    ).toMatchObject({ op: 'conv3d', macs: 2 * 5 * 64 * 81, params: 410 });
    expect(
      await one(
        'conv2d',
        { input: 'x', weight: 'w', bias: null, stride: [1, 1], padding: [2, 2], dilation: [2, 2] },
        { x: [3, 8, 8] },
        { y: [5, 8, 8] },
        { w: [5, 3, 3, 3] },
      ),
    ).toMatchObject({ op: 'conv2d', attrs: { dilation: [2, 2] }, macs: 5 * 64 * 27 });
    expect(
      await one(
        'conv_transpose2d',
        { input: 'x', weight: 'w', bias: 'b', stride: [2, 2] },
        { x: [1, 8, 5, 5] },
        { y: [1, 4, 10, 10] },
        { w: [8, 4, 2, 2], b: [4] },
      ),
    ).toMatchObject({ op: 'conv_transpose2d', macs: 8 * 25 * 4 * 4, params: 132 });
    expect(
      await one(
        'convolution',
        {
          input: 'x',
          weight: 'w',
          bias: null,
          stride: [1, 1],
          padding: [1, 1],
          dilation: [1, 1],
          transposed: false,
          output_padding: [0, 0],
          groups: 8,
        },
        { x: [1, 8, 5, 5] },
        { y: [1, 8, 5, 5] },
        { w: [8, 1, 3, 3] },
      ),
    ).toMatchObject({ op: 'conv2d', attrs: { groups: 8 }, macs: 8 * 25 * 9 });
  });

  it('products of matrices, vectors, and by an equation', async () => {
    const mm = (target: string, args: object, tensors: Tensors, out: number[], weights?: Tensors) =>
      one(target, args as Record<string, unknown>, tensors, { y: out }, weights);
    expect(await mm('addmm', { self: 'b', mat1: 'x', mat2: 'w' }, { x: [2, 3] }, [2, 5], { w: [3, 5], b: [5] })).toMatchObject({
      op: 'linear',
      macs: 30,
      params: 20,
    });
    expect(await mm('mm', { self: 'x', mat2: 'z' }, { x: [2, 3], z: [3, 5] }, [2, 5])).toMatchObject({
      op: 'matmul',
      macs: 30,
      params: 0,
    });
    expect(
      await mm('baddbmm', { self: 'a', batch1: 'x', batch2: 'z' }, { a: [4, 2, 5], x: [4, 2, 3], z: [4, 3, 5] }, [4, 2, 5]),
    ).toMatchObject({ macs: 120 });
    expect(await mm('matmul', { self: 'x', other: 'z' }, { x: [7, 2, 3], z: [3] }, [7, 2])).toMatchObject({
      op: 'matmul',
      macs: 42,
    });
    expect(await mm('mv', { self: 'x', vec: 'z' }, { x: [4, 3], z: [3] }, [4])).toMatchObject({ macs: 12 });
    expect(await mm('dot', { self: 'x', tensor: 'z' }, { x: [3], z: [3] }, [])).toMatchObject({ macs: 3 });
    const equation = { as_string: 'bhid,bhjd->bhij' };
    expect(
      await mm('einsum', { equation, tensors: ['x', 'z'] }, { x: [2, 4, 5, 8], z: [2, 4, 6, 8] }, [2, 4, 5, 6]),
    ).toMatchObject({ op: 'matmul', macs: 2 * 4 * 5 * 6 * 8 });
    expect(
      await mm('einsum', { equation: { as_string: 'nchw,kc->nkhw' }, tensors: ['x', 'w'] }, { x: [1, 3, 4, 4] }, [1, 5, 4, 4], {
        w: [5, 3],
      }),
    ).toMatchObject({ op: 'matmul', macs: 16 * 15, params: 15 });
  });

  it('attention, causal or over fewer key heads', async () => {
    const q = [1, 8, 10, 16];
    const args = { query: 'q', key: 'k', value: 'v' };
    const tensors = { q, k: [1, 2, 20, 16], v: [1, 2, 20, 16] };
    const full = await one('scaled_dot_product_attention', args, tensors, { y: q });
    expect(full).toMatchObject({ op: 'attention', attrs: { kvHeads: 2, kvLength: 20 }, macs: 8 * 10 * 20 * 32 });
    const causal = await one('scaled_dot_product_attention', { ...args, is_causal: true }, tensors, { y: q });
    expect(causal.macs).toBe(full.macs / 2);
    const flat = { q: [4, 10, 16], k: [4, 10, 16], v: [4, 10, 16] };
    expect(await one('scaled_dot_product_attention', args, flat, { y: [4, 10, 16] })).toMatchObject({
      macs: 4 * 100 * 32,
      shape: [4, 1, 10, 16],
    });
    // windows beside each other, as Hiera and NesT attend: all axes before the heads are one
    const windows = { q: [2, 3, 4, 10, 16], k: [2, 3, 4, 20, 16], v: [2, 3, 4, 20, 16] };
    expect(await one('scaled_dot_product_attention', args, windows, { y: [2, 3, 4, 10, 16] })).toMatchObject({
      op: 'attention',
      macs: 6 * 4 * 10 * 20 * 32,
      shape: [6, 4, 10, 16],
    });
  });

  it('a recurrent network costs with its length, a cell one step', async () => {
    const weights = { wi: [64, 8], wh: [64, 16], bi: [64], bh: [64] };
    const args = {
      input: 'x',
      hx: ['h', 'c'],
      params: Object.keys(weights),
      has_biases: true,
      num_layers: 1,
      dropout: 0,
      train: false,
      bidirectional: false,
      batch_first: true,
    };
    const lstm = (length: number) =>
      one(
        'lstm',
        args,
        { x: [2, length, 8], h: [1, 2, 16], c: [1, 2, 16] },
        { y: [2, length, 16], hn: [1, 2, 16], cn: [1, 2, 16] },
        weights,
      );
    const [short, long] = [await lstm(10), await lstm(20)];
    expect(short).toMatchObject({ op: 'lstm', macs: 2 * 10 * 64 * 24, params: 64 * 26 });
    expect(long.macs).toBe(2 * short.macs);
    const cell = await one(
      'gru_cell',
      { input: 'x', hx: 'h', w_ih: 'wi', w_hh: 'wh', b_ih: 'bi', b_hh: 'bh' },
      { x: [2, 8], h: [2, 16] },
      { y: [2, 16] },
      { wi: [48, 8], wh: [48, 16], bi: [48], bh: [48] },
    );
    expect(cell).toMatchObject({ op: 'gru', macs: 2 * 48 * 24, params: 48 * 26 });
  });

  it('an LSTM layer of oneDNN, deformable convolution, four-bit and pairwise products', async () => {
    const weights = { a: [64, 8], b: [64, 16], c: [64], d: [64] };
    const layer = {
      ...{ input: 'x', weight0: 'a', weight1: 'b', weight2: 'c', weight3: 'd', hx_: 'h', cx_: 'h', reverse: false },
      ...{ batch_sizes: [], mode: 2, hidden_size: 16, num_layers: 1, has_biases: true, bidirectional: false, batch_first: false },
    };
    const states = { y: [10, 2, 16], hy: [1, 2, 16], cy: [1, 2, 16], workspace: [0] };
    expect(await one('mkldnn_rnn_layer', layer, { x: [10, 2, 8], h: [1, 2, 16] }, states, weights)).toMatchObject({
      op: 'lstm',
      macs: 2 * 10 * 64 * 24,
      params: 64 * 26,
    });
    const shifted = { input: 'x', weight: 'w', offset: 'o', mask: 'o', bias: 'b', stride_h: 1, stride_w: 1, pad_h: 1, pad_w: 1 };
    const images = { x: [1, 4, 5, 5], o: [1, 18, 5, 5] };
    expect(
      await one('torchvision.deform_conv2d.default', shifted, images, { y: [1, 6, 5, 5] }, { w: [6, 4, 3, 3], b: [6] }),
    ).toMatchObject({ op: 'conv2d', macs: 6 * 25 * 36, params: 222 });
    const packed = await one('_weight_int4pack_mm', { self: 'x', mat2: 'w' }, { x: [2, 64], w: [4, 2, 32, 4] }, { y: [2, 32] });
    expect(packed).toMatchObject({ op: 'linear', attrs: { weightDtype: 'int4' }, macs: 2 * 64 * 32 });
    expect(await one('cdist', { x1: 'x', x2: 'z' }, { x: [3, 5, 8], z: [3, 7, 8] }, { y: [3, 5, 7] })).toMatchObject({
      op: 'matmul',
      macs: 3 * 5 * 7 * 8,
    });
  });

  it('norms count the weights they have', async () => {
    const x = { x: [2, 6, 4, 4] };
    const batch = { input: 'x', weight: 'w', bias: 'b', running_mean: 'm', running_var: 'v', training: false };
    expect(await one('batch_norm', batch, { ...x, m: [6], v: [6] }, { y: x.x }, { w: [6], b: [6] })).toMatchObject({
      op: 'batch_norm',
      params: 12,
    });
    expect(
      await one('group_norm', { input: 'x', num_groups: 3, weight: 'w', bias: 'b' }, x, { y: x.x }, { w: [6], b: [6] }),
    ).toMatchObject({ op: 'group_norm', attrs: { groups: 3 }, params: 12 });
    expect(await one('instance_norm', { input: 'x', weight: null, bias: null }, x, { y: x.x })).toMatchObject({
      op: 'instance_norm',
      params: 0,
    });
    expect(await one('rms_norm', { input: 'x', normalized_shape: [4], weight: 'w' }, x, { y: x.x }, { w: [4] })).toMatchObject({
      op: 'rms_norm',
      params: 4,
    });
    expect(await one('softmax', { self: 'x', dim: 1 }, x, { y: x.x })).toMatchObject({ op: 'softmax', attrs: { axis: 1 } });
  });

  it('pools, also those that adapt or round up', async () => {
    const x = { x: [1, 8, 7, 7] };
    expect(
      await one(
        'max_pool2d',
        { self: 'x', kernel_size: [3, 3], stride: [2, 2], padding: [0, 0], dilation: [1, 1], ceil_mode: true },
        { x: [1, 8, 8, 8] },
        { y: [1, 8, 4, 4] },
      ),
    ).toMatchObject({ op: 'max_pool2d', flops: 8 * 16 * 9 });
    expect(await one('avg_pool2d', { self: 'x', kernel_size: [2, 2] }, x, { y: [1, 8, 3, 3] })).toMatchObject({
      attrs: { stride: [2, 2] },
    });
    expect(await one('adaptive_avg_pool2d', { self: 'x', output_size: [1, 1] }, x, { y: [1, 8, 1, 1] })).toMatchObject({
      op: 'global_avg_pool',
    });
    expect(await one('adaptive_avg_pool2d', { self: 'x', output_size: [3, 3] }, x, { y: [1, 8, 3, 3] })).toMatchObject({
      op: 'avg_pool2d',
      attrs: { kernel: [3, 3], stride: [2, 2] },
    });
    expect(
      await one('adaptive_avg_pool3d', { self: 'x', output_size: [1, 1, 1] }, { x: [1, 8, 2, 7, 7] }, { y: [1, 8, 1, 1, 1] }),
    ).toMatchObject({ op: 'global_avg_pool' });
  });

  it('reductions, sorting, running sums', async () => {
    const x = { x: [2, 6, 4] };
    expect(await one('mean', { self: 'x', dim: [-1], keepdim: true }, x, { y: [2, 6, 1] })).toMatchObject({
      op: 'reduce',
      attrs: { axis: [2] },
      flops: 48,
    });
    expect(await one('sum', { self: 'x' }, x, { y: [] })).toMatchObject({ op: 'reduce', attrs: { kind: 'sum' }, flops: 48 });
    expect(await one('max', { self: 'x', dim: 1 }, x, { y: [2, 4], i: [2, 4] })).toMatchObject({
      op: 'reduce',
      attrs: { kind: 'max' },
    });
    expect(await one('argmax', { self: 'x', dim: -1 }, x, { y: [2, 6] })).toMatchObject({ op: 'argmax', shape: [2, 6] });
    expect(await one('topk', { self: 'x', k: 3, dim: 1 }, x, { y: [2, 3, 4], i: [2, 3, 4] })).toMatchObject({
      op: 'topk',
      attrs: { k: 3, axis: 1 },
    });
    expect(await one('sort', { self: 'x', dim: -1 }, x, { y: [2, 6, 4], i: [2, 6, 4] })).toMatchObject({
      op: 'topk',
      attrs: { k: 4 },
    });
    expect(await one('cumsum', { self: 'x', dim: 1 }, x, { y: [2, 6, 4] })).toMatchObject({ op: 'cumsum', attrs: { axis: 1 } });
  });

  it('data movement: copies are paid for, also tensors from nothing', async () => {
    const x = { x: [2, 6, 4] };
    expect(await one('cat', { tensors: ['x', 'z'], dim: -1 }, { ...x, z: [2, 6, 1] }, { y: [2, 6, 5] })).toMatchObject({
      op: 'concat',
      attrs: { axis: 2 },
    });
    expect(await one('stack', { tensors: ['x', 'z'], dim: 1 }, { ...x, z: [2, 6, 4] }, { y: [2, 2, 6, 4] })).toMatchObject({
      op: 'concat',
      shape: [2, 2, 6, 4],
    });
    expect(await one('roll', { self: 'x', shifts: [1], dims: [1] }, x, { y: [2, 6, 4] })).toMatchObject({ op: 'copy' });
    expect(await one('pad', { self: 'x', pad: [1, 1] }, x, { y: [2, 6, 6] })).toMatchObject({ op: 'pad', shape: [2, 6, 6] });
    expect(
      await one(
        'upsample_bilinear2d',
        { input: 'x', output_size: null, align_corners: false },
        { x: [1, 3, 4, 4] },
        { y: [1, 3, 8, 8] },
      ),
    ).toMatchObject({ op: 'resize' });
    expect(await one('where', { condition: 'x', self: 'z', other: 'x' }, { ...x, z: [4] }, { y: [2, 6, 4] })).toMatchObject({
      op: 'where',
    });
    expect(await one('arange', { end: 8 }, {}, { y: [8] })).toMatchObject({ op: 'fill', shape: [8] });
    expect(await one('repeat', { self: 'x', repeats: [1, 1, 2] }, x, { y: [2, 6, 8] })).toMatchObject({
      op: 'copy',
      shape: [2, 6, 8],
    });
    expect(await one('pixel_shuffle', { self: 'x', upscale_factor: 2 }, { x: [1, 8, 2, 2] }, { y: [1, 2, 4, 4] })).toMatchObject({
      op: 'copy',
      shape: [1, 2, 4, 4],
    });
  });

  it('indices: what is given out is read', async () => {
    const { graph } = await readTiny({
      inputs: { x: { sizes: [100, 4] }, i: { sizes: [3], dtype: INT64 } },
      nodes: [
        ['index', { self: 'x', indices: ['i'] }, { y: { sizes: [3, 4] } }],
        ['index_put', { self: 'x', indices: ['i'], values: 'y' }, { z: { sizes: [100, 4] } }],
      ],
      outputs: ['z'],
    });
    expect(graph.nodes.map((n) => n.op)).toEqual(['input', 'input', 'gather', 'scatter']);
    expect(graphCosts(graph).each[2].bytesIn).toBe(4 * 12);
  });
});
