import { readCsv } from '../core/csv.js';
import { HwcastError } from '../core/errors.js';
import { KNOWN_MODELS } from './architecture/knownModels.js';
import type { LlmArchitecture } from './architecture/llmArchitecture.js';
import { knownLlm } from './architecture/readLlm.js';
import { findWeightFormat, type WeightFormat } from './architecture/weightFormat.js';

/** A run of a model on the GPU in question: what it took, and of what. */
export interface MeasuredRun {
  /** id or name as the file has it; undefined where it has none */
  model: string | undefined;
  isl: number;
  osl: number;
  batch: number;
  tp: number;
  dtype?: WeightFormat;
  /** seconds; what a run does not hold is absent */
  ttft?: number;
  tpot?: number;
  request?: number;
  where: string;
}

type Json = Record<string, unknown>;
const numberOf = (json: Json, ...names: string[]): number | undefined => {
  for (const name of names) {
    const value = Number(json[name]);
    if (json[name] !== undefined && json[name] !== null && json[name] !== '' && Number.isFinite(value)) return value;
  }
  return undefined;
};
const textOf = (json: Json, ...names: string[]): string | undefined =>
  names.map((name) => json[name]).find((v): v is string => typeof v === 'string' && v !== '');

interface RunFormat {
  name: string;
  matches(json: Json): boolean;
  read(json: Json, where: string): MeasuredRun[];
}

const MS = 1e-3;

/** `llama-bench -o json`: a test of prompts (n_gen 0), of tokens (n_prompt 0), or of both; t/s is over all of its tokens. */
const llamaBench: RunFormat = {
  name: 'llama-bench',
  matches: (json) => 'n_prompt' in json && 'avg_ts' in json,
  read(json, where) {
    const [prompt, made] = [numberOf(json, 'n_prompt') ?? 0, numberOf(json, 'n_gen') ?? 0];
    const seconds = (prompt + made) / numberOf(json, 'avg_ts')!;
    const dtype = /\b(Q\d\w*|F16|BF16|MXFP4)\b/i.exec(textOf(json, 'model_type') ?? '')?.[1];
    const format =
      dtype &&
      findWeightFormat(
        dtype
          .toLowerCase()
          .replace(/^f16$/, 'fp16')
          .replace(/^q(\d)_k_s$/, 'q$1_k'),
      );
    const base = {
      model: textOf(json, 'model_filename', 'model_type'),
      batch: 1,
      tp: 1,
      where,
      ...(format ? { dtype: format } : {}),
    };
    if (!made) return [{ ...base, isl: prompt, osl: 2, ttft: seconds }];
    if (!prompt) return [{ ...base, isl: Math.max(1, numberOf(json, 'n_depth') ?? 1), osl: made + 1, tpot: seconds / made }];
    return [{ ...base, isl: prompt, osl: made, request: seconds }];
  },
};

/** vLLM's `benchmark_serving` (`vllm bench serve`): a mean request of those that ran together. */
const vllmServe: RunFormat = {
  name: 'vLLM benchmark_serving',
  matches: (json) => 'median_ttft_ms' in json || 'mean_tpot_ms' in json || 'median_tpot_ms' in json,
  read(json, where) {
    const requests = numberOf(json, 'completed', 'num_prompts');
    const mean = (total?: number) => (total !== undefined && requests ? Math.max(1, Math.round(total / requests)) : undefined);
    const isl = numberOf(json, 'random_input_len', 'input_len') ?? mean(numberOf(json, 'total_input_tokens'));
    const osl = numberOf(json, 'random_output_len', 'output_len') ?? mean(numberOf(json, 'total_output_tokens'));
    const batch = numberOf(json, 'max_concurrency') ?? concurrency(json, requests);
    const missing = [
      isl === undefined && 'total_input_tokens',
      osl === undefined && 'total_output_tokens',
      !batch && 'max_concurrency',
    ].filter(Boolean);
    if (missing.length)
      throw new HwcastError('bad-input', `the run lacks ${missing.join(', ')}`, {
        where,
        hint: 'run the benchmark with --max-concurrency and --save-result',
      });
    const tpot = numberOf(json, 'median_tpot_ms', 'mean_tpot_ms');
    return [
      {
        model: textOf(json, 'model_id', 'model'),
        isl: isl!,
        osl: osl!,
        batch: Math.max(1, Math.round(batch!)),
        tp: numberOf(json, 'tensor_parallel_size', 'tp') ?? 1,
        where,
        ...(tpot === undefined ? {} : { tpot: tpot * MS }),
      },
    ];
  },
};

/** Mean number of requests at a time (Little's law): requests times mean latency over duration. */
function concurrency(json: Json, requests?: number): number | undefined {
  const [latency, duration] = [numberOf(json, 'mean_e2el_ms'), numberOf(json, 'duration')];
  return latency !== undefined && duration && requests ? (requests * latency * MS) / duration : undefined;
}

/** `vllm bench latency`: a batch that runs together; sizes stand in its `config` or beside. */
const vllmLatency: RunFormat = {
  name: 'vLLM bench latency',
  matches: (json) => 'avg_latency' in json,
  read(json, where) {
    const sizes = { ...json, ...((json.config ?? json.args) as Json | undefined) };
    const [isl, osl, batch] = [numberOf(sizes, 'input_len'), numberOf(sizes, 'output_len'), numberOf(sizes, 'batch_size')];
    if (!isl || !osl || !batch)
      throw new HwcastError('bad-input', 'the run lacks input_len, output_len or batch_size', {
        where,
        hint: 'add them to the JSON: the benchmark was told them',
      });
    return [
      {
        model: textOf(sizes, 'model', 'model_id'),
        isl,
        osl,
        batch,
        tp: numberOf(sizes, 'tensor_parallel_size') ?? 1,
        request: numberOf(json, 'avg_latency')!,
        where,
      },
    ];
  },
};

const FORMATS = [llamaBench, vllmServe, vllmLatency];

/**
 * Runs of a file: JSON (one, a list, or one a line) of llama-bench or vLLM, or aiconfigurator's CSV (`isl, osl, batch_size or concurrency, ttft, tpot`
 * in milliseconds).
 * @throws HwcastError `bad-input` naming the run and what it lacks
 */
export function readMeasuredRuns(text: string, where: string): MeasuredRun[] {
  const runs = /^\s*[[{]/.test(text) ? jsonRuns(text, where) : csvRuns(text, where);
  if (!runs.length) throw new HwcastError('bad-input', 'no runs', { where });
  for (const run of runs)
    for (const [name, value] of Object.entries({ ttft: run.ttft, tpot: run.tpot, request: run.request }))
      if (value !== undefined && !(value > 0 && Number.isFinite(value)))
        throw new HwcastError('bad-input', `${name} is ${value} s, not above 0${value > 0 ? ' and finite' : ''}`, {
          where: run.where,
          hint: 'leave out what was not measured; a rate of 0 tokens a second is no measurement',
        });
  return runs;
}

function jsonRuns(text: string, where: string): MeasuredRun[] {
  let list: Json[];
  try {
    const whole = JSON.parse(text);
    list = Array.isArray(whole) ? whole : [whole];
  } catch (cause) {
    try {
      list = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    } catch {
      throw new HwcastError('bad-input', `not JSON: ${(cause as Error).message}`, { where, cause });
    }
  }
  return list.flatMap((json, i) => {
    const at = list.length > 1 ? `${where} [${i}]` : where;
    const format = json && typeof json === 'object' ? FORMATS.find((f) => f.matches(json)) : undefined;
    if (!format)
      throw new HwcastError('bad-input', `not a run of ${FORMATS.map((f) => f.name).join(', ')}`, {
        where: at,
        hint: 'give what the benchmark wrote',
      });
    return format.read(json, at);
  });
}

function csvRuns(text: string, where: string): MeasuredRun[] {
  return readCsv(text, where).map(({ fields: f, where: at }) => {
    const isl = numberOf(f, 'isl'),
      osl = numberOf(f, 'osl'),
      batch = numberOf(f, 'concurrency', 'batch_size', 'bs');
    if (!isl || !osl || !batch)
      throw new HwcastError('bad-input', 'the row lacks isl, osl or batch_size (or concurrency)', {
        where: at,
        hint: 'columns isl, osl, batch_size, ttft, tpot (ms), model',
      });
    const tpot = numberOf(f, 'tpot', 'silicon_tpot_ms', 'tpot_ms');
    const ttft = numberOf(f, 'ttft', 'silicon_ttft_ms', 'ttft_ms');
    if (tpot === undefined && ttft === undefined)
      throw new HwcastError('bad-input', 'the row has neither ttft nor tpot', { where: at });
    const precision = findWeightFormat(textOf(f, 'gemm_quant_mode', 'precision', 'dtype') ?? '');
    return {
      model: textOf(f, 'model', 'model_path', 'model_name'),
      ...{ isl, osl, batch },
      tp: numberOf(f, 'tp', 'tp_size') ?? 1,
      where: at,
      ...(precision ? { dtype: precision } : {}),
      ...(tpot === undefined ? {} : { tpot: tpot * MS }),
      // a queue stands in front of it where several are served
      ...(ttft === undefined || batch > 1 ? {} : { ttft: ttft * MS }),
    };
  });
}

/** The architecture of a run: as given, else by its id. @throws HwcastError `not-found` */
export function architectureOfRun(run: MeasuredRun, given: LlmArchitecture | undefined): LlmArchitecture {
  if (given) return given;
  if (run.model !== undefined && run.model in KNOWN_MODELS) return knownLlm(run.model);
  throw new HwcastError('not-found', `nothing is known of the measured model '${run.model ?? 'without name'}'`, {
    where: run.where,
    hint: '--measured-model config.json says what it is',
  });
}
