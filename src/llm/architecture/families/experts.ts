import { HwcastError } from '../../../core/errors.js';
import type { ConfigFields } from '../configFields.js';
import type { FeedForward, LatentAttention, MixtureOfExperts } from '../llmArchitecture.js';
import { decoder, type FamilyRule, layersOf, normParams } from './decoder.js';

/** Families whose router holds a learned correction for each expert. */
const LOAD_BIAS = new Set(['deepseek_v3', 'deepseek_v32', 'kimi_k2', 'glm_moe_dsa', 'glm4_moe', 'minimax_m2']);

/** Experts as Mixtral, Qwen, GLM and DeepSeek write them. */
export function experts(c: ConfigFields, width: number): MixtureOfExperts {
  const shared = c.optionalSize('shared_expert_intermediate_size', 'shared_intermediate_size');
  const sharedCount = c.count(0, 'n_shared_experts', 'num_shared_experts');
  const count = c.size('num_local_experts', 'num_experts', 'n_routed_experts', 'moe_num_experts'),
    perToken = c.size('num_experts_per_tok', 'moe_top_k', 'moe_k', 'num_experts_per_token');
  if (perToken > count && !c.missing.length)
    throw new HwcastError('bad-input', `a token takes ${perToken} experts of ${count}`, {
      where: c.where,
      hint: 'correct num_experts_per_tok or the number of experts',
    });
  return {
    kind: 'experts',
    experts: count,
    perToken,
    width,
    gated: true,
    sharedWidth: shared ?? sharedCount * width,
    ...(LOAD_BIAS.has(c.text('model_type') ?? '') ? { loadBias: true } : {}),
    sharedGate: shared !== undefined && c.flag(/^qwen/.test(c.text('model_type') ?? ''), 'shared_expert_gate'),
  };
}

export const mixtral = decoder({ feedForward: (c) => experts(c, c.size('intermediate_size')) });

/** Biases everywhere, and a learned sink for each head. */
export const gptOss: FamilyRule = (c) => {
  const body = decoder({ bias: true, feedForward: (f) => ({ ...experts(f, f.size('intermediate_size')), bias: true }) })(c);
  const { heads } = body.layers[0].mixers[0] as { heads: number };
  return { ...body, layers: layersOf(body.layers.length, (i) => ({ ...body.layers[i], extraParams: heads })) };
};

/** Experts in every `decoder_sparse_step`-th layer, but for `mlp_only_layers` and the first `first_k_dense_replace`. */
export function sparseOrDense(c: ConfigFields): (layer: number) => FeedForward {
  const step = c.count(1, 'decoder_sparse_step', 'moe_layer_freq') || 1;
  const denseOnly = new Set(c.list('mlp_only_layers') ?? []);
  const firstDense = c.count(0, 'first_k_dense_replace');
  const moe = experts(c, c.size('moe_intermediate_size', 'intermediate_size'));
  return (layer) =>
    layer < firstDense || denseOnly.has(layer) || (layer + 1) % step
      ? { kind: 'dense', width: c.size('intermediate_size'), gated: true }
      : moe;
}

const sparse = (qkNorm?: 'head' | 'all', bias?: boolean): FamilyRule => {
  return (c) => {
    const feedForward = sparseOrDense(c);
    return decoder({ qkNorm, bias, outBias: bias === undefined ? undefined : false, feedForward: (_, i) => feedForward(i) })(c);
  };
};
export const qwen2Moe = sparse(undefined, true);
export const qwen3Moe = sparse('head');
export const glm4Moe = sparse();
export const minimaxM2 = sparse('all');
export const olmoe = sparse('all');

/** DeepSeek-V2 and -V3, Kimi-K2: latent attention, first layers dense, shared experts. */
export const deepseek: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const attention: LatentAttention = {
    kind: 'latent',
    heads: c.size('num_attention_heads'),
    queryRank: c.optionalSize('q_lora_rank'),
    kvRank: c.size('kv_lora_rank'),
    nopeDim: c.size('qk_nope_head_dim'),
    ropeDim: c.size('qk_rope_head_dim'),
    valueDim: c.size('v_head_dim'),
    bias: c.flag(false, 'attention_bias'),
  };
  const feedForward = sparseOrDense(c);
  const count = c.size('num_hidden_layers');
  if (c.count(0, 'num_nextn_predict_layers'))
    c.assume('the layer that predicts further tokens (num_nextn_predict_layers) is not counted');
  if (c.any('index_topk') !== undefined) c.assume('sparse attention by an indexer is counted as attention to all tokens');
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(count, (i) => ({
      mixers: [attention],
      feedForward: feedForward(i),
      norms: 2,
      normParams: normParams(2, hidden, false),
    })),
    tied: c.flag(false, 'tie_word_embeddings'),
    otherParams: hidden,
    norm: 'rms',
    maxContext: c.optionalSize('max_position_embeddings'),
  };
};
