import { join } from 'node:path';
import { z } from 'zod';
import { readCsv } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import { readTextChecked } from '../../core/files.js';
import { jsonLines } from '../../core/textRows.js';

/** Files of HLS kernels (not networks) in a folder of FPGA data. */
const FILES = {
  hlsyn: 'hlsyn_designs.jsonl.gz',
  impl: 'ml4accel_hls_impl_power.csv.gz',
  versions: 'ml4accel_vitis_versions_csynth.csv.gz',
} as const;

const PointSchema = z.object({
  kernel: z.string().min(1),
  tool: z.string().min(1),
  point: z.record(z.string(), z.union([z.number(), z.string()])),
  valid: z.boolean(),
  cycles: z.number().nonnegative(),
  bram18: z.number().nonnegative(),
  dsp: z.number().nonnegative(),
  lut: z.number().nonnegative(),
  ff: z.number().nonnegative(),
});
/** One pragma setting of one C kernel of HLSyn; `cycles` 0: the tool gave no result. */
export type HlsynPoint = z.infer<typeof PointSchema>;

function unpack(folder: string, file: string): { text: string; where: string } {
  const where = join(folder, file);
  return { text: readTextChecked(where, 'HLS kernels'), where };
}

/** HLSyn (ZongyueQin/HLSyn, CC-BY-SA-4.0): pragma settings with cycles and resources. @throws HwcastError `bad-input` naming the row. */
export function readHlsyn(folder: string): HlsynPoint[] {
  const { text, where } = unpack(folder, FILES.hlsyn);
  return jsonLines(text, where).map(({ fields, where: place }) => {
    const parsed = PointSchema.safeParse(fields);
    if (!parsed.success)
      throw new HwcastError('bad-input', `no pragma setting: ${z.prettifyError(parsed.error)}`, { where: place });
    return parsed.data;
  });
}

/** A design with its csynth estimate and what it became: place and route, or another version of the tool. Resources are counts, latency cycles. */
export interface KernelPair {
  id: string;
  /** kernel, without its optimisation */
  kernel: string;
  /** what `after` is: `impl`, or the version of the tool */
  task: string;
  before: Record<'lut' | 'ff' | 'dsp' | 'bram18', number> & { latency?: number };
  /** only what is known and positive */
  after: Partial<Record<'lut' | 'ff' | 'dsp' | 'bram18' | 'latency' | 'power', number>>;
}

const count = (row: Record<string, string>, key: string, where: string): number => {
  const v = Number(row[key]);
  if (row[key] === undefined || row[key] === '' || !Number.isFinite(v) || v < 0)
    throw new HwcastError('bad-input', `column ${key}: '${row[key] ?? ''}' is no count`, { where });
  return v;
};
const positive = <T extends Record<string, number>>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, v]) => v > 0)) as Partial<T>;
const optionalCount = (text: string | undefined): number => {
  const v = Number(text);
  return text && Number.isFinite(v) && v > 0 ? v : 0;
};

/** ML4Accel (UT-LCA/ML4Accel-Dataset): csynth against place and route on xczu9eg; power in watts. */
export function readMl4AccelImpl(folder: string): KernelPair[] {
  const { text, where } = unpack(folder, FILES.impl);
  return readCsv(text, where).map(({ fields: r, where: place }) => {
    const c = (key: string) => count(r, key, place);
    return {
      id: r.design,
      kernel: r.kernel,
      task: 'impl',
      before: {
        lut: c('hls_lut'),
        ff: c('hls_ff'),
        dsp: c('hls_dsp'),
        bram18: c('hls_bram18'),
        latency: optionalCount(r.hls_lat_worst) || undefined,
      },
      after: positive({
        lut: c('impl_lut'),
        ff: c('impl_ff'),
        dsp: c('impl_dsp'),
        bram18: 2 * c('impl_ramb36') + c('impl_ramb18'),
        power: c('impl_power_total') / 1e3,
      }),
    };
  });
}

/** ML4Accel: the same designs by several versions of Vitis HLS; pairs from the oldest version of a design to each later one. */
export function readMl4AccelVersions(folder: string): KernelPair[] {
  const { text, where } = unpack(folder, FILES.versions);
  const rows = readCsv(text, where).map(({ fields: r, where: place }) => {
    const c = (key: string) => count(r, key, place);
    return {
      id: r.design_id,
      kernel: r.name,
      version: r.version_vitis_hls,
      lut: c('resources_lut_used'),
      ff: c('resources_ff_used'),
      dsp: c('resources_dsp_used'),
      bram18: c('resources_bram_used'),
      latency: optionalCount(r.latency_worst_cycles),
    };
  });
  const byDesign = groupBy(rows);
  return [...byDesign.values()].flatMap((same) => {
    const [first, ...later] = [...same].sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
    return later
      .filter((r) => r.version !== first.version)
      .map(
        (r): KernelPair => ({
          id: r.id,
          kernel: r.kernel,
          task: `${first.version} to ${r.version}`,
          before: { lut: first.lut, ff: first.ff, dsp: first.dsp, bram18: first.bram18, latency: first.latency || undefined },
          after: positive({ lut: r.lut, ff: r.ff, dsp: r.dsp, bram18: r.bram18, latency: r.latency }),
        }),
      );
  });
}

function groupBy<T extends { id: string }>(rows: readonly T[]): Map<string, T[]> {
  const out = new Map<string, T[]>();
  for (const r of rows) out.set(r.id, [...(out.get(r.id) ?? []), r]);
  return out;
}
