import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readCsv } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import { readTextChecked } from '../../core/files.js';
import { jsonLines } from '../../core/textRows.js';
import type { HlsDesign, LabelStage } from '../design/hlsDesign.js';
import { DESIGN_TARGETS } from '../designTargets.js';
import { hls4mlModuleDesign, hlsToolOf, ModuleRowSchema } from '../readers/hls4mlModule.js';
import { hls4mlProjectDesign, type ProjectRow, ProjectRowSchema, type UnknownField } from '../readers/hls4mlProject.js';
import { parseRow } from '../readers/rowText.js';
import { waHls4mlDesign } from '../readers/waHls4mlRow.js';

const FPGA_LABELS = [...DESIGN_TARGETS, 'clockEstNs'] as const;
export type FpgaLabel = (typeof FPGA_LABELS)[number];
/** Measured or reported values; absent where the tool gave none (`undef`). Cycles, 18 Kb blocks, nanoseconds. */
export type FpgaLabels = Partial<Record<FpgaLabel, number>>;

export interface FpgaResources {
  lut?: number;
  ff?: number;
  dsp?: number;
  bram18?: number;
  uram?: number;
}

/** A synthesised design: one row a design and label stage. */
export interface FpgaSourceRow {
  /** wa_hls4ml_dense1, wa_hls4ml_conv2d, wa_hls4ml_dense3, hls4ml_modules, or the repository of an hls4ml project */
  source: string;
  /** unique within source and stage */
  id: string;
  /** rows of one model are near-duplicates: split by it */
  modelId: string;
  /** how the row differs from others of its model, as the source has it */
  variant?: string;
  design: HlsDesign;
  stage: Extract<LabelStage, 'csynth' | 'vsynth'>;
  tool: string | null;
  toolVersion: string | null;
  part: string | null;
  clockNs: number | null;
  /** false: the tool gave up (unroll limit, memory, time); there are no labels */
  success: boolean;
  labels: FpgaLabels;
  available?: FpgaResources;
  /** settings of the design that the source does not record and the reader assumed */
  unknown: UnknownField[];
}

/** A row that describes no design. */
export interface FpgaSourceIssue {
  source: string;
  id: string;
  error: HwcastError;
}

const FILES = [
  'wa_hls4ml_dense1_csynth.csv',
  'wa_hls4ml_conv2d_dense3_vsynth.csv',
  'hls4ml_projects.jsonl',
  'hls4ml_modules.jsonl',
] as const;

/**
 * All designs with labels of a folder of the collected FPGA tables (`wa_hls4ml_*.csv`, `hls4ml_projects.jsonl`, `hls4ml_modules.jsonl`, gzipped or not;
 * those that are there). Units: `bram36_tiles` become 18 Kb blocks. The interval of `wa_hls4ml_conv2d_dense3_vsynth` is the latency repeated, so it is no
 * label. Rows that cannot be read go to `onIssue`; without it a row that lists no layers is left out and anything else is thrown.
 * @throws HwcastError `not-found`, `corrupt`, `bad-input` naming file and row.
 */
export function readFpgaSources(folder: string, options: { onIssue?: (issue: FpgaSourceIssue) => void } = {}): FpgaSourceRow[] {
  const path = Object.fromEntries(FILES.map((f) => [f, [join(folder, `${f}.gz`), join(folder, f)].find(existsSync)])) as Record<
    (typeof FILES)[number],
    string | undefined
  >;
  if (FILES.every((f) => !path[f]))
    throw new HwcastError('not-found', `no FPGA tables in '${folder}'`, { hint: `looked for ${FILES.join(', ')} (or .gz)` });
  const rows: FpgaSourceRow[] = [];
  const guarded = (source: string, id: string, read: () => FpgaSourceRow[]): void => {
    try {
      rows.push(...read());
    } catch (error) {
      if (!(error instanceof HwcastError) || (!options.onIssue && error.code !== 'unsupported')) throw error;
      options.onIssue?.({ source, id, error });
    }
  };
  for (const table of [path[FILES[0]], path[FILES[1]]])
    for (const { row, where } of table ? csvRows(table) : [])
      guarded('wa_hls4ml', row.model_id ?? '?', () => [waRow(row, where)]);

  const projects = jsonRows(path[FILES[2]]);
  const modules = jsonRows(path[FILES[3]]);
  const modulesOf = new Map<unknown, string[]>();
  for (const { row } of modules) {
    const { project, module } = row as { project?: unknown; module?: unknown };
    if (typeof module === 'string') modulesOf.set(project, [...(modulesOf.get(project) ?? []), module]);
  }
  const projectOf = new Map(projects.map(({ row }) => [(row as { id?: unknown }).id, row as ProjectRow]));
  for (const { row, where } of projects) {
    const { id, source } = row as { id?: unknown; source?: unknown };
    guarded(String(source), String(id), () => projectRows(row, where, modulesOf.get(id)));
  }
  for (const { row, where } of modules) {
    const { project, module } = row as { project?: unknown; module?: unknown };
    guarded('hls4ml_modules', `${project}#${module}`, () => [moduleRow(row, where, projectOf.get(project))]);
  }
  return rows;
}

const csvRows = (path: string): { row: Record<string, string>; where: string }[] =>
  readCsv(readTextChecked(path), path).map(({ fields, where }) => ({ row: fields, where }));

const jsonRows = (path: string | undefined): { row: unknown; where: string }[] =>
  path ? jsonLines(readTextChecked(path), path).map(({ fields, where }) => ({ row: fields, where })) : [];

const Value = z.union([z.literal('').transform(() => undefined), z.coerce.number().nonnegative()]).optional();
const WaLabels = z.object({
  synth_success: z.enum(['0', '1']).optional(),
  clock_target_ns: Value,
  clock_est_ns: Value,
  lat_min: Value,
  lat_max: Value,
  ii_min: Value,
  ii_max: Value,
  lut: Value,
  ff: Value,
  dsp: Value,
  bram18: Value,
  bram36_tiles: Value,
  uram: Value,
});

const defined = <T extends object>(fields: { [K in keyof T]: T[K] | null }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined && v !== null)) as T;

export function waRow(row: Record<string, string>, where: string): FpgaSourceRow {
  const design = waHls4mlDesign(row, { where });
  const family = row.family as string | undefined;
  const values = parseRow(WaLabels, row, 'a row of wa-hls4ml', where);
  const success = values.synth_success !== '0';
  const labels: FpgaLabels = defined({
    lut: values.lut,
    ff: values.ff,
    dsp: values.dsp,
    bram18: values.bram18 ?? (values.bram36_tiles === undefined ? undefined : 2 * values.bram36_tiles),
    uram: values.uram,
    cycles_min: values.lat_min,
    cycles: values.lat_max,
    ...(family ? {} : { ii_min: values.ii_min, ii: values.ii_max }),
    clockEstNs: values.clock_est_ns,
  });
  if (success && labels.lut === undefined) throw new HwcastError('bad-input', 'a successful synthesis without LUTs', { where });
  return {
    source: `wa_hls4ml_${family ?? 'dense1'}`,
    id: design.id,
    modelId: row.model_id,
    design,
    stage: family ? 'vsynth' : 'csynth',
    tool: design.tool ?? null,
    toolVersion: design.toolVersion ?? null,
    part: design.part ?? null,
    clockNs: values.clock_target_ns ?? null,
    success,
    labels: success ? labels : {},
    unknown: family === 'conv2d' ? ['kernel'] : [],
  };
}

const Number0 = z.number().nonnegative().nullish();
const Csynth = z.object({
  clock_est_ns: Number0,
  lat_min: Number0,
  lat_max: Number0,
  ii_min: Number0,
  ii_max: Number0,
  lut: Number0,
  ff: Number0,
  dsp: Number0,
  bram18: Number0,
  uram: Number0,
});
const Available = z.object({ lut: Number0, ff: Number0, dsp: Number0, bram18: Number0, uram: Number0 });
const ProjectLabels = z.object({
  csynth: Csynth.nullish(),
  available: Available.nullish(),
  vsynth: z
    .object({
      lut: Number0,
      ff: Number0,
      dsp: Number0,
      bram18: Number0,
      bram36_tiles: Number0,
      uram: Number0,
      vivado_version: z.string().nullish(),
      device: z.string().nullish(),
    })
    .nullish(),
});

const csynthLabels = (c: z.infer<typeof Csynth>): FpgaLabels =>
  defined({
    lut: c.lut,
    ff: c.ff,
    dsp: c.dsp,
    bram18: c.bram18,
    uram: c.uram,
    cycles_min: c.lat_min,
    cycles: c.lat_max,
    ii_min: c.ii_min,
    ii: c.ii_max,
    clockEstNs: c.clock_est_ns,
  });

function projectRows(row: unknown, where: string, modules?: readonly string[]): FpgaSourceRow[] {
  const unknown: UnknownField[] = [];
  const design = hls4mlProjectDesign(row, { where, modules, unknown });
  const project = parseRow(ProjectRowSchema, row, 'a row of hls4ml projects', where);
  const values = parseRow(ProjectLabels, row, 'a row of hls4ml projects', where);
  const shared = {
    source: project.source,
    id: project.id,
    modelId: project.model_id,
    ...(project.variant ? { variant: project.variant } : {}),
    design,
    part: project.part ?? null,
    clockNs: project.clock_target_ns ?? null,
    success: true,
    ...(values.available ? { available: defined<FpgaResources>(values.available) } : {}),
    unknown,
  };
  const rows: FpgaSourceRow[] = [];
  if (values.csynth)
    rows.push({
      ...shared,
      stage: 'csynth',
      tool: project.tool ?? null,
      toolVersion: project.tool_version ?? null,
      labels: csynthLabels(values.csynth),
    });
  if (values.vsynth) {
    const { lut, ff, dsp, bram18, bram36_tiles, uram, vivado_version } = values.vsynth;
    rows.push({
      ...shared,
      stage: 'vsynth',
      tool: 'vivado',
      toolVersion: vivado_version ?? null,
      labels: defined({ lut, ff, dsp, bram18: typeof bram36_tiles === 'number' ? 2 * bram36_tiles : bram18, uram }),
    });
  }
  return rows;
}

function moduleRow(row: unknown, where: string, project?: ProjectRow): FpgaSourceRow {
  const design = hls4mlModuleDesign(row, {
    where,
    structs: project?.layers,
    ioType: project?.io_type,
    reuseFactor: project?.reuse_factor,
    strategy: project?.strategy,
  });
  if (project?.variant?.startsWith('LUT')) design.multipliers = 'lut';
  const module = parseRow(ModuleRowSchema, row, 'a row of hls4ml modules', where);
  const { csynth } = parseRow(ProjectLabels, row, 'a row of hls4ml modules', where);
  return {
    source: 'hls4ml_modules',
    id: design.id,
    modelId: module.model_id,
    ...(project?.variant ? { variant: project.variant } : {}),
    design,
    stage: 'csynth',
    tool: hlsToolOf(module.tool_version ?? ''),
    toolVersion: module.tool_version ?? null,
    part: module.part ?? null,
    clockNs: module.clock_target_ns ?? null,
    success: true,
    labels: csynth ? csynthLabels(csynth) : {},
    unknown: [],
  };
}
