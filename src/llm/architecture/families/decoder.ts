import type { ConfigFields } from '../configFields.js';
import type { DenseFeedForward, HeadAttention, Layer, LlmArchitecture } from '../llmArchitecture.js';

/** What a family's rule gives; the reader adds name, family, format and assumptions. */
export type Body = Omit<LlmArchitecture, 'name' | 'family' | 'assumptions' | 'dtype' | 'quantisation' | 'statedBytes'>;
/** Reads the fields of one family. */
export type FamilyRule = (fields: ConfigFields) => Body;

/** Attention of a layer as most configurations write it: head width is hidden / heads unless stated. */
export function headAttention(c: ConfigFields, hidden: number): HeadAttention {
  const heads = c.size('num_attention_heads', 'n_head');
  return {
    kind: 'attention',
    heads,
    kvHeads: c.optionalSize('num_key_value_heads') ?? heads,
    headDim: c.optionalSize('head_dim') ?? hidden / heads,
    bias: c.flag(false, 'attention_bias', 'use_qkv_bias', 'qkv_bias', 'use_bias'),
  };
}

/** Window of each layer: `layer_types` where it is there, else `pattern` (every n-th layer sees all), else every layer where one is in use. */
export function windowOf(c: ConfigFields, pattern?: number): (layer: number) => number | undefined {
  const window = c.optionalSize('sliding_window'),
    context = c.optionalSize('max_position_embeddings');
  const types = c.list('layer_types');
  const isUsed = c.flag(true, 'use_sliding_window');
  // one as long as the context cuts nothing off (Phi-4-mini)
  if (window === undefined || !isUsed || (context !== undefined && window >= context)) return () => undefined;
  if (types) return (layer) => (/sliding|local|chunked/.test(String(types[layer])) ? window : undefined);
  if (pattern) return (layer) => ((layer + 1) % pattern ? window : undefined);
  const from = c.json.max_window_layers;
  return (layer) => (typeof from === 'number' && c.json.use_sliding_window === true && layer < from ? undefined : window);
}

/** Layers of a repeated form: `form` gives one by its position. Layers alike are one object, so that they are costed once. */
export function layersOf(count: number, form: (layer: number) => Layer): Layer[] {
  const known = new Map<string, Layer>();
  return Array.from({ length: count }, (_, i) => {
    const layer = form(i),
      key = JSON.stringify(layer);
    const same = known.get(key);
    if (same) return same;
    known.set(key, layer);
    return layer;
  });
}

/** Scales of queries and keys: one row a head width, or all heads. */
type QkNorm = 'head' | 'all';

/** Norms of queries and keys by head, where the configuration has them on. */
export const statedQkNorm = (c: ConfigFields): QkNorm | undefined => (c.flag(false, 'use_qk_norm') ? 'head' : undefined);

export interface Decoder {
  norm?: 'rms' | 'layer';
  /** norms of a layer over `hidden` */
  norms?: number;
  /** its norms have a shift */
  normBias?: boolean;
  gated?: boolean;
  /** biases of queries, keys, values, whatever the configuration says; of the output projection */
  bias?: boolean;
  outBias?: boolean;
  mlpBias?: boolean;
  qkNorm?: QkNorm | ((c: ConfigFields) => QkNorm | undefined);
  tied?: boolean;
  /** every n-th layer sees all tokens, the others a window, where the configuration lists no types */
  windowPattern?: number;
  feedForward?: (c: ConfigFields, layer: number) => Layer['feedForward'];
  /** learned values of a layer, of the model, beside these */
  extra?: (c: ConfigFields) => number;
  other?: (c: ConfigFields) => number;
}

/** Learned values of `count` norms of a width. */
export const normParams = (count: number, width: number, hasShift: boolean) => count * width * (hasShift ? 2 : 1);

/** A decoder of equal layers: attention, feed-forward, norms. */
export const decoder =
  (form: Decoder = {}): FamilyRule =>
  (c) => {
    const hidden = c.size('hidden_size');
    const count = c.size('num_hidden_layers', 'num_layers');
    const { norm = 'rms', norms = 2, normBias = false, gated = true } = form;
    const base = headAttention(c, hidden);
    const qkNorm = typeof form.qkNorm === 'function' ? form.qkNorm(c) : form.qkNorm;
    const qkWidth = qkNorm === 'all' ? (base.heads + base.kvHeads) * base.headDim : 2 * base.headDim;
    const window = windowOf(c, form.windowPattern);
    const dense: DenseFeedForward | undefined = form.feedForward
      ? undefined
      : { kind: 'dense', width: c.size('intermediate_size'), gated, bias: form.mlpBias ?? c.flag(false, 'mlp_bias') };
    const layers = layersOf(count, (i) => ({
      mixers: [
        {
          ...base,
          window: window(i),
          bias: form.bias ?? base.bias,
          outBias: form.outBias,
          ...(qkNorm ? { qkNorm: qkWidth } : {}),
        },
      ],
      feedForward: dense ?? form.feedForward?.(c, i),
      norms,
      normParams: normParams(norms, hidden, normBias),
      ...(form.extra ? { extraParams: form.extra(c) } : {}),
    }));
    return {
      hidden,
      vocabulary: c.size('vocab_size'),
      layers,
      tied: c.flag(form.tied ?? false, 'tie_word_embeddings'),
      otherParams: normParams(1, hidden, normBias) + (form.other?.(c) ?? 0),
      norm,
      maxContext: c.optionalSize('max_position_embeddings'),
    };
  };
