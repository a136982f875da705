import { elementCount } from '../../core/elementCount.js';
import { type AtenRule, operators, Unusable } from './atenCall.js';

/** q, k, v as [.., B, H, S, D] (or [B, S, D], one head); a mask is read too where the program names it. */
const attention: AtenRule = (call) => {
  const q = call.tensor('query');
  const k = call.tensor('key');
  const v = call.tensor('value');
  const axes = q.shape.length,
    single = axes === 3;
  // other axes than four are read and written through reshapes, which a program has and a profile has not
  const isWritten = call.outputs !== undefined && axes >= 3 && k.shape.length === axes;
  if (!isWritten && (axes !== 4 || k.shape.length !== 4)) throw new Unusable('attention over other than four axes');
  const wide = (t: typeof q) => {
    if (axes === 4) return t;
    return {
      ...t,
      shape: single ? [t.shape[0], 1, ...t.shape.slice(1)] : [elementCount(t.shape.slice(0, -3)), ...t.shape.slice(-3)],
    };
  };
  const [queries, keys, values] = [wide(q), wide(k), wide(v)];
  const [batch, heads, length, headDim] = queries.shape;
  const mask = call.outputs && ['attn_mask', 'attn_bias'].find((name) => call.has(name));
  return {
    op: 'attention',
    attrs: { heads, kvHeads: keys.shape[1], headDim, kvLength: keys.shape[2], causal: call.flag('is_causal') ? 1 : 0 },
    inputs: [queries, keys, values, ...(mask ? [call.tensor(mask)] : [])],
    shape: [batch, heads, length, values.shape[3]],
  };
};

export const ATTENTIONS = {
  ...operators('scaled_dot_product_attention', 'query key value attn_mask dropout_p is_causal scale enable_gqa', attention),
  ...operators('_scaled_dot_product_flash_attention', 'query key value dropout_p is_causal', attention),
  ...operators('_scaled_dot_product_flash_attention_for_cpu', 'query key value dropout_p is_causal', attention),
  ...operators(
    '_scaled_dot_product_efficient_attention',
    'query key value attn_bias compute_log_sumexp dropout_p is_causal',
    attention,
  ),
  ...operators(
    '_scaled_dot_product_cudnn_attention',
    'query key value attn_bias compute_log_sumexp dropout_p is_causal',
    attention,
  ),
};
