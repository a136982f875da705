import type { ConfigFields } from '../configFields.js';
import type { FeedForward, HeadAttention, Layer } from '../llmArchitecture.js';
import { type Body, decoder, type FamilyRule, headAttention, layersOf, normParams, windowOf } from './decoder.js';
import { experts } from './experts.js';

/** A decoder whose layers differ: what each has. */
function varied(c: ConfigFields, form: (layer: number) => Pick<Layer, 'mixers' | 'feedForward'>): Body {
  const hidden = c.size('hidden_size');
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(c.size('num_hidden_layers'), (i) => {
      const layer = form(i),
        norms = (layer.mixers.length ? 1 : 0) + (layer.feedForward ? 1 : 0);
      return { ...layer, norms, normParams: normParams(norms, hidden, false) };
    }),
    tied: c.flag(false, 'tie_word_embeddings'),
    otherParams: hidden,
    norm: 'rms',
    maxContext: c.optionalSize('max_position_embeddings', 'max_position_embedding', 'max_seq_len'),
  };
}

/** Llama 4: three of four layers attend within chunks; experts every `interleave_moe_layer_step` layers, with a shared one; the others are dense and wider. */
export const llama4: FamilyRule = (c) => {
  const attention = headAttention(c, c.size('hidden_size'));
  const chunk = c.optionalSize('attention_chunk_size');
  if (chunk !== undefined) c.assume(`attention within chunks counts as a window of ${chunk} tokens (attention_chunk_size)`);
  const rope = c.list('no_rope_layers') ?? [];
  const isChunked = (i: number) => (rope.length ? rope[i] === 1 : (i + 1) % 4 !== 0);
  const step = c.count(1, 'interleave_moe_layer_step') || 1,
    width = c.size('intermediate_size');
  const moe: FeedForward = { ...experts(c, width), sharedWidth: width };
  const dense: FeedForward = { kind: 'dense', width: c.size('intermediate_size_mlp'), gated: true };
  return varied(c, (i) => ({
    mixers: [{ ...attention, window: isChunked(i) ? chunk : undefined }],
    feedForward: (i + 1) % step ? dense : moe,
  }));
};

/** Llama 3.2 Vision without a picture: the layers that attend to one are skipped; their weights count. */
export const mllama: FamilyRule = (c) => {
  const cross = c.list('cross_attention_layers') ?? [];
  const whole = decoder()(c),
    { hidden } = whole,
    [layer] = whole.layers,
    { heads, kvHeads, headDim } = layer.mixers[0] as HeadAttention,
    width = (layer.feedForward as { width: number }).width;
  c.assume('no picture: the layers that attend to one are held, not run');
  const skipped = 2 * hidden * (heads + kvHeads) * headDim + 3 * hidden * width + 2 * hidden + 2 * headDim + 2;
  const rows = 8; // of the embedding, for the picture
  return {
    ...whole,
    layers: whole.layers.slice(cross.length),
    otherParams: whole.otherParams + cross.length * skipped + rows * hidden,
  };
};

const layerNumbers = (c: ConfigFields, name: string): Set<number> => {
  const value = c.any(name),
    entries = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
  if (!entries.length) c.missing.push(name);
  return new Set(entries.map(Number));
};

/** Step-3: queries through a lower rank, one head of keys and values, experts in `moe_layers_enum` (arXiv 2507.19427). */
export const step3: FamilyRule = (c) => {
  const sparse = layerNumbers(c, 'moe_layers_enum');
  const attention: HeadAttention = {
    kind: 'attention',
    heads: c.size('num_attention_heads'),
    kvHeads: c.size('num_attention_groups'),
    headDim: c.size('head_dim'),
    queryRank: c.size('share_q_dim'),
  };
  const moe = experts(c, c.size('moe_intermediate_size'));
  const dense: FeedForward = { kind: 'dense', width: c.size('intermediate_size'), gated: true };
  return varied(c, (i) => ({ mixers: [attention], feedForward: sparse.has(i) ? moe : dense }));
};

/** Step-3.5: layers with a window have heads of their own number, every head a gate. */
export const step3p5: FamilyRule = (c) => {
  const sparse = layerNumbers(c, 'moe_layers_enum'),
    hidden = c.size('hidden_size'),
    window = windowOf(c),
    headDim = c.size('head_dim'),
    isGated = c.flag(false, 'use_head_wise_attn_gate');
  const of = (fields: ConfigFields): HeadAttention => {
    const heads = fields.size('num_attention_heads');
    return {
      kind: 'attention',
      heads,
      kvHeads: fields.size('num_attention_groups', 'num_key_value_heads'),
      headDim,
      qkNorm: 2 * headDim,
      extraParams: isGated ? hidden * heads : 0,
    };
  };
  const full = of(c),
    local = c.any('attention_other_setting') ? of(c.part('attention_other_setting')) : full;
  const moe = experts(c, c.size('moe_intermediate_size'));
  const dense: FeedForward = { kind: 'dense', width: c.size('intermediate_size'), gated: true };
  return varied(c, (i) => ({
    mixers: [window(i) === undefined ? full : { ...local, window: window(i) }],
    feedForward: sparse.has(i) ? moe : dense,
  }));
};

/** MiMo-V2-Flash: layers with a window (`hybrid_layer_pattern` 1) have sizes of their own, values narrower than keys. */
export const mimoV2: FamilyRule = (c) => {
  const pattern = c.list('hybrid_layer_pattern') ?? [],
    freq = c.list('moe_layer_freq') ?? [];
  if (!pattern.length) c.missing.push('hybrid_layer_pattern');
  const of = (prefix: string, window?: number): HeadAttention => ({
    kind: 'attention',
    heads: c.size(`${prefix}num_attention_heads`),
    kvHeads: c.size(`${prefix}num_key_value_heads`),
    headDim: c.size(`${prefix}head_dim`),
    valueDim: c.size(`${prefix}v_head_dim`),
    window,
  });
  const full = of(''),
    local = of('swa_', c.size('sliding_window', 'sliding_window_size'));
  const moe = experts(c, c.size('moe_intermediate_size'));
  const dense: FeedForward = { kind: 'dense', width: c.size('intermediate_size'), gated: true };
  return varied(c, (i) => ({
    mixers: [pattern[i] === 1 ? { ...local, extraParams: c.flag(true, 'add_swa_attention_sink_bias') ? local.heads : 0 } : full],
    feedForward: freq[i] === 0 ? dense : moe,
  }));
};

/** DeciLM and Nemotron of a search (Puzzle, arXiv 2411.19146): each layer's heads and width as `block_configs` or `num_key_value_heads_per_layer` say, or none. */
export const deciLm: FamilyRule = (c) => {
  const hidden = c.size('hidden_size'),
    heads = c.size('num_attention_heads'),
    headDim = c.optionalSize('head_dim') ?? hidden / heads;
  const blocks = c.list('block_configs'),
    kvHeads = c.list('num_key_value_heads_per_layer');
  if (!blocks && !kvHeads) c.missing.push('block_configs or num_key_value_heads_per_layer');
  const attentionOf = (kv: number): HeadAttention => ({ kind: 'attention', heads, kvHeads: kv, headDim });
  if (!blocks) {
    const feedForward: FeedForward = { kind: 'dense', width: c.size('intermediate_size'), gated: true };
    return varied(c, (i) => ({ mixers: [attentionOf(Number(kvHeads?.[i] ?? heads))], feedForward }));
  }
  const part = (value: unknown): Record<string, unknown> => (value && typeof value === 'object' ? { ...value } : {});
  const linear = (name: string) => [{ name, inputs: hidden, outputs: hidden }];
  return varied(c, (i) => {
    const block = part(blocks[i]),
      attention = part(block.attention),
      ffn = part(block.ffn);
    const products = [
      ...(attention.replace_with_linear ? linear('attention_linear') : []),
      ...(ffn.replace_with_linear ? linear('ffn_linear') : []),
    ];
    const group = Number(attention.n_heads_in_group ?? 1),
      width = 256 * Math.ceil(Math.floor((2 * Number(ffn.ffn_mult) * hidden) / 3) / 256);
    return {
      mixers: attention.no_op || attention.replace_with_linear ? [] : [attentionOf(heads / group)],
      ...(ffn.no_op || ffn.replace_with_linear ? {} : { feedForward: { kind: 'dense' as const, width, gated: true } }),
      ...(products.length ? { products } : {}),
    };
  });
};

/**
 * Gemma 3n: a decoder with a low-rank path beside each layer (LAuReL), four streams of which one is computed (AltUp), and an embedding for each layer. The
 * last `num_kv_shared_layers` layers use keys and values of an earlier one.
 */
export const gemma3n: FamilyRule = (c) => {
  const hidden = c.size('hidden_size'),
    count = c.size('num_hidden_layers');
  const base = headAttention(c, hidden),
    window = windowOf(c);
  const [streams, ownWidth, laurel] = [c.size('altup_num_inputs'), c.size('hidden_size_per_layer_input'), c.size('laurel_rank')];
  const shared = c.count(0, 'num_kv_shared_layers'),
    norms = 7;
  const feedForward: FeedForward = { kind: 'dense', width: c.size('intermediate_size'), gated: true };
  const products = [
    { name: 'laurel_down', inputs: hidden, outputs: laurel },
    { name: 'laurel_up', inputs: laurel, outputs: hidden },
    { name: 'per_layer_gate', inputs: hidden, outputs: ownWidth },
    { name: 'per_layer_proj', inputs: ownWidth, outputs: hidden },
  ];
  c.assume(
    'the embedding of each layer is on the device; products between the streams (AltUp) are counted in memory, not in time',
  );
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(count, (i) => ({
      mixers: [
        {
          ...base,
          window: window(i),
          qkNorm: 2 * base.headDim,
          ...(i >= count - shared ? { sharedCache: true } : {}),
        },
      ],
      feedForward,
      products,
      norms,
      normParams: norms * hidden,
      // router, scale, coefficients of prediction and correction between the streams
      extraParams: hidden * streams + hidden + streams ** 2 * (streams + 1),
    })),
    tied: c.flag(true, 'tie_word_embeddings'),
    otherParams:
      hidden +
      count * ownWidth * (c.size('vocab_size_per_layer_input') + hidden) +
      ownWidth +
      2 * (streams - 1) * hidden * hidden,
    norm: 'rms',
    maxContext: c.optionalSize('max_position_embeddings'),
  };
};
