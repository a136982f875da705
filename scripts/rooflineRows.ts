import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { MeasuredKernel } from '../src/analytical/fit/fitEfficiency.js';
import { networkOf } from '../src/analytical/networkOf.js';
import { attentionTime } from '../src/analytical/rules/attentionTime.js';
import { attentionWork } from '../src/analytical/rules/attentionWork.js';
import { allReduce } from '../src/analytical/rules/collectives.js';
import type { KernelFamily } from '../src/analytical/rules/efficiencies.js';
import { expertLoad, expertWork } from '../src/analytical/rules/experts.js';
import { gemmTime } from '../src/analytical/rules/gemm.js';
import { type DeviceRates, kernelTime } from '../src/analytical/rules/kernelTime.js';
import { DELTA_CHUNK, gatedDeltaWork, stateSpaceDualWork } from '../src/analytical/rules/recurrences.js';
import { scanTime } from '../src/analytical/rules/scanTime.js';
import { kept } from '../src/core/kept.js';
import { createRandom } from '../src/core/random.js';
import { findDevice } from '../src/device/deviceNamed.js';
import type { PeakDtype } from '../src/device/deviceSpec.js';
import { peakFor } from '../src/device/peakFor.js';
import { operatorNamed } from '../src/graph/operators/index.js';
import { isDataCentreBlackwell } from '../src/llm/expertKernels.js';
import { fusedWork } from '../src/llm/fusedWork.js';
import { benchmarkDispatch } from '../src/operators/benchmarkDispatch.js';
import { keepsAllRows } from '../src/operators/keepsAllRows.js';

type Row = Record<string, string>;

/** Rows of a table of llm-ops. The tables are plain: no quoted cell holds a comma, but for names of kernels, which are not read. */
export function tableRows(data: string, name: string): Row[] {
  const lines = gunzipSync(readFileSync(join(data, 'llm-ops', `${name}.csv.gz`)))
    .toString()
    .trimEnd()
    .split('\n');
  const header = lines[0].split(',');
  return lines.slice(1).map((line) => {
    const cells = line.replace(/"[^"]*"/g, 'quoted').split(',');
    return Object.fromEntries(header.map((h, i) => [h, cells[i]]));
  });
}

export function ratesOf(id: string, dtype: PeakDtype): DeviceRates {
  const spec = findDevice(id);
  if (!spec?.bandwidth) throw new Error(`no device '${id}' with a bandwidth`);
  const { bandwidth, units, cache } = spec;
  return { peak: peakFor(spec, dtype).rate, bandwidth, units, cache, dispatch: benchmarkDispatch(spec) };
}

/** A family of measured kernels. */
export interface MeasuredFamily {
  family: KernelFamily;
  /** what the table calls it */
  label: string;
  source: string;
  kernels: Map<string, (MeasuredKernel & { row: Row })[]>;
}

const number = (row: Row, name: string) => Number(row[name]);

function gather(
  [family, label, source]: [KernelFamily, string, string],
  rows: readonly Row[],
  dtype: PeakDtype,
  kernelOf: (row: Row, rates: DeviceRates) => MeasuredKernel['predict'] | undefined,
): MeasuredFamily {
  const kernels: MeasuredFamily['kernels'] = new Map();
  const rates = new Map<string, DeviceRates>();
  for (const row of rows) {
    if (!rates.has(row.device)) rates.set(row.device, ratesOf(row.device, dtype));
    const predict = kernelOf(row, rates.get(row.device)!);
    const measured = number(row, 'latency_ms' in row ? 'latency_ms' : 'median_ms') / 1e3;
    if (!predict || !(measured > 0)) continue;
    if (!kernels.has(row.device)) kernels.set(row.device, []);
    kernels.get(row.device)!.push({ predict, measured, row });
  }
  return { family, label, source, kernels };
}

export function gemmRows(data: string, gemmDtype = 'bfloat16', dtype: PeakDtype = 'bf16', weightBytes = 2): MeasuredFamily {
  const rows = tableRows(data, 'aic_gemm').filter((r) => r.gemm_dtype === gemmDtype);
  return gather(['gemm', `GEMM ${gemmDtype}`, 'aic_gemm'], rows, dtype, (row, rates) => {
    const [m, n, k] = ['m', 'n', 'k'].map((c) => number(row, c));
    const work = { flops: 2 * m * n * k, bytes: 2 * m * n + weightBytes * (m * k + k * n) };
    return (e) => gemmTime({ m, n, k, outputBytes: 2 }, work, rates, e).time;
  });
}

const isPlain = (r: Row) => r.attn_dtype === 'bfloat16' && r.kv_cache_dtype === 'bfloat16' && (r.window_size || '0') === '0';
const attentionSizes = (r: Row, length: number, before: number) => ({
  batch: number(r, 'batch_size'),
  heads: number(r, 'num_heads'),
  kvHeads: number(r, 'num_key_value_heads') || number(r, 'num_heads'),
  headDim: number(r, 'head_dim'),
  length,
  before,
  bytes: 2,
  kvBytes: 2,
});

export const prefillRows = (data: string): MeasuredFamily =>
  gather(
    ['attention', 'attention of prompts, bf16', 'aic_context_attention'],
    tableRows(data, 'aic_context_attention').filter(isPlain),
    'bf16',
    (row, rates) => {
      const sizes = attentionSizes(row, number(row, 'isl'), number(row, 'step'));
      const work = attentionWork(sizes);
      return (e) => attentionTime(sizes, work, rates, e).time;
    },
  );

export const decodeRows = (data: string): MeasuredFamily =>
  gather(
    ['decodeAttention', 'attention of a token, bf16', 'aic_generation_attention'],
    tableRows(data, 'aic_generation_attention').filter(isPlain),
    'bf16',
    (row, rates) => {
      const sizes = attentionSizes(row, 1, number(row, 'isl') + number(row, 'step') - 1);
      const work = attentionWork(sizes);
      return (e) => attentionTime(sizes, work, rates, e).time;
    },
  );

/** Bytes of experts' weights by their type in `aic_moe`, and the type of the arithmetic. */
const EXPERT_TYPES: Readonly<Record<string, readonly [bytes: number, dtype: PeakDtype]>> = {
  bfloat16: [2, 'bf16'],
  fp8_block: [1, 'fp8'],
  nvfp4: [4.5 / 8, 'fp4'],
  int4_wo: [4.5 / 8, 'bf16'],
  w4a16_mxfp4: [4.25 / 8, 'bf16'],
  w4a8_mxfp4_mxfp8: [4.25 / 8, 'fp8'],
};

/** TensorRT-LLM's generated kernels for data-centre Blackwell, which vLLM and SGLang take from FlashInfer. */
const TRTLLM_GEN = /trtllm_moe|flashinfer_trtllm/;

function expertTable(
  data: string,
  [family, label]: [KernelFamily, string],
  { dtypes, keeps }: { dtypes: readonly string[]; keeps: (row: Row) => boolean },
): MeasuredFamily {
  const rows = tableRows(data, 'aic_moe').filter(
    (r) => dtypes.includes(r.moe_dtype) && r.distribution === 'balanced' && keeps(r),
  );
  return gather([family, label, 'aic_moe'], rows, 'bf16', (row) => {
    const [weightBytes, dtype] = EXPERT_TYPES[row.moe_dtype],
      rates = kept(expertRates, `${row.device} ${dtype}`, () => ratesOf(row.device, dtype));
    const sizes = {
      tokens: number(row, 'num_tokens'),
      experts: number(row, 'num_experts'),
      perToken: number(row, 'topk'),
      hidden: number(row, 'hidden_size'),
      width: number(row, 'inter_size') / number(row, 'moe_tp_size'),
      gated: !/nongated/.test(row.kernel_source),
      weightBytes,
      bytes: 2,
    };
    const work = expertWork(sizes, expertLoad(sizes, number(row, 'moe_ep_size')), keepsAllRows(row.kernel_source));
    return (e) => kernelTime(work, rates, e).time;
  });
}

const expertRates = new Map<string, DeviceRates>();
const isTrtllmGen = (r: Row): boolean => TRTLLM_GEN.test(r.kernel_source);
/** OpenAI's kernels in Triton for MXFP4, which vLLM takes on Hopper. */
const isOpenAiTriton = (r: Row): boolean => /oaitriton/.test(r.kernel_source);
/** Weights of four bits, integers or MXFP4, that kernels widen on the way. */
const WIDENED = ['int4_wo', 'w4a16_mxfp4'];

/** Kernels in Triton and CUTLASS; on data-centre Blackwell those in CUTLASS only, since servers take others than Triton's there. */
export const expertRows = (data: string): MeasuredFamily =>
  expertTable(data, ['experts', 'experts, bf16, Triton and CUTLASS, balanced'], {
    dtypes: ['bfloat16'],
    keeps: (r) =>
      !isTrtllmGen(r) && (!isDataCentreBlackwell(findDevice(r.device)!) || !/triton|^vllm_fused_moe$/.test(r.kernel_source)),
  });

export const trtllmGenExpertRows = (data: string): MeasuredFamily =>
  expertTable(data, ['trtllmGenExperts', 'experts, bf16 and nvfp4, TensorRT-LLM generated, balanced'], {
    dtypes: ['bfloat16', 'nvfp4'],
    keeps: isTrtllmGen,
  });

/** A scale for each block of fp8 weights (DeepSeek), on data-centre Blackwell. */
export const blockExpertRows = (data: string): MeasuredFamily =>
  expertTable(data, ['blockExperts', 'experts, fp8 by blocks on data-centre Blackwell, balanced'], {
    dtypes: ['fp8_block'],
    keeps: (r) => isTrtllmGen(r) || r.kernel_source === 'deepgemm',
  });

/** Marlin, Triton of SGLang, and TensorRT-LLM's, but on data-centre Blackwell. */
export const widenedExpertRows = (data: string): MeasuredFamily =>
  expertTable(data, ['widenedExperts', 'experts, four bits widened to bf16, Marlin and others, balanced'], {
    dtypes: WIDENED,
    keeps: (r) => !isTrtllmGen(r) && !isOpenAiTriton(r) && !isDataCentreBlackwell(findDevice(r.device)!),
  });

/** The same on data-centre Blackwell, which they were not written for. */
export const blackwellWidenedExpertRows = (data: string): MeasuredFamily =>
  expertTable(
    data,
    ['blackwellWidenedExperts', 'experts, four bits widened to bf16, Marlin and others on data-centre Blackwell, balanced'],
    { dtypes: WIDENED, keeps: (r) => !isTrtllmGen(r) && isDataCentreBlackwell(findDevice(r.device)!) },
  );

/** Activations of MXFP4 weights in eight bits, on data-centre Blackwell. */
export const mxfp8ExpertRows = (data: string): MeasuredFamily =>
  expertTable(data, ['mxfp8Experts', 'experts, MXFP4 with activations of eight bits on data-centre Blackwell, balanced'], {
    dtypes: ['w4a8_mxfp4_mxfp8'],
    keeps: (r) => isDataCentreBlackwell(findDevice(r.device)!),
  });

export const trtllmGenWidenedExpertRows = (data: string): MeasuredFamily =>
  expertTable(data, ['trtllmGenWidenedExperts', 'experts, four bits widened to bf16, TensorRT-LLM generated, balanced'], {
    dtypes: WIDENED,
    keeps: isTrtllmGen,
  });

export const tritonWidenedExpertRows = (data: string): MeasuredFamily =>
  expertTable(data, ['tritonWidenedExperts', 'experts, MXFP4 widened to bf16, Triton of OpenAI, balanced'], {
    dtypes: WIDENED,
    keeps: isOpenAiTriton,
  });

/** Names of NeuSight's operators in the table of operators; those that end in `u` have one tensor and a number. */
const VECTOR_OPERATORS: Record<string, string> = { ln: 'layer_norm', softmax: 'softmax', add: 'add', mul: 'mul', div: 'div' };

export const rowwiseRows = (data: string): MeasuredFamily =>
  gather(
    ['rowwise', 'norm, softmax, elementwise, fp32', 'neusight_vector'],
    tableRows(data, 'neusight_vector'),
    'fp32',
    (row, rates) => {
      const shape = [number(row, 'B'), number(row, 'H')];
      if (!(shape[0] * shape[1] > 0)) return undefined;
      const tensor = { shape, dtype: 'fp32' } as const;
      const op = VECTOR_OPERATORS[row.op] ?? 'relu';
      const inputs = op === 'add' || op === 'mul' || op === 'div' ? [tensor, tensor] : [tensor];
      const cost = operatorNamed(op).cost({ ...tensor, attrs: {} }, inputs);
      const work = { flops: cost.flops, bytes: cost.bytesIn + cost.bytesOut + cost.bytesWeights };
      return (e) => kernelTime(work, rates, e).time;
    },
  );

/** Operators of vidur_mlp that are no product, by the table of operators, and the columns that say their width. */
const LAYER_OPERATORS: Record<string, { ops: [op: string, inputs: 1 | 2][]; width: (r: Row) => number }> = {
  add: { ops: [['add', 2]], width: (r) => number(r, 'n_embd') },
  input_layernorm: { ops: [['rms_norm', 1]], width: (r) => number(r, 'n_embd') },
  post_attention_layernorm: { ops: [['rms_norm', 1]], width: (r) => number(r, 'n_embd') },
  mlp_act: {
    ops: [
      ['silu', 1],
      ['mul', 2],
    ],
    width: (r) => number(r, 'n_expanded_embd') / number(r, 'tp'),
  },
};

/** Norms and activations of LLM layers, fp16, times of kernels. */
export const layerRows = (data: string): MeasuredFamily =>
  gather(
    ['rowwise', 'norm, activation, sum of LLM layers, fp16', 'vidur_mlp'],
    tableRows(data, 'vidur_mlp').filter((r) => r.op in LAYER_OPERATORS),
    'fp16',
    (row, rates) => {
      const { ops, width } = LAYER_OPERATORS[row.op];
      const work = fusedWork(ops, number(row, 'num_tokens'), width(row));
      return (e) => kernelTime(work, rates, e).time;
    },
  );

export const convRows = (data: string): MeasuredFamily =>
  gather(['conv', 'convolution, fp32', 'neusight_conv'], tableRows(data, 'neusight_conv'), 'fp32', (row, rates) => {
    const [b, ci, co, kernel, size, stride, pad] = ['B', 'Input_Channel', 'Output_Channel', 'Kernel_Szie', 'Input_Size', 'Stride', 'Padding'].map((c) => number(row, c)); // biome-ignore format: one line a table
    const out = Math.floor((size + 2 * pad - kernel) / stride) + 1;
    if (!(out > 0)) return undefined;
    const [m, n, k] = [b * out * out, co, ci * kernel * kernel];
    const work = { flops: 2 * m * n * k, bytes: 4 * (b * ci * size * size + k * n + m * n) };
    return (e) => gemmTime({ m, n, k, outputBytes: 4 }, work, rates, e).time;
  });

/** Kernels of recurrent mixers that scan, of prompts or of a token; their convolutions are not of this family. */
export function scanRows(data: string, phase: 'context' | 'generation'): MeasuredFamily {
  const rows = [...tableRows(data, 'aic_mamba2'), ...tableRows(data, 'aic_gdn')].filter(
    (r) => !/conv/.test(r.kernel_source) && r.phase === phase,
  );
  const isPrompt = phase === 'context';
  const label = `state-space and delta-rule ${isPrompt ? 'scans of prompts' : 'steps of a token'}, bf16`;
  return gather([isPrompt ? 'scan' : 'decodeScan', label, 'aic_mamba2, aic_gdn'], rows, 'bf16', (row, rates) => {
    const length = isPrompt ? number(row, 'seq_len') : 1;
    const tokens = { batch: number(row, 'batch_size'), length, bytes: 2, stateBytes: 4 },
      isDual = row.op_name === 'mamba2',
      chunk = isDual ? number(row, 'chunk_size') : DELTA_CHUNK;
    const work = isDual
      ? stateSpaceDualWork({
          ...tokens,
          heads: number(row, 'nheads'),
          headDim: number(row, 'head_dim'),
          state: number(row, 'd_state'),
          groups: number(row, 'n_groups'),
          chunk,
        })
      : gatedDeltaWork({
          ...tokens,
          keyHeads: number(row, 'num_k_heads'),
          valueHeads: number(row, 'num_v_heads'),
          keyDim: number(row, 'head_k_dim'),
          valueDim: number(row, 'head_v_dim'),
        });
    return (e) => scanTime({ length, chunk }, work, rates, e).time;
  });
}

/** All-reduce in captured graphs as vLLM and TensorRT-LLM run it (their own kernels, NCCL for long messages), between GPUs of one host. */
export const networkRows = (data: string): MeasuredFamily =>
  gather(
    ['network', 'all-reduce of vLLM and TensorRT-LLM in graphs, bf16', 'aic_custom_allreduce'],
    tableRows(data, 'aic_custom_allreduce').filter((r) => /^(vLLM_custom_graph|TRTLLM)$/.test(r.kernel_source)),
    'bf16',
    (row) => {
      const device = findDevice(row.device)!,
        n = number(row, 'num_gpus'),
        bytes = 2 * number(row, 'message_size');
      return device.interconnect === undefined ? undefined : (e) => allReduce(n, bytes, networkOf(device, e, n));
    },
  );

/** At most so many rows of each device, drawn with a seed. */
export function thinned<T>(kernels: ReadonlyMap<string, readonly T[]>, most: number): Map<string, T[]> {
  const random = createRandom('roofline rows');
  return new Map(
    [...kernels].map(([device, rows]) => [device, rows.length > most ? random.shuffle([...rows]).slice(0, most) : [...rows]]),
  );
}
