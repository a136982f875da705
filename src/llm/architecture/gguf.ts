import { closeSync, openSync, readSync } from 'node:fs';
import { HwcastError } from '../../core/errors.js';
import type { Json } from './configFields.js';
import type { LlmArchitecture } from './llmArchitecture.js';
import { readConfig } from './readConfig.js';
import { WEIGHT_FORMATS, type WeightFormat } from './weightFormat.js';

const MAGIC = 'GGUF';
/** Bytes of a block and weights in it, by `ggml_type` (ggml.h of llama.cpp); number formats first. */
const TENSOR_TYPES: Readonly<Record<number, readonly [name: string, bytes: number, weights: number]>> = {
  0: ['fp32', 4, 1],
  1: ['fp16', 2, 1],
  2: ['q4_0', 18, 32],
  3: ['q4_1', 20, 32],
  6: ['q5_0', 22, 32],
  7: ['q5_1', 24, 32],
  8: ['q8_0', 34, 32],
  9: ['q8_1', 36, 32],
  10: ['q2_k', 84, 256],
  11: ['q3_k', 110, 256],
  12: ['q4_k', 144, 256],
  13: ['q5_k', 176, 256],
  14: ['q6_k', 210, 256],
  15: ['q8_k', 292, 256],
  16: ['iq2_xxs', 66, 256],
  17: ['iq2_xs', 74, 256],
  18: ['iq3_xxs', 98, 256],
  19: ['iq1_s', 50, 256],
  20: ['iq4_nl', 18, 32],
  21: ['iq3_s', 110, 256],
  22: ['iq2_s', 82, 256],
  23: ['iq4_xs', 136, 256],
  24: ['int8', 1, 1],
  25: ['int16', 2, 1],
  26: ['int32', 4, 1],
  27: ['int64', 8, 1],
  28: ['fp64', 8, 1],
  29: ['iq1_m', 56, 256],
  30: ['bf16', 2, 1],
  34: ['tq1_0', 54, 256],
  35: ['tq2_0', 66, 256],
  39: ['mxfp4', 17, 32],
};
/** Bytes of a value by its type; 8 is a text, 9 a list. */
const VALUE_BYTES: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };
const TEXT = 8,
  LIST = 9;

export function isGguf(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    const head = Buffer.alloc(4);
    return readSync(file, head, 0, 4, 0) === 4 && head.toString('latin1') === MAGIC;
  } finally {
    closeSync(file);
  }
}

/** Reads a header forwards, in pieces; `at` is the place in the file. */
class HeaderReader {
  at = 0;
  private piece = Buffer.alloc(0);
  private start = 0;

  constructor(
    private readonly file: number,
    private readonly path: string,
  ) {}

  /** The next `n` bytes. @throws HwcastError `corrupt` where the file ends before */
  take(n: number, what: string): Buffer {
    if (this.at < this.start || this.at + n > this.start + this.piece.length) {
      this.piece = Buffer.alloc(Math.max(n, 2 ** 18));
      this.start = this.at;
      const got = readSync(this.file, this.piece, 0, this.piece.length, this.at);
      this.piece = this.piece.subarray(0, got);
      if (got < n)
        throw new HwcastError('corrupt', `the GGUF header is cut at byte ${this.at + got}, within ${what}`, {
          where: this.path,
          hint: 'fetch the file again',
        });
    }
    const from = this.at - this.start;
    this.at += n;
    return this.piece.subarray(from, from + n);
  }

  u32 = (what: string): number => this.take(4, what).readUInt32LE();
  u64 = (what: string): number => Number(this.take(8, what).readBigUInt64LE());
  text = (what: string): string => {
    const length = this.u64(what);
    if (length > 2 ** 24)
      throw new HwcastError('corrupt', `a text of ${length} bytes at byte ${this.at}, within ${what}`, { where: this.path });
    return this.take(length, what).toString();
  };

  /** A value; of lists only the length, but for short ones of numbers. */
  value(type: number, what: string): unknown {
    if (type === TEXT) return this.text(what);
    if (type === LIST) return this.list(what);
    const bytes = VALUE_BYTES[type];
    if (!bytes) throw new HwcastError('corrupt', `value type ${type} at byte ${this.at}, within ${what}`, { where: this.path });
    return scalar(type, this.take(bytes, what));
  }

  private list(what: string): unknown {
    const type = this.u32(what),
      count = this.u64(what);
    if (type === TEXT || type === LIST) {
      for (let i = 0; i < count; i++) type === TEXT ? this.text(what) : this.list(what);
      return { count };
    }
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) {
      const value = this.value(type, what);
      if (i < 4096) values.push(value);
    }
    return { count, values };
  }
}

function scalar(type: number, b: Buffer): number | boolean {
  switch (type) {
    case 0:
      return b.readUInt8();
    case 1:
      return b.readInt8();
    case 2:
      return b.readUInt16LE();
    case 3:
      return b.readInt16LE();
    case 4:
      return b.readUInt32LE();
    case 5:
      return b.readInt32LE();
    case 6:
      return b.readFloatLE();
    case 7:
      return b.readUInt8() !== 0;
    case 10:
      return Number(b.readBigUInt64LE());
    case 11:
      return Number(b.readBigInt64LE());
    default:
      return b.readDoubleLE();
  }
}

/** Metadata and tensors of a GGUF header. */
export interface GgufHeader {
  metadata: Record<string, unknown>;
  tensors: { name: string; elements: number; type: string; bytes: number }[];
}

/** @throws HwcastError `corrupt` naming the byte at which the header is cut, `unsupported` for a version or a tensor type that is not known */
export function readGgufHeader(path: string): GgufHeader {
  const file = openSync(path, 'r');
  try {
    const reader = new HeaderReader(file, path);
    reader.take(4, 'its first word');
    const version = reader.u32('the version');
    if (version !== 2 && version !== 3)
      throw new HwcastError('unsupported', `GGUF version ${version} is not read, only 2 and 3`, { where: path });
    const tensorCount = reader.u64('the number of tensors'),
      valueCount = reader.u64('the number of values');
    const metadata: Record<string, unknown> = {};
    for (let i = 0; i < valueCount; i++) {
      const key = reader.text(`value ${i + 1} of ${valueCount}`);
      metadata[key] = reader.value(reader.u32(`the value '${key}'`), `the value '${key}'`);
    }
    const tensors: GgufHeader['tensors'] = [];
    // one by one: a damaged count ends with the file
    for (let i = 0; i < tensorCount; i++) tensors.push(readTensor(reader, `tensor ${i + 1} of ${tensorCount}`, path));
    return { metadata, tensors };
  } finally {
    closeSync(file);
  }
}

function readTensor(reader: HeaderReader, what: string, path: string): GgufHeader['tensors'][number] {
  const name = reader.text(what),
    rank = reader.u32(what);
  if (rank > 8) throw new HwcastError('corrupt', `'${name}' has ${rank} axes`, { where: path });
  let elements = 1;
  for (let i = 0; i < rank; i++) elements *= reader.u64(what);
  const code = reader.u32(what);
  reader.take(8, what); // its place among the data
  const type = TENSOR_TYPES[code];
  if (!type)
    throw new HwcastError('unsupported', `tensor '${name}' is of ggml type ${code}, which is not known`, { where: path });
  return { name, elements, type: type[0], bytes: (elements / type[2]) * type[1] };
}

/** Fields of a configuration by the keys of GGUF after the architecture's name. */
const KEYS: Readonly<Record<string, string>> = {
  embedding_length: 'hidden_size',
  block_count: 'num_hidden_layers',
  feed_forward_length: 'intermediate_size',
  context_length: 'max_position_embeddings',
  'attention.head_count': 'num_attention_heads',
  'attention.head_count_kv': 'num_key_value_heads',
  'attention.key_length': 'head_dim',
  'attention.sliding_window': 'sliding_window',
  'attention.q_lora_rank': 'q_lora_rank',
  'attention.kv_lora_rank': 'kv_lora_rank',
  'rope.dimension_count': 'qk_rope_head_dim',
  'attention.value_length_mla': 'v_head_dim',
  expert_count: 'num_local_experts',
  expert_used_count: 'num_experts_per_tok',
  expert_shared_count: 'n_shared_experts',
  expert_feed_forward_length: 'moe_intermediate_size',
  leading_dense_block_count: 'first_k_dense_replace',
  vocab_size: 'vocab_size',
  'ssm.conv_kernel': 'conv_kernel',
  'ssm.state_size': 'state_size',
  'ssm.inner_size': 'intermediate_size',
  'ssm.time_step_rank': 'time_step_rank',
};
/** `model_type` by `general.architecture`, where they differ. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  gemma3: 'gemma3_text',
  deepseek2: 'deepseek_v3',
  qwen2moe: 'qwen2_moe',
  qwen3moe: 'qwen3_moe',
  'gpt-oss': 'gpt_oss',
  gptneox: 'gpt_neox',
  phi2: 'phi',
  starcoder: 'gpt_bigcode',
};

/** A GGUF file as a description: the architecture by its metadata, the bytes of weights by its tensors. */
export function readGguf(path: string): LlmArchitecture {
  const { metadata, tensors } = readGgufHeader(path);
  const text = (key: string) => (typeof metadata[key] === 'string' ? (metadata[key] as string) : undefined);
  const architecture = text('general.architecture');
  const experts = metadata[`${architecture}.expert_count`];
  const family = architecture === 'llama' && experts ? 'mixtral' : (ARCHITECTURES[architecture ?? ''] ?? architecture);
  const config: Record<string, unknown> = family === undefined ? {} : { model_type: family };
  for (const [key, field] of Object.entries(KEYS)) {
    const value = metadata[`${architecture}.${key}`];
    if (typeof value === 'number' && value > 0) config[field] = value;
    else if (value && typeof value === 'object') config[field] = mostFrequent((value as { values?: number[] }).values ?? []);
  }
  if (family === 'mamba') delete config.num_attention_heads;
  const tokens = metadata['tokenizer.ggml.tokens'] as { count: number } | undefined;
  config.vocab_size ??= tokens?.count;
  config._name_or_path = text('general.name') ?? path.split(/[\\/]/).pop();
  if (tensors.length) config.tie_word_embeddings = !tensors.some((t) => t.name === 'output.weight');
  const described = readConfig(config as Json, path);
  if (!tensors.length) return described;
  return {
    ...described,
    statedBytes: tensors.reduce((sum, t) => sum + t.bytes, 0),
    dtype: WEIGHT_FORMATS.fp16,
    quantisation: mixedFormat(tensors),
  };
}

/** The mean over the tensors of layers, named by the type that most of their weights have. */
function mixedFormat(tensors: GgufHeader['tensors']): LlmArchitecture['quantisation'] {
  const matrices = tensors.filter((t) => /^blk\..*weight$/.test(t.name) && !/norm/.test(t.name));
  const elements = new Map<string, number>();
  for (const t of matrices) elements.set(t.type, (elements.get(t.type) ?? 0) + t.elements);
  const [name] = [...elements].reduce((best, e) => (e[1] > best[1] ? e : best), ['', 0]);
  const bits = (8 * matrices.reduce((s, t) => s + t.bytes, 0)) / matrices.reduce((s, t) => s + t.elements, 0);
  if (!matrices.length || bits >= 16) return undefined;
  const format: WeightFormat = { name, bits, compute: 'wide', whole: true };
  return { format, method: 'gguf' };
}

function mostFrequent(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const v of values) if (v > 0) counts.set(v, (counts.get(v) ?? 0) + 1);
  return [...counts].reduce<[number | undefined, number]>((best, e) => (e[1] > best[1] ? e : best), [undefined, 0])[0];
}
