import type { FeedForward } from '../llmArchitecture.js';
import { type FamilyRule, headAttention, layersOf, windowOf } from './decoder.js';

/**
 * Gemma 4: layers that see a window have heads of their own width, those that see all tokens wider ones (`global_head_dim`) and, where keys are values,
 * their own number of heads of keys; the last `num_kv_shared_layers` take keys and values of an earlier layer, with feed-forwards twice as wide where
 * `use_double_wide_mlp` says so; experts beside the feed-forward where `enable_moe_block` does; a part of the embedding for each layer.
 */
export const gemma4: FamilyRule = (c) => {
  const hidden = c.size('hidden_size'),
    count = c.size('num_hidden_layers'),
    base = headAttention(c, hidden),
    window = windowOf(c),
    shared = c.count(0, 'num_kv_shared_layers'),
    isKeyValue = c.flag(false, 'attention_k_eq_v'),
    isWider = c.flag(false, 'use_double_wide_mlp'),
    width = c.size('intermediate_size'),
    ownWidth = c.count(0, 'hidden_size_per_layer_input');
  const wide = {
    headDim: c.optionalSize('global_head_dim') ?? base.headDim,
    kvHeads: (isKeyValue ? c.optionalSize('num_global_key_value_heads') : undefined) ?? base.kvHeads,
    ...(isKeyValue ? { projected: 'keys' as const } : {}),
  };
  const sparse = c.flag(false, 'enable_moe_block')
    ? { experts: c.size('num_experts'), perToken: c.size('top_k_experts'), width: c.size('moe_intermediate_size') }
    : undefined;
  const feedForward = (isShared: boolean): FeedForward =>
    sparse
      ? { kind: 'experts', ...sparse, gated: true, sharedWidth: width }
      : { kind: 'dense', width: isShared && isWider ? 2 * width : width, gated: true };
  const products = ownWidth
    ? [
        { name: 'per_layer_gate', inputs: hidden, outputs: ownWidth },
        { name: 'per_layer_proj', inputs: ownWidth, outputs: hidden },
      ]
    : [];
  if (ownWidth) c.assume('the embedding of each layer is on the device');
  // before and behind attention and feed-forward; experts have theirs, the embedding of the layer one
  const norms = 4 + (sparse ? 3 : 0) + (ownWidth ? 1 : 0);
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(count, (i) => {
      const isShared = shared > 0 && i >= count - shared,
        own = window(i) === undefined ? { ...base, ...wide } : { ...base, window: window(i) };
      return {
        mixers: [
          {
            ...own,
            qkNorm: (isShared ? 1 : 2) * own.headDim,
            ...(isShared ? { sharedCache: true, projected: 'none' as const } : {}),
          },
        ],
        feedForward: feedForward(isShared),
        ...(products.length ? { products } : {}),
        norms,
        normParams: norms * hidden,
        // a factor of the layer's output; the router's scales
        extraParams: 1 + (sparse ? hidden + sparse.experts : 0),
      };
    }),
    tied: c.flag(true, 'tie_word_embeddings'),
    otherParams:
      hidden + (ownWidth ? count * ownWidth * (c.size('vocab_size_per_layer_input', 'vocab_size') + hidden) + ownWidth : 0),
    norm: 'rms',
    maxContext: c.optionalSize('max_position_embeddings'),
  };
};
