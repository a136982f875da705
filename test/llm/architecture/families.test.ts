import { describe, expect, it, test } from 'vitest';
import { readConfig } from '../../../src/llm/architecture/readConfig.js';
import { cacheValues } from '../../../src/llm/kvCache.js';
import { modelParams } from '../../../src/llm/weights.js';

const read = (config: Record<string, unknown>) => readConfig(config, 'config.json');
const params = (config: Record<string, unknown>) => modelParams(read(config)).total;
/** Width 8, two layers, two heads of four, one head of keys and values, vocabulary of ten: what most families need. */
const TINY = {
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 4,
  intermediate_size: 16,
  vocab_size: 10,
  tie_word_embeddings: false,
};
/** Embedding, output and last norm of it; a layer's two norms; projections of queries, keys, values, output; gate, up, down. */
const OUTER = 2 * 80 + 8,
  NORMS = 16,
  ATTENTION = 8 * 8 + 2 * 8 * 4 + 8 * 8,
  GATED = 3 * 8 * 16;
/** Four experts of width 6, two for a token. */
const EXPERTS = { num_experts: 4, num_experts_per_tok: 2, moe_intermediate_size: 6 };
const ROUTED = 4 * 3 * 8 * 6 + 4 * 8,
  CORRECTION = 4;
/** In and out projection; convolution with shift, step bias, A, D; the norm behind it apart. */
const RECURRENT = 8 * (2 * 16 + 2 * 4 + 2) + 16 * 8 + (16 + 2 * 4) * 5 + 3 * 2;

describe('families, by hand', () => {
  test.each<[string, Record<string, unknown>, number]>([
    ['arcee: two matrices', { ...TINY, model_type: 'arcee' }, OUTER + 2 * (NORMS + ATTENTION + 2 * 8 * 16)],
    [
      'apertus: and norms of queries and keys, two values of its activation',
      { ...TINY, model_type: 'apertus' },
      OUTER + 2 * (NORMS + ATTENTION + 2 * 8 * 16 + 2 * 4 + 2),
    ],
    [
      'bitnet: norms inside',
      { ...TINY, model_type: 'bitnet', tie_word_embeddings: true },
      80 + 8 + 2 * (NORMS + ATTENTION + GATED + 8 + 16),
    ],
    [
      'hunyuan: lists with one value for all layers, a shared expert',
      {
        ...TINY,
        ...EXPERTS,
        model_type: 'hunyuan_v1_moe',
        moe_intermediate_size: [6, 6],
        num_shared_expert: [1, 1],
        use_qk_norm: true,
      },
      OUTER + 2 * (NORMS + ATTENTION + 2 * 4 + ROUTED + 3 * 8 * 6),
    ],
    [
      'ernie: experts from the second layer',
      {
        ...TINY,
        model_type: 'ernie4_5_moe',
        moe_num_experts: 4,
        moe_k: 2,
        moe_intermediate_size: 6,
        moe_layer_start_index: 1,
        moe_layer_end_index: -1,
        moe_num_shared_experts: 1,
      },
      OUTER + 2 * (NORMS + ATTENTION) + GATED + ROUTED + CORRECTION + 3 * 8 * 6,
    ],
    [
      'minimax-m2: no shared expert where its width is 0',
      {
        ...TINY,
        ...EXPERTS,
        model_type: 'minimax_m2',
        intermediate_size: 6,
        moe_intermediate_size: undefined,
        shared_intermediate_size: 0,
      },
      OUTER + 2 * (NORMS + ATTENTION + 3 * 4 + ROUTED + CORRECTION),
    ],
    [
      'dbrx: parts of their own, norms without a shift',
      {
        model_type: 'dbrx',
        d_model: 8,
        n_heads: 2,
        n_layers: 2,
        vocab_size: 10,
        attn_config: { kv_n_heads: 1 },
        ffn_config: { ffn_hidden_size: 6, moe_num_experts: 4, moe_top_k: 2 },
      },
      OUTER + 2 * (NORMS + ATTENTION + ROUTED),
    ],
    [
      'llama 4: dense and wide, then experts with a shared one',
      {
        ...TINY,
        ...EXPERTS,
        model_type: 'llama4_text',
        intermediate_size: 6,
        intermediate_size_mlp: 16,
        interleave_moe_layer_step: 2,
      },
      OUTER + 2 * (NORMS + ATTENTION) + GATED + ROUTED + 3 * 8 * 6,
    ],
    [
      'nemotron-h: one thing a layer',
      {
        ...TINY,
        ...EXPERTS,
        model_type: 'nemotron_h',
        num_hidden_layers: 4,
        hybrid_override_pattern: 'M*-E',
        mamba_num_heads: 2,
        mamba_head_dim: 8,
        ssm_state_size: 4,
        conv_kernel: 4,
        n_groups: 1,
        chunk_size: 8,
        n_shared_experts: 1,
        moe_shared_expert_intermediate_size: 12,
      },
      OUTER + 4 * 8 + RECURRENT + 16 + ATTENTION + 2 * 8 * 16 + (4 * 2 * 8 * 6 + 32 + CORRECTION) + 2 * 8 * 12,
    ],
    [
      'nemotron 3 super: experts on a narrower row',
      {
        ...TINY,
        ...EXPERTS,
        model_type: 'nemotron_h',
        num_hidden_layers: 1,
        hybrid_override_pattern: 'E',
        mamba_num_heads: 2,
        mamba_head_dim: 8,
        ssm_state_size: 4,
        conv_kernel: 4,
        n_groups: 1,
        chunk_size: 8,
        moe_latent_size: 4,
      },
      OUTER + 8 + (4 * 2 * 4 * 6 + 32 + CORRECTION) + 2 * 8 * 4,
    ],
    [
      'falcon-h1: attention and Mamba-2 side by side, no norm between',
      {
        ...TINY,
        model_type: 'falcon_h1',
        mamba_d_ssm: 16,
        mamba_d_state: 4,
        mamba_d_conv: 4,
        mamba_n_heads: 2,
        mamba_d_head: 8,
        mamba_n_groups: 1,
        mamba_chunk_size: 8,
        mamba_rms_norm: false,
      },
      OUTER + 2 * (NORMS + ATTENTION + RECURRENT + GATED),
    ],
    [
      'lfm2: short convolution, then attention',
      {
        ...TINY,
        model_type: 'lfm2',
        conv_L_cache: 3,
        layer_types: ['conv', 'full_attention'],
        intermediate_size: undefined,
        block_ff_dim: 24,
        block_auto_adjust_ff_dim: true,
        block_multiple_of: 16,
        tie_embedding: true,
        tie_word_embeddings: undefined,
      },
      80 + 8 + 2 * (NORMS + GATED) + (8 * 24 + 64 + 8 * 3) + ATTENTION + 2 * 4,
    ],
    [
      'rwkv-7: products of low rank beside the matrices',
      { ...TINY, model_type: 'rwkv7', decay_low_rank_dim: 2, a_low_rank_dim: 2, v_low_rank_dim: 2, gate_low_rank_dim: 2 },
      2 * 80 + 2 * 16 + 2 * (32 + 4 * 64 + 4 * 32 + 3 * 8 + 11 * 8 + 8 + 2 * 8 * 16),
    ],
    [
      'kimi-linear: the delta rule, then latent attention',
      {
        ...TINY,
        ...EXPERTS,
        model_type: 'kimi_linear',
        first_k_dense_replace: 1,
        kv_lora_rank: 4,
        qk_nope_head_dim: 4,
        qk_rope_head_dim: 2,
        v_head_dim: 4,
        linear_attn_config: { full_attn_layers: [2], head_dim: 4, num_heads: 2, short_conv_kernel_size: 4 },
      },
      OUTER +
        2 * NORMS +
        GATED +
        ROUTED +
        CORRECTION +
        (4 * 64 + 8 * (4 + 4 + 2) + 2 * 4 * 8 + 24 * 4 + 8 + 2 + 4) +
        (8 * 12 + 8 * 6 + 4 + 4 * 16 + 64),
    ],
    [
      'minimax-01: linear attention, then full',
      {
        ...TINY,
        model_type: 'minimax_text_01',
        attn_type_list: [0, 1],
        num_local_experts: 4,
        num_experts_per_tok: 2,
        intermediate_size: 6,
      },
      OUTER + 2 * (NORMS + ROUTED) + (5 * 64 + 8) + ATTENTION,
    ],
    [
      'step-3: queries through a lower rank',
      {
        ...TINY,
        model_type: 'step3_text',
        num_attention_groups: 1,
        share_q_dim: 4,
        moe_layers_enum: '1',
        moe_num_experts: 4,
        moe_top_k: 2,
        moe_intermediate_size: 6,
        share_expert_dim: 6,
      },
      OUTER + 2 * (NORMS + 8 * (4 + 8) + 4 + 4 * 8 + 64) + GATED + ROUTED + 3 * 8 * 6,
    ],
    [
      'nemotron of a search: no attention in one layer, a line for the other',
      {
        ...TINY,
        model_type: 'nemotron-nas',
        block_configs: [
          { attention: { no_op: true }, ffn: { ffn_mult: 48 } },
          { attention: { n_heads_in_group: 2 }, ffn: { replace_with_linear: true } },
        ],
      },
      OUTER + 2 * 8 + 3 * 8 * 256 + ATTENTION + 64,
    ],
    [
      'mpt: no shift anywhere',
      { model_type: 'mpt', d_model: 8, n_heads: 2, n_layers: 2, vocab_size: 10, no_bias: true },
      80 + 8 + 2 * (NORMS + 4 * 64 + 2 * 8 * 32),
    ],
    [
      'chatglm: a shift of queries, keys and values',
      {
        model_type: 'chatglm',
        hidden_size: 8,
        num_layers: 2,
        num_attention_heads: 2,
        kv_channels: 4,
        multi_query_attention: true,
        multi_query_group_num: 1,
        ffn_hidden_size: 16,
        padded_vocab_size: 10,
        add_qkv_bias: true,
      },
      OUTER + 2 * (NORMS + ATTENTION + 16 + GATED),
    ],
    [
      'state-spaces/mamba2: no model_type, sizes of mamba_ssm, the vocabulary in whole multiples',
      { d_model: 64, n_layer: 1, vocab_size: 10, ssm_cfg: { layer: 'Mamba2' }, pad_vocab_size_multiple: 16 },
      16 * 64 + 64 + 64 + 64 * (2 * 128 + 2 * 128 + 2) + 128 * 64 + (128 + 2 * 128) * 5 + 3 * 2 + 128,
    ],
  ])('%s', (_, config, expected) => expect(params(config)).toBe(expected));

  it('LongCat: of the experts that a token takes, those that compute', () => {
    const model = read({
      ...TINY,
      ...{ model_type: 'longcat_flash', num_layers: 1, n_routed_experts: 4, zero_expert_num: 2, moe_topk: 3 },
      ...{
        ffn_hidden_size: 16,
        expert_ffn_hidden_size: 6,
        kv_lora_rank: 4,
        qk_nope_head_dim: 4,
        qk_rope_head_dim: 2,
        v_head_dim: 4,
      },
    });
    expect(model.layers).toHaveLength(3);
    expect(model.layers[2].feedForward).toMatchObject({ perToken: 2 });
    expect(model.assumptions).toEqual([expect.stringMatching(/of the 3 experts of a token 2\.00 compute/)]);
  });
});

describe('Gemma 4, published sizes', () => {
  const types = (count: number, every: number) =>
    Array.from({ length: count }, (_, i) => ((i + 1) % every ? 'sliding_attention' : 'full_attention'));
  const GEMMA4 = {
    model_type: 'gemma4',
    ...{ vocab_size: 262144, head_dim: 256, global_head_dim: 512, max_position_embeddings: 262144, sliding_window: 1024 },
  };
  const gemma = ({ vocab_size, ...rest }: Record<string, unknown>) => ({
    model_type: 'gemma4',
    text_config: { ...GEMMA4, ...rest, vocab_size: vocab_size ?? 262144, model_type: 'gemma4_text' },
  });
  const DENSE = gemma({
    ...{ hidden_size: 5376, num_hidden_layers: 60, intermediate_size: 21504, num_attention_heads: 32, num_key_value_heads: 16 },
    ...{ attention_k_eq_v: true, num_global_key_value_heads: 4, enable_moe_block: false, layer_types: types(60, 6) },
  });
  const SPARSE = gemma({
    ...{ hidden_size: 2816, num_hidden_layers: 30, intermediate_size: 2112, num_attention_heads: 16, num_key_value_heads: 8 },
    ...{ attention_k_eq_v: true, num_global_key_value_heads: 2, layer_types: types(30, 6) },
    ...{ enable_moe_block: true, num_experts: 128, top_k_experts: 8, moe_intermediate_size: 704 },
  });

  it('31B: 30.7 G, 26B-A4B: 25.2 G, 3.8 G for a token', () => {
    expect(params(DENSE) / 1e9).toBeCloseTo(30.7, 1);
    const { total, active } = modelParams(read(SPARSE));
    expect(total / 1e9).toBeCloseTo(25.2, 1);
    expect(active / 1e9).toBeCloseTo(3.8, 1);
  });

  it('keys and values of 50 layers in a window and of 10 wider ones', () => {
    const cache = cacheValues(read(DENSE), 100_000);
    expect(cache.perTokenBeyondWindows).toBe(10 * 2 * 4 * 512);
    expect(cache.perToken - cache.perTokenBeyondWindows).toBe(50 * 2 * 16 * 256);
  });

  it('layers that take the keys of earlier ones project queries only, and are twice as wide inside', () => {
    const tiny = {
      ...{ ...TINY, model_type: 'gemma4_text', tie_word_embeddings: true, layer_types: ['full_attention', 'full_attention'] },
      ...{ num_kv_shared_layers: 1, use_double_wide_mlp: true, hidden_size_per_layer_input: 2, vocab_size_per_layer_input: 10 },
    };
    // a layer: five norms, a factor, gate and projection of its embedding
    const each = 5 * 8 + 1 + 2 * 8 * 2;
    const first = 8 * 8 + 2 * 8 * 4 + 8 * 8 + 2 * 4 + GATED,
      second = 8 * 8 + 8 * 8 + 4 + 2 * GATED;
    expect(params(tiny)).toBe(80 + 8 + 2 * each + first + second + 2 * 2 * (10 + 8) + 2);
    expect(cacheValues(read(tiny), 9).perToken).toBe(2 * 4);
  });
});

describe('models of experts, published sizes', () => {
  const ROUTER = { num_experts: 128, num_experts_per_tok: 8 };
  test.each<[string, Record<string, unknown>, number, number]>([
    [
      'Solar Open 100B: 102.6 G, 12 G for a token',
      {
        ...{ model_type: 'solar_open', hidden_size: 4096, num_hidden_layers: 48, num_attention_heads: 64, head_dim: 128 },
        ...{ num_key_value_heads: 8, vocab_size: 196608, intermediate_size: 10240, moe_intermediate_size: 1280 },
        ...{ n_routed_experts: 128, n_shared_experts: 1, num_experts_per_tok: 8, first_k_dense_replace: 0 },
      },
      102.6,
      12,
    ],
    [
      'K-EXAONE: 236 G, 23 G for a token',
      {
        ...{ model_type: 'exaone_moe', hidden_size: 6144, num_hidden_layers: 48, num_attention_heads: 64, head_dim: 128 },
        ...{ num_key_value_heads: 8, vocab_size: 153600, intermediate_size: 18432, moe_intermediate_size: 2048, ...ROUTER },
        ...{ num_shared_experts: 1, is_moe_layer: [false, ...new Array(47).fill(true)] },
      },
      236.6,
      23,
    ],
    [
      'Trinity Mini: 26 G, 3 G for a token',
      {
        ...{ model_type: 'afmoe', hidden_size: 2048, num_hidden_layers: 32, num_attention_heads: 32, head_dim: 128 },
        ...{ num_key_value_heads: 4, vocab_size: 200192, intermediate_size: 6144, moe_intermediate_size: 1024, ...ROUTER },
        ...{ num_shared_experts: 1, num_dense_layers: 2, sliding_window: 2048, global_attn_every_n_layers: 4 },
        max_position_embeddings: 131072,
      },
      26.1,
      3,
    ],
  ])('%s', (_, config, total, active) => {
    const counted = modelParams(read(config));
    expect(counted.total / 1e9).toBeCloseTo(total, 0);
    expect(Math.abs(counted.active / 1e9 - active)).toBeLessThan(1);
  });
});

describe('DeepSeek sparse attention', () => {
  const model = {
    ...{ ...TINY, model_type: 'deepseek_v32', q_lora_rank: 4, kv_lora_rank: 6, qk_nope_head_dim: 3, qk_rope_head_dim: 2 },
    ...{ v_head_dim: 3, n_routed_experts: 4, num_experts_per_tok: 2, moe_intermediate_size: 6, first_k_dense_replace: 2 },
  };
  const sparse = { ...model, index_topk: 16, index_n_heads: 2, index_head_dim: 4 };

  it('an indexer has queries from their rank, keys and weights from the width, a norm with shift', () =>
    expect(params(sparse) - params(model)).toBe(2 * (4 * 2 * 4 + 8 * (4 + 2) + 2 * 4)));

  it('its keys take a byte an element and four for their scale, whatever the type of the cache', () => {
    const bytes = (valueBytes: number) => valueBytes * cacheValues(read(sparse), 9, { valueBytes }).perToken;
    expect(bytes(2)).toBe(2 * (2 * (6 + 2) + 8));
    expect(bytes(1)).toBe(2 * (6 + 2 + 8));
  });

  it('layers that share the choice of an earlier one have none', () => {
    const shared = { ...sparse, indexer_types: ['full', 'shared'] };
    expect(params(shared) - params(model)).toBe(4 * 2 * 4 + 8 * 6 + 2 * 4);
  });

  it('says what it took for sizes that are not given', () =>
    expect(read({ ...model, index_topk: 16 }).assumptions.join()).toMatch(/the indexer has 64 heads of 128/));
});

describe('what a token adds to the cache', () => {
  const perToken = (config: Record<string, unknown>, context = 100) => cacheValues(read(config), context);

  it('nothing in layers that use keys and values of an earlier one (Gemma 3n)', () => {
    const model = {
      ...TINY,
      ...{ model_type: 'gemma3n_text', num_hidden_layers: 4, num_kv_shared_layers: 2, altup_num_inputs: 2, laurel_rank: 2 },
      ...{ hidden_size_per_layer_input: 2, vocab_size_per_layer_input: 10, sliding_window: 8, max_position_embeddings: 64 },
      layer_types: ['sliding_attention', 'full_attention', 'sliding_attention', 'full_attention'],
    };
    expect(perToken(model)).toMatchObject({ perToken: 2 * 2 * 4, perTokenBeyondWindows: 2 * 4, ofContext: 8 * (8 + 100) });
  });

  it('a window as long as the context is none', () =>
    expect(perToken({ ...TINY, model_type: 'phi3', sliding_window: 64, max_position_embeddings: 64 })).toMatchObject({
      perTokenBeyondWindows: 2 * 2 * 4,
    }));

  it('states do not grow: linear attention, RWKV-7, short convolutions', () => {
    const linear = {
      ...TINY,
      model_type: 'minimax_text_01',
      attn_type_list: [0, 1],
      num_local_experts: 4,
      num_experts_per_tok: 2,
    };
    expect(perToken(linear)).toMatchObject({ perToken: 2 * 4, fixed: 2 * 4 * 4 });
    const ranks = { decay_low_rank_dim: 2, a_low_rank_dim: 2, v_low_rank_dim: 2, gate_low_rank_dim: 2 };
    expect(perToken({ ...TINY, ...ranks, model_type: 'rwkv7' })).toMatchObject({ perToken: 0, fixed: 2 * (2 * 16 + 2 * 8) });
    expect(perToken({ ...TINY, model_type: 'lfm2', conv_L_cache: 3, layer_types: ['conv', 'full_attention'] })).toMatchObject({
      perToken: 8,
      fixed: 8 * 2,
    });
  });

  it('values narrower than keys (MiMo-V2)', () => {
    const model = {
      ...{ ...TINY, ...EXPERTS, model_type: 'mimo_v2_flash', v_head_dim: 2, sliding_window: 8, moe_layer_freq: [0, 1] },
      ...{
        swa_num_attention_heads: 2,
        swa_num_key_value_heads: 2,
        swa_head_dim: 4,
        swa_v_head_dim: 2,
        hybrid_layer_pattern: [0, 1],
      },
    };
    expect(perToken(model)).toMatchObject({ perToken: (4 + 2) * 3, perTokenBeyondWindows: 6 });
  });
});

describe('bad input of families', () => {
  it('a pattern with a letter that is not known, or of another length', () => {
    const nemotron = {
      ...TINY,
      model_type: 'nemotron_h',
      mamba_num_heads: 2,
      mamba_head_dim: 8,
      ssm_state_size: 4,
      conv_kernel: 4,
      n_groups: 1,
      chunk_size: 8,
    };
    expect(() => read({ ...nemotron, hybrid_override_pattern: 'MX' })).toThrow(/holds 'X'/);
    expect(() => read({ ...nemotron, hybrid_override_pattern: 'M' })).toThrow(/of 1 layers, the model has 2/);
    expect(() => read(nemotron)).toThrow(/lacks hybrid_override_pattern/);
  });

  it('a list with more than one value where one is meant', () =>
    expect(() => read({ ...TINY, model_type: 'llama', intermediate_size: [16, 32] })).toThrow(/intermediate_size is \[16,32\]/));

  it('layers that attend among those of state-spaces/mamba', () =>
    expect(() => read({ d_model: 64, n_layer: 2, vocab_size: 10, ssm_cfg: {}, attn_layer_idx: [1] })).toThrow(/layers 1 attend/));

  it('names what a part lacks', () =>
    expect(() => read({ model_type: 'dbrx', d_model: 8, n_heads: 2, n_layers: 2, vocab_size: 10 })).toThrow(
      /lacks ffn_hidden_size/,
    ));
});
