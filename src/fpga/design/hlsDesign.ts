import { z } from 'zod';
import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';

/** A fixed-point type: `ap_fixed<bits, intBits>` (`ap_ufixed` where not signed). `intBits` counts the sign; null where the source does not say. */
const PrecisionSchema = z.strictObject({
  bits: z.int().min(1).max(128),
  intBits: z.int().min(-128).max(128).nullable(),
  signed: z.boolean(),
  /** how bits behind the last are dropped and values beyond the type are met, lower case, where not by cutting and wrapping: rnd, rnd_conv..; sat, sat_sym.. */
  rounding: z.string().optional(),
  overflow: z.string().optional(),
});
export type Precision = z.infer<typeof PrecisionSchema>;

/** hls4ml's strategies; `distributed_arithmetic` (da4ml) has no multipliers, `unrolled` is resource with constant weights. */
export const STRATEGIES = ['latency', 'resource', 'distributed_arithmetic', 'unrolled'] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** How tensors travel between layers: all elements at once, or one pixel (all channels) at a time through FIFOs. */
export const IO_TYPES = ['io_parallel', 'io_stream'] as const;
export type IoType = (typeof IO_TYPES)[number];

/** hls4ml's ways to compute a softmax (nnet_activation.h): with the largest value taken off first, without, by a table of each difference, or 1 for the largest and 0 else. */
export const SOFTMAXES = ['stable', 'latency', 'legacy', 'argmax'] as const;
export type Softmax = (typeof SOFTMAXES)[number];

/** hls4ml's `ConvImplementation` (nnet_conv_stream.h): rows in a line buffer, or a FIFO for each value of the window. */
export const CONVOLUTIONS = ['line_buffer', 'encoded'] as const;

/**
 * Layers of an HLS design. Shapes are channels-last without the batch axis, as hls4ml has them.
 *
 * | kind | fields used |
 * |---|---|
 * | dense | inShape [.., n_in], outShape [.., n_out] |
 * | conv1d, conv2d | kernel, stride, padding, filters = last of outShape, groups |
 * | depthwise_conv1d, depthwise_conv2d | as conv, one filter a channel |
 * | max_pool, avg_pool | kernel (pool size), stride, padding |
 * | global_max_pool, global_avg_pool | - |
 * | batch_norm | one multiplication and addition an element |
 * | activation | activation: relu, leaky_relu, prelu, elu, selu, sigmoid, tanh, softmax, softplus, softsign, hard_sigmoid, hard_tanh, binary_tanh, ternary_tanh, linear; tableSize |
 * | gru, lstm, simple_rnn | inShape [steps, n_in], outShape [n_out] or [steps, n_out]; recurrent weights are counted inside |
 * | merge | merge: add, subtract, multiply, average, maximum, minimum, concatenate, dot; matmul: sums of products of two tensors, inShape [.., terms of a sum] |
 * | reshape, padding, resize, transpose | data movement (flatten is reshape) |
 * | opaque | anything else; `source` names it. Costs nothing in the analytical core, with a warning |
 */
export const LAYER_KINDS = [
  'dense',
  'conv1d',
  'conv2d',
  'depthwise_conv1d',
  'depthwise_conv2d',
  'max_pool',
  'avg_pool',
  'global_max_pool',
  'global_avg_pool',
  'batch_norm',
  'activation',
  'gru',
  'lstm',
  'simple_rnn',
  'merge',
  'reshape',
  'padding',
  'resize',
  'transpose',
  'opaque',
] as const;
export type LayerKind = (typeof LAYER_KINDS)[number];

/** `source` of a dense layer that hls4ml builds for all its positions at once, with io_parallel only. */
export const EINSUM_DENSE = 'EinsumDense';

const Shape = z.array(z.int().positive());

const RamStyle = z.enum(['auto', 'distributed', 'block', 'ultra']);
/** How FINN folds a layer: PE outputs and SIMD inputs at once; where its weights lie and what multiplies. */
const FoldingSchema = z.strictObject({
  pe: z.int().positive(),
  simd: z.int().positive(),
  unit: z.enum(['hls', 'rtl']),
  memory: z.enum(['embedded', 'decoupled', 'external']),
  ramStyle: RamStyle,
  multipliers: z.enum(['auto', 'lut', 'dsp']),
  /** of the inputs, where the folding says it; else the type of what is read */
  inputBits: z.int().min(1).max(64).optional(),
  inputSigned: z.boolean().optional(),
  /** of the unit before a convolution that makes windows of its input */
  window: z.strictObject({ simd: z.int().positive(), unit: z.enum(['hls', 'rtl']), ramStyle: RamStyle }).optional(),
});
export type Folding = z.infer<typeof FoldingSchema>;

const HlsLayerSchema = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(LAYER_KINDS),
  /** names of producing layers in argument order; empty: the network's input */
  inputs: z.array(z.string()),
  inShape: Shape,
  outShape: Shape,
  kernel: z.array(z.int().positive()).optional(),
  stride: z.array(z.int().positive()).optional(),
  padding: z.enum(['same', 'valid', 'causal']).optional(),
  groups: z.int().positive().optional(),
  activation: z.string().optional(),
  merge: z.string().optional(),
  /** of a leaky rectifier, what negative values are multiplied by; of a PReLU the slope that stands for all; alpha of an ELU; what a hard sigmoid multiplies by */
  slope: z.number().finite().optional(),
  /** entries of the look-up table of sigmoid, tanh, softmax.. */
  tableSize: z.int().positive().optional(),
  /** how hls4ml computes a softmax; `stable` unless told */
  softmax: z.enum(SOFTMAXES).optional(),
  /** output pixels that a convolution with io_parallel makes at once (hls4ml's `ParallelizationFactor`), as asked for; 1 unless told */
  pixelsAtOnce: z.int().positive().optional(),
  /** how a streaming convolution of Vivado HLS keeps its window; absent: as the version of hls4ml does */
  convolution: z.enum(CONVOLUTIONS).optional(),
  /** hls4ml's name of the layer where `kind` does not tell: of an opaque one, `EINSUM_DENSE` */
  source: z.string().optional(),
  /** weights that are zero, where known: the latency strategy removes their multiplications */
  zeroWeights: z.int().nonnegative().optional(),
  /** a quantiser gave each weight a width of its own (HGQ); `weight` is the widest */
  ownWidths: z.boolean().optional(),
  /** of the weights, where a reader has them and their type (`countConstants`); what is wired into logic costs by them */
  constants: z
    .strictObject({
      shiftAdd: z.int().nonnegative(),
      full: z.int().nonnegative(),
      distinct: z.int().nonnegative(),
      multiplied: z.int().nonnegative(),
    })
    .optional(),
  /** largest magnitude of its weights, where the file lets expect one (an initialiser) but does not hold them; absent: that of hls4ml's examples */
  weightSpread: z.number().positive().finite().optional(),
  useBias: z.boolean().optional(),
  /** of a design of FINN */
  folding: FoldingSchema.optional(),
  /** as asked for; absent: the design's. The tool snaps it to a valid value (`validReuseFactor`) */
  reuseFactor: z.int().positive().optional(),
  strategy: z.enum(STRATEGIES).optional(),
  /** absent: unknown; the design's `precision` then counts */
  weight: PrecisionSchema.optional(),
  bias: PrecisionSchema.optional(),
  accum: PrecisionSchema.optional(),
  result: PrecisionSchema.optional(),
});
export type HlsLayer = z.infer<typeof HlsLayerSchema>;

export const LABEL_STAGES = ['csynth', 'vsynth', 'impl'] as const;
/** Where a number of an FPGA design comes from: the HLS tool's estimate, logic synthesis, place and route. */
export type LabelStage = (typeof LABEL_STAGES)[number];

const HlsDesignSchema = z.strictObject({
  /** key of the design within its source */
  id: z.string().min(1),
  /** in topological order */
  layers: z.array(HlsLayerSchema).min(1),
  /** precision of the network's input, and of every tensor that names none */
  precision: PrecisionSchema,
  /** defaults of layers that name none */
  reuseFactor: z.int().positive(),
  strategy: z.enum(STRATEGIES),
  ioType: z.enum(IO_TYPES),
  /** part as the tool names it, e.g. xc7z020clg400-1; absent where unknown */
  part: z.string().optional(),
  /** clock period asked for, seconds */
  clockS: z.number().positive().optional(),
  /** share of the clock period that the HLS tool leaves free, where a file says so */
  clockUncertainty: z.number().min(0).lt(1).optional(),
  /** vivado_hls, vitis_hls, catapult, quartus, oneapi, yosys, finn */
  tool: z.string().optional(),
  toolVersion: z.string().optional(),
  hls4mlVersion: z.string().optional(),
  backend: z.string().optional(),
  /** what multiplications were bound to by directive; absent: the tool chooses */
  multipliers: z.enum(['dsp', 'lut']).optional(),
  /** what a reader had to assume, in words */
  assumptions: z.array(z.string()),
});
/** As a file may give it: with the share of zero weights of a layer in place of their number. */
const GivenDesignSchema = HlsDesignSchema.extend({
  layers: z.array(HlsLayerSchema.extend({ sparsity: z.number().min(0).lt(1).optional() })).min(1),
});
/** An HLS design: layers with shapes, precision, reuse factor and strategy, and how they are synthesised. */
export type HlsDesign = z.infer<typeof HlsDesignSchema>;

/**
 * Checks a design from outside: schema, unique names, topological order. `sparsity` of a layer, a share from 0 to below 1, becomes its `zeroWeights`.
 * @throws HwcastError `bad-input` naming the layer.
 */
export function parseHlsDesign(value: unknown, where?: string): HlsDesign {
  const parsed = GivenDesignSchema.safeParse(value);
  if (!parsed.success)
    throw new HwcastError('bad-input', `not an HLS design: ${z.prettifyError(parsed.error)}`, { where, cause: parsed.error });
  const seen = new Set<string>();
  const layers = parsed.data.layers.map((layer) => withZeroWeights(layer, where));
  for (const layer of layers) {
    if (seen.has(layer.name)) throw new HwcastError('bad-input', `layer '${layer.name}' appears twice`, { where });
    const missing = layer.inputs.find((i) => !seen.has(i));
    if (missing !== undefined)
      throw new HwcastError('bad-input', `layer '${layer.name}' reads '${missing}', which does not stand before it`, {
        where,
        hint: 'list the layers in topological order',
      });
    seen.add(layer.name);
    checkWeights(layer, where);
  }
  return { ...parsed.data, layers };
}

function withZeroWeights({ sparsity, ...layer }: HlsLayer & { sparsity?: number }, where: string | undefined): HlsLayer {
  if (sparsity === undefined) return layer;
  const n = weightsOf(layer);
  if (n === undefined || layer.zeroWeights !== undefined)
    throw new HwcastError(
      'bad-input',
      `layer '${layer.name}' has a sparsity, ${n ? 'and zeroWeights too' : `but a ${layer.kind} has no weights`}`,
      { where },
    );
  return { ...layer, zeroWeights: Math.round(sparsity * n) };
}

/** Zeros and constants must fit the weights there are. */
function checkWeights(layer: HlsLayer, where: string | undefined): void {
  const { zeroWeights, constants: c } = layer,
    n = weightsOf(layer);
  if (zeroWeights !== undefined && n !== undefined && zeroWeights > n)
    throw new HwcastError('bad-input', `layer '${layer.name}' has ${zeroWeights} zero weights of ${n}`, { where });
  if (!c) return;
  const matrix = weightMatrix(layer);
  if (!matrix) throw new HwcastError('bad-input', `layer '${layer.name}': a ${layer.kind} has no constants to count`, { where });
  const left = matrix.nIn * matrix.nOut - (zeroWeights ?? 0);
  if (c.shiftAdd + c.full > c.distinct || c.distinct > left || c.full > c.multiplied || c.multiplied > left)
    throw new HwcastError('bad-input', `layer '${layer.name}': constants ${JSON.stringify(c)} do not fit ${left} weights`, {
      where,
      hint: 'shiftAdd + full <= distinct, full <= multiplied, both no more than the weights that are not zero',
    });
}

/** Weights of a layer, recurrent ones included; undefined for a layer without. */
function weightsOf(layer: HlsLayer): number | undefined {
  const matrix = weightMatrix(layer);
  if (matrix) return matrix.nIn * matrix.nOut;
  const gates = gatesOf(layer),
    [nIn, nOut] = [layer.inShape, layer.outShape].map((s) => s[s.length - 1]);
  return gates ? gates * nOut * (nIn + nOut) : undefined;
}

/** Reuse factor that a layer asks for. */
export const reuseOf = (design: HlsDesign, layer: HlsLayer): number => layer.reuseFactor ?? design.reuseFactor;

/**
 * Strategy that hls4ml builds a layer with (`init_dense`, `init_conv2d`, `init_depconv2d`, `init_lstm` of its Vivado backend): depthwise convolutions are `latency` where they are not `resource`, recurrent layers
 * where `distributed_arithmetic` is asked for; `unrolled` is `resource` with reuse factor 1 and in convolutions with io_parallel.
 */
export function strategyOf(design: HlsDesign, layer: HlsLayer): Strategy {
  const asked = layer.strategy ?? design.strategy;
  if (asked === 'latency' || asked === 'resource') return asked;
  if (layer.kind.startsWith('depthwise')) return 'latency';
  if (asked === 'distributed_arithmetic') return gatesOf(layer) > 0 ? 'latency' : asked;
  const convolves = /^conv/.test(layer.kind) || (layer.kind === 'dense' && layer.inShape.length > 1);
  return reuseOf(design, layer) === 1 || (convolves && design.ioType === 'io_parallel') ? 'resource' : asked;
}
export const weightPrecisionOf = (design: HlsDesign, layer: HlsLayer): Precision => layer.weight ?? design.precision;

/** Precision of a layer's input: the result of its first producer, or the design's. */
export function inputPrecisionOf(design: HlsDesign, layer: HlsLayer): Precision {
  const producer = layer.inputs.length ? design.layers.find((l) => l.name === layer.inputs[0]) : undefined;
  return producer?.result ?? design.precision;
}

/**
 * The matrix a layer multiplies by, as hls4ml sees it: a dense layer n_in x n_out, a convolution (kernel x channels) x filters, and how many times it is
 * applied (output pixels, time steps). Undefined for a layer without weights.
 */
export function weightMatrix(layer: HlsLayer): { nIn: number; nOut: number; times: number } | undefined {
  const cIn = layer.inShape[layer.inShape.length - 1],
    cOut = layer.outShape[layer.outShape.length - 1];
  switch (layer.kind) {
    case 'dense':
      return { nIn: cIn, nOut: cOut, times: elementCount(layer.outShape) / cOut };
    case 'conv1d':
    case 'conv2d':
      return {
        nIn: (elementCount(layer.kernel ?? [1]) * cIn) / (layer.groups ?? 1),
        nOut: cOut,
        times: elementCount(layer.outShape) / cOut,
      };
    case 'depthwise_conv1d':
    case 'depthwise_conv2d':
      return { nIn: elementCount(layer.kernel ?? [1]), nOut: cOut, times: elementCount(layer.outShape) / cOut };
    default:
      return undefined;
  }
}

/** Gates of a recurrent layer: its two matrices are n_in x gates n_out and n_out x gates n_out. */
export const gatesOf = (layer: HlsLayer): number => ({ gru: 3, lstm: 4, simple_rnn: 1 })[layer.kind as 'gru'] ?? 0;
