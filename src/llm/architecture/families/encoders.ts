import type { HeadAttention, Layer } from '../llmArchitecture.js';
import { type FamilyRule, headAttention, layersOf, normParams } from './decoder.js';

/** BERT: an encoder; token types, positions, embedding norm. No token is made, so nothing is kept between passes. */
export const bert: FamilyRule = (c) => {
  const hidden = c.size('hidden_size');
  const positions = c.size('max_position_embeddings');
  const layer: Layer = {
    mixers: [{ ...headAttention(c, hidden), bias: true }],
    feedForward: { kind: 'dense', width: c.size('intermediate_size'), gated: false, bias: true },
    norms: 2,
    normParams: normParams(2, hidden, true),
  };
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(c.size('num_hidden_layers'), () => layer),
    tied: true,
    otherParams: (positions + c.count(2, 'type_vocab_size')) * hidden + normParams(1, hidden, true),
    norm: 'layer',
    maxContext: positions,
    encoderOnly: true,
  };
};

/** ViT: an encoder over patches of a picture. */
export const vit: FamilyRule = (c) => {
  const hidden = c.size('hidden_size'),
    patch = c.size('patch_size');
  const tokens = (c.size('image_size') / patch) ** 2 + 1;
  const layer: Layer = {
    mixers: [{ ...headAttention(c, hidden), bias: c.flag(true, 'qkv_bias'), outBias: true }],
    feedForward: { kind: 'dense', width: c.size('intermediate_size'), gated: false, bias: true },
    norms: 2,
    normParams: normParams(2, hidden, true),
  };
  const embedding = patch ** 2 * c.count(3, 'num_channels') * hidden + hidden;
  return {
    hidden,
    vocabulary: 0,
    layers: layersOf(c.size('num_hidden_layers'), () => layer),
    tied: true,
    otherParams: embedding + (tokens + 1) * hidden + normParams(1, hidden, true),
    norm: 'layer',
    maxContext: tokens,
    encoderOnly: true,
  };
};

/** T5: the prompt goes through the encoder; every layer of the decoder attends to it as well. */
export const t5: FamilyRule = (c) => {
  const hidden = c.size('d_model');
  const heads = c.size('num_heads'),
    headDim = c.size('d_kv');
  const attention: HeadAttention = { kind: 'attention', heads, kvHeads: heads, headDim };
  const gated = c.flag(/gated/.test(c.text('feed_forward_proj') ?? ''), 'is_gated_act');
  const feedForward = { kind: 'dense', width: c.size('d_ff'), gated } as const;
  const buckets = c.count(32, 'relative_attention_num_buckets') * heads;
  const encoder = layersOf(c.size('num_layers'), () => ({ mixers: [attention], feedForward, norms: 2, normParams: 2 * hidden }));
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(c.optionalSize('num_decoder_layers') ?? c.size('num_layers'), () => ({
      mixers: [attention, { ...attention, cross: {} }],
      feedForward,
      norms: 3,
      normParams: 3 * hidden,
    })),
    tied: c.flag(true, 'tie_word_embeddings'),
    otherParams: hidden + buckets,
    norm: 'rms',
    maxContext: c.optionalSize('n_positions', 'max_position_embeddings'),
    encoder: { layers: encoder, otherParams: hidden + buckets, hidden },
  };
};

/** Whisper: 30 s of sound through the encoder; the decoder attends to its `max_source_positions` places. Keys have no bias. */
export const whisper: FamilyRule = (c) => {
  const hidden = c.size('d_model');
  const length = c.size('max_source_positions'),
    target = c.size('max_target_positions');
  const attentionOf = (heads: number): HeadAttention => ({
    kind: 'attention',
    heads,
    kvHeads: heads,
    headDim: hidden / heads,
    bias: true,
    extraParams: -hidden,
  });
  const decoding = attentionOf(c.size('decoder_attention_heads'));
  const encoding = attentionOf(c.size('encoder_attention_heads'));
  const feedForward = (width: number) => ({ kind: 'dense', width, gated: false, bias: true }) as const;
  const layerOf = (mixers: Layer['mixers'], width: number): Layer => ({
    mixers,
    feedForward: feedForward(width),
    norms: mixers.length + 1,
    normParams: normParams(mixers.length + 1, hidden, true),
  });
  const [ffnIn, ffnOut] = [c.size('encoder_ffn_dim'), c.size('decoder_ffn_dim')];
  const convolutions = 3 * c.size('num_mel_bins') * hidden + hidden + 3 * hidden * hidden + hidden;
  return {
    hidden,
    vocabulary: c.size('vocab_size'),
    layers: layersOf(c.size('decoder_layers'), () => layerOf([decoding, { ...decoding, cross: { length } }], ffnOut)),
    tied: c.flag(true, 'tie_word_embeddings'),
    otherParams: target * hidden + normParams(1, hidden, true),
    norm: 'layer',
    maxContext: target,
    encoder: {
      layers: layersOf(c.size('encoder_layers'), () => layerOf([encoding], ffnIn)),
      length,
      otherParams: length * hidden + convolutions + normParams(1, hidden, true),
      hidden,
    },
  };
};
