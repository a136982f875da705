import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, readTextChecked } from '../core/files.js';
import { leaveOneOut } from '../core/leaveOneOut.js';
import { median } from '../core/statistics.js';
import {
  type AdapterFile,
  type AdapterKind,
  namesKind,
  parseAdapter,
  sealAdapter,
  writeAdapter,
} from '../surrogate/adapterFile.js';
import { parseHlsDesign } from './design/hlsDesign.js';
import { COUNT_TARGETS } from './families/familyCounts.js';
import { BUNDLED_FAMILY_MODEL, type FpgaFamilies, isBundledFamilyModel, loadFamilyModel } from './families/familyModelFolder.js';
import { type FamilyPredictor, familyPredictor, measuredRows } from './families/familyPredictor.js';
import { BRAM_UNITS, type BramUnit, bramUnitOf, type FamilySupportRow, parseFamilySupport } from './families/familySupport.js';
import { seededDesign } from './families/seededDesign.js';
import type { DesignPredictor } from './fpgaPredictor.js';
import { stagedPredictor } from './stages/stagedPredictor.js';
import { type AdaptedStage, adaptStage, STAGE_TARGETS, type StagePair } from './stages/stageModel.js';
import { parseStageSupport } from './stages/stageSupport.js';
import { LATE_STAGES, type LateStage } from './supportLines.js';

/** Fewest measured designs from which an error is claimed. */
const LEAST_FOR_ERROR = 5;

const Count = z.int().nonnegative();
const Errors = z.record(z.string(), z.number()).nullable();
const FamilyFields = z.object({
  name: z.string().min(1),
  /** path relative to the adapter's folder, null for the bundled model; sha256 of its config.json */
  model: z.strictObject({ path: z.string().nullable(), sha256: z.string() }),
  bram: z.enum(BRAM_UNITS),
  stage: z.enum(LATE_STAGES),
  support: z.array(
    z.strictObject({
      seed: z.int(),
      counts: z.strictObject({ lut: Count, ff: Count, dsp: Count, bram: Count, adders: Count.optional() }),
      design: z.unknown(),
    }),
  ),
  /** median relative error of LUT and FF, each design predicted from the others; null below five */
  leaveOneOut: Errors,
});
const StageCountsSchema = z.strictObject({ lut: Count, ff: Count, dsp: Count, bram18: Count });
const StageFields = z.object({
  name: z.string().min(1),
  from: z.literal('csynth'),
  to: z.enum(LATE_STAGES),
  support: z.array(z.strictObject({ early: StageCountsSchema, late: StageCountsSchema, design: z.unknown() })),
  leaveOneOut: Errors,
});
const FAMILY = {
  kind: 'fpga-family',
  what: 'adapter of an FPGA family',
  command: 'hwcast fpga adapt',
  fields: FamilyFields,
} satisfies AdapterKind<z.infer<typeof FamilyFields>>;
const STAGE = {
  kind: 'fpga-stage',
  what: 'adapter of an FPGA stage',
  command: 'hwcast fpga adapt',
  fields: StageFields,
} satisfies AdapterKind<z.infer<typeof StageFields>>;
/** A family of FPGAs after adaptation: the designs that were synthesised for it and the model they belong to. Everything else is computed again when it is read. */
export type FamilyAdapter = AdapterFile<z.infer<typeof FamilyFields>> & { kind: 'fpga-family' };
/** A flow after adaptation from csynth to a later stage: its pairs. It belongs to no model: the ratio is learned from the pairs alone. */
export type StageAdapter = AdapterFile<z.infer<typeof StageFields>> & { kind: 'fpga-stage' };

/** What is known of the error of an adapter without synthesising more. */
export interface FpgaAdapterMetrics {
  /** designs that were synthesised */
  measurements: number;
  /** median relative error by target, each design predicted from the others; null below five designs */
  leaveOneOut: Record<string, number> | null;
}

export interface AdaptedFpgaFamily {
  kind: 'fpga-family';
  adapter: FamilyAdapter;
  metrics: FpgaAdapterMetrics;
  predictor: FamilyPredictor;
}
export interface AdaptedFpgaStage {
  kind: 'fpga-stage';
  adapter: StageAdapter;
  metrics: FpgaAdapterMetrics;
  stage: AdaptedStage;
  /** a predictor of designs whose later stage follows the pairs */
  over(base: DesignPredictor): DesignPredictor;
}
export type AdaptedFpga = AdaptedFpgaFamily | AdaptedFpgaStage;

interface Written {
  /** adapter file to write */
  out?: string;
  /** of the adaptation, yyyy-mm-dd; today unless given */
  date?: string;
}
export interface AdaptFamilyOptions extends Written {
  /** name of the new family */
  name: string;
  /** designs and their counts, or a support file (CSV or JSON lines); rows that are not filled in are left out */
  support: string | readonly FamilySupportRow[];
  /** unit of block RAM in the support; as the support file says or by the family's name unless given */
  bram?: BramUnit;
  /** that counted the support; as the support file says or `vsynth` unless given */
  stage?: LateStage;
  /** a loaded model or its folder; the bundled one unless told */
  model?: string | FpgaFamilies;
}
export interface AdaptStageOptions extends Written {
  /** `csynth:vsynth` unless given */
  name?: string;
  to?: LateStage;
  /** counts of both stages, or a support file (JSON lines); its rows without the counts of a stage are left out */
  pairs: string | readonly StagePair[];
}

/**
 * Learns a family of FPGAs from a few designs synthesised for it.
 * @throws HwcastError `bad-input` for an empty support, a design twice, a count that is no whole number from 0 on; those of `parseFamilySupport` and `loadFamilyModel`
 */
export async function adaptFpgaFamily(options: AdaptFamilyOptions): Promise<AdaptedFpgaFamily> {
  const families = typeof options.model === 'object' ? options.model : await loadFamilyModel(options.model);
  const { name } = options,
    file = typeof options.support === 'string' ? options.support : undefined;
  const given: Pick<AdaptFamilyOptions, 'bram' | 'stage'> & { rows: readonly FamilySupportRow[] } =
    typeof options.support === 'string'
      ? parseFamilySupport(supportText(options.support), options.support, families.designs)
      : { rows: options.support };
  const bram = options.bram ?? given.bram ?? bramUnitOf(name),
    stage = options.stage ?? given.stage ?? 'vsynth',
    support = measuredRows(given.rows, file);
  noDuplicates(support.map((s) => s.id));
  const predictor = predictorOf(families, { name, bram, stage }, support);
  const base = options.out ? dirname(resolve(options.out)) : process.cwd();
  const fields: z.infer<typeof FamilyFields> = {
    name,
    model: {
      path: isBundledFamilyModel(families.folder) ? null : relative(base, resolve(families.folder)) || '.',
      sha256: families.sha256,
    },
    bram,
    stage,
    support: support.map(({ seed, counts: { lut, ff, dsp, bram: blocks, adders }, design }) => ({
      seed,
      counts: { lut, ff, dsp, bram: blocks, ...(adders === undefined ? {} : { adders }) },
      design,
    })),
    leaveOneOut: leftOut(
      support,
      COUNT_TARGETS,
      (s) => s.counts,
      (rest, asked) => families.model.adapt(rest).predict([asked])[0],
    ),
  };
  const adapter = sealAdapter(FAMILY, fields, options.date) as FamilyAdapter;
  if (options.out) writeAdapter(options.out, adapter);
  return { kind: 'fpga-family', adapter, metrics: metricsOf(adapter), predictor };
}

/**
 * Learns how a flow's later stage follows from csynth, from pairs of counts.
 * @throws HwcastError `bad-input` without a pair, or for a design twice; those of `parseStageSupport`
 */
export async function adaptFpgaStage(options: AdaptStageOptions): Promise<AdaptedFpgaStage> {
  const { to = 'vsynth' } = options;
  const pairs =
    typeof options.pairs === 'string' ? parseStageSupport(supportText(options.pairs), options.pairs, to).pairs : options.pairs;
  noDuplicates(pairs.map((p) => p.design.id));
  const stage = adaptStage(pairs);
  const fields: z.infer<typeof StageFields> = {
    name: options.name ?? `csynth:${to}`,
    from: 'csynth',
    to,
    support: pairs.map(({ early, late, design }) => ({ early, late, design })),
    leaveOneOut: leftOut(
      pairs,
      STAGE_TARGETS,
      (p) => p.late,
      (rest, asked) => adaptStage(rest).predict([asked])[0],
    ),
  };
  const adapter = sealAdapter(STAGE, fields, options.date) as StageAdapter;
  if (options.out) writeAdapter(options.out, adapter);
  return stageOf(adapter, stage);
}

/**
 * Reads an adapter of `adaptFpgaFamily` or `adaptFpgaStage`.
 * @param options `model`: folder of the family model in place of the one that the adapter names
 * @throws HwcastError `not-found`, `corrupt` (cut, changed, no adapter), `newer-format`, `bad-input` (the model is not the one it was adapted from)
 */
export async function loadFpgaAdapter(path: string, options: { model?: string } = {}): Promise<AdaptedFpga> {
  const adapter = parseFpgaAdapter(readFileChecked(path, 'adapter').toString(), path);
  if (adapter.kind === 'fpga-stage') {
    const pairs = stagePairsOf(adapter, path);
    return stageOf(adapter, adaptStage(pairs));
  }
  const named = adapter.model.path;
  const folder =
    options.model ?? (named === null ? BUNDLED_FAMILY_MODEL : isAbsolute(named) ? named : join(dirname(resolve(path)), named));
  const families = await loadFamilyModel(folder);
  if (families.sha256 !== adapter.model.sha256)
    throw new HwcastError('bad-input', `'${folder}' is not the model that '${adapter.name}' was adapted from`, {
      where: path,
      hint: `hwcast fpga adapt --support ${path} --model FOLDER --out NEW adapts its designs to another model`,
    });
  const support = measuredRows(familySupportOf(adapter, families, path), path);
  return { kind: 'fpga-family', adapter, metrics: metricsOf(adapter), predictor: predictorOf(families, adapter, support) };
}

/** Text of an adapter file, checked. @throws HwcastError `corrupt`, `newer-format` */
export const parseFpgaAdapter = (text: string, where: string): FamilyAdapter | StageAdapter =>
  parseAdapter<object>(text, where, [FAMILY, STAGE]) as FamilyAdapter | StageAdapter;

/** Whether a JSON value is meant as an adapter of this module. */
export const isFpgaAdapter = (value: unknown): value is Record<string, unknown> => namesKind(value, [FAMILY, STAGE]);

/** The measured designs of an adapter, to adapt another model to. */
export const familySupportOf = (
  { support }: FamilyAdapter,
  { designs }: Pick<FpgaFamilies, 'designs'>,
  where: string,
): FamilySupportRow[] =>
  support.map(({ seed, counts, design }) => ({ ...seededDesign(designs, parseHlsDesign(design, where), seed), counts }));

/** The pairs of an adapter. */
export const stagePairsOf = ({ support }: StageAdapter, where: string): StagePair[] =>
  support.map(({ design, early, late }) => ({ design: parseHlsDesign(design, where), early, late }));

const supportText = (path: string): string => readTextChecked(path, 'support file');

const metricsOf = ({ support, leaveOneOut }: FamilyAdapter | StageAdapter): FpgaAdapterMetrics => ({
  measurements: support.length,
  leaveOneOut,
});

const stageOf = (adapter: StageAdapter, stage: AdaptedStage): AdaptedFpgaStage => ({
  kind: 'fpga-stage',
  adapter,
  metrics: metricsOf(adapter),
  stage,
  over: (base) => stagedPredictor(base, stage, { to: adapter.to, pairs: adapter.support.length }),
});

const predictorOf = (
  { model, designs }: FpgaFamilies,
  { name, bram, stage }: Pick<FamilyAdapter, 'name' | 'bram' | 'stage'>,
  measured: ReturnType<typeof measuredRows>,
): FamilyPredictor =>
  familyPredictor({ name, adapted: model.adapt(measured), model, designs, measured, bram, stage, provenance: 'adapted' });

function noDuplicates(ids: readonly string[]): void {
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined)
    throw new HwcastError('bad-input', `design '${twice}' stands twice in the support`, { hint: 'give each design once' });
}

/** Median relative error of each row predicted from the others, of targets that are not all 0; null where there are too few rows to claim one. */
function leftOut<T, K extends string>(
  rows: readonly T[],
  targets: readonly K[],
  truth: (row: T) => Record<K, number>,
  predict: (rest: T[], asked: T) => Record<K, { value: number }>,
): Record<string, number> | null {
  if (rows.length < LEAST_FOR_ERROR) return null;
  const predicted = leaveOneOut(rows, predict);
  return Object.fromEntries(
    targets.flatMap((t) => {
      const errors = rows.flatMap((row, i) => {
        const count = truth(row)[t];
        return count > 0 ? [Math.abs(predicted[i][t].value / count - 1)] : [];
      });
      return errors.length ? [[t, median(errors)]] : [];
    }),
  );
}
