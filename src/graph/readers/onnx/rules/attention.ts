import { NotCovered, type Operation, type Rule, type Rules } from '../operation.js';
import { isConstant, type Value } from '../value.js';
import { product } from './products.js';

interface Heads {
  heads: number;
  kvHeads?: number;
  causal: boolean;
  /** length of keys and values with those of earlier calls */
  kvLength?: number | undefined;
}

/** Fused attention over [B, L, heads d] or [B, heads, L, d]. */
function attend(op: Operation, operands: readonly Value[], { heads, kvHeads = heads, causal, kvLength }: Heads): Value {
  const length = operands[1].shape[operands[1].shape.length - 2];
  const attrs = {
    heads,
    ...(kvHeads === heads ? {} : { kvHeads }),
    ...(kvLength === undefined || kvLength === length ? {} : { kvLength }),
    // one query at the end sees all keys
    ...(causal && operands[0].shape[operands[0].shape.length - 2] > 1 ? { causal: 1 } : {}),
  };
  return op.add('attention', operands, attrs);
}

/** Keys and values of earlier calls before those of this one. */
const extended = (op: Operation, past: Value | undefined, now: Value): Value =>
  past ? op.add('concat', [past, now], { axis: 2 }) : now;

/** [B, L, heads d] -> [B, heads, L, d] */
function intoHeads(op: Operation, x: Value, heads: number): Value {
  if (x.shape.length === 4) return x;
  const [b, l, d] = x.shape;
  return op.add('transpose', [op.reshape(x, [b, l, heads, d / heads])], { order: [0, 2, 1, 3] });
}

/** Queries, keys and values are made of the input [B, L, D] with weights [D, 3 H]: a product, three parts, attention. */
function packedAttention(op: Operation, x: Value, weight: Value, bias: Value | undefined, past: Value | undefined): Value[] {
  const heads = op.int('num_heads') ?? 1;
  const [batch, length] = x.shape;
  const sizes = op.ints('qkv_hidden_sizes') ?? Array(3).fill(weight.shape[1] / 3);
  const dtype = x.dtype === 'int8' || x.dtype === 'uint8' ? 'fp32' : x.dtype;
  const qkv = product(op, { a: x, b: weight, bias, dtype, ...(dtype === x.dtype ? {} : { compute: x.dtype }) });
  const [q, k, v] = op.addAll('split', [qkv], { axis: 2, parts: sizes });
  const kvLength = past ? past.shape[3] + length : undefined;
  const y = attend(op, [q, k, v], { heads, causal: op.int('unidirectional', 0) === 1, kvLength });
  if (!op.isRead(1)) return [y];
  const present = [2, batch, heads, kvLength ?? length, sizes[1] / heads];
  return [y, op.add('copy', [k], { shape: present })];
}

const microsoftAttention: Rule = (op) => packedAttention(op, op.input(0), op.input(1), op.inputs[2], op.inputs[4]);

/** input, weights, bias, scales, mask, zero points, past */
const quantizedAttention: Rule = (op) => packedAttention(op, op.input(0), op.input(1), op.inputs[2], op.inputs[8]);

/** The parts of a bias [H + H + H'] on queries, keys and values that are [B, L, H]. */
function withBias(op: Operation, operands: readonly Value[], bias: Value): Value[] {
  const widths = operands.map((x) => x.shape[x.shape.length - 1]);
  if (operands.some((x) => x.shape.length !== 3) || widths.reduce((a, b) => a + b) !== bias.shape[0]) return [...operands];
  const parts = op.addAll('split', [bias], { axis: 0, parts: widths });
  return operands.map((x, i) => op.add('add', [x, parts[i]]));
}

/** Queries [B, L, H] with keys and values alike or [B, heads, S, d]; all three packed as [B, L, heads, 3, d]; a bias on them. */
function multiHead(op: Operation): Value[] {
  const heads = op.int('num_heads') ?? 1;
  const causal = op.int('unidirectional', 0) === 1;
  const given = op.input(0);
  let [q, k, v] = [given, op.inputs[1], op.inputs[2]];
  if (given.shape.length === 5) {
    const [b, l, n, , d] = given.shape;
    const flat = op.reshape(given, [b, l, 3 * n * d]);
    [q, k, v] = op.addAll('split', [flat], { axis: 2, parts: [n * d, n * d, n * d] });
  } else if (k?.shape.length === 5) {
    const [b, s, n, , d] = k.shape;
    [k, v] = op.addAll('split', [op.reshape(k, [b, s, 2 * n * d])], { axis: 2, parts: [n * d, n * d] });
  }
  if (!k || !v) throw new NotCovered('has no keys or values');
  const bias = op.inputs[3];
  if (bias) [q, k, v] = withBias(op, [q, k, v], bias);
  if (k.shape.length === 4 && q.shape.length === 3) q = intoHeads(op, q, heads);
  const [pastKey, pastValue] = [op.inputs[6], op.inputs[7]];
  if (pastKey && pastValue) {
    k = extended(op, pastKey, intoHeads(op, k, heads));
    v = extended(op, pastValue, intoHeads(op, v, heads));
    q = intoHeads(op, q, heads);
  }
  const y = attend(op, [q, k, v], { heads, causal });
  const [b, , l, d] = y.shape.length === 4 ? y.shape : [0, 0, 0, 0];
  const joined = y.shape.length === 4 ? op.reshape(y, [b, l, heads * d]) : y;
  return [joined, k, v];
}

/** Fewer heads of keys and values; the cache holds earlier ones. */
function groupedQuery(op: Operation): Value[] {
  const heads = op.int('num_heads') ?? 1;
  const kvHeads = op.int('kv_num_heads') ?? heads;
  let [q, k, v] = [op.input(0), op.inputs[1], op.inputs[2]];
  if (!k || !v) {
    const d = q.shape[2] / (heads + 2 * kvHeads);
    [q, k, v] = op.addAll('split', [q], { axis: 2, parts: [heads * d, kvHeads * d, kvHeads * d] });
  }
  if (op.int('do_rotary', 0)) [q, k] = [q, k].map((x) => op.add('rotary_embedding', [x]));
  const [pastKey, pastValue] = [op.inputs[3], op.inputs[4]];
  const keys = extended(op, pastKey, intoHeads(op, k, kvHeads));
  const values = extended(op, pastValue, intoHeads(op, v, kvHeads));
  const y = attend(op, [intoHeads(op, q, heads), keys, values], { heads, kvHeads, causal: true });
  const [b, , l, d] = y.shape;
  return [op.reshape(y, [b, l, heads * d]), keys, values];
}

/** Attention of operator set 23: [B, heads, L, d] or [B, L, heads d], with a mask and a cache. */
function attention23(op: Operation): Value[] {
  let [q, k, v] = [op.input(0), op.input(1), op.input(2)];
  const flat = q.shape.length === 3;
  const heads = op.int('q_num_heads') ?? q.shape[1];
  const kvHeads = op.int('kv_num_heads') ?? k.shape[1];
  const [pastKey, pastValue] = [op.inputs[4], op.inputs[5]];
  if (pastKey && pastValue) {
    q = intoHeads(op, q, heads);
    k = extended(op, pastKey, intoHeads(op, k, kvHeads));
    v = extended(op, pastValue, intoHeads(op, v, kvHeads));
  }
  const mask = op.inputs[3];
  const operands = mask && !isConstant(mask) ? [q, k, v, mask] : [q, k, v];
  const y = attend(op, operands, { heads, kvHeads, causal: op.int('is_causal', 0) === 1 });
  if (!flat || y.shape.length === 3) return [y, k, v];
  const [b, n, l, d] = y.shape;
  return [op.reshape(y, [b, l, n * d]), k, v];
}

export const ATTENTION: Rules = {
  Attention: attention23,
  RotaryEmbedding: (op) => op.add('rotary_embedding', [op.input(0)]),
};

export const ATTENTION_MICROSOFT: Rules = {
  Attention: microsoftAttention,
  QAttention: quantizedAttention,
  MultiHeadAttention: multiHead,
  DecoderMaskedMultiHeadAttention: multiHead,
  GroupQueryAttention: groupedQuery,
  RotaryEmbedding: (op) => op.add('rotary_embedding', [op.input(0)]),
};
