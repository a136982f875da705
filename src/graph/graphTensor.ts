import { elementCount } from '../core/elementCount.js';
import { HwcastError } from '../core/errors.js';
import { GraphBuilder } from './graphBuilder.js';
import type { Attrs } from './operators/attributes.js';
import type { OpGraph } from './opGraph.js';
import type { Dtype, Shape } from './tensorType.js';

/** Settings of a convolution or a window; kernels and strides are one number or one for each axis. */
export interface WindowOptions {
  stride?: number | number[];
  /** one number, one for each axis, begins and ends, `same` or `valid`; none unless told */
  padding?: number | number[] | 'same' | 'valid';
  dilation?: number | number[];
}
export interface ConvolutionOptions extends WindowOptions {
  groups?: number;
  /** learned shift of each channel, there unless told */
  bias?: boolean;
}
export interface RecurrentOptions {
  layers?: number;
  bidirectional?: boolean;
}

const given = (attrs: Record<string, number | string | number[] | undefined>): Attrs =>
  Object.fromEntries(Object.entries(attrs).filter(([, v]) => v !== undefined)) as Attrs;
const bit = (value: boolean): number => (value ? 1 : 0);

/**
 * A tensor of a graph under construction. Every method adds an operator that reads it and gives its output, so that a tensor kept in a variable is a
 * branch:
 *
 *     const x = graph('fp16').input([1, 64, 56, 56]);
 *     const y = x.conv2d(64, 3, { padding: 1 }).batchNorm().relu();
 *     const net = y.add(x).build();
 *
 * Methods throw HwcastError `bad-input` where an operator does not fit.
 */
export class GraphTensor {
  constructor(
    private readonly builder: GraphBuilder,
    /** how other nodes refer to it */
    readonly id: string,
  ) {}

  get shape(): Shape {
    return this.builder.shapeOf(this.id);
  }

  /** Any operator of the table, by its name: `others` are its further operands, `dtype` the type of its output. */
  op(name: string, attrs: Attrs = {}, others: readonly GraphTensor[] = [], dtype?: Dtype): GraphTensor {
    if (others.some((t) => t.builder !== this.builder))
      throw new HwcastError('bad-input', `${name}: its operands belong to different graphs`, {
        hint: 'start all inputs from one graph()',
      });
    return new GraphTensor(this.builder, this.builder.add(name, [this.id, ...others.map((t) => t.id)], attrs, dtype));
  }

  /** Output `k` of an operator that has several; 0 is this tensor. */
  output(k: number): GraphTensor {
    const id = k ? `${this.id}:${k}` : this.id;
    this.builder.shapeOf(id);
    return new GraphTensor(this.builder, id);
  }

  /** Fully connected over the last axis, with bias unless told. */
  linear(outFeatures: number, { bias = true }: { bias?: boolean } = {}): GraphTensor {
    return this.op('linear', { outFeatures, bias: bit(bias) });
  }

  private convolution(name: string, outChannels: number, kernel: number | number[], options: ConvolutionOptions): GraphTensor {
    const { bias = true, ...rest } = options;
    return this.op(name, given({ kernel, ...rest, outChannels, bias: bit(bias) }));
  }

  conv1d(outChannels: number, kernel: number, options: ConvolutionOptions = {}): GraphTensor {
    return this.convolution('conv1d', outChannels, kernel, options);
  }

  conv2d(outChannels: number, kernel: number | number[], options: ConvolutionOptions = {}): GraphTensor {
    return this.convolution('conv2d', outChannels, kernel, options);
  }

  conv3d(outChannels: number, kernel: number | number[], options: ConvolutionOptions = {}): GraphTensor {
    return this.convolution('conv3d', outChannels, kernel, options);
  }

  convTranspose2d(outChannels: number, kernel: number | number[], options: ConvolutionOptions = {}): GraphTensor {
    return this.convolution('conv_transpose2d', outChannels, kernel, options);
  }

  /** One filter for each channel. */
  depthwiseConv2d(kernel: number | number[], options: Omit<ConvolutionOptions, 'groups'> = {}): GraphTensor {
    const channels = this.shape[1];
    return this.convolution('conv2d', channels, kernel, { ...options, groups: channels });
  }

  /** Maximum over windows, the stride is the window unless given. */
  maxPool2d(kernel: number | number[], { stride = kernel, ...options }: WindowOptions = {}): GraphTensor {
    return this.op('max_pool2d', given({ kernel, stride, ...options }));
  }

  /** Mean over windows, the stride is the window unless given. */
  avgPool2d(kernel: number | number[], { stride = kernel, ...options }: WindowOptions = {}): GraphTensor {
    return this.op('avg_pool2d', given({ kernel, stride, ...options }));
  }

  /** [N, C, H, W] -> [N, C, 1, 1] */
  globalAvgPool(): GraphTensor {
    return this.op('global_avg_pool');
  }

  batchNorm(): GraphTensor {
    return this.op('batch_norm');
  }

  layerNorm(): GraphTensor {
    return this.op('layer_norm');
  }

  rmsNorm(): GraphTensor {
    return this.op('rms_norm');
  }

  softmax(axis?: number): GraphTensor {
    return this.op('softmax', given({ axis }));
  }

  relu(): GraphTensor {
    return this.op('relu');
  }

  gelu(): GraphTensor {
    return this.op('gelu');
  }

  silu(): GraphTensor {
    return this.op('silu');
  }

  sigmoid(): GraphTensor {
    return this.op('sigmoid');
  }

  tanh(): GraphTensor {
    return this.op('tanh');
  }

  /** Sum with others; shapes broadcast. */
  add(...others: GraphTensor[]): GraphTensor {
    return this.op('add', {}, others);
  }

  mul(...others: GraphTensor[]): GraphTensor {
    return this.op('mul', {}, others);
  }

  /** [.., m, k] x [.., k, n]; `transposed` takes the other as [.., n, k]. */
  matmul(other: GraphTensor, { transposed = false }: { transposed?: boolean } = {}): GraphTensor {
    return this.op('matmul', { transposeB: bit(transposed) }, [other]);
  }

  /** This tensor as queries over keys and values, [B, heads, L, d] or, with `heads`, [B, L, heads d]. */
  attention(
    keys: GraphTensor,
    values: GraphTensor,
    { heads, kvHeads, causal = false }: { heads?: number; kvHeads?: number; causal?: boolean } = {},
  ): GraphTensor {
    return this.op('attention', given({ heads, kvHeads, causal: bit(causal) }), [keys, values]);
  }

  /** Rows of a table at the indices of this tensor, in the element type of the graph. */
  embedding(rows: number, dim: number): GraphTensor {
    return this.op('embedding', { rows, dim });
  }

  private recurrent(name: string, hidden: number, { layers = 1, bidirectional = false }: RecurrentOptions): GraphTensor {
    return this.op(name, { hidden, layers, directions: bidirectional ? 2 : 1 });
  }

  /** [B, L, D] -> [B, L, H]; `output(1)` and `output(2)` are the last states. */
  lstm(hidden: number, options: RecurrentOptions = {}): GraphTensor {
    return this.recurrent('lstm', hidden, options);
  }

  /** [B, L, D] -> [B, L, H]; `output(1)` is the last state. */
  gru(hidden: number, options: RecurrentOptions = {}): GraphTensor {
    return this.recurrent('gru', hidden, options);
  }

  reshape(shape: number[]): GraphTensor {
    return this.op('reshape', { shape });
  }

  /** [N, ..] -> [N, the product of the rest] */
  flatten(): GraphTensor {
    const [batch, ...rest] = this.shape;
    return this.reshape([batch, elementCount(rest)]);
  }

  transpose(order: number[]): GraphTensor {
    return this.op('transpose', { order });
  }

  /** With others along an axis, 1 (channels) unless told. */
  concat(others: readonly GraphTensor[], axis = 1): GraphTensor {
    return this.op('concat', { axis }, others);
  }

  /** Parts along an axis, 1 (channels) unless told. */
  split(parts: number[], axis = 1): GraphTensor[] {
    const first = this.op('split', { parts, axis });
    return parts.map((_, k) => first.output(k));
  }

  /** The graph whose outputs are this tensor and `others`. */
  build(...others: GraphTensor[]): OpGraph {
    return this.builder.build([this, ...others].map((t) => t.id));
  }
}

/** A graph by its first tensors. */
export interface GraphStart {
  /** A tensor from outside, of the graph's element type unless told. */
  input(shape: readonly number[], dtype?: Dtype): GraphTensor;
}

/**
 * Starts a graph in which every tensor is of `dtype` unless told otherwise.
 *
 *     graph('fp16').input([1, 128, 768]).linear(3072).gelu().linear(768).build()
 */
export function graph(dtype: Dtype = 'fp32'): GraphStart {
  const builder = new GraphBuilder(dtype);
  return { input: (shape, type) => new GraphTensor(builder, builder.input([...shape], type)) };
}
