import { closeNames, HwcastError } from '../../core/errors.js';
import { ConfigFields, type Json } from './configFields.js';
import { type Body, decoder, type FamilyRule } from './families/decoder.js';
import { bloom, falcon, gpt2, gptBigCode, gptJ, gptNeoX, opt, phi } from './families/earlier.js';
import { bert, t5, vit, whisper } from './families/encoders.js';
import { deepseek, glm4Moe, gptOss, minimaxM2, mixtral, olmoe, qwen2Moe, qwen3Moe } from './families/experts.js';
import { bamba, jamba, mamba, mamba2, qwen3Next, recurrentGemma, zamba2 } from './families/recurrent.js';
import type { LlmArchitecture } from './llmArchitecture.js';
import { quantisationOf } from './quantisation.js';
import { findWeightFormat } from './weightFormat.js';

const llama = decoder();

/** The families by `model_type`. A new one is a line here and, where it is of a new form, a rule in `families/`. */
export const FAMILIES: Readonly<Record<string, FamilyRule>> = {
  llama,
  mistral: llama,
  ministral: llama,
  granite: llama,
  internlm2: llama,
  exaone4: decoder({ qkNorm: 'head' }),
  smollm3: llama,
  phi3: llama,
  olmo: llama,
  olmo2: decoder({ qkNorm: 'all' }),
  olmo3: decoder({ qkNorm: 'all', windowPattern: 4 }),
  seed_oss: llama,
  qwen2: decoder({ bias: true, outBias: false }),
  qwen3: decoder({ qkNorm: 'head' }),
  gemma: decoder({ tied: true }),
  gemma2: decoder({ tied: true, norms: 4, windowPattern: 2 }),
  gemma3_text: decoder({ tied: true, norms: 4, qkNorm: 'head', windowPattern: 6 }),
  cohere: decoder({ norm: 'layer', norms: 1, tied: true }),
  cohere2: decoder({ norm: 'layer', norms: 1, tied: true, windowPattern: 4 }),
  stablelm: decoder({ norm: 'layer', normBias: true, outBias: false }),
  starcoder2: decoder({ norm: 'layer', normBias: true, gated: false, bias: true, mlpBias: true, tied: true }),
  nemotron: decoder({ norm: 'layer', normBias: true, gated: false }),
  glm4: decoder({ norms: 4, outBias: false }),
  mixtral,
  gpt_oss: gptOss,
  qwen2_moe: qwen2Moe,
  qwen3_moe: qwen3Moe,
  glm4_moe: glm4Moe,
  minimax_m2: minimaxM2,
  olmoe,
  deepseek_v2: deepseek,
  deepseek_v3: deepseek,
  deepseek_v32: deepseek,
  kimi_k2: deepseek,
  glm_moe_dsa: deepseek,
  gpt2,
  gpt_bigcode: gptBigCode,
  gptj: gptJ,
  gpt_neox: gptNeoX,
  opt,
  bloom,
  phi,
  falcon,
  mamba,
  falcon_mamba: mamba,
  mamba2,
  jamba,
  bamba,
  granitemoehybrid: bamba,
  zamba2,
  qwen3_next: qwen3Next,
  qwen3_5_text: qwen3Next,
  qwen3_5_moe_text: qwen3Next,
  recurrent_gemma: recurrentGemma,
  bert,
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
  const { json, assumptions: unwrapped } = textPart(config);
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

/** The part that makes tokens. */
function textPart(config: Json): { json: Json; assumptions: string[] } {
  const inner = config.text_config;
  if (!inner || typeof inner !== 'object' || FAMILIES[String(config.model_type)]) return { json: config, assumptions: [] };
  const text = inner as Json;
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
      hint: `${close.length ? `did you mean ${close.join(', ')}? ` : ''}set model_type to the known family of the same form, one of ${Object.keys(FAMILIES).join(', ')}`,
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
