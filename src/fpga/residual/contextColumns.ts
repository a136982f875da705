import { type FpgaPart, findFpgaPart } from '../../device/fpgaParts.js';
import { type HlsDesign, LABEL_STAGES, type LabelStage } from '../design/hlsDesign.js';
import { DEFAULT_CLOCK_NS } from '../rules/clockModel.js';

const GENERATIONS = ['DSP48E1', 'DSP48E2', 'DSP58', 'other', 'none'] as const;
const TOOLS = ['vivado_hls', 'vitis_hls', 'other'] as const;
const VERSIONS = ['2018', '2019', '2020', '2021', '2023', 'unknown'] as const;
export const CONTEXT_NUMBERS = ['clockNs'] as const;
/** Names of the columns of a design, the same for all its layers. The version is that of the newest listed year not after it. */
export const CONTEXT_COLUMNS: readonly string[] = [
  ...CONTEXT_NUMBERS,
  ...LABEL_STAGES.map((s) => `stage:${s}`),
  ...TOOLS.map((t) => `tool:${t}`),
  ...VERSIONS.map((v) => `version:${v}`),
  ...GENERATIONS.map((g) => `dsp:${g}`),
  'io_stream',
  'multipliers:dsp',
  'multipliers:lut',
];

const CONTEXT_COLUMN: ReadonlyMap<string, number> = new Map(CONTEXT_COLUMNS.map((name, i) => [name, i]));

const contexts = new Map<string, Float32Array>();
/** What a design is synthesised in, [CONTEXT_COLUMNS]. Designs of one context share the array: do not write to it. */
export function contextColumns(design: HlsDesign, stage: LabelStage, given: FpgaPart | undefined): Float32Array {
  const key = `${stage}|${given?.name ?? design.part}|${design.tool}|${design.toolVersion}|${design.clockS}|${design.ioType}|${design.multipliers}`;
  const cached = contexts.get(key);
  if (cached) return cached;
  const out = new Float32Array(CONTEXT_COLUMNS.length);
  const put = (name: string, value: number) => {
    out[CONTEXT_COLUMN.get(name)!] = value;
  };
  const set = (name: string) => put(name, 1);
  put('clockNs' satisfies (typeof CONTEXT_NUMBERS)[number], Math.log(design.clockS ? design.clockS * 1e9 : DEFAULT_CLOCK_NS));
  set(`stage:${stage}`);
  set(`tool:${(TOOLS as readonly string[]).includes(design.tool ?? '') ? design.tool : 'other'}`);
  const year = Number.parseInt(design.toolVersion ?? '', 10);
  const version = [...VERSIONS].reverse().find((v) => Number(v) <= year);
  set(`version:${Number.isFinite(year) ? (version ?? VERSIONS[0]) : 'unknown'}`);
  const part = given ?? (design.part === undefined ? undefined : findFpgaPart(design.part));
  // as the rules assume it
  const generation = part?.dspGeneration ?? 'DSP48E2';
  set(`dsp:${(GENERATIONS as readonly string[]).includes(generation) ? generation : 'other'}`);
  if (design.ioType === 'io_stream') set('io_stream');
  if (design.multipliers) set(`multipliers:${design.multipliers}`);
  if (contexts.size > 1000) contexts.clear();
  contexts.set(key, out);
  return out;
}
