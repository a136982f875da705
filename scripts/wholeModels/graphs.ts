import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import type { OpGraph } from '../../src/graph/opGraph.js';

/** Tokens of a batch. */
interface Tokens {
  batch: number;
  length: number;
}

/** Builders of language models as Hugging Face's code runs them, operator by operator; sizes of the collector of `measured/h100`. */
class Blocks extends GraphBuilder {
  linear = (x: string, outFeatures: number, bias: 0 | 1 = 0) => this.add('linear', [x], { outFeatures, bias });
  binary = (op: 'add' | 'mul', ...inputs: string[]) => this.add(op, inputs);

  /** Root mean square norm as LlamaRMSNorm writes it: square, mean, epsilon, reciprocal root, two products. */
  rmsNorm(x: string): string {
    const row = this.shapeOf(x).at(-1)!;
    const mean = this.add('reduce', [this.add('pow', [x])], { axis: [-1], keepDims: 1 });
    const scale = this.add('reciprocal', [this.add('sqrt', [this.add('add', [mean])])]);
    const weight = this.add('stored', [], { shape: [row], params: row });
    return this.binary('mul', this.binary('mul', x, scale), weight);
  }

  /** Rotation of queries or keys: halves negated and joined, two products, a sum. */
  rotate(x: string): string {
    const shape = this.shapeOf(x);
    const halves = this.add('split', [x], { axis: 3, parts: [shape[3] / 2, shape[3] / 2] });
    const turned = this.add('concat', [this.add('neg', [`${halves}:1`]), halves], { axis: 3 });
    return this.binary('add', this.add('mul', [x]), this.add('mul', [turned]));
  }

  heads(x: string, { batch, length }: Tokens, count: number, width: number): string {
    return this.add('transpose', [this.add('reshape', [x], { shape: [batch, length, count, width] })], { order: [0, 2, 1, 3] });
  }

  /** Queries, keys and values to one tensor a token. */
  attend(q: string, k: string, v: string, { batch, length }: Tokens, width: number, causal: 0 | 1): string {
    return this.add('reshape', [this.add('attention', [q, k, v], { causal })], { shape: [batch, length, width] });
  }
}

const tokens = (b: Blocks, { batch, length }: Tokens, rows: number, dim: number): string =>
  b.add('embedding', [b.input([batch, length], 'int64')], { rows, dim });

/** LlamaForCausalLM: hidden 2048, 8 layers, 32 heads and 4 of keys, vocabulary 32000. */
export function llamaGraph(t: Tokens): OpGraph {
  const b = new Blocks(),
    heads = 32,
    kvHeads = 4,
    width = 64,
    hidden = heads * width;
  let x = tokens(b, t, 32_000, hidden);
  for (let layer = 0; layer < 8; layer++) {
    const h = b.rmsNorm(x);
    const q = b.rotate(b.heads(b.linear(h, hidden), t, heads, width)),
      k = b.rotate(b.heads(b.linear(h, kvHeads * width), t, kvHeads, width)),
      v = b.heads(b.linear(h, kvHeads * width), t, kvHeads, width);
    x = b.binary('add', x, b.linear(b.attend(q, k, v, t, hidden, 1), hidden));
    const g = b.rmsNorm(x);
    x = b.binary('add', x, b.linear(b.binary('mul', b.add('silu', [b.linear(g, 5632)]), b.linear(g, 5632)), hidden));
  }
  return b.build([b.linear(b.rmsNorm(x), 32_000)]);
}

/** BertModel: hidden 768, 12 layers, 12 heads, pooled first token. */
export function bertGraph(t: Tokens): OpGraph {
  const b = new Blocks(),
    hidden = 768;
  const positions = b.add('stored', [], { shape: [512, hidden], params: 512 * hidden }),
    kinds = b.add('stored', [], { shape: [2, hidden], params: 2 * hidden });
  const row = (table: string, length: number) => b.add('slice', [table], { shape: [length, hidden] });
  let x = b.binary('add', b.binary('add', tokens(b, t, 30_522, hidden), row(kinds, 1)), row(positions, t.length));
  x = b.add('layer_norm', [x]);
  for (let layer = 0; layer < 12; layer++) {
    const [q, k, v] = [0, 1, 2].map(() => b.heads(b.linear(x, hidden, 1), t, 12, 64));
    x = b.add('layer_norm', [b.binary('add', b.linear(b.attend(q, k, v, t, hidden, 0), hidden, 1), x)]);
    x = b.add('layer_norm', [b.binary('add', b.linear(b.add('gelu', [b.linear(x, 3072, 1)]), hidden, 1), x)]);
  }
  const first = b.add('reshape', [b.add('slice', [x], { shape: [t.batch, 1, hidden] })], { shape: [t.batch, hidden] });
  return b.build([x, b.add('tanh', [b.linear(first, hidden, 1)])]);
}

/** MambaForCausalLM without fused kernels: hidden 768, 8 layers, state 16; the recurrence is a loop over tokens of a product, a sum and a matrix product. */
export function mambaGraph(t: Tokens): OpGraph {
  const b = new Blocks(),
    { batch, length } = t,
    [hidden, inner, state, rank] = [768, 1536, 16, 48];
  // the output reads the same table
  const table = b.add('stored', [], { shape: [32_000, hidden], params: 32_000 * hidden });
  let x = b.add('gather', [table, b.input([batch, length], 'int64')], { axis: 0, shape: [batch, length, hidden] });
  for (let layer = 0; layer < 8; layer++) {
    const projected = b.add('transpose', [b.linear(b.rmsNorm(x), 2 * inner)], { order: [0, 2, 1] });
    const parts = b.add('split', [projected], { axis: 1, parts: [inner, inner] });
    const u = b.add('silu', [
      b.add('conv1d', [parts], { kernel: [4], padding: [3, 0], groups: inner, outChannels: inner, bias: 1 }),
    ]);
    const sizes = b.linear(b.add('transpose', [u], { order: [0, 2, 1] }), rank + 2 * state);
    const split = b.add('split', [sizes], { axis: 2, parts: [rank, state, state] });
    const dt = b.add('softplus', [b.add('transpose', [b.linear(split, inner, 1)], { order: [0, 2, 1] })]);
    const wide = (y: string, shape: number[]) => b.add('reshape', [y], { shape });
    const steps = wide(dt, [batch, inner, length, 1]),
      decay = b.add('exp', [b.binary('mul', steps, b.add('stored', [], { shape: [1, inner, 1, state], params: inner * state }))]);
    const brought = b.binary(
      'mul',
      b.binary('mul', steps, wide(`${split}:1`, [batch, 1, length, state])),
      wide(u, [batch, inner, length, 1]),
    );
    const at = (y: string) =>
      b.add('reshape', [b.add('slice', [y], { shape: [batch, inner, 1, state] })], { shape: [batch, inner, state] });
    let h: string | undefined;
    const outputs: string[] = [];
    for (let i = 0; i < length; i++) {
      const moved = b.binary('mul', at(decay), h ?? at(brought));
      h = b.binary('add', moved, at(brought));
      const c = b.add('reshape', [b.add('slice', [`${split}:2`], { shape: [batch, 1, state] })], { shape: [batch, state, 1] });
      outputs.push(b.add('matmul', [h, c]));
    }
    const y = b.add('concat', outputs, { axis: 2 });
    const gated = b.binary('mul', b.binary('add', y, b.add('mul', [u])), b.add('silu', [`${parts}:1`]));
    x = b.binary('add', x, b.linear(b.add('transpose', [gated], { order: [0, 2, 1] }), hidden));
  }
  return b.build([b.add('matmul', [b.rmsNorm(x), b.add('transpose', [table], { order: [1, 0] })])]);
}
