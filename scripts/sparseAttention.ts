/**
 * Modules of DeepSeek sparse attention (`aic_dsa_*`: all of a layer's attention, its products and indexer) by the rules, and as attention to all tokens
 * without an indexer. Nothing was fitted to these rows.
 *
 *     npx tsx scripts/sparseAttention.ts DATA       scripts/llmPage.ts writes it into docs/llm.md
 */
import { kept } from '../src/core/kept.js';
import { median } from '../src/core/statistics.js';
import { findDevice } from '../src/device/deviceNamed.js';
import type { Json } from '../src/llm/architecture/configFields.js';
import { readConfig } from '../src/llm/architecture/readConfig.js';
import { weightFormat } from '../src/llm/architecture/weightFormat.js';
import { chooseFormats, DEFAULT_CHUNK, type LlmSetup } from '../src/llm/llmSetup.js';
import { passOperators } from '../src/llm/passOperators.js';
import { passCost } from '../src/llm/passTime.js';
import { markdownTable, percent } from './markdown.js';
import { tableRows } from './rooflineRows.js';

const [data] = process.argv.slice(2);
if (!data) throw new Error('usage: npx tsx scripts/sparseAttention.ts DATA');

const V32: Json = {
  ...{ model_type: 'deepseek_v32', hidden_size: 7168, num_hidden_layers: 1, num_attention_heads: 128, q_lora_rank: 1536 },
  ...{ kv_lora_rank: 512, qk_nope_head_dim: 128, qk_rope_head_dim: 64, v_head_dim: 128, vocab_size: 129280 },
  ...{ intermediate_size: 18432, moe_intermediate_size: 2048, n_routed_experts: 256, num_experts_per_tok: 8 },
  ...{ first_k_dense_replace: 1, index_topk: 2048, index_n_heads: 64, index_head_dim: 128, torch_dtype: 'bfloat16' },
};
const GLM5: Json = {
  ...{ ...V32, hidden_size: 6144, num_attention_heads: 64, q_lora_rank: 2048, qk_nope_head_dim: 192, v_head_dim: 256 },
  index_n_heads: 32,
};
/** Operators of a layer that are no part of its attention. */
const ELSEWHERE = /^(gate_up_proj|down_proj|activation|final_norm|all_reduce|add_norm|embedding|output)/;

type Row = ReturnType<typeof tableRows>[number];
interface Group {
  ratios: number[];
  errors: number[];
  dense: number[];
}
const groups = new Map<string, Group>();

/** Seconds of the attention of one layer; undefined where the device has no such arithmetic. */
function secondsOf(config: Json, row: Row, isPrompt: boolean): number | undefined {
  const device = findDevice(row.device)!,
    weights = row.gemm_type === 'bfloat16' ? 'bf16' : 'fp8';
  if (weights === 'fp8' && device.peak.fp8 === undefined) return undefined;
  const model = readConfig(config, 'config.json'),
    kv = weightFormat(row.kv_cache_dtype === 'fp8' ? 'fp8' : 'bf16'),
    chosen = chooseFormats(model, device, { dtype: weightFormat(weights), kv });
  const [batch, isl, step] = [row.batch_size, row.isl, row.step].map(Number);
  const setup: LlmSetup = {
    ...{ device, isl, osl: 1, batch, tp: Number(config.num_attention_heads) / Number(row.num_heads), pp: 1, ep: 1 },
    ...{ formats: chosen.formats, kv: chosen.kv, chunk: DEFAULT_CHUNK, framework: 'vllm' },
  };
  const pass = { batch, length: isPrompt ? isl : 1, before: isPrompt ? step : isl + step - 1, outputs: 0 };
  const own = passOperators({ ...model, vocabulary: 0 }, pass, setup).filter(({ name }) => !ELSEWHERE.test(name));
  return passCost(setup)(own, 1).time;
}

for (const [file, phase] of [
  ['aic_dsa_context_module', 'prompt'],
  ['aic_dsa_generation_module', 'token'],
])
  for (const row of tableRows(data, file)) {
    const config = /glm/i.test(row.model) ? GLM5 : /V3\.2/.test(row.model) ? V32 : undefined;
    if (!config || !['bfloat16', 'fp8'].includes(row.kv_cache_dtype)) continue;
    const sparse = secondsOf(config, row, phase === 'prompt'),
      dense = secondsOf({ ...config, index_topk: undefined }, row, phase === 'prompt');
    if (sparse === undefined || dense === undefined) continue;
    const measured = Number(row.latency_ms) / 1e3,
      group = kept(groups, `${phase}|${row.backend}`, () => ({ ratios: [], errors: [], dense: [] }));
    group.ratios.push(measured / sparse);
    group.errors.push(Math.abs(sparse / measured - 1));
    group.dense.push(Math.abs(dense / measured - 1));
  }

const cells = [...groups].map(([key, g]) => [
  ...key.split('|'),
  String(g.ratios.length),
  median(g.ratios).toFixed(2),
  percent(median(g.errors)),
  percent(median(g.dense)),
]);
process.stdout.write(
  `${markdownTable(['phase', 'framework', 'rows', 'measured over rule', 'error', 'error as attention to all'], cells)}\n`,
);
