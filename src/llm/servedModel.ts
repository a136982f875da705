import { kept } from '../core/kept.js';
import { findDevice } from '../device/deviceNamed.js';
import { KNOWN_MODELS } from './architecture/knownModels.js';
import type { LlmArchitecture } from './architecture/llmArchitecture.js';
import { knownLlm } from './architecture/readLlm.js';
import { weightFormat } from './architecture/weightFormat.js';
import { phaseTime } from './estimateLlm.js';
import { chooseFormats, DEFAULT_CHUNK, type LlmSetup } from './llmSetup.js';
import { memoryUse } from './memory.js';
import { decode, mixingLayers, type Phase, prefill } from './phases.js';
import type { Framework } from './servingConstants.js';

/** A measured served model, and its kernels by the rules. */
export interface ServedRow {
  accelerator: string;
  model: string;
  framework: Framework;
  layers: number;
  batch: number;
  phases: { time: number; passes: number; least?: number }[];
  /** seconds, or watts */
  measured: number;
}

/** Hardware of LLM-Inference-Bench by what it calls it. A card of two dies is taken as one of them, which frameworks see as a device. */
const ACCELERATORS: Readonly<Record<string, string>> = {
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
  'llama.cpp': 'llama.cpp-2024',
  'Deepspeed-MII': 'deepspeed-2024',
};

/** What was served, in names of the catalogue and of `KNOWN_MODELS`. */
export interface Served {
  model: string;
  device: string;
  framework: Framework;
  isl: number;
  osl: number;
  batch: number;
  tp: number;
  /** 1 unless told */
  pp?: number;
  ep?: number;
  /** most new tokens of a pass; vLLM's unless told */
  chunk?: number;
  dtype?: string;
}

/** `2 x Nvidia A100 GPU` is two of them; `accelerator` is one. */
export function acceleratorOf(device: string): { accelerator: string; count: number } {
  const [, count = '1', accelerator] = /^(?:(\d+) x )?(.*)$/.exec(device)!;
  return { accelerator, count: Number(count) };
}

/** A workload of LLM-Inference-Bench, `llm:MODEL@in128,out128,b16`, on its device and framework; undefined where one of them is not known. */
export function benchServed(id: string, device: string, framework: string): Served | undefined {
  const [, model, isl, osl, batch] = /^llm:(.+)@in(\d+),out(\d+),b(\d+)$/.exec(id) ?? [];
  const { accelerator, count } = acceleratorOf(device);
  const [known, by] = [ACCELERATORS[accelerator], BENCH_FRAMEWORKS[framework]];
  if (!model || !(model in KNOWN_MODELS) || !known || !by) return undefined;
  const sizes = { isl: Number(isl), osl: Number(osl), batch: Number(batch) };
  // llama.cpp deals layers to several devices, and reads prompts in parts of 512 tokens
  const share = by === 'llama.cpp-2024' ? { tp: 1, pp: count, chunk: 512 } : { tp: count };
  return { model, device: known, framework: by, ...sizes, ...share };
}

const models = new Map<string, LlmArchitecture>();

/** Bytes per second between devices of which the catalogue has none: PCIe 4.0 x16. */
const PCIE = 32e9;

/** What was served as a question. @throws HwcastError as `chooseFormats` */
function setupOf({ model, device, dtype, ...sizes }: Served): { architecture: LlmArchitecture; setup: LlmSetup } {
  const architecture = kept(models, model, () => knownLlm(model)),
    spec = findDevice(device)!;
  const { formats, kv } = chooseFormats(architecture, spec, { dtype: dtype ? weightFormat(dtype) : undefined });
  const link = spec.interconnect ?? PCIE;
  return { architecture, setup: { device: spec, pp: 1, ep: 1, chunk: DEFAULT_CHUNK, ...sizes, formats, kv, link } };
}

/** Kernels of prompts and tokens. No limit of context or heads is checked: it ran. @throws HwcastError as `setupOf`, `passCost` */
export function servedPhases(served: Served): { first: Phase; rest: Phase; layers: number } {
  const { architecture, setup } = setupOf(served);
  return { first: prefill(architecture, setup), rest: decode(architecture, setup), layers: mixingLayers(architecture) };
}

/** Whether all requests of a batch fit the memory together; true where it is not known. */
export function servedFits(served: Served): boolean {
  const { architecture, setup } = setupOf(served);
  return memoryUse(architecture, setup).verdict !== 'no';
}

type Numbers = Record<string, number>;
type Constants = Numbers & Parameters<typeof phaseTime>[3];
/** A form with constants: the value of a row, and where the search for them starts. */
export interface ServingForm {
  start: Numbers;
  value(row: ServedRow, constants: Numbers): number;
}

/** Kernels, and what a framework adds to each pass. */
export const PASSES: ServingForm = {
  start: { kernels: 1, step: 1e-3, layer: 10e-6, request: 10e-6 },
  value: (row, c) => row.phases.reduce((sum, phase) => sum + phaseTime(phase, row.layers, row.batch, c as Constants), 0),
};
