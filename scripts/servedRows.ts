import { join } from 'node:path';
import { readCsv } from '../src/core/csv.js';
import { readTextChecked } from '../src/core/files.js';
import { kept } from '../src/core/kept.js';
import { mean } from '../src/core/statistics.js';
import { findDevice } from '../src/device/deviceNamed.js';
import { modelId } from '../src/graph/namedModel.js';
import { KNOWN_MODELS } from '../src/llm/architecture/knownModels.js';
import { readLlm } from '../src/llm/architecture/readLlm.js';
import { chooseFormats, DEFAULT_CHUNK, type LlmSetup } from '../src/llm/llmSetup.js';
import { decode, mixingLayers, prefill } from '../src/llm/phases.js';
import { benchServed, type Served, type ServedRow, servedFits, servedPhases } from '../src/llm/servedModel.js';
import { tableRows } from './rooflineRows.js';

/** Rows of a table of LLM-Inference-Bench whose model, accelerator and framework are known; the columns of its three tables differ in their names. */
function benchTable(data: string, name: string): { fields: Record<string, string>; served: Served; accelerator: string }[] {
  const path = join(data, 'model-tables', `${name}.csv.gz`);
  return readCsv(readTextChecked(path), path).flatMap(({ fields: f }) => {
    const [accelerator, count] = [f.hardware ?? f.Hardware, f.n ?? f['Num of Hardware']];
    const [isl, osl] = [f.len_in_out ?? f['Input Length'], f.len_in_out ?? '2']; // the table of first tokens says nothing of others
    const id = modelId('llm', `${f.model ?? f.Model}@in${isl},out${osl},b${f.batch ?? f['Batch Size']}`);
    const served = benchServed(id, Number(count) > 1 ? `${count} x ${accelerator}` : accelerator, f.framework ?? f.Framework);
    return served ? [{ fields: f, served, accelerator }] : [];
  });
}

/** Whole requests, seconds. */
export const benchRows = (data: string): ServedRow[] =>
  benchTable(data, 'llm_inference_bench').map(({ fields, served, accelerator }) => {
    const { first, rest, layers } = servedPhases(served);
    const { framework, batch, model } = served;
    return { accelerator, model, framework, layers, batch, phases: [first, rest], measured: Number(fields.latency_s) };
  });

export const ttftRows = (data: string): ServedRow[] =>
  benchTable(data, 'llm_inference_bench_ttft').map(({ fields, served, accelerator }) => {
    const { first, layers } = servedPhases(served);
    const { framework, batch, model } = served;
    return { accelerator, model, framework, layers, batch, phases: [first], measured: Number(fields['TTFT Latency']) };
  });

/** Mean power of a device: `phases[0].time` is what the rules say, watts. */
export const powerRows = (data: string): ServedRow[] =>
  benchTable(data, 'llm_inference_bench_power').map(({ fields, served, accelerator }) => {
    const { first, rest, layers } = servedPhases(served);
    const { framework, batch, model, tp, pp = 1 } = served;
    const watts = (first.energy! + rest.energy!) / (first.time + rest.time) / (tp * pp);
    const stated = Number(fields.avg_power_mw_or_w);
    const measured = stated > 5000 ? stated / 1e3 : stated; // milliwatts or watts: no device draws 5 kW
    return { accelerator, model, framework, layers, batch, phases: [{ time: watts, passes: 0 }], measured };
  });

/** Format of the weights by what aiconfigurator calls the precision; none: as the checkpoint has them. */
const PRECISIONS: Readonly<Record<string, string | undefined>> = {
  fp8: 'fp8',
  fp4: 'nvfp4',
  int4: 'int4',
  bf16: 'bf16',
  '': undefined,
};
const BACKENDS = { vllm: 'vllm', trtllm: 'trtllm', sglang: 'sglang' } as const;
/** Models whose checkpoint has another format of four bits than the precision says, of their experts only. */
const OWN_FORMAT: Readonly<Record<string, string>> = { 'openai/gpt-oss-120b': 'fp4', 'moonshotai/Kimi-K2.5': 'int4' };

/** What was served, of a row; undefined where it is not known, or where attention is on other devices than experts (data parallelism of attention). */
function siliconServed(r: Record<string, string>): Served | undefined {
  const framework = BACKENDS[r.backend as keyof typeof BACKENDS];
  if (r.mode !== 'agg' || !framework || !(r.model_path in KNOWN_MODELS) || !(r.precision in PRECISIONS)) return undefined;
  const [batch, isl, osl, tp] = ['batch_size', 'isl', 'osl', 'tp_size'].map((c) => Number(r[c]));
  const [expertTp, ep, dp] = ['moe_tp_size', 'moe_ep_size', 'attention_dp_size'].map((c) => Number(r[c] || 1));
  if (dp > 1 || tp > 8) return undefined;
  const isSparse = readLlm(r.model_path).layers.some((l) => l.feedForward?.kind === 'experts');
  if (isSparse && (expertTp * ep !== tp || (ep > 1 && expertTp > 1))) return undefined;
  const dtype = OWN_FORMAT[r.model_path] === r.precision ? undefined : PRECISIONS[r.precision];
  return { model: r.model_path, device: r.device, framework, isl, osl, batch, tp, ...(isSparse && ep > 1 ? { ep } : {}), dtype };
}

/**
 * Served models of aiconfigurator: one worker for prompt and tokens, no attention data parallelism, models that are known. First tokens only where all
 * requests fit the memory together.
 */
export function siliconRows(data: string): { ttft: ServedRow[]; tpot: ServedRow[] } {
  const ttft: ServedRow[] = [],
    tpot: ServedRow[] = [];
  for (const r of tableRows(data, 'aic_e2e_silicon')) {
    const served = siliconServed(r);
    if (!served) continue;
    const { first, rest, layers } = servedPhases(served),
      { framework, batch, osl } = served;
    const row = { accelerator: r.device, model: r.model_path, framework, layers, batch };
    // in steady state a request meets the prompts of the others: between two of its tokens batch / osl of them are read
    const step = { time: rest.time / (osl - 1) + first.time / osl, least: rest.least / (osl - 1) + first.least / osl, passes: 1 };
    tpot.push({ ...row, phases: [step], measured: Number(r.silicon_tpot_ms) / 1e3 });
    // requests whose cache does not fit wait for others to end, as long as the lengths of all say
    if (!servedFits(served)) continue;
    const alone = servedPhases({ ...served, batch: 1, osl: 2 });
    ttft.push({ ...row, phases: [alone.first, step], measured: Number(r.silicon_ttft_ms) / 1e3 });
  }
  return { ttft, tpot };
}

/** Measured passes of language models in PyTorch, by model in place of the accelerator, which is one: `datasets/llm-passes`. */
export function passRows(data: string): { prompts: ServedRow[]; tokens: ServedRow[]; power: ServedRow[] } {
  const path = 'datasets/llm-passes/h100.csv',
    device = findDevice('H100-SXM5-80GB')!;
  const prompts: ServedRow[] = [],
    tokens: ServedRow[] = [],
    power: ServedRow[] = [];
  for (const { fields: f } of readCsv(readTextChecked(path), path)) {
    const architecture = readLlm(join(data, 'model-files', `config_${f.model}.json`));
    const { formats, kv } = chooseFormats(architecture, device, {});
    const [batch, isl] = [Number(f.batch), Number(f.isl)];
    const setup: LlmSetup = {
      ...{ device, batch, isl, osl: 2, formats, kv, tp: 1, pp: 1, ep: 1 },
      ...{ chunk: DEFAULT_CHUNK, framework: 'transformers' },
    };
    const phase = f.phase === 'prefill' ? prefill(architecture, setup) : decode(architecture, setup);
    const row = { accelerator: f.model, model: f.model, framework: setup.framework, layers: mixingLayers(architecture), batch };
    const seconds = Number(f.ms) / 1e3;
    (f.phase === 'prefill' ? prompts : tokens).push({ ...row, phases: [phase], measured: seconds });
    power.push({ ...row, phases: [{ time: phase.energy! / phase.time, passes: 0 }], measured: Number(f.joules) / seconds });
  }
  return { prompts, tokens, power };
}

/** Models and devices of LLMServingSim's runs by what it calls them. */
const LSS_MODELS: Readonly<Record<string, string>> = {
  'Llama-3.1-8B': 'meta-llama/Llama-3.1-8B-Instruct',
  'Qwen3-32B': 'Qwen/Qwen3-32B',
  'Qwen3-30B-A3B-Instruct-2507': 'Qwen/Qwen3-30B-A3B-Instruct-2507',
};
/** Seconds of `0 days 00:00:13.729153633`. */
function secondsOf(text: string): number {
  const [, days, hours, minutes, seconds] = /^(\d+) days (\d+):(\d+):([\d.]+)$/.exec(text)!.map(Number);
  return ((24 * days + hours) * 60 + minutes) * 60 + seconds;
}

/**
 * Requests that LLMServingSim sent to vLLM 0.19, time between their tokens: those that made tokens at the same time are the batch, as long as requests of the
 * run are on average; between two tokens a part of the others' prompts is read, as in `siliconRows`. Nothing is fitted to them.
 */
export function requestRows(data: string): ServedRow[] {
  const runs = new Map<string, Record<string, string>[]>();
  for (const row of tableRows(data, 'lss_requests')) kept(runs, `${row.device} ${row.model}`, () => []).push(row);
  return [...runs.values()].flatMap((rows) => {
    const spans = rows.map((r) => {
      const arrival = secondsOf(r.t_arrival_s);
      return { from: arrival + Number(r.ttft_s), to: arrival + Number(r.e2e_s), made: Number(r.output_toks) };
    });
    const [isl, osl] = ['input_toks', 'output_toks'].map((c) => Math.round(mean(rows.map((r) => Number(r[c])))));
    const [{ device, model }] = rows,
      accelerator = `${device}, ${model}`,
      steps = new Map<number, { time: number; least: number; layers: number }>();
    const stepAt = (batch: number) =>
      kept(steps, batch, () => {
        const of = { model: LSS_MODELS[model], device, framework: 'vllm', isl, osl, batch, tp: 1 } as const,
          { first, rest, layers } = servedPhases(of);
        return { time: rest.time / (osl - 1) + first.time / osl, least: rest.least / (osl - 1) + first.least / osl, layers };
      });
    return spans.flatMap(({ from, to, made }): ServedRow[] => {
      if (made < 2) return [];
      const beside = spans.reduce((sum, s) => sum + Math.max(0, Math.min(to, s.to) - Math.max(from, s.from)), 0) / (to - from),
        batch = Math.max(1, Math.round(beside)),
        { time, least, layers } = stepAt(batch);
      const measured = (to - from) / (made - 1);
      return [{ accelerator, model, framework: 'vllm', layers, batch, phases: [{ time, least, passes: 1 }], measured }];
    });
  });
}
