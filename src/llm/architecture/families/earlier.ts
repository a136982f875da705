import type { ConfigFields } from '../configFields.js';
import type { HeadAttention } from '../llmArchitecture.js';
import { type Body, type FamilyRule, layersOf, normParams } from './decoder.js';

interface Sizes {
  hidden: number;
  heads: number;
  kvHeads?: number;
  layers: number;
  width: number;
}

interface Form {
  /** biases of projections and feed-forward */
  bias: boolean;
  attentionBias?: boolean;
  norms?: number;
  /** learned values beside layers, embedding and final norm */
  other?: (c: ConfigFields, sizes: Sizes) => number;
  tied: boolean;
}

/** GPT-2 and its kin: layer norms with shift, two-matrix feed-forward. */
const earlier =
  (sizes: (c: ConfigFields) => Sizes, form: Form): FamilyRule =>
  (c): Body => {
    const s = sizes(c);
    const attention: HeadAttention = {
      kind: 'attention',
      heads: s.heads,
      kvHeads: s.kvHeads ?? s.heads,
      headDim: c.optionalSize('head_dim') ?? s.hidden / s.heads,
      bias: form.attentionBias ?? form.bias,
    };
    const norms = form.norms ?? 2;
    return {
      hidden: s.hidden,
      vocabulary: c.size('vocab_size'),
      layers: layersOf(s.layers, () => ({
        mixers: [attention],
        feedForward: { kind: 'dense', width: s.width, gated: false, bias: form.bias },
        norms,
        normParams: normParams(norms, s.hidden, true),
      })),
      tied: c.flag(form.tied, 'tie_word_embeddings'),
      otherParams: normParams(1, s.hidden, true) + (form.other?.(c, s) ?? 0),
      norm: 'layer',
      maxContext: c.optionalSize('max_position_embeddings', 'n_positions', 'seq_length', 'n_ctx'),
    };
  };

const gptSizes = (c: ConfigFields): Sizes => {
  const hidden = c.size('n_embd', 'hidden_size');
  return {
    hidden,
    heads: c.size('n_head', 'num_attention_heads'),
    layers: c.size('n_layer', 'num_hidden_layers'),
    width: c.optionalSize('n_inner') ?? 4 * hidden,
  };
};
const hfSizes = (c: ConfigFields): Sizes => {
  const hidden = c.size('hidden_size');
  return {
    hidden,
    heads: c.size('num_attention_heads'),
    layers: c.size('num_hidden_layers'),
    width: c.optionalSize('intermediate_size', 'ffn_dim', 'ffn_hidden_size') ?? 4 * hidden,
  };
};
const positions = (c: ConfigFields, { hidden }: Sizes, offset = 0) =>
  ((c.optionalSize('n_positions', 'max_position_embeddings') ?? 0) + offset) * hidden;

export const gpt2 = earlier(gptSizes, { bias: true, tied: true, other: positions });
/** StarCoder: one head of keys and values where `multi_query`. */
export const gptBigCode = earlier((c) => ({ ...gptSizes(c), kvHeads: c.flag(true, 'multi_query') ? 1 : undefined }), {
  bias: true,
  tied: true,
  other: positions,
});
/** One norm a layer; the output has a bias of its own. */
export const gptJ = earlier(gptSizes, {
  bias: true,
  attentionBias: false,
  norms: 1,
  tied: false,
  other: (c) => c.size('vocab_size'),
});
export const gptNeoX = earlier(hfSizes, { bias: true, tied: false });
/** Positions start at two. */
export const opt = earlier(hfSizes, { bias: true, tied: true, other: (c, sizes) => positions(c, sizes, 2) });
export const bloom = earlier(
  (c) => {
    const hidden = c.size('hidden_size', 'n_embed');
    return {
      hidden,
      heads: c.size('n_head', 'num_attention_heads'),
      layers: c.size('n_layer', 'num_hidden_layers'),
      width: 4 * hidden,
    };
  },
  { bias: true, tied: true, other: (_, { hidden }) => 2 * hidden },
);
/** The output has a bias; one norm a layer. */
export const phi = earlier(hfSizes, { bias: true, norms: 1, tied: false, other: (c) => c.size('vocab_size') });

/** MPT: positions by attention, no shift anywhere where `no_bias`. */
export const mpt: FamilyRule = (c) => {
  const hasBias = !c.flag(false, 'no_bias'),
    hidden = c.size('d_model'),
    heads = c.size('n_heads', 'num_attention_heads');
  const attention: HeadAttention = {
    kind: 'attention',
    heads,
    kvHeads: c.part('attn_config').optionalSize('kv_n_heads') ?? heads,
    headDim: hidden / heads,
    bias: hasBias,
  };
  const width = c.count(4, 'expansion_ratio') * hidden;
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(c.size('n_layers'), () => ({
      mixers: [attention],
      feedForward: { kind: 'dense', width, gated: false, bias: hasBias },
      norms: 2,
      normParams: normParams(2, hidden, hasBias),
    })),
    tied: c.flag(true, 'tie_word_embeddings'),
    otherParams: normParams(1, hidden, hasBias),
    norm: 'layer',
    maxContext: c.optionalSize('max_seq_len'),
  };
};

/** ChatGLM2, ChatGLM3 and GLM-4 in their first form. */
export const chatGlm: FamilyRule = (c) => {
  const hidden = c.size('hidden_size'),
    heads = c.size('num_attention_heads'),
    bias = c.flag(false, 'add_bias_linear');
  const attention: HeadAttention = {
    kind: 'attention',
    heads,
    kvHeads: c.flag(false, 'multi_query_attention') ? c.size('multi_query_group_num') : heads,
    headDim: c.optionalSize('kv_channels') ?? hidden / heads,
    bias: bias || c.flag(false, 'add_qkv_bias'),
    outBias: bias,
  };
  return {
    hidden,
    vocabulary: c.size('padded_vocab_size', 'vocab_size'),
    layers: layersOf(c.size('num_layers', 'num_hidden_layers'), () => ({
      mixers: [attention],
      feedForward: { kind: 'dense', width: c.size('ffn_hidden_size'), gated: true, bias },
      norms: 2,
      normParams: 2 * hidden,
    })),
    tied: c.flag(false, 'tie_word_embeddings'),
    otherParams: hidden,
    norm: 'rms',
    maxContext: c.optionalSize('seq_length'),
  };
};

/** Falcon: the 7B form shares one head of keys and values (`multi_query`), whatever `num_kv_heads` says; the later form says how many. */
export const falcon: FamilyRule = (c) => {
  const isLater = c.flag(false, 'new_decoder_architecture');
  const isParallel = c.flag(true, 'parallel_attn');
  const kvHeads = isLater ? c.optionalSize('num_kv_heads') : c.flag(true, 'multi_query') ? 1 : undefined;
  const norms = isLater ? (c.count(2, 'num_ln_in_parallel_attn') === 1 ? 1 : 2) : isParallel ? 1 : 2;
  return earlier((f) => ({ ...hfSizes(f), kvHeads }), { bias: c.flag(false, 'bias'), norms, tied: true })(c);
};
