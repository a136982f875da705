import { closeNames, HwcastError } from '../../core/errors.js';
import { ConfigFields, type Json } from './configFields.js';
import { type Body, decoder, type FamilyRule, statedQkNorm } from './families/decoder.js';
import { bloom, chatGlm, falcon, gpt2, gptBigCode, gptJ, gptNeoX, mpt, opt, phi } from './families/earlier.js';
import { bert, t5, vit, whisper } from './families/encoders.js';
import {
  afmoe,
  bailingMoe,
  dbrx,
  deepseek,
  dots1,
  ernieMoe,
  exaoneMoe,
  glm4Moe,
  gptOss,
  hunyuanMoe,
  longcatFlash,
  minimaxM2,
  mixtral,
  olmoe,
  phiMoe,
  qwen2Moe,
  qwen3Moe,
} from './families/experts.js';
import { gemma4 } from './families/gemma4.js';
import { falconH1, kimiLinear, lfm2, minimax01, nemotronH, rwkv7 } from './families/hybrids.js';
import { bamba, jamba, mamba, mamba2, qwen3Next, recurrentGemma, zamba2 } from './families/recurrent.js';
import { deciLm, gemma3n, llama4, mimoV2, mllama, step3, step3p5 } from './families/variedLayers.js';
import type { LlmArchitecture } from './llmArchitecture.js';
import { isMambaSsm, ofMambaSsm } from './mambaSsm.js';
import { quantisationOf } from './quantisation.js';
import { findWeightFormat } from './weightFormat.js';

const llama = decoder(),
  qwen2 = decoder({ bias: true, outBias: false }),
  qwen3 = decoder({ qkNorm: 'head' }),
  gemma3 = decoder({ tied: true, norms: 4, qkNorm: 'head', windowPattern: 6 });
/** What transformers takes for Gemma 3 where the configuration of a published model has nothing. */
const GEMMA3 = {
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 256,
  vocab_size: 262208,
  max_position_embeddings: 131072,
};

/** The families by `model_type`. A new one is a line here and, where it is of a new form, a rule in `families/`. */
export const FAMILIES: Readonly<Record<string, FamilyRule>> = {
  llama,
  mistral: llama,
  ministral: llama,
  granite: llama,
  internlm2: llama,
  ministral3: llama,
  baichuan: llama,
  minicpm: llama,
  exaone: llama,
  exaone4: qwen3,
  internlm3: decoder({ outBias: false }),
  ernie4_5: llama,
  hunyuan_v1_dense: decoder({ qkNorm: statedQkNorm }),
  mimo: qwen2,
  arcee: decoder({ gated: false }),
  apertus: decoder({ gated: false, qkNorm: 'head', extra: () => 2 }),
  bitnet: decoder({ tied: true, extra: (c) => c.size('hidden_size') + c.size('intermediate_size') }),
  smollm3: llama,
  phi3: llama,
  olmo: llama,
  olmo2: decoder({ qkNorm: 'all' }),
  olmo3: decoder({ qkNorm: 'all', windowPattern: 4 }),
  seed_oss: llama,
  qwen2,
  qwen2_vl: qwen2,
  qwen2_vl_text: qwen2,
  qwen2_5_vl: qwen2,
  qwen2_5_vl_text: qwen2,
  qwen3,
  qwen3_vl_text: qwen3,
  gemma: decoder({ tied: true }),
  gemma2: decoder({ tied: true, norms: 4, windowPattern: 2 }),
  gemma3_text: (c) => gemma3(c.withDefaults(GEMMA3)),
  gemma3n_text: gemma3n,
  gemma4_text: gemma4,
  cohere: decoder({ norm: 'layer', norms: 1, tied: true }),
  cohere2: decoder({ norm: 'layer', norms: 1, tied: true, windowPattern: 4 }),
  stablelm: decoder({ norm: 'layer', normBias: true, outBias: false }),
  starcoder2: decoder({ norm: 'layer', normBias: true, gated: false, bias: true, mlpBias: true, tied: true }),
  nemotron: decoder({ norm: 'layer', normBias: true, gated: false }),
  glm4: decoder({ norms: 4, outBias: false }),
  llama4_text: llama4,
  mllama_text_model: mllama,
  deci: deciLm,
  'nemotron-nas': deciLm,
  mixtral,
  granitemoe: mixtral,
  phimoe: phiMoe,
  dbrx,
  gpt_oss: gptOss,
  qwen2_moe: qwen2Moe,
  qwen3_moe: qwen3Moe,
  qwen3_vl_moe_text: qwen3Moe,
  glm4_moe: glm4Moe,
  glm4v_moe_text: glm4Moe,
  dots1,
  solar_open: glm4Moe,
  exaone_moe: exaoneMoe,
  afmoe,
  bailing_moe: bailingMoe,
  bailing_moe_v2: bailingMoe,
  hunyuan_v1_moe: hunyuanMoe,
  ernie4_5_moe: ernieMoe,
  step3_text: step3,
  step3p5,
  mimo_v2_flash: mimoV2,
  longcat_flash: longcatFlash,
  minimax_m2: minimaxM2,
  olmoe,
  deepseek_v2: deepseek,
  deepseek_v3: deepseek,
  deepseek_v32: deepseek,
  kimi_k2: deepseek,
  glm_moe_dsa: deepseek,
  glm4_moe_lite: deepseek,
  kimi_linear: kimiLinear,
  minimax: minimax01,
  minimax_text_01: minimax01,
  minimax_m1: minimax01,
  gpt2,
  gpt_bigcode: gptBigCode,
  gptj: gptJ,
  gpt_neox: gptNeoX,
  opt,
  bloom,
  phi,
  falcon,
  mpt,
  chatglm: chatGlm,
  mamba,
  falcon_mamba: mamba,
  mamba2,
  jamba,
  bamba,
  granitemoehybrid: bamba,
  zamba2,
  falcon_h1: falconH1,
  nemotron_h: nemotronH,
  lfm2,
  lfm2_moe: lfm2,
  rwkv7,
  qwen3_next: qwen3Next,
  qwen3_5_text: qwen3Next,
  qwen3_5_moe_text: qwen3Next,
  recurrent_gemma: recurrentGemma,
  bert,
  roberta: bert,
  'xlm-roberta': bert,
  vit,
  t5,
  whisper,
};

/** Names that other tools give the same fields (llm-analysis). */
const OTHER_NAMES: readonly (readonly [other: string, name: string])[] = [
  ['num_layers', 'num_hidden_layers'],
  ['n_head', 'num_attention_heads'],
  ['hidden_dim', 'hidden_size'],
  ['ffn_embed_dim', 'intermediate_size'],
  ['max_seq_len', 'max_position_embeddings'],
];

/**
 * A Hugging Face `config.json` as a typed description. Models of several parts are read by their `text_config`.
 * @param where path, for messages
 * @throws HwcastError `unsupported` for an unknown architecture, naming the fields that a decoder would need and that are missing; `bad-input` where a
 * known one lacks fields or has values that cannot be.
 */
export function readConfig(config: Json, where: string): LlmArchitecture {
  const { json, assumptions: unwrapped } = isMambaSsm(config) ? ofMambaSsm(config, where) : textPart(config);
  const family = typeof json.model_type === 'string' ? json.model_type : undefined;
  const fields = new ConfigFields(isOfOtherTool(json) ? renamed(json) : json, where);
  const rule = family === undefined ? undefined : FAMILIES[family];
  if (!rule) throw unknownFamily(family, fields);
  const body = rule(fields);
  fields.finish();
  checkHeads(body, where);
  if (isOfOtherTool(json) && json.ffn_embed_dim === WIDE * Number(json.hidden_dim) && body.layers.some(isGated))
    fields.assume(
      `ffn_embed_dim ${json.ffn_embed_dim} is taken as it stands: it is ${WIDE} x hidden_dim, which llm-analysis writes for any model; gated layers as here are mostly narrower, so compare the parameters`,
    );
  const stated = fields.text('torch_dtype', 'dtype');
  const dtype = stated ? findWeightFormat(stated) : undefined;
  if (stated && !dtype) fields.assume(`the element type '${stated}' of the configuration is not known`);
  return {
    ...body,
    name: fields.text('_name_or_path') || family!,
    family: family!,
    dtype,
    quantisation: quantisationOf(json.quantization_config ?? config.quantization_config, where),
    assumptions: [...unwrapped, ...fields.assumptions],
  };
}

/** Where models of several parts keep the one that makes tokens. */
const TEXT_PARTS = ['text_config', 'llm_config', 'language_config', 'thinker_config'] as const;

/** The part that makes tokens. */
function textPart(config: Json): { json: Json; assumptions: string[] } {
  const inner = TEXT_PARTS.map((name) => config[name]).find((part) => part && typeof part === 'object');
  if (!inner || FAMILIES[String(config.model_type)]) return { json: config, assumptions: [] };
  const outer = inner as Json,
    text = outer.text_config && typeof outer.text_config === 'object' ? (outer.text_config as Json) : outer;
  const assumptions = [`only the text part of '${config.model_type}' is counted, not its vision or sound`];
  return { json: { ...text, torch_dtype: text.torch_dtype ?? text.dtype ?? config.torch_dtype ?? config.dtype }, assumptions };
}

/** Width of a feed-forward layer in hidden sizes where llm-analysis is not told. */
const WIDE = 4;
const isGated = ({ feedForward }: Body['layers'][number]): boolean => feedForward?.gated === true;

const isOfOtherTool = (json: Json): boolean => 'hidden_dim' in json && 'num_layers' in json;
const renamed = (json: Json): Json => ({
  ...json,
  ...Object.fromEntries(OTHER_NAMES.filter(([other]) => other in json).map(([other, name]) => [name, json[other]])),
});

function unknownFamily(family: string | undefined, fields: ConfigFields): HwcastError {
  const needed = ['hidden_size', 'num_hidden_layers', 'num_attention_heads', 'intermediate_size', 'vocab_size'];
  const missing = [...(family === undefined ? ['model_type'] : []), ...needed.filter((name) => fields.any(name) === undefined)];
  const close = family === undefined ? [] : closeNames(family, Object.keys(FAMILIES));
  const lacking = missing.length ? `; the configuration lacks ${missing.join(', ')}` : '';
  return new HwcastError(
    'unsupported',
    `${family === undefined ? 'no architecture is named' : `architecture '${family}' is not known`}${lacking}`,
    {
      where: fields.where,
      hint: `${close.length ? `did you mean ${close.join(', ')}? ` : ''}set model_type to a known family of the same form: llama (decoder), mixtral, qwen3_moe or deepseek_v3 (experts), bamba or nemotron_h (hybrid), ..; all: docs/llm.md`,
    },
  );
}

/** @throws HwcastError `bad-input` where heads do not divide */
function checkHeads({ layers, encoder }: Body, where: string): void {
  for (const { mixers } of new Set([...layers, ...(encoder?.layers ?? [])]))
    for (const mixer of mixers)
      if (mixer.kind === 'attention' && (mixer.heads % mixer.kvHeads || !Number.isInteger(mixer.headDim)))
        throw new HwcastError(
          'bad-input',
          `${mixer.heads} heads of ${mixer.headDim} with ${mixer.kvHeads} heads of keys and values cannot be`,
          { where, hint: 'correct num_attention_heads, num_key_value_heads or head_dim' },
        );
}
