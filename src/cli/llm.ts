import { type Command, Option } from 'commander';
import { REACHED_OF_PORT } from '../analytical/rules/offload.js';
import { cartesian } from '../core/cartesian.js';
import { HwcastError } from '../core/errors.js';
import { deviceNamed } from '../device/deviceNamed.js';
import type { LlmArchitecture } from '../llm/architecture/llmArchitecture.js';
import { readLlm } from '../llm/architecture/readLlm.js';
import { weightFormat } from '../llm/architecture/weightFormat.js';
import { corrected, correctionOf } from '../llm/correction.js';
import { estimateLlm, type LlmEstimate } from '../llm/estimateLlm.js';
import { chooseFormats, DEFAULT_CHUNK, type LlmSetup, type Offload } from '../llm/llmSetup.js';
import { readMeasuredRuns } from '../llm/measuredRuns.js';
import { leastOffload } from '../llm/memory.js';
import { FRAMEWORKS, type Framework } from '../llm/servingConstants.js';
import { llamaBenchTable, llmRecord, llmText, verifyLines } from '../present/llmView.js';
import { commaList, readText, whole } from './options.js';

interface Options {
  model: string;
  device: string;
  isl?: string;
  osl?: string;
  batch?: string;
  tp?: string;
  pp?: string;
  ep?: string;
  dtype?: string;
  kvDtype?: string;
  framework: Framework;
  chunk?: string;
  link?: string;
  reserve?: string;
  offload?: string;
  prefetch?: boolean;
  hostLink?: string;
  powerCap?: string;
  measured?: string;
  measuredModel?: string;
  format?: 'text' | 'json' | 'llama-bench';
  json?: boolean;
  detail?: boolean;
}

/** Devices that a host usually has. */
const DEVICES_OF_HOST = 8;

/** What is taken where nothing is said. */
const DEFAULTS = { isl: 1024, osl: 128, batch: 1 } as const;
const LLAMA_BENCH = { isl: 512, osl: 128, batch: 1 } as const;

/** `hwcast llm --model config.json --device NAME`: does it fit, how fast, at what energy. Comma lists sweep. */
export function registerLlm(program: Command): void {
  program
    .command('llm')
    .description('whether a language model fits a device, its time to the first token, tokens a second and joules')
    .requiredOption('--model <path>', 'config.json, a folder with it, a GGUF or safetensors file (headers only are read)')
    .requiredOption('--device <names>', 'devices of the catalogue (hwcast devices), separated by commas')
    .option('--isl <n>', `tokens of a prompt; lists sweep (${DEFAULTS.isl})`)
    .option('--osl <n>', `tokens made for it (${DEFAULTS.osl})`)
    .option('--batch <n>', `requests that run together (${DEFAULTS.batch})`)
    .option('--tp <n>', 'tensor parallelism', '1')
    .option('--pp <n>', 'pipeline parallelism', '1')
    .option('--ep <n>', 'expert parallelism', '1')
    .option(
      '--dtype <types>',
      'weights of layers: bf16, fp16, fp32, fp8, int8, nvfp4, int4, q4_k_m, ..; as the configuration says unless told',
    )
    .option('--kv-dtype <types>', 'cache of keys and values; as activations unless told')
    .addOption(new Option('--framework <name>', 'what runs it').choices([...FRAMEWORKS]).default('vllm'))
    .option('--chunk <n>', 'most new tokens of a pass', String(DEFAULT_CHUNK))
    .option('--link <GB/s>', "one direction between devices, where it is not the catalogue's")
    .option('--offload <GB>', 'weights of each device that stay on the host, gigabytes; auto: as many as have to')
    .option('--prefetch', "the next layer's offloaded weights come while a layer runs")
    .option(
      '--host-link <GB/s>',
      "one direction between host and device, where it is not the catalogue's (CXL: the memory's own)",
    )
    .option('--power-cap <W>', 'watts that each device may draw')
    .option('--reserve <GB>', 'memory of the framework, where it is not the default')
    .addOption(new Option('--format <format>', 'what is printed').choices(['text', 'json', 'llama-bench']).default('text'))
    .option('--measured <file>', 'runs on this device: llama-bench or vLLM JSON, aiconfigurator CSV; they correct all answers')
    .option('--measured-model <path>', 'what the runs are of, where their file does not name a known model')
    .option('--json', 'print JSON: an array, an element a setup')
    .option('--detail', 'all operators')
    .action((options: Options) => {
      const architecture = readLlm(options.model);
      const runs = options.measured === undefined ? undefined : measuredRuns(options.measured, options.measuredModel);
      const estimates = setupsOf(architecture, options).map(({ setup, assumptions }) => {
        const estimate = estimateLlm(architecture, setup);
        const own = { ...estimate, assumptions: [...assumptions, ...estimate.assumptions] };
        return runs ? corrected(own, correctionOf(runs.list, setup, runs.model)) : own;
      });
      process.stdout.write(`${print(estimates, architecture, options)}\n`);
    });
}

function print(estimates: LlmEstimate[], architecture: LlmArchitecture, { json, format, detail }: Options): string {
  if (json || format === 'json')
    return JSON.stringify(
      estimates.map((e) => llmRecord(e, architecture)),
      null,
      2,
    );
  if (format === 'llama-bench') return estimates.map((e) => llamaBenchTable(e, architecture)).join('\n\n');
  return estimates.map((e) => [llmText(e, architecture, { detail }), ...verifyLines(e, architecture)].join('\n')).join('\n\n');
}

interface Asked {
  setup: LlmSetup;
  assumptions: string[];
}

function measuredRuns(file: string, model: string | undefined) {
  const { text, where } = readText(file, 'measured run');
  return { list: readMeasuredRuns(text, where), model: model === undefined ? undefined : readLlm(model) };
}

/** Every combination of the lists. */
function setupsOf(architecture: LlmArchitecture, options: Options): Asked[] {
  const fallback = options.format === 'llama-bench' ? LLAMA_BENCH : DEFAULTS;
  const tokens =
    architecture.encoderOnly && architecture.maxContext ? Math.min(architecture.maxContext, fallback.isl) : fallback.isl;
  const defaults = { ...fallback, isl: tokens, osl: architecture.encoderOnly ? 0 : fallback.osl };
  const numbers = (flag: 'isl' | 'osl' | 'batch' | 'tp' | 'pp' | 'ep', least: number, otherwise = 1) =>
    options[flag] === undefined ? [otherwise] : commaList(options[flag]).map((text) => whole(`--${flag}`, text, least));
  const texts = (text: string | undefined): (string | undefined)[] => (text === undefined ? [undefined] : commaList(text));
  const silent = (['isl', 'osl', 'batch'] as const).filter((flag) => options[flag] === undefined);
  const general = silent.length
    ? [
        `${silent.map((flag) => `${flag} ${defaults[flag]}`).join(', ')}: not given, assumed (${silent.map((f) => `--${f}`).join(', ')})`,
      ]
    : [];
  const ofKind = architecture.encoderOnly
    ? ['an encoder makes no tokens: TTFT is one pass over the input, nothing is cached']
    : [];
  return cartesian({
    name: commaList(options.device),
    dtype: texts(options.dtype),
    kvDtype: texts(options.kvDtype),
    tp: numbers('tp', 1),
    pp: numbers('pp', 1),
    ep: numbers('ep', 1),
    isl: numbers('isl', 1, defaults.isl),
    osl: numbers('osl', architecture.encoderOnly ? 0 : 1, defaults.osl),
    batch: numbers('batch', 1, defaults.batch),
  }).map(({ name, dtype, kvDtype, ...sizes }) => {
    const device = deviceNamed(name);
    const format = (text: string | undefined, flag: string) => (text === undefined ? undefined : weightFormat(text, flag));
    const chosen = chooseFormats(architecture, device, { dtype: format(dtype, '--dtype'), kv: format(kvDtype, '--kv-dtype') });
    const setup: LlmSetup = {
      device,
      ...sizes,
      ...(architecture.encoderOnly ? { osl: 0 } : {}),
      formats: chosen.formats,
      kv: chosen.kv,
      framework: options.framework,
      chunk: whole('--chunk', options.chunk, 1),
      link: gigabytes('--link', options.link),
      hostLink: gigabytes('--host-link', options.hostLink),
      reserve: gigabytes('--reserve', options.reserve),
      powerCap: options.powerCap === undefined ? undefined : number('--power-cap', options.powerCap, 'watts'),
    };
    setup.offload = offloadOf(architecture, setup, options);
    return { setup, assumptions: [...general, ...ofKind, ...chosen.assumptions, ...passAssumptions(setup)] };
  });
}

function passAssumptions({ chunk, batch, isl, reserve, offload, tp, ep }: LlmSetup): string[] {
  return [
    `the batch arrives together and runs to the end; passes of at most ${chunk} new tokens${batch * isl > chunk ? ', so the prompts take several' : ''} (--chunk)`,
    'kernels of a pass follow one another without gaps, as in a captured graph; fused attention',
    ...(reserve === undefined ? ['the framework takes 3.5 GB, at most 6 % of the memory (--reserve)'] : []),
    ...(Math.max(tp, ep) > DEVICES_OF_HOST ? ['all devices are linked as those of one host'] : []),
    ...(offload?.bytes ? [`copies from the host reach ${100 * REACHED_OF_PORT} % of the port's rate`] : []),
  ];
}

/** @throws HwcastError `usage` */
function number(flag: string, text: string, unit: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || !Number.isFinite(value))
    throw new HwcastError('usage', `${flag} takes ${unit}, not '${text}'`);
  return value;
}

const gigabytes = (flag: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : number(flag, text, 'gigabytes') * 1e9;

/** What `--offload` leaves on the host. @throws HwcastError `usage` */
function offloadOf(architecture: LlmArchitecture, setup: LlmSetup, { offload, prefetch = false }: Options): Offload | undefined {
  if (offload === undefined) {
    if (prefetch) throw new HwcastError('usage', '--prefetch without --offload', { hint: '--offload GB, or --offload auto' });
    return undefined;
  }
  const of = (bytes: number): Offload => ({ bytes, overlaps: prefetch });
  return of(offload === 'auto' ? leastOffload(architecture, { ...setup, offload: of(0) }) : gigabytes('--offload', offload)!);
}
