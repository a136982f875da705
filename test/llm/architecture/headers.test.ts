import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import { isGguf, readGguf, readGgufHeader } from '../../../src/llm/architecture/gguf.js';
import { readLlm } from '../../../src/llm/architecture/readLlm.js';
import { safetensorsBytes } from '../../../src/llm/architecture/safetensorsHeader.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-headers-'));
const u32 = (n: number) => {
  const b = Buffer.alloc(4);
  b.writeUInt32LE(n);
  return b;
};
const u64 = (n: number) => {
  const b = Buffer.alloc(8);
  b.writeBigUInt64LE(BigInt(n));
  return b;
};
const text = (s: string) => Buffer.concat([u64(s.length), Buffer.from(s)]);
const [U32, TEXT] = [4, 8];

/** A GGUF header: values, and tensors as [name, shape, ggml type]. */
function gguf(values: Record<string, number | string>, tensors: [string, number[], number][] = []): Buffer {
  const entries = Object.entries(values).map(([key, v]) =>
    Buffer.concat([text(key), typeof v === 'string' ? Buffer.concat([u32(TEXT), text(v)]) : Buffer.concat([u32(U32), u32(v)])]),
  );
  const infos = tensors.map(([name, shape, type]) =>
    Buffer.concat([text(name), u32(shape.length), ...shape.map(u64), u32(type), u64(0)]),
  );
  return Buffer.concat([Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(entries.length), ...entries, ...infos]);
}
const LLAMA = {
  'general.architecture': 'llama',
  'general.name': 'tiny',
  'llama.embedding_length': 64,
  'llama.block_count': 2,
  'llama.feed_forward_length': 128,
  'llama.attention.head_count': 4,
  'llama.attention.head_count_kv': 2,
  'llama.context_length': 256,
  'llama.vocab_size': 100,
};
const Q4_K = 12,
  F32 = 0;
const file = (name: string, bytes: Buffer) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};
const whole = gguf(LLAMA, [
  ['blk.0.attn_q.weight', [256, 4], Q4_K],
  ['blk.0.attn_norm.weight', [64], F32],
  ['output.weight', [256, 2], Q4_K],
]);

describe('GGUF', () => {
  it('is read from its header alone: 144 bytes for 256 weights of q4_k', () => {
    const model = readGguf(file('tiny.gguf', whole));
    expect(model).toMatchObject({ name: 'tiny', family: 'llama', hidden: 64, vocabulary: 100, maxContext: 256, tied: false });
    expect(model.layers[0].mixers[0]).toMatchObject({ heads: 4, kvHeads: 2, headDim: 16 });
    expect(model.statedBytes).toBe(4 * 144 + 64 * 4 + 2 * 144);
    expect(model.quantisation).toMatchObject({ method: 'gguf', format: { name: 'q4_k', bits: 4.5 } });
    expect(readLlm(join(folder, 'tiny.gguf')).name).toBe('tiny');
  });

  it.each([3, 10, 40, 200, whole.length - 1])('cut at byte %d says where', (at) => {
    const path = file(`cut${at}.gguf`, whole.subarray(0, at));
    if (at < 4) expect(isGguf(path)).toBe(false);
    else expect(() => readGgufHeader(path)).toThrow(new RegExp(`cut at byte ${at}, within`));
    expect(at).toBeLessThan(whole.length);
  });

  it('with a damaged number of tensors or values ends where the file does', () => {
    for (const place of [8, 16]) {
      const damaged = Buffer.from(whole);
      damaged.writeBigUInt64LE(2n ** 56n, place);
      expect(() => readGgufHeader(file(`damaged-${place}.gguf`, damaged))).toThrow(HwcastError);
    }
  });

  it.each([0, 3])('of %d bytes, and another format by its name, is no configuration', (size) => {
    for (const [name, bytes] of [
      [`begun-${size}.gguf`, whole.subarray(0, size)],
      [`old-${size}.gguf`, Buffer.from('GGML and more')],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      expect(() => readLlm(path)).toThrow(/no GGUF header: the file of \d+ bytes/);
    }
  });

  it('is not mistaken for a model that a name of the language stands for', () =>
    expect(() => readLlm('constructor')).toThrow(/no such configuration/));

  it('names what is missing', () => {
    const { 'llama.block_count': _, ...rest } = LLAMA;
    expect(() => readGguf(file('short.gguf', gguf(rest)))).toThrow(/lacks num_hidden_layers/);
  });

  it('refuses a type of tensor that it does not know', () =>
    expect(() => readGgufHeader(file('odd.gguf', gguf(LLAMA, [['a', [4], 99]])))).toThrow(/'a' is of ggml type 99/));
});

describe('safetensors', () => {
  const header = JSON.stringify({
    a: { dtype: 'F16', shape: [2, 2], data_offsets: [0, 8] },
    b: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
  });
  it('bytes of all tensors by the header', () =>
    expect(safetensorsBytes(file('a.safetensors', Buffer.concat([u64(header.length), Buffer.from(header)])))).toBe(12));
  it('a cut header says where', () =>
    expect(() => safetensorsBytes(file('b.safetensors', Buffer.concat([u64(header.length), Buffer.from('{"a"')])))).toThrow(
      /is cut at 4/,
    ));
  it('a header without a tensor is no model of zero bytes', () => {
    for (const [name, text] of [
      ['none', '{}'],
      ['list', '[]'],
      ['null', 'null'],
      ['metadata', '{"__metadata__":{}}'],
    ])
      expect(() => safetensorsBytes(file(`${name}.safetensors`, Buffer.concat([u64(text.length), Buffer.from(text)])))).toThrow(
        /its header names no tensor/,
      );
    expect.assertions(4);
  });
  it('needs the configuration beside it', () =>
    expect(() => readLlm(join(folder, 'a.safetensors'))).toThrow(/no config.json in/));
});
