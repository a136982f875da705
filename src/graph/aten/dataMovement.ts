import {
  type AtenCall,
  type AtenRule,
  type AtenTable,
  type AtenTensor,
  fromFront,
  operators,
  statedOr,
  Unusable,
} from './atenCall.js';
import { like } from './elementwise.js';

/** table, indices */
const embedding: AtenRule = (call) => {
  const table = call.tensor('weight');
  return {
    op: 'embedding',
    attrs: { rows: table.shape[0], dim: table.shape[1] ?? 1 },
    inputs: [call.tensor('indices')],
    dtype: table.dtype,
    weights: call.outputs ? [table] : [],
  };
};

/** x, (axis,) indices: as large as the indices */
const gather: AtenRule = (call) => {
  const indices = call.tensor('index');
  return { op: 'gather', attrs: {}, inputs: [call.tensor('self'), indices], shape: indices.shape };
};

/** x, axis, indices: x with the axis as long as the indices */
const indexSelect: AtenRule = (call) => {
  const x = call.tensor('self');
  const axis = fromFront(call.numbers('dim')[0], x.shape.length);
  const indices = call.tensor('index');
  const shape = x.shape.map((n, i) => (i === axis ? (indices.shape[0] ?? 1) : n));
  return { op: 'gather', attrs: {}, inputs: [x, indices], shape };
};

/** x[indices], one list of them for each axis that has any */
const index: AtenRule = (call) => ({
  op: 'gather',
  attrs: {},
  inputs: [call.tensor('self'), ...call.list('indices').slice(0, 1)],
  shape: outputShape(call),
});

const scatter =
  (...names: string[]): AtenRule =>
  (call) => {
    const x = call.tensor('self');
    const others = names.flatMap((name) => (call.has(name) ? [call.tensor(name)] : []));
    return { op: 'scatter', attrs: {}, inputs: [x, ...others.slice(0, 2)], shape: x.shape };
  };

/** The first tensor takes what the second holds. */
const copy: AtenRule = (call) => {
  const to = call.tensor('self');
  const from = call.has('src') ? call.tensor('src') : to;
  return { op: 'copy', attrs: {}, inputs: [from], shape: to.shape, dtype: to.dtype };
};

function joined(parts: AtenTensor[], axis: number): { op: string; attrs: { axis: number }; inputs: AtenTensor[] } {
  const rank = parts[0]?.shape.length ?? 0;
  if (!rank) throw new Unusable('all parts are empty');
  return { op: 'concat', attrs: { axis: fromFront(axis, rank) }, inputs: parts };
}

const concat: AtenRule = (call) => {
  const parts = call.list('tensors');
  return joined(parts, call.numbers('dim', [0])[0]);
};

/** Parts one after another along a new axis. */
const stack: AtenRule = (call) => {
  const parts = call.list('tensors');
  const axis = fromFront(call.numbers('dim', [0])[0], (parts[0]?.shape.length ?? 0) + 1);
  return joined(
    parts.map((t) => ({ ...t, shape: [...t.shape.slice(0, axis), 1, ...t.shape.slice(axis)] })),
    axis,
  );
};

/** x, sizes of padding from the last axis backwards */
const pad: AtenRule = (call) => {
  const x = call.tensor('self');
  if (call.outputs) return { op: 'pad', attrs: {}, inputs: [x], shape: call.outputs[0].shape };
  const sizes = call.numbers('pad');
  const shape = [...x.shape];
  for (let i = 0; 2 * i < sizes.length; i++) shape[shape.length - 1 - i] += sizes[2 * i] + sizes[2 * i + 1];
  return { op: 'pad', attrs: {}, inputs: [x], shape };
};

const resize: AtenRule = (call) => {
  const x = call.tensor('self');
  const shape = statedOr(call, () => {
    const size = call.numbers('output_size');
    return [...x.shape.slice(0, x.shape.length - size.length), ...size];
  });
  return { op: 'resize', attrs: {}, inputs: [x], shape };
};

/** As many elements of the output as stated, each read from somewhere in the first tensor. */
const stated =
  (op: string, name = 'self'): AtenRule =>
  (call) => ({ op, attrs: {}, inputs: [call.tensor(name)], shape: outputShape(call) });

function outputShape(call: AtenCall): readonly number[] {
  return statedOr(call, () => {
    throw new Unusable('no shape of its output');
  });
}

/** Elements that come from no tensor. */
const fill: AtenRule = (call) => ({
  op: 'fill',
  attrs: {},
  inputs: [],
  shape: outputShape(call),
  dtype: call.outputs?.[0]?.dtype,
});

const SIZED =
  'upsample_nearest1d upsample_nearest2d upsample_nearest3d upsample_linear1d upsample_bilinear2d upsample_trilinear3d upsample_bicubic2d _upsample_nearest_exact1d _upsample_nearest_exact2d _upsample_nearest_exact3d _upsample_bilinear2d_aa _upsample_bicubic2d_aa';

export const DATA_MOVEMENT: AtenTable = {
  ...operators('embedding', 'weight indices', embedding),
  ...operators('embedding_bag _embedding_bag _embedding_bag_forward_only', 'weight indices', embedding),
  ...operators('gather', 'self dim index', gather),
  ...operators('index_select', 'self dim index', indexSelect),
  ...operators('take', 'self index', gather),
  ...operators('index _unsafe_index', 'self indices', index),
  ...operators('masked_select nonzero', 'self', stated('gather')),
  ...operators('index_put _unsafe_index_put', 'self indices values', scatter('values')),
  ...operators(
    'scatter scatter_add scatter_reduce index_add index_copy index_fill',
    'self dim index src',
    scatter('index', 'src'),
  ),
  ...operators('slice_scatter select_scatter diagonal_scatter as_strided_scatter', 'self src', scatter('src')),
  ...operators('masked_scatter', 'self mask source', scatter('mask', 'source')),
  ...operators('copy', 'self src', copy),
  ...operators('cat concat concatenate', 'tensors dim', concat),
  ...operators('stack', 'tensors dim', stack),
  ...operators('pad constant_pad_nd', 'self pad', pad),
  ...operators(
    'reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d replication_pad3d',
    'self padding',
    pad,
  ),
  ...operators('roll', 'self shifts dims', like('copy')),
  ...operators('clone fliplr flip flipud rot90 tril triu channel_shuffle native_channel_shuffle', 'self', stated('copy')),
  ...operators('pixel_shuffle pixel_unshuffle repeat tile repeat_interleave', 'self', stated('copy')),
  ...operators('im2col unfold_copy', 'self', stated('gather')),
  ...operators('col2im', 'self', stated('fold')),
  ...operators(SIZED, 'self output_size', resize),
  ...operators('grid_sampler grid_sampler_2d grid_sampler_3d', 'input grid', (call) => ({
    op: 'grid_sample',
    attrs: {},
    inputs: [call.tensor('input'), call.tensor('grid')],
  })),
  ...operators('diff', 'self', (call) => ({
    op: 'sub',
    attrs: {},
    inputs: [{ ...call.tensor('self'), shape: [...outputShape(call)] }],
  })),
  ...operators(
    'arange range linspace logspace eye zeros ones full empty rand randn randint randperm zeros_like ones_like full_like empty_like rand_like randn_like randint_like new_zeros new_ones new_full new_empty empty_strided new_empty_strided scalar_tensor fill zero normal uniform bernoulli tril_indices triu_indices one_hot hann_window hamming_window',
    'self',
    fill,
  ),
};
