import { REACHED_OF_PORT } from '../analytical/rules/offload.js';
import { cartesian } from '../core/cartesian.js';
import { HwcastError } from '../core/errors.js';
import { deviceNamed } from '../device/deviceNamed.js';
import type { LlmArchitecture } from '../llm/architecture/llmArchitecture.js';
import { weightFormat } from '../llm/architecture/weightFormat.js';
import { chooseFormats, type LlmSetup, type Offload } from '../llm/llmSetup.js';
import { leastOffload } from '../llm/memory.js';
import type { Framework } from '../llm/servingConstants.js';
import { amount, filledList, whole } from './options.js';

export interface LlmOptions {
  model: string;
  device: string;
  isl?: string;
  osl?: string;
  batch?: string;
  tp?: string;
  pp?: string;
  ep?: string;
  sp?: boolean;
  imbalance?: string;
  dtype?: string;
  kvDtype?: string;
  framework: Framework;
  prefix?: string;
  kvBlock?: string;
  chunk?: string;
  link?: string;
  reserve?: string;
  offload?: string;
  prefetch?: boolean;
  hostLink?: string;
  powerCap?: string;
  beyondContext?: boolean;
  svg?: string;
  measured?: string;
  measuredModel?: string;
  format?: 'text' | 'json' | 'llama-bench';
  json?: boolean;
  detail?: boolean;
}

/** Devices that a host usually has. */
const DEVICES_OF_HOST = 8;

/** What is taken where nothing is said. */
export const DEFAULTS = { isl: 1024, osl: 128, batch: 1 } as const;
const LLAMA_BENCH = { isl: 512, osl: 128, batch: 1 } as const;

/** A question and what is taken for granted in it. */
export interface Asked {
  setup: LlmSetup;
  assumptions: string[];
}

/** Every combination of the lists. @throws HwcastError `usage`, `not-found` and as `chooseFormats` */
export function setupsOf(architecture: LlmArchitecture, options: LlmOptions): Asked[] {
  const fallback = options.format === 'llama-bench' ? LLAMA_BENCH : DEFAULTS;
  const tokens =
    architecture.encoderOnly && architecture.maxContext ? Math.min(architecture.maxContext, fallback.isl) : fallback.isl;
  const defaults = { ...fallback, isl: tokens, osl: architecture.encoderOnly ? 0 : fallback.osl };
  const numbers = (flag: 'isl' | 'osl' | 'batch' | 'tp' | 'pp' | 'ep', least: number, otherwise = 1) =>
    options[flag] === undefined
      ? [otherwise]
      : filledList(`--${flag}`, options[flag]).map((text) => whole(`--${flag}`, text, least));
  const texts = (flag: string, text: string | undefined): (string | undefined)[] =>
    text === undefined ? [undefined] : filledList(flag, text);
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
    name: filledList('--device', options.device),
    dtype: texts('--dtype', options.dtype),
    kvDtype: texts('--kv-dtype', options.kvDtype),
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
      ...(options.sp ? { sp: true } : {}),
      ...(options.imbalance === undefined ? {} : { imbalance: amount('--imbalance', options.imbalance, 'a power') }),
      ...(architecture.encoderOnly ? { osl: 0 } : {}),
      formats: chosen.formats,
      kv: chosen.kv,
      framework: options.framework,
      ...(options.prefix === undefined ? {} : { prefix: whole('--prefix', options.prefix) }),
      ...(options.kvBlock === undefined ? {} : { kvBlock: whole('--kv-block', options.kvBlock, 1) }),
      chunk: whole('--chunk', options.chunk, 1),
      link: rate('--link', options.link),
      hostLink: rate('--host-link', options.hostLink),
      reserve: gigabytes('--reserve', options.reserve),
      powerCap: options.powerCap === undefined ? undefined : amount('--power-cap', options.powerCap, 'watts'),
    };
    setup.offload = offloadOf(architecture, setup, options);
    return {
      setup,
      assumptions: [
        ...general,
        ...ofKind,
        ...chosen.assumptions,
        ...expertAssumptions(architecture, setup),
        ...passAssumptions(setup),
      ],
    };
  });
}

/** How evenly experts are loaded; nothing where there are none. */
function expertAssumptions({ layers }: LlmArchitecture, { imbalance = 0, ep }: LlmSetup): string[] {
  if (!layers.some((l) => l.feedForward?.kind === 'experts')) return [];
  if (!imbalance) return ['every expert is as likely as any other (--imbalance)'];
  const fullest = ep > 1 ? `; all wait for the fullest of ${ep} devices, experts in any order` : '';
  return [`rows of experts follow a power law, density x^-${imbalance}, as aiconfigurator draws them (--imbalance)${fullest}`];
}

function passAssumptions({ chunk, batch, isl, prefix, reserve, offload, tp, ep }: LlmSetup): string[] {
  return [
    `the batch arrives together and runs to the end; passes of at most ${chunk} new tokens${batch * isl > chunk ? ', so the prompts take several' : ''} (--chunk)`,
    ...(prefix
      ? [
          `the first ${prefix} tokens of every prompt are the same: read once and kept once (--prefix); each request still reads them from its cache`,
        ]
      : []),
    'kernels of a pass follow one another without gaps, as in a captured graph; fused attention',
    ...(reserve === undefined ? ['the framework takes 3.5 GB, at most 6 % of the memory (--reserve)'] : []),
    ...(Math.max(tp, ep) > DEVICES_OF_HOST ? ['all devices are linked as those of one host'] : []),
    ...(offload?.bytes ? [`copies from the host reach ${100 * REACHED_OF_PORT} % of the port's rate`] : []),
  ];
}

const gigabytes = (flag: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : amount(flag, text, 'gigabytes') * 1e9;

/** Bytes per second. */
function rate(flag: string, text: string | undefined): number | undefined {
  const bytes = gigabytes(flag, text);
  if (bytes === 0)
    throw new HwcastError('usage', `${flag} takes gigabytes a second above 0, not '${text}'`, {
      hint: 'PCIe 4.0 of sixteen lanes: 32',
    });
  return bytes;
}

/** What `--offload` leaves on the host. @throws HwcastError `usage` */
function offloadOf(
  architecture: LlmArchitecture,
  setup: LlmSetup,
  { offload, prefetch = false }: LlmOptions,
): Offload | undefined {
  if (offload === undefined) {
    if (prefetch) throw new HwcastError('usage', '--prefetch without --offload', { hint: '--offload GB, or --offload auto' });
    return undefined;
  }
  const of = (bytes: number): Offload => ({ bytes, overlaps: prefetch });
  return of(offload === 'auto' ? leastOffload(architecture, { ...setup, offload: of(0) }) : gigabytes('--offload', offload)!);
}
