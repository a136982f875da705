import { HwcastError } from '../../../core/errors.js';
import type { ConfigFields } from '../configFields.js';
import type { FeedForward, HeadAttention, LatentAttention, Layer, MixtureOfExperts } from '../llmArchitecture.js';
import { type Decoder, decoder, type FamilyRule, layersOf, normParams, statedQkNorm } from './decoder.js';

/** Families whose router holds a learned correction for each expert. */
const LOAD_BIAS =
  /^(deepseek_v3|deepseek_v32|kimi_k2|kimi_linear|glm_moe_dsa|glm4_moe|glm4_moe_lite|glm4v_moe_text|minimax_m2|dots1|ernie4_5_moe|bailing_moe_v2|lfm2_moe|nemotron_h|step3p5|mimo_v2_flash|exaone_moe|afmoe|solar_open)$/;

/** Experts as Mixtral, Qwen, GLM and DeepSeek write them. */
export function experts(c: ConfigFields, width: number): MixtureOfExperts {
  const shared = c.count(0, 'shared_expert_intermediate_size', 'shared_intermediate_size', 'share_expert_dim');
  const sharedCount = c.count(0, 'n_shared_experts', 'num_shared_experts', 'num_shared_expert', 'moe_num_shared_experts');
  const count = c.size('num_local_experts', 'num_experts', 'n_routed_experts', 'moe_num_experts'),
    perToken = c.size('num_experts_per_tok', 'moe_top_k', 'moe_topk', 'moe_k', 'num_experts_per_token');
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
    sharedWidth: shared || sharedCount * width,
    ...(LOAD_BIAS.test(c.text('model_type') ?? '') ? { loadBias: true } : {}),
    sharedGate: shared > 0 && c.flag(/^qwen/.test(c.text('model_type') ?? ''), 'shared_expert_gate'),
  };
}

export const mixtral = decoder({ feedForward: (c) => experts(c, c.size('intermediate_size')) });

/** Biases everywhere, and a learned sink for each head. */
export const gptOss: FamilyRule = (c) => {
  const body = decoder({ bias: true, feedForward: (f) => ({ ...experts(f, f.size('intermediate_size')), bias: true }) })(c);
  const { heads } = body.layers[0].mixers[0] as { heads: number };
  return { ...body, layers: layersOf(body.layers.length, (i) => ({ ...body.layers[i], extraParams: heads })) };
};

/** Experts in every `decoder_sparse_step`-th layer, but for `mlp_only_layers`, the first `first_k_dense_replace`, and where `is_moe_layer` says no. */
export function sparseOrDense(c: ConfigFields): (layer: number) => FeedForward {
  const step = c.count(1, 'decoder_sparse_step', 'moe_layer_freq') || 1;
  const denseOnly = new Set(c.list('mlp_only_layers') ?? []);
  const firstDense = c.count(0, 'first_k_dense_replace', 'num_dense_layers', 'first_last_k_dense_replace');
  const isSparse = c.list('is_moe_layer');
  const moe = experts(c, c.size('moe_intermediate_size', 'intermediate_size'));
  return (layer) =>
    layer < firstDense || denseOnly.has(layer) || (layer + 1) % step || isSparse?.[layer] === false
      ? { kind: 'dense', width: c.size('intermediate_size'), gated: true }
      : moe;
}

const sparse = (qkNorm?: Decoder['qkNorm'], bias?: boolean): FamilyRule => {
  return (c) => {
    const feedForward = sparseOrDense(c);
    return decoder({ qkNorm, bias, outBias: bias === undefined ? undefined : false, feedForward: (_, i) => feedForward(i) })(c);
  };
};
export const qwen2Moe = sparse(undefined, true);
export const qwen3Moe = sparse('head');
export const glm4Moe = sparse(statedQkNorm);
export const minimaxM2 = sparse('all');
export const olmoe = sparse('all');
export const dots1 = sparse('head');
/** K-EXAONE. */
export const exaoneMoe = sparse('head');
/** AFMoE (Trinity): gated attention, every n-th layer sees all tokens, norms before and behind both parts. */
export const afmoe: FamilyRule = (c) => {
  const feedForward = sparseOrDense(c),
    windowPattern = c.count(0, 'global_attn_every_n_layers') || undefined;
  const body = decoder({ qkNorm: 'head', norms: 4, windowPattern, feedForward: (_, i) => feedForward(i) })(c);
  const gated = (layer: Layer): Layer => ({
    ...layer,
    mixers: layer.mixers.map((m) => (m.kind === 'attention' ? { ...m, outputGate: true } : m)),
  });
  return { ...body, layers: layersOf(body.layers.length, (i) => gated(body.layers[i])) };
};
/** Ling and Ring. */
export const bailingMoe = sparse(statedQkNorm);
export const hunyuanMoe = sparse(statedQkNorm);

/** Norms with a shift, and one of the output. */
export const phiMoe = decoder({
  norm: 'layer',
  normBias: true,
  feedForward: (c) => experts(c, c.size('intermediate_size')),
  other: (c) => (c.flag(false, 'lm_head_bias') ? c.size('vocab_size') : 0),
});

/** ERNIE 4.5: experts every `moe_layer_interval` layers from `moe_layer_start_index` to `moe_layer_end_index`. */
export const ernieMoe: FamilyRule = (c) => {
  const [from, every] = [c.count(0, 'moe_layer_start_index'), c.count(1, 'moe_layer_interval') || 1];
  const end = c.json.moe_layer_end_index,
    last = typeof end === 'number' && end >= 0 ? end : Number.POSITIVE_INFINITY;
  const moe = experts(c, c.size('moe_intermediate_size'));
  const dense: FeedForward = { kind: 'dense', width: c.size('intermediate_size'), gated: true };
  return decoder({ feedForward: (_, i) => (i >= from && i <= last && (i + 1) % every === 0 ? moe : dense) })(c);
};

/** DBRX: sizes of attention and experts are parts of their own; norms without a shift. */
export const dbrx: FamilyRule = (c) => {
  const hidden = c.size('d_model'),
    ffn = c.part('ffn_config');
  const heads = c.size('n_heads');
  const attention: HeadAttention = {
    kind: 'attention',
    heads,
    kvHeads: c.part('attn_config').optionalSize('kv_n_heads') ?? heads,
    headDim: hidden / heads,
  };
  const feedForward = experts(ffn, ffn.size('ffn_hidden_size'));
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(c.size('n_layers'), () => ({ mixers: [attention], feedForward, norms: 2, normParams: 2 * hidden })),
    tied: c.flag(false, 'tie_word_embeddings'),
    otherParams: hidden,
    norm: 'layer',
    maxContext: c.optionalSize('max_seq_len'),
  };
};

/**
 * LongCat-Flash: a layer has attention and a dense part twice, and experts beside them, of which `zero_expert_num` more pass a token on as it is: of those a
 * token takes, real ones as often as there are of them.
 */
export const longcatFlash: FamilyRule = (c) => {
  const hidden = c.size('hidden_size'),
    [real, zero] = [c.size('n_routed_experts'), c.count(0, 'zero_expert_num')],
    taken = c.size('moe_topk');
  const mixer = latentAttention(c);
  const perToken = (taken * real) / (real + zero);
  if (zero)
    c.assume(
      `of the ${taken} experts of a token ${perToken.toPrecision(3)} compute, as if all were chosen equally often (zero_expert_num ${zero})`,
    );
  const half = (): Layer => ({
    mixers: [mixer],
    feedForward: { kind: 'dense', width: c.size('ffn_hidden_size'), gated: true },
    norms: 2,
    normParams: 2 * hidden,
  });
  const moe: Layer = {
    mixers: [],
    feedForward: {
      kind: 'experts',
      experts: real,
      perToken,
      width: c.size('expert_ffn_hidden_size'),
      gated: true,
      sharedWidth: 0,
      loadBias: true,
    },
    norms: 0,
    normParams: 0,
    extraParams: zero * (hidden + 1), // the router's rows of the others
  };
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(3 * c.size('num_layers', 'num_hidden_layers'), (i) => (i % 3 === 2 ? moe : half())),
    tied: c.flag(false, 'tie_word_embeddings'),
    otherParams: hidden,
    norm: 'rms',
    maxContext: c.optionalSize('max_position_embeddings'),
  };
};

/** Sizes of latent attention as DeepSeek writes them. */
export const latentAttention = (c: ConfigFields): LatentAttention => ({
  kind: 'latent',
  heads: c.size('num_attention_heads'),
  queryRank: c.optionalSize('q_lora_rank'),
  kvRank: c.size('kv_lora_rank'),
  nopeDim: c.size('qk_nope_head_dim'),
  ropeDim: c.size('qk_rope_head_dim'),
  valueDim: c.size('v_head_dim'),
  bias: c.flag(false, 'attention_bias'),
});

/** Sizes of DeepSeek's indexer where a configuration has none of its own (DeepSeek-V3.2). */
const INDEX_HEADS = 64,
  INDEX_DIM = 128;

/** What an indexer makes of each layer's attention: `index_topk` tokens, chosen here or by an earlier layer (`indexer_types`). */
function sparseIndex(c: ConfigFields): (layer: number) => Pick<LatentAttention, 'topK' | 'indexer'> {
  const topK = c.optionalSize('index_topk');
  if (topK === undefined) return () => ({});
  const indexer = {
    heads: c.optionalSize('index_n_heads') ?? INDEX_HEADS,
    headDim: c.optionalSize('index_head_dim') ?? INDEX_DIM,
  };
  if (c.any('index_n_heads') === undefined || c.any('index_head_dim') === undefined)
    c.assume(`the indexer has ${indexer.heads} heads of ${indexer.headDim} (index_n_heads, index_head_dim)`);
  const types = c.list('indexer_types');
  return (layer) => (types?.[layer] === 'shared' ? { topK } : { topK, indexer });
}

/** DeepSeek-V2 and -V3, Kimi-K2: latent attention, first layers dense, shared experts. */
export const deepseek: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const attention = latentAttention(c);
  const feedForward = sparseOrDense(c);
  const count = c.size('num_hidden_layers');
  if (c.count(0, 'num_nextn_predict_layers'))
    c.assume('the layer that predicts further tokens (num_nextn_predict_layers) is not counted');
  const indexed = sparseIndex(c);
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(count, (i) => ({
      mixers: [{ ...attention, ...indexed(i) }],
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
