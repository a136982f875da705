import { join } from 'node:path';
import { readCsv } from '../src/core/csv.js';
import { readTextChecked } from '../src/core/files.js';
import { kept } from '../src/core/kept.js';
import { deviceNamed } from '../src/device/deviceNamed.js';
import { KNOWN_MODELS } from '../src/llm/architecture/knownModels.js';
import { knownLlm } from '../src/llm/architecture/readLlm.js';
import { weightFormat } from '../src/llm/architecture/weightFormat.js';
import { chooseFormats, DEFAULT_CHUNK, type LlmSetup } from '../src/llm/llmSetup.js';
import { decode, prefill } from '../src/llm/phases.js';
import type { Framework } from '../src/llm/servingConstants.js';
import { tableRows } from './rooflineRows.js';

/** A measured served model, and its kernels. */
export interface ServedRow {
  accelerator: string;
  framework: Framework;
  layers: number;
  batch: number;
  phases: { time: number; passes: number }[];
  /** seconds, or watts */
  measured: number;
}

/** Hardware of LLM-Inference-Bench by what it calls it. One AMD MI250 is taken as one of its two dies, as its frameworks see it. */
export const ACCELERATORS: Readonly<Record<string, string>> = {
  'Nvidia A100 GPU': 'A100-SXM4-40GB',
  'Nvidia H100 GPU': 'H100-SXM5-80GB',
  'Nvidia GH200 GPU': 'GH200-144GB',
  'AMD MI250 GPU': 'MI250-die',
  'AMD MI300X GPU': 'MI300X',
  'Intel Max 1550': 'Max-1550-stack',
  'Intel PVC GPU': 'Max-1550-stack',
};
const BENCH_FRAMEWORKS: Readonly<Record<string, Framework>> = {
  vLLM: 'vllm-2024',
  'TensorRT-LLM': 'trtllm-2024',
  'llama.cpp': 'llama.cpp',
  'Deepspeed-MII': 'deepspeed',
};

interface Asked {
  model: string;
  device: string;
  framework: Framework;
  isl: number;
  osl: number;
  batch: number;
  tp: number;
  ep?: number;
  dtype?: string;
}

const models = new Map<string, ReturnType<typeof knownLlm>>();

/** Kernels of prompt and tokens. The bench runs past the context of a model, as the frameworks do when told to. */
function phasesOf({ model, device, framework, isl, osl, batch, tp, ep = 1, dtype }: Asked) {
  const architecture = kept(models, model, () => knownLlm(model)),
    spec = deviceNamed(device);
  const { formats, kv } = chooseFormats(architecture, spec, { dtype: dtype ? weightFormat(dtype) : undefined });
  const setup: LlmSetup = {
    device: spec,
    isl,
    osl,
    batch,
    tp,
    pp: 1,
    ep,
    formats,
    kv,
    chunk: DEFAULT_CHUNK,
    framework,
    link: spec.interconnect ?? 32e9,
  };
  return { first: prefill(architecture, setup), rest: decode(architecture, setup), layers: architecture.layers.length, setup };
}

const bench = (data: string, name: string) => {
  const path = join(data, 'model-tables', `${name}.csv.gz`);
  return readCsv(readTextChecked(path), path).map((row) => row.fields);
};

/** Whole requests of LLM-Inference-Bench whose model, accelerator and framework are known. */
export const benchRows = (data: string): ServedRow[] =>
  bench(data, 'llm_inference_bench').flatMap((f) => {
    const device = ACCELERATORS[f.hardware],
      framework = BENCH_FRAMEWORKS[f.framework];
    if (!device || !framework || !(f.model in KNOWN_MODELS)) return [];
    const batch = Number(f.batch),
      tokens = Number(f.len_in_out);
    const { first, rest, layers } = phasesOf({
      model: f.model,
      device,
      framework,
      isl: tokens,
      osl: tokens,
      batch,
      tp: Number(f.n),
    });
    return [{ accelerator: f.hardware, framework, layers, batch, phases: [first, rest], measured: Number(f.latency_s) }];
  });

export const ttftRows = (data: string): ServedRow[] =>
  bench(data, 'llm_inference_bench_ttft').flatMap((f) => {
    const device = ACCELERATORS[f.Hardware],
      framework = BENCH_FRAMEWORKS[f.Framework];
    if (!device || !framework || !(f.Model in KNOWN_MODELS)) return [];
    const batch = Number(f['Batch Size']);
    const { first, layers } = phasesOf({
      model: f.Model,
      device,
      framework,
      isl: Number(f['Input Length']),
      osl: 2,
      batch,
      tp: Number(f['Num of Hardware']),
    });
    return [{ accelerator: f.Hardware, framework, layers, batch, phases: [first], measured: Number(f['TTFT Latency']) }];
  });

/** Mean power of a device: `phases[0].time` is what the rules say, watts. */
export const powerRows = (data: string): ServedRow[] =>
  bench(data, 'llm_inference_bench_power').flatMap((f) => {
    const device = ACCELERATORS[f.hardware],
      framework = BENCH_FRAMEWORKS[f.framework];
    if (!device || !framework || !(f.model in KNOWN_MODELS)) return [];
    const batch = Number(f.batch),
      tokens = Number(f.len_in_out),
      tp = Number(f.n);
    const { first, rest, layers } = phasesOf({ model: f.model, device, framework, isl: tokens, osl: tokens, batch, tp });
    const watts = (first.energy! + rest.energy!) / (first.time + rest.time) / tp;
    const stated = Number(f.avg_power_mw_or_w);
    const measured = stated > 5000 ? stated / 1e3 : stated; // milliwatts or watts: no device draws 5 kW
    return [{ accelerator: f.hardware, framework, layers, batch, phases: [{ time: watts, passes: 0 }], measured }];
  });

const PRECISIONS: Readonly<Record<string, string>> = { fp8: 'fp8', fp4: 'nvfp4', int4: 'int4', bf16: 'bf16' };

/** Served models of aiconfigurator: one worker for prompt and tokens, no attention data parallelism, models that are known. */
export function siliconRows(data: string): { ttft: ServedRow[]; tpot: ServedRow[] } {
  const ttft: ServedRow[] = [],
    tpot: ServedRow[] = [];
  for (const r of tableRows(data, 'aic_e2e_silicon')) {
    const framework = ({ vllm: 'vllm', trtllm: 'trtllm', sglang: 'vllm' } as const)[r.backend];
    if (r.mode !== 'agg' || !framework || !(r.model_path in KNOWN_MODELS) || !(r.precision in PRECISIONS)) continue;
    if (Number(r.attention_dp_size || 1) > 1 || Number(r.tp_size) > 8) continue;
    const batch = Number(r.batch_size),
      isl = Number(r.isl),
      osl = Number(r.osl);
    const dtype = r.model_path === 'openai/gpt-oss-120b' ? undefined : PRECISIONS[r.precision];
    const { first, rest, layers } = phasesOf({
      model: r.model_path,
      device: r.device,
      framework,
      isl,
      osl,
      batch,
      tp: Number(r.tp_size),
      dtype,
    });
    const row = { accelerator: r.device, framework, layers, batch };
    // in steady state a request meets the prompts of the others: between two of its tokens batch / osl of them are read
    const step = { time: rest.time / (osl - 1) + first.time / osl, passes: 1 };
    tpot.push({ ...row, phases: [step], measured: Number(r.silicon_tpot_ms) / 1e3 });
    const alone = phasesOf({
      model: r.model_path,
      device: r.device,
      framework,
      isl,
      osl: 2,
      batch: 1,
      tp: Number(r.tp_size),
      dtype,
    });
    ttft.push({ ...row, phases: [alone.first, step], measured: Number(r.silicon_ttft_ms) / 1e3 });
  }
  return { ttft, tpot };
}
