import type { ConfigFields } from '../configFields.js';
import type {
  FeedForward,
  GatedDelta,
  Layer,
  LinearRecurrence,
  Mixer,
  SelectiveScan,
  StateSpaceDual,
} from '../llmArchitecture.js';
import { type Body, type FamilyRule, headAttention, layersOf, normParams } from './decoder.js';
import { experts, sparseOrDense } from './experts.js';

/** A stack of mixers, feed-forward or not by layer. */
export function stack(
  c: ConfigFields,
  hidden: number,
  form: (layer: number) => Pick<Layer, 'mixers' | 'feedForward' | 'norms'>,
): Body {
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(c.size('num_hidden_layers'), (i) => {
      const layer = form(i);
      return { ...layer, normParams: normParams(layer.norms, hidden, false) };
    }),
    tied: c.flag(true, 'tie_word_embeddings'),
    otherParams: hidden,
    norm: 'rms',
    maxContext: c.optionalSize('max_position_embeddings'),
  };
}

const scan = (c: ConfigFields, hidden: number, prefix = ''): SelectiveScan => {
  const inner = c.optionalSize('intermediate_size') ?? c.size(`${prefix}expand`) * hidden;
  return {
    kind: 'mamba',
    inner: prefix ? c.size(`${prefix}expand`) * hidden : inner,
    state: c.size(prefix ? `${prefix}d_state` : 'state_size'),
    taps: c.size(prefix ? `${prefix}d_conv` : 'conv_kernel'),
    stepRank: c.optionalSize(prefix ? `${prefix}dt_rank` : 'time_step_rank') ?? Math.ceil(hidden / 16),
    bias: c.flag(false, prefix ? `${prefix}proj_bias` : 'use_bias'),
    innerNorms: prefix !== '',
  };
};

export const mamba: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const mixer = scan(c, hidden);
  return stack(c, hidden, () => ({ mixers: [mixer], norms: 1 }));
};

export const mamba2: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const mixer: StateSpaceDual = {
    kind: 'mamba2',
    inner: c.size('expand') * hidden,
    state: c.size('state_size'),
    taps: c.size('conv_kernel'),
    heads: c.size('num_heads'),
    headDim: c.size('head_dim'),
    groups: c.size('n_groups'),
    chunk: c.size('chunk_size'),
    bias: c.flag(false, 'use_bias'),
  };
  return stack(c, hidden, () => ({ mixers: [mixer], norms: 1 }));
};

const prefixedMamba2 = (c: ConfigFields, hidden: number): StateSpaceDual => ({
  kind: 'mamba2',
  inner: c.size('mamba_expand') * hidden,
  state: c.size('mamba_d_state'),
  taps: c.size('mamba_d_conv'),
  heads: c.size('mamba_n_heads', 'n_mamba_heads'),
  headDim: c.size('mamba_d_head', 'mamba_headdim'),
  groups: c.size('mamba_n_groups', 'mamba_ngroups'),
  chunk: c.size('mamba_chunk_size', 'chunk_size'),
  bias: c.flag(false, 'mamba_proj_bias'),
});

/** Bamba and Granite 4: Mamba-2 layers, attention where `attn_layer_indices` or `layer_types` say. */
export const bamba: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const types = c.list('layer_types');
  const indices = new Set(c.list('attn_layer_indices') ?? []);
  if (!types && !indices.size) c.assume('attn_layer_indices is empty: every layer is Mamba-2, none attends');
  const attention = headAttention(c, hidden),
    recurrent = prefixedMamba2(c, hidden);
  const isSparse = c.count(0, 'num_local_experts') > 0;
  const feedForward: FeedForward = isSparse
    ? experts(c, c.size('intermediate_size'))
    : {
        kind: 'dense',
        width: c.size('intermediate_size', 'shared_intermediate_size'),
        gated: true,
        bias: c.flag(false, 'mlp_bias'),
      };
  return stack(c, hidden, (i) => ({
    mixers: [types ? (types[i] === 'attention' ? attention : recurrent) : indices.has(i) ? attention : recurrent],
    feedForward,
    norms: 2,
  }));
};

/** Jamba: attention every `attn_layer_period` layers, experts every `expert_layer_period`. */
export const jamba: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const attention = headAttention(c, hidden),
    recurrent = scan(c, hidden, 'mamba_');
  const [every, from] = [c.size('attn_layer_period'), c.count(0, 'attn_layer_offset')];
  const [expertEvery, expertFrom] = [c.size('expert_layer_period'), c.count(0, 'expert_layer_offset')];
  const width = c.size('intermediate_size');
  const dense: FeedForward = { kind: 'dense', width, gated: true },
    moe = c.count(1, 'num_experts') > 1 ? experts(c, width) : dense;
  return stack(c, hidden, (i) => ({
    mixers: [i % every === from ? attention : recurrent],
    feedForward: i % expertEvery === expertFrom ? moe : dense,
    norms: 2,
  }));
};

/** Zamba2: Mamba-2 layers; hybrid ones run before it one of `num_mem_blocks` shared transformer blocks over twice the width. */
export const zamba2: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const types = c.list('layers_block_type') ?? [];
  if (!types.length) c.missing.push('layers_block_type');
  const blocks = c.count(1, 'num_mem_blocks');
  const inner = c.optionalSize('attention_hidden_size') ?? 2 * hidden;
  const heads = c.size('num_attention_heads');
  const attention: Mixer = {
    kind: 'attention',
    heads,
    kvHeads: c.optionalSize('num_key_value_heads') ?? heads,
    headDim: c.optionalSize('attention_head_dim') ?? inner / heads,
    inputDim: inner,
  };
  const width = c.size('intermediate_size'),
    rank = c.count(0, 'adapter_rank');
  const recurrent = prefixedMamba2(c, hidden);
  const plain: Layer = { mixers: [recurrent], norms: 1, normParams: hidden };
  let met = 0;
  const layers = Array.from({ length: c.size('num_hidden_layers') }, (_, i): Layer => {
    if (types[i] !== 'hybrid') return plain;
    const shared = met++ >= blocks;
    // of its own: the Mamba-2 layer, the projection behind the block, adapters of its feed-forward
    return {
      mixers: [attention, recurrent],
      feedForward: { kind: 'dense', width, gated: true },
      norms: 3,
      normParams: hidden + (shared ? 0 : inner + hidden),
      extraParams: hidden * hidden + rank * (hidden + 2 * width),
      shared,
    };
  });
  return { ...stack(c, hidden, () => plain), layers };
};

/** Qwen3-Next and Qwen3.5: gated delta rule, full attention where `layer_types` say or every `full_attention_interval` layers. */
export const qwen3Next: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const delta: GatedDelta = {
    kind: 'gated-delta',
    keyHeads: c.size('linear_num_key_heads'),
    valueHeads: c.size('linear_num_value_heads'),
    keyDim: c.size('linear_key_head_dim'),
    valueDim: c.size('linear_value_head_dim'),
    taps: c.size('linear_conv_kernel_dim'),
  };
  const attention = headAttention(c, hidden);
  const full: Mixer = { ...attention, outputGate: true, qkNorm: 2 * attention.headDim };
  const types = c.list('layer_types'),
    every = types ? 0 : c.size('full_attention_interval');
  const isFull = (i: number) => (types ? types[i] === 'full_attention' : (i + 1) % every === 0);
  const isSparse = c.count(0, 'num_experts') > 0;
  const feedForward = isSparse
    ? sparseOrDense(c)
    : (): FeedForward => ({ kind: 'dense', width: c.size('intermediate_size'), gated: true });
  const body = stack(c, hidden, (i) => ({ mixers: [isFull(i) ? full : delta], feedForward: feedForward(i), norms: 2 }));
  return { ...body, tied: c.flag(false, 'tie_word_embeddings') };
};

/** Griffin: recurrent blocks and attention over a window, as `block_types` repeat; half of `intermediate_size` is the width of the feed-forward. */
export const recurrentGemma: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const attention: Mixer = {
    ...headAttention(c, hidden),
    window: c.size('attention_window_size'),
    bias: c.flag(false, 'attention_bias'),
    outBias: true,
  };
  const recurrent: LinearRecurrence = {
    kind: 'linear-recurrence',
    width: c.optionalSize('lru_width') ?? hidden,
    taps: c.size('conv1d_width'),
    blocks: attention.heads,
  };
  const types = c.list('block_types', '_block_types') ?? [];
  if (!types.length) c.missing.push('block_types');
  const width = Math.floor(c.size('intermediate_size') / 2);
  return stack(c, hidden, (i) => ({
    mixers: [types[i % Math.max(types.length, 1)] === 'attention' ? attention : recurrent],
    feedForward: { kind: 'dense', width, gated: true, bias: true },
    norms: 2,
  }));
};
