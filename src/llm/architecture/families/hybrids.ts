import { HwcastError } from '../../../core/errors.js';
import type { ConfigFields } from '../configFields.js';
import type {
  FeedForward,
  GatedDelta,
  HeadAttention,
  Layer,
  LinearAttention,
  Mixer,
  ShortConvolution,
  StateSpaceDual,
  TimeMix,
} from '../llmArchitecture.js';
import { type FamilyRule, headAttention } from './decoder.js';
import { experts, latentAttention, sparseOrDense } from './experts.js';
import { stack } from './recurrent.js';

/** Kinds of a layer of Nemotron-H by the letters of `hybrid_override_pattern`, or the words of `layers_block_type`. */
const NEMOTRON: Readonly<Record<string, 'mamba' | 'attention' | 'mlp' | 'moe'>> = {
  ...{ M: 'mamba', '*': 'attention', '-': 'mlp', E: 'moe' },
  ...{ mamba: 'mamba', attention: 'attention', mlp: 'mlp', moe: 'moe' },
};

/** Nemotron-H and Nemotron 3: each layer is one thing, Mamba-2, attention, a feed-forward of two matrices, or experts of two matrices. */
export const nemotronH: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const kinds = nemotronKinds(c);
  const heads = c.size('mamba_num_heads'),
    headDim = c.size('mamba_head_dim');
  const recurrent: StateSpaceDual = {
    kind: 'mamba2',
    inner: heads * headDim,
    state: c.size('ssm_state_size'),
    taps: c.size('conv_kernel'),
    heads,
    headDim,
    groups: c.size('n_groups'),
    chunk: c.size('chunk_size'),
    bias: c.flag(false, 'mamba_proj_bias', 'use_bias'),
  };
  const attention = kinds.includes('attention') ? headAttention(c, hidden) : undefined;
  const forms: Readonly<Record<string, () => Pick<Layer, 'mixers' | 'feedForward'>>> = {
    mamba: () => ({ mixers: [recurrent] }),
    attention: () => ({ mixers: [attention!] }),
    mlp: () => ({
      mixers: [],
      feedForward: { kind: 'dense', width: c.size('intermediate_size'), gated: false, bias: c.flag(false, 'mlp_bias') },
    }),
    moe: () => ({ mixers: [], feedForward: nemotronExperts(c) }),
  };
  const body = stack(c, hidden, (i) => ({ ...forms[kinds[i] ?? 'mamba'](), norms: 1 }));
  return { ...body, tied: c.flag(false, 'tie_word_embeddings') };
};

/** @throws HwcastError `bad-input` for a letter that is not known, or another number of layers */
function nemotronKinds(c: ConfigFields): string[] {
  const pattern = c.any('hybrid_override_pattern', 'layers_block_type', 'layer_types');
  const entries = typeof pattern === 'string' ? [...pattern] : Array.isArray(pattern) ? pattern.map(String) : [];
  if (!entries.length) c.missing.push('hybrid_override_pattern');
  const count = c.size('num_hidden_layers');
  const unknown = entries.find((e) => !(e in NEMOTRON));
  if (unknown !== undefined || (entries.length && entries.length !== count))
    throw new HwcastError(
      'bad-input',
      unknown !== undefined
        ? `hybrid_override_pattern holds '${unknown}'`
        : `hybrid_override_pattern is of ${entries.length} layers, the model has ${count}`,
      { where: c.where, hint: 'M for Mamba-2, * for attention, - for a feed-forward, E for experts, one a layer' },
    );
  return entries.map((e) => NEMOTRON[e]);
}

function nemotronExperts(c: ConfigFields): FeedForward {
  const width = c.size('moe_intermediate_size'),
    shared = c.count(0, 'n_shared_experts') * (c.optionalSize('moe_shared_expert_intermediate_size') ?? width);
  return { ...experts(c, width), gated: false, sharedWidth: shared, latentDim: c.optionalSize('moe_latent_size') };
}

/** Falcon-H1: attention and Mamba-2 side by side in every layer. */
export const falconH1: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const heads = c.size('mamba_n_heads'),
    inner = c.optionalSize('mamba_d_ssm') ?? c.size('mamba_expand') * hidden;
  const recurrent: StateSpaceDual = {
    kind: 'mamba2',
    inner,
    state: c.size('mamba_d_state'),
    taps: c.size('mamba_d_conv'),
    heads,
    headDim: c.json.mamba_d_head === 'auto' ? inner / heads : c.size('mamba_d_head'),
    groups: c.size('mamba_n_groups'),
    chunk: c.size('mamba_chunk_size'),
    bias: c.flag(false, 'mamba_proj_bias'),
    ...(c.flag(false, 'mamba_rms_norm') ? {} : { noNorm: true }),
  };
  const mixers: Mixer[] = [headAttention(c, hidden), recurrent];
  const feedForward: FeedForward = {
    kind: 'dense',
    width: c.size('intermediate_size'),
    gated: true,
    bias: c.flag(false, 'mlp_bias'),
  };
  const body = stack(c, hidden, () => ({ mixers, feedForward, norms: 2 }));
  return { ...body, tied: c.flag(false, 'tie_word_embeddings') };
};

/** LFM2: short convolutions between gates, attention where `layer_types` or `full_attn_idxs` say; experts behind the first `num_dense_layers`. */
export const lfm2: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const convolution: ShortConvolution = {
    kind: 'short-convolution',
    taps: c.size('conv_L_cache'),
    bias: c.flag(false, 'conv_bias'),
  };
  const base = headAttention(c, hidden);
  const attention: HeadAttention = { ...base, qkNorm: 2 * base.headDim };
  const types = c.list('layer_types'),
    indices = new Set(c.list('full_attn_idxs') ?? []);
  if (!types && !indices.size) c.missing.push('layer_types or full_attn_idxs');
  const dense: FeedForward = { kind: 'dense', width: lfm2Width(c), gated: true };
  const moe = c.count(0, 'num_experts') ? experts(c, c.size('moe_intermediate_size')) : dense,
    firstDense = c.count(0, 'num_dense_layers');
  const body = stack(c, hidden, (i) => ({
    mixers: [(types ? /attention/.test(String(types[i])) : indices.has(i)) ? attention : convolution],
    feedForward: i < firstDense ? dense : moe,
    norms: 2,
  }));
  return { ...body, tied: c.flag(true, 'tie_word_embeddings', 'tie_embedding') };
};

/** Two thirds of `block_ff_dim`, as whole multiples, where it is adjusted. */
function lfm2Width(c: ConfigFields): number {
  const width = c.size('intermediate_size', 'block_ff_dim');
  if (!c.flag(false, 'block_auto_adjust_ff_dim')) return width;
  const factor = c.json.block_ffn_dim_multiplier,
    multiple = c.optionalSize('block_multiple_of') ?? 256;
  const adjusted = Math.floor(Math.floor((2 * width) / 3) * (typeof factor === 'number' ? factor : 1));
  return multiple * Math.ceil(adjusted / multiple);
}

/** Kimi-Linear: Kimi delta attention, latent attention in the layers (from 1) of `full_attn_layers`. */
export const kimiLinear: FamilyRule = (c) => {
  const hidden = c.size('hidden_size'),
    linear = c.part('linear_attn_config');
  const heads = linear.size('num_heads'),
    headDim = linear.size('head_dim');
  const delta: GatedDelta = {
    kind: 'gated-delta',
    keyHeads: heads,
    valueHeads: heads,
    keyDim: headDim,
    valueDim: headDim,
    taps: linear.size('short_conv_kernel_size'),
    gateRank: headDim,
  };
  const full = new Set(linear.list('full_attn_layers') ?? []);
  if (!full.size) c.missing.push('linear_attn_config.full_attn_layers');
  const latent = latentAttention(c),
    feedForward = sparseOrDense(c);
  const body = stack(c, hidden, (i) => ({ mixers: [full.has(i + 1) ? latent : delta], feedForward: feedForward(i), norms: 2 }));
  return {
    ...body,
    tied: c.flag(false, 'tie_word_embeddings'),
    maxContext: c.optionalSize('model_max_length', 'max_position_embeddings'),
  };
};

/** MiniMax-Text-01 and M1: linear attention, full attention where `attn_type_list` has a 1 or `layer_types` say; every layer has experts. */
export const minimax01: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const attention = headAttention(c, hidden);
  const linear: LinearAttention = { kind: 'linear-attention', heads: attention.heads, headDim: attention.headDim };
  const list = c.list('attn_type_list', 'layer_types') ?? [];
  if (!list.length) c.missing.push('attn_type_list');
  const feedForward = experts(c, c.size('intermediate_size'));
  const body = stack(c, hidden, (i) => ({
    mixers: [list[i] === 1 || list[i] === 'full_attention' ? attention : linear],
    feedForward,
    norms: 2,
  }));
  return { ...body, tied: c.flag(false, 'tie_word_embeddings') };
};

/** Ranks of RWKV-7 where the configuration has none, as multiples of 32 of powers of the width (flash-linear-attention). */
const rank = (factor: number, width: number, power: number): number =>
  Math.max(32, 32 * Math.round((factor * width ** power) / 32));

/** RWKV-7: no attention; a feed-forward of two matrices behind each mixer, norms with a shift. */
export const rwkv7: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const headDim = c.optionalSize('head_dim', 'head_size') ?? 64;
  const mixer: TimeMix = {
    kind: 'time-mix',
    heads: hidden / headDim,
    headDim,
    ranks: {
      decay: c.optionalSize('decay_low_rank_dim') ?? rank(1.8, hidden, 0.5),
      removal: c.optionalSize('a_low_rank_dim') ?? rank(1.8, hidden, 0.5),
      value: c.optionalSize('v_low_rank_dim') ?? rank(1.3, hidden, 0.5),
      gate: c.optionalSize('gate_low_rank_dim') ?? rank(0.6, hidden, 0.8),
    },
  };
  const width = c.optionalSize('intermediate_size') ?? 4 * hidden;
  const body = stack(c, hidden, () => ({ mixers: [mixer], feedForward: { kind: 'dense', width, gated: false }, norms: 2 }));
  return {
    ...body,
    // shifts of the norms, and of the input of the feed-forward
    layers: body.layers.map((layer) => ({ ...layer, normParams: 4 * hidden, extraParams: hidden })),
    tied: c.flag(false, 'tie_word_embeddings'),
    otherParams: 4 * hidden, // norms before the first and behind the last layer
    norm: 'layer',
    maxContext: undefined,
  };
};
