import type {
  FeedForward,
  GatedDelta,
  HeadAttention,
  LatentAttention,
  Layer,
  LinearAttention,
  LinearRecurrence,
  Mixer,
  SelectiveScan,
  ShortConvolution,
  StateSpaceDual,
  TimeMix,
} from './architecture/llmArchitecture.js';

/** A weight matrix of a layer: [inputs, outputs]. */
export interface Matrix {
  name: string;
  inputs: number;
  outputs: number;
  bias: boolean;
  /** how tensor parallelism divides it (Shoeybi et al., Megatron-LM, arXiv 1909.08053): its outputs, its inputs, or not at all */
  split: 'outputs' | 'inputs' | 'none';
  /** learned over the tokens of an encoder, once a request */
  overEncoder?: boolean;
  /** not run as a product of its own while tokens are made one by one (latent attention folds it into its neighbours) */
  absorbed?: boolean;
}

/** Matrices of a part of a layer and its other learned values: norms, convolutions, gates of recurrences. */
export interface Weights {
  matrices: Matrix[];
  others: number;
}

/** A further product of a layer (`Layer.products`), on every device as a whole. */
export const furtherMatrix = (m: { name: string; inputs: number; outputs: number }): Matrix => ({
  ...m,
  bias: false,
  split: 'none',
});

const matrix = (
  name: string,
  inputs: number,
  outputs: number,
  split: Matrix['split'],
  bias = false,
  further: Pick<Matrix, 'overEncoder' | 'absorbed'> = {},
): Matrix => ({ name, inputs, outputs, bias, split, ...further });

/** Taps and shift of a causal convolution by channel. */
const convolution = (channels: number, taps: number) => channels * (taps + 1);

function ofHeads(m: HeadAttention, hidden: number): Weights {
  const { heads, kvHeads, headDim, valueDim = headDim, bias = false, outBias = bias } = m;
  const inputs = m.inputDim ?? hidden;
  const queries = heads * headDim * (m.outputGate ? 2 : 1),
    keysValues = m.projected === 'none' ? 0 : kvHeads * (m.projected === 'keys' ? headDim : headDim + valueDim);
  const out = matrix('out_proj', heads * valueDim, hidden, 'inputs', outBias);
  const others = (m.qkNorm ?? 0) + (m.extraParams ?? 0);
  if (m.queryRank)
    return {
      matrices: [
        matrix('q_down_kv_proj', inputs, m.queryRank + keysValues, 'none', bias),
        matrix('q_up_proj', m.queryRank, queries, 'outputs', bias),
        out,
      ],
      others: others + m.queryRank,
    };
  return m.cross
    ? {
        matrices: [
          matrix('cross_q_proj', inputs, queries, 'outputs', bias),
          matrix('cross_kv_proj', inputs, keysValues, 'outputs', bias, { overEncoder: true }),
          { ...out, name: 'cross_out_proj' },
        ],
        others,
      }
    : { matrices: [matrix('qkv_proj', inputs, queries + keysValues, 'outputs', bias), out], others };
}

function ofLatent(m: LatentAttention, hidden: number): Weights {
  const { heads, queryRank = 0, kvRank, nopeDim, ropeDim, valueDim, bias, indexer } = m;
  const queries = heads * (nopeDim + ropeDim);
  return {
    matrices: [
      matrix('qkv_down_proj', hidden, queryRank + kvRank + ropeDim, 'none', bias),
      queryRank ? matrix('q_up_proj', queryRank, queries, 'outputs') : matrix('q_proj', hidden, queries, 'outputs'),
      matrix('kv_up_proj', kvRank, heads * (nopeDim + valueDim), 'outputs', false, { absorbed: true }),
      ...(indexer
        ? [
            matrix('index_q_proj', queryRank || hidden, indexer.heads * indexer.headDim, 'none'),
            matrix('index_k_proj', hidden, indexer.headDim + indexer.heads, 'none'),
          ]
        : []),
      matrix('out_proj', heads * valueDim, hidden, 'inputs', bias),
    ],
    // norms of ranks, and of the indexer's keys with a shift
    others: queryRank + kvRank + (indexer ? 2 * indexer.headDim : 0),
  };
}

const ofScan = ({ inner, state, taps, stepRank, bias, innerNorms }: SelectiveScan, hidden: number): Weights => ({
  matrices: [
    matrix('in_proj', hidden, 2 * inner, 'outputs', bias),
    matrix('x_proj', inner, stepRank + 2 * state, 'inputs'),
    matrix('dt_proj', stepRank, inner, 'outputs', true),
    matrix('out_proj', inner, hidden, 'inputs', bias),
  ],
  // A, D, and norms of step, B, C
  others: convolution(inner, taps) + inner * state + inner + (innerNorms ? stepRank + 2 * state : 0),
});

const ofDual = ({ inner, state, taps, heads, groups, bias, noNorm }: StateSpaceDual, hidden: number): Weights => ({
  matrices: [
    matrix('in_proj', hidden, 2 * inner + 2 * groups * state + heads, 'outputs', bias),
    matrix('out_proj', inner, hidden, 'inputs', bias),
  ],
  // step bias, A, D of each head; the gated norm
  others: convolution(inner + 2 * groups * state, taps) + 3 * heads + (noNorm ? 0 : inner),
});

function ofDelta({ keyHeads, valueHeads, keyDim, valueDim, taps, gateRank }: GatedDelta, hidden: number): Weights {
  const keys = keyHeads * keyDim,
    values = valueHeads * valueDim;
  if (gateRank)
    return {
      matrices: [
        matrix('qkv_proj', hidden, 2 * keys + values, 'outputs'),
        matrix('gates_down_proj', hidden, 2 * gateRank + valueHeads, 'none'),
        matrix('decay_up_proj', gateRank, keys, 'outputs'),
        matrix('gate_up_proj', gateRank, values, 'outputs'),
        matrix('out_proj', values, hidden, 'inputs'),
      ],
      // step bias of each channel, A of each head; the gated norm
      others: (2 * keys + values) * taps + keys + valueHeads + valueDim,
    };
  return {
    matrices: [
      matrix('qkvz_proj', hidden, 2 * keys + 2 * values, 'outputs'),
      matrix('ba_proj', hidden, 2 * valueHeads, 'outputs'),
      matrix('out_proj', values, hidden, 'inputs'),
    ],
    // the convolution has no shift; step bias and A of each head; the gated norm
    others: (2 * keys + values) * taps + 2 * valueHeads + valueDim,
  };
}

function ofLinearAttention({ heads, headDim }: LinearAttention, hidden: number): Weights {
  const width = heads * headDim;
  return {
    matrices: [matrix('qkvg_proj', hidden, 4 * width, 'outputs'), matrix('out_proj', width, hidden, 'inputs')],
    others: width,
  };
}

function ofTimeMix({ heads, headDim, ranks }: TimeMix, hidden: number): Weights {
  const width = heads * headDim,
    { decay, removal, value, gate } = ranks,
    rank = decay + removal + value + gate;
  return {
    matrices: [
      matrix('rkv_proj', hidden, 3 * width, 'outputs'),
      matrix('lora_down_proj', hidden, rank, 'none'),
      ...Object.entries(ranks).map(([name, r]) => matrix(`${name}_up_proj`, r, width, 'outputs', name !== 'gate')),
      matrix('out_proj', width, hidden, 'inputs'),
    ],
    // six shifts of the input, scales of keys and of the bonus, the norm of the heads
    others: 6 * hidden + 3 * width + 2 * width,
  };
}

const ofShortConvolution = ({ taps, bias }: ShortConvolution, hidden: number): Weights => ({
  matrices: [matrix('in_proj', hidden, 3 * hidden, 'outputs', bias), matrix('out_proj', hidden, hidden, 'inputs', bias)],
  others: hidden * (taps + (bias ? 1 : 0)),
});

const ofRecurrence = ({ width, taps, blocks }: LinearRecurrence, hidden: number): Weights => ({
  matrices: [matrix('in_proj', hidden, 2 * width, 'outputs', true), matrix('out_proj', width, hidden, 'inputs', true)],
  // two block-diagonal gates with shift, and the recurrence's own rate
  others: convolution(width, taps) + 2 * (width ** 2 / blocks + width) + width,
});

/** Weights of what mixes tokens. */
export function mixerWeights(mixer: Mixer, hidden: number): Weights {
  switch (mixer.kind) {
    case 'attention':
      return ofHeads(mixer, hidden);
    case 'latent':
      return ofLatent(mixer, hidden);
    case 'mamba':
      return ofScan(mixer, hidden);
    case 'mamba2':
      return ofDual(mixer, hidden);
    case 'gated-delta':
      return ofDelta(mixer, hidden);
    case 'linear-attention':
      return ofLinearAttention(mixer, hidden);
    case 'time-mix':
      return ofTimeMix(mixer, hidden);
    case 'short-convolution':
      return ofShortConvolution(mixer, hidden);
    case 'linear-recurrence':
      return ofRecurrence(mixer, hidden);
  }
}

const gatedPair = (name: string, inputs: number, hidden: number, width: number, gated: boolean, bias = false): Matrix[] => [
  matrix(gated ? `${name}gate_up_proj` : `${name}up_proj`, inputs, gated ? 2 * width : width, 'outputs', bias),
  matrix(`${name}down_proj`, width, hidden, 'inputs', bias),
];

/** Weights of a feed-forward part that every token meets, and of one expert. */
export function feedForwardWeights(feedForward: FeedForward | undefined, hidden: number): Weights & { expert: Matrix[] } {
  if (!feedForward) return { matrices: [], others: 0, expert: [] };
  if (feedForward.kind === 'dense') {
    const { width, gated, bias, inputDim = hidden, extraParams = 0 } = feedForward;
    return { matrices: gatedPair('', inputDim, hidden, width, gated, bias), others: extraParams, expert: [] };
  }
  const { experts, width, gated, bias, sharedWidth, sharedGate, loadBias, latentDim } = feedForward;
  return {
    matrices: [
      matrix('router', hidden, experts, 'none', bias),
      ...(sharedWidth ? gatedPair('shared_', hidden, hidden, sharedWidth, gated) : []),
      ...(latentDim
        ? [matrix('latent_down_proj', hidden, latentDim, 'none'), matrix('latent_up_proj', latentDim, hidden, 'none')]
        : []),
    ],
    others: (sharedGate ? hidden : 0) + (loadBias ? experts : 0),
    expert: gatedPair('expert_', latentDim ?? hidden, latentDim ?? hidden, width, gated, bias),
  };
}

export const matrixParams = ({ inputs, outputs, bias }: Matrix): number => inputs * outputs + (bias ? outputs : 0);
const sum = (matrices: readonly Matrix[]): number => matrices.reduce((n, m) => n + matrixParams(m), 0);

/** Learned values of a layer: in matrices that quantisation narrows, in those of all its experts, and the rest (norms, router, biases). */
export interface LayerParams {
  matrices: number;
  experts: number;
  others: number;
}

export function layerParams(
  { mixers, feedForward, normParams, shared, products = [], extraParams = 0 }: Layer,
  hidden: number,
): LayerParams {
  const parts = mixers.map((mixer) => mixerWeights(mixer, hidden));
  const ff = feedForwardWeights(feedForward, hidden);
  const isShared = (i: number) => shared === true && mixers[i].kind === 'attention';
  const own = parts.filter((_, i) => !isShared(i));
  const router = ff.matrices.filter((m) => m.name === 'router');
  const dense = ff.matrices.filter((m) => m.name !== 'router');
  return {
    matrices: own.reduce((n, p) => n + sum(p.matrices), 0) + (shared ? 0 : sum(dense)) + sum(products.map(furtherMatrix)),
    experts: feedForward?.kind === 'experts' ? feedForward.experts * sum(ff.expert) : 0,
    others: own.reduce((n, p) => n + p.others, 0) + ff.others + sum(router) + normParams + extraParams,
  };
}
