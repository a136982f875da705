import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { readConfig } from '../../../src/llm/architecture/readConfig.js';
import { cacheValues } from '../../../src/llm/kvCache.js';
import { modelParams } from '../../../src/llm/weights.js';
import { SHARED } from '../../shared.js';

const LLAMA = {
  model_type: 'llama',
  hidden_size: 4096,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  intermediate_size: 11008,
  vocab_size: 32000,
};
const read = (config: Record<string, unknown>) => readConfig(config, 'config.json');
const cacheBytes = (config: Record<string, unknown>) => 2 * cacheValues(read(config), 4096).perToken;

describe('readConfig', () => {
  it('counts the parameters of Llama-2-7B', () => expect(modelParams(read(LLAMA)).total).toBe(6_738_415_616));

  it('counts the keys and values of the key heads, not of the query heads', () => {
    expect(cacheBytes(LLAMA)).toBe(2 * 2 * 32 * 32 * 128);
    expect(cacheBytes({ ...LLAMA, num_key_value_heads: 8 })).toBe(2 * 2 * 32 * 8 * 128);
  });

  it('takes head_dim where it is stated', () =>
    expect(cacheBytes({ ...LLAMA, model_type: 'qwen3', head_dim: 256 })).toBe(2 * 2 * 32 * 32 * 256));

  it('refuses a token that takes more experts than there are', () =>
    expect(() =>
      read({
        ...{ model_type: 'mixtral', hidden_size: 64, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 64 },
        ...{ vocab_size: 100, num_local_experts: 8, num_experts_per_tok: 9 },
      }),
    ).toThrow(/a token takes 9 experts of 8/));

  it('names every missing field of a known family', () =>
    expect(() => read({ model_type: 'llama', hidden_size: 64 })).toThrow(
      /lacks num_hidden_layers or num_layers, num_attention_heads or n_head, intermediate_size, vocab_size/,
    ));

  it('names an unknown architecture, close ones, and what a decoder would need', () => {
    expect(() => read({ ...LLAMA, model_type: 'lama' })).toThrow(/architecture 'lama' is not known/);
    expect(() => read({ model_type: 'mystery', hidden_size: 64 })).toThrow(
      /'mystery' is not known; the configuration lacks num_hidden_layers, num_attention_heads, intermediate_size, vocab_size/,
    );
    expect(() => read({ hidden_size: 64 })).toThrow(/no architecture is named; .* lacks model_type/);
  });

  it('refuses heads that key heads do not divide', () =>
    expect(() => read({ ...LLAMA, num_key_value_heads: 5 })).toThrow(/32 heads of 128 with 5 heads/));

  it('refuses a size that is no whole number', () =>
    expect(() => read({ ...LLAMA, hidden_size: 'big' })).toThrow(/hidden_size is "big"/));

  it('reads the text part of a model of several parts, and says so', () => {
    const model = read({ model_type: 'gemma3', text_config: { ...LLAMA, model_type: 'gemma3_text' } });
    expect(model.family).toBe('gemma3_text');
    expect(model.assumptions).toEqual([
      expect.stringMatching(/only the text part/),
      expect.stringMatching(/as transformers has them: num_key_value_heads 4, head_dim 256/),
    ]);
  });

  it('reads the names of llm-analysis', () =>
    expect(
      modelParams(
        read({
          name: 'x',
          num_layers: 28,
          n_head: 16,
          hidden_dim: 4096,
          vocab_size: 50400,
          max_seq_len: 2048,
          ffn_embed_dim: 16384,
          model_type: 'gptj',
        }),
      ).total,
    ).toBe(6_050_882_784));

  it('says that a gated layer four times as wide as the model may be what llm-analysis was not told', () => {
    const analysed = { num_layers: 2, n_head: 8, hidden_dim: 512, vocab_size: 100, max_seq_len: 64, model_type: 'llama' };
    const assumptions = (ffn_embed_dim: number) => read({ ...analysed, ffn_embed_dim }).assumptions.join();
    expect(assumptions(2048)).toMatch(/ffn_embed_dim 2048 is taken as it stands.*compare the parameters/);
    expect(assumptions(1376)).not.toMatch(/ffn_embed_dim/);
  });

  it('reads quantisation: AWQ of 4 bits, a 16-bit scale and a 4-bit zero point for 128', () => {
    const awq = read({ ...LLAMA, quantization_config: { quant_method: 'awq', bits: 4, group_size: 128 } });
    expect(awq.quantisation!.format.bits).toBeCloseTo(4 + 20 / 128, 12);
    expect(() => read({ ...LLAMA, quantization_config: { quant_method: 'magic' } })).toThrow(/quantisation 'magic' is not known/);
  });

  it('reads FP8 of DeepSeek and NVFP4 of ModelOpt', () => {
    const of = (quantization_config: object) => read({ ...LLAMA, quantization_config }).quantisation!.format.name;
    expect(of({ quant_method: 'fp8', weight_block_size: [128, 128] })).toBe('fp8');
    expect(of({ quant_method: 'modelopt', quant_algo: 'NVFP4' })).toBe('nvfp4');
    expect(of({ quant_method: 'mxfp4' })).toBe('mxfp4');
    expect(
      of({
        quant_method: 'compressed-tensors',
        config_groups: { group_0: { weights: { num_bits: 8, type: 'int' }, input_activations: { num_bits: 8 } } },
      }),
    ).toBe('int8');
  });

  it('reads how many bits torchao, HQQ and AutoRound say, and whether arithmetic is narrow', () => {
    const of = (quantization_config: object) => {
      const { name, bits, compute } = read({ ...LLAMA, quantization_config }).quantisation!.format;
      return [name, Math.floor(bits), compute];
    };
    const torchao = (quant_type: unknown) => of({ quant_method: 'torchao', quant_type })[0];
    expect(torchao('int4_weight_only')).toBe('int4');
    expect(torchao({ default: { _type: 'Int4WeightOnlyConfig' } })).toBe('int4');
    expect(torchao({ default: { _type: 'Int8DynamicActivationInt8WeightConfig' } })).toBe('int8');
    expect(torchao({ default: { _type: 'Float8WeightOnlyConfig' } })).toBe('fp8-weights');
    expect(of({ quant_method: 'hqq', quant_config: { weight_quant_params: { nbits: 8, group_size: 64 } } })).toEqual(['hqq', 8, 'wide']); // biome-ignore format: one line
    expect(of({ quant_method: 'hqq', quant_config: { 'mlp.up': { weight_quant_params: { nbits: 3, group_size: 64 } } } })[1]).toBe(3); // biome-ignore format: one line
    expect(of({ quant_method: 'auto-round', bits: 2, group_size: 128 })).toEqual(['auto-round', 2, 'wide']);
    expect(of({ quant_method: 'quanto', weights: 'float8' })[0]).toBe('fp8-weights');
  });

  it('reads Quark, four bits by the size of their groups, mixed precision and EXL3', () => {
    const of = (quantization_config: object) => {
      const { format, method, kv } = read({ ...LLAMA, quantization_config }).quantisation!;
      return { name: format.name, bits: format.bits, compute: format.compute, method, kv: kv?.name };
    };
    const quark = (weight: object, input_tensors?: object) =>
      of({ quant_method: 'quark', global_quant_config: { weight, input_tensors }, kv_cache_quant_config: {} });
    expect(quark({ dtype: 'fp8_e4m3' }, { dtype: 'fp8_e4m3' })).toMatchObject({ name: 'fp8', kv: undefined });
    expect(quark({ dtype: 'fp8_e4m3' })).toMatchObject({ name: 'fp8-weights' });
    const mx = { dtype: 'fp4', group_size: 32 };
    expect(quark(mx, mx)).toMatchObject({ name: 'mxfp4', bits: 4.25, compute: 'fp4' });
    expect(quark(mx, { dtype: 'fp8_e4m3' })).toMatchObject({ name: 'mxfp4', compute: 'wide' });
    expect(quark({ dtype: 'uint4', group_size: 128 })).toMatchObject({ name: 'int4', bits: 4 + 20 / 128 });
    const four = (group_size: number, input_activations?: object) =>
      of({
        quant_method: 'compressed-tensors',
        config_groups: { a: { weights: { num_bits: 4, type: 'float', group_size }, input_activations }, b: {} },
      });
    expect(four(16, { num_bits: 4 })).toMatchObject({ name: 'nvfp4', method: 'compressed-tensors, the first of 2 groups' });
    expect(four(16)).toMatchObject({ name: 'nvfp4-weights', bits: 4.5, compute: 'wide' });
    expect(four(32)).toMatchObject({ name: 'mxfp4', compute: 'wide' });
    const mixed = { a: { quant_algo: 'FP8' }, b: { quant_algo: 'NVFP4' }, c: { quant_algo: 'NVFP4' } };
    expect(of({ quant_method: 'modelopt', quant_algo: 'MIXED_PRECISION', quantized_layers: mixed }).name).toBe('nvfp4');
    expect(of({ quant_method: 'exl3', bits: 3.5 })).toMatchObject({ name: 'exl3', bits: 3.5 });
  });

  it('refuses bits that are missing or no number, methods named like parts of objects, and layers without end', () => {
    const of = (quantization_config: object) => read({ ...LLAMA, quantization_config });
    expect(() => of({ quant_method: 'gptq' })).toThrow(/lacks bits/);
    expect(() => of({ quant_method: 'gptq', bits: 0 })).toThrow(/has 0 bits/);
    expect(() => of({ quant_method: 'awq', bits: 'four' })).toThrow(/bits of the quantisation is "four", not a number/);
    expect(() => of({ quant_method: 'torchao', quant_type: 'magic' })).toThrow(/'torchao' is not known/);
    expect(() => of({ quant_method: 'constructor' })).toThrow(/'constructor' is not known/);
    expect(() => read({ ...LLAMA, num_hidden_layers: 1e9 })).toThrow(/num_hidden_layers is 1000000000.* at most 10000/);
  });
});

/** [parameters, bytes of the cache a token at 16 bits], each by hand from the fields of the file. */
const BY_HAND: Record<string, [params: number | null, cache: number]> = {
  bamba: [null, 0], // no attention layer is listed
  bert: [108_891_648, 0], // an encoder keeps nothing
  bloom: [null, 2 * 2 * 64 * 2], // layers x (K, V) x hidden x bytes
  deepseekv3: [671_026_419_200, 61 * (512 + 64) * 2],
  falcon: [6_921_720_704, 32 * 2 * 64 * 2], // multi-query: one head of 4544 / 71
  falconmamba: [null, 0],
  gemma: [8_537_680_896, 28 * 2 * 16 * 256 * 2],
  gemma3text: [null, 26 * 2 * 4 * 256 * 2],
  gpt2: [124_439_808, 12 * 2 * 768 * 2],
  gptneox: [20_554_567_680, 44 * 2 * 6144 * 2],
  gptoss: [116_829_156_672, 36 * 2 * 8 * 64 * 2],
  llama: [6_738_415_616, 32 * 2 * 32 * 128 * 2],
  mamba: [null, 0],
  mamba2: [null, 0],
  mistral: [7_241_732_096, 32 * 2 * 8 * 128 * 2],
  mixtral: [46_702_792_704, 32 * 2 * 8 * 128 * 2],
  olmo2: [null, 32 * 2 * 32 * 128 * 2],
  opt: [125_239_296, 12 * 2 * 768 * 2],
  phi: [1_418_270_720, 24 * 2 * 2048 * 2],
  qwen2: [null, 32 * 2 * 32 * 128 * 2],
  qwen3: [null, 32 * 2 * 32 * 128 * 2],
  qwen3moe: [null, 24 * 2 * 4 * 64 * 2], // no head_dim: 2048 / 32
  recurrentgemma: [null, 8 * 2 * 10 * 256 * 2], // every third of 26 layers attends
  stablelm: [2_795_443_200, 32 * 2 * 2560 * 2],
  t5: [60_506_624, 6 * 2 * 8 * 64 * 2],
  vit: [85_798_656, 0],
  whisper: [37_760_640, 4 * 2 * 384 * 2],
  zamba2: [null, 9 * 2 * 32 * 160 * 2], // nine hybrid layers
};

describe.skipIf(!existsSync(SHARED))('configurations of the library (needs ../shared)', () => {
  const folder = join(SHARED, 'data/model-files');
  const config = (name: string) => JSON.parse(readFileSync(join(folder, `config_${name}.json`), 'utf8'));

  test.each(Object.entries(BY_HAND))('%s: parameters and bytes of the cache a token', (name, [params, cache]) => {
    const model = readConfig(config(name), name);
    expect(2 * cacheValues(model, 64).perToken).toBe(cache);
    expect(params === null || modelParams(model).total === params).toBe(true);
  });

  it('Mistral and Gemma-3 keep no more than their windows', () => {
    const kept = (name: string, context: number) => 2 * cacheValues(readConfig(config(name), name), context).ofContext;
    expect(kept('mistral', 100_000)).toBe(4096 * 131072);
    expect(kept('gemma3text', 100_000)).toBe(2 * 2 * 4 * 256 * (22 * 4096 + 4 * 100_000));
  });

  it('recurrent states do not grow with the context', () => {
    const mamba = readConfig(config('mamba'), 'mamba');
    expect(cacheValues(mamba, 10).fixed).toBe(32 * 1536 * (16 + 3));
    expect(cacheValues(mamba, 100_000).fixed).toBe(32 * 1536 * (16 + 3));
  });
});
