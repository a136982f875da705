import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { readFileChecked, sha256, writeFileAtomic } from '../core/files.js';
import { median } from '../core/statistics.js';
import { VERSION } from '../core/version.js';
import { parseHlsDesign } from './design/hlsDesign.js';
import { COUNT_TARGETS } from './families/familyCounts.js';
import { BUNDLED_FAMILY_MODEL, type FpgaFamilies, isBundledFamilyModel, loadFamilyModel } from './families/familyModelFolder.js';
import { type FamilyPredictor, familyPredictor, measuredRows } from './families/familyPredictor.js';
import { BRAM_UNITS, type BramUnit, bramUnitOf, type FamilySupportRow } from './families/familySupport.js';
import { seededDesign } from './families/seededDesign.js';
import type { FpgaPredictor } from './fpgaPredictor.js';
import { stagedPredictor } from './stages/stagedPredictor.js';
import { type AdaptedStage, adaptStage, STAGE_TARGETS, type StagePair } from './stages/stageModel.js';
import { LATE_STAGES, type LateStage } from './supportLines.js';

const FORMAT_VERSION = 1;
/** Fewest measured designs from which an error is claimed. */
const LEAST_FOR_ERROR = 5;

const Count = z.int().nonnegative();
const Errors = z.record(z.string(), z.number()).nullable();
const Common = {
  formatVersion: z.int(),
  name: z.string().min(1),
  hwcast: z.string(),
  /** of adaptation, yyyy-mm-dd */
  date: z.string(),
  /** of everything else in the file */
  sha256: z.string(),
};
const FamilyAdapterSchema = z.strictObject({
  ...Common,
  kind: z.literal('fpga-family'),
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
const StageAdapterSchema = z.strictObject({
  ...Common,
  kind: z.literal('fpga-stage'),
  from: z.literal('csynth'),
  to: z.enum(LATE_STAGES),
  support: z.array(z.strictObject({ early: StageCountsSchema, late: StageCountsSchema, design: z.unknown() })),
  leaveOneOut: Errors,
});
/** A family of FPGAs after adaptation: the designs that were synthesised for it and the model they belong to. Everything else is computed again when it is read. */
export type FamilyAdapter = z.infer<typeof FamilyAdapterSchema>;
/** A flow after adaptation from csynth to a later stage: its pairs. It belongs to no model: the ratio is learned from the pairs alone. */
export type StageAdapter = z.infer<typeof StageAdapterSchema>;

export interface AdaptedFpgaFamily {
  kind: 'fpga-family';
  adapter: FamilyAdapter;
  predictor: FamilyPredictor;
}
export interface AdaptedFpgaStage {
  kind: 'fpga-stage';
  adapter: StageAdapter;
  stage: AdaptedStage;
  /** a predictor of designs whose later stage follows the pairs */
  over(base: FpgaPredictor): FpgaPredictor;
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
  /** rows that are not filled in are left out */
  support: readonly FamilySupportRow[];
  /** unit of block RAM in the support; by the family's name unless given */
  bram?: BramUnit;
  /** that counted the support; `vsynth` unless given */
  stage?: LateStage;
  /** a loaded model or its folder; the bundled one unless told */
  model?: string | FpgaFamilies;
}
export interface AdaptStageOptions extends Written {
  /** `csynth:vsynth` unless given */
  name?: string;
  to?: LateStage;
  pairs: readonly StagePair[];
}

/**
 * Learns a family of FPGAs from a few designs synthesised for it.
 * @throws HwcastError `bad-input` for an empty support, a design twice, a count that is no whole number from 0 on
 */
export function adaptFpgaFamily(options: AdaptFamilyOptions): AdaptedFpgaFamily {
  const families = typeof options.model === 'object' ? options.model : loadFamilyModel(options.model);
  const { name, bram = bramUnitOf(name), stage = 'vsynth' } = options,
    support = measuredRows(options.support);
  noDuplicates(support.map((s) => s.id));
  const predictor = predictorOf(families, { name, bram, stage }, support);
  const base = options.out ? dirname(resolve(options.out)) : process.cwd();
  const adapter = signed<FamilyAdapter>({
    formatVersion: FORMAT_VERSION,
    kind: 'fpga-family',
    name,
    hwcast: VERSION,
    date: options.date ?? today(),
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
  });
  write(options.out, adapter);
  return { kind: 'fpga-family', adapter, predictor };
}

/**
 * Learns how a flow's later stage follows from csynth, from pairs of counts.
 * @throws HwcastError `bad-input` without a pair, or for a design twice
 */
export function adaptFpgaStage(options: AdaptStageOptions): AdaptedFpgaStage {
  const { pairs, to = 'vsynth' } = options;
  noDuplicates(pairs.map((p) => p.design.id));
  const stage = adaptStage(pairs);
  const adapter = signed<StageAdapter>({
    formatVersion: FORMAT_VERSION,
    kind: 'fpga-stage',
    name: options.name ?? `csynth:${to}`,
    hwcast: VERSION,
    date: options.date ?? today(),
    from: 'csynth',
    to,
    support: pairs.map(({ early, late, design }) => ({ early, late, design })),
    leaveOneOut: leftOut(
      pairs,
      STAGE_TARGETS,
      (p) => p.late,
      (rest, asked) => adaptStage(rest).predict([asked])[0],
    ),
  });
  write(options.out, adapter);
  return stageOf(adapter, stage);
}

/**
 * Reads an adapter of `adaptFpgaFamily` or `adaptFpgaStage`.
 * @param options `model`: folder of the family model in place of the one that the adapter names
 * @throws HwcastError `not-found`, `corrupt` (cut, changed, no adapter), `newer-format`, `bad-input` (the model is not the one it was adapted from)
 */
export function loadFpgaAdapter(path: string, options: { model?: string } = {}): AdaptedFpga {
  const adapter = parseFpgaAdapter(readFileChecked(path, 'adapter').toString(), path);
  if (adapter.kind === 'fpga-stage') {
    const pairs = stagePairsOf(adapter, path);
    return stageOf(adapter, adaptStage(pairs));
  }
  const named = adapter.model.path;
  const folder =
    options.model ?? (named === null ? BUNDLED_FAMILY_MODEL : isAbsolute(named) ? named : join(dirname(resolve(path)), named));
  const families = loadFamilyModel(folder);
  if (families.sha256 !== adapter.model.sha256)
    throw new HwcastError('bad-input', `'${folder}' is not the model that '${adapter.name}' was adapted from`, {
      where: path,
      hint: `hwcast fpga adapt --support ${path} --model FOLDER --out NEW adapts its designs to another model`,
    });
  const support = measuredRows(familySupportOf(adapter, families, path), path);
  return { kind: 'fpga-family', adapter, predictor: predictorOf(families, adapter, support) };
}

/** Text of an adapter file, checked. @throws HwcastError `corrupt`, `newer-format` */
export function parseFpgaAdapter(text: string, where: string): FamilyAdapter | StageAdapter {
  const again = { where, hint: 'run `hwcast fpga adapt` again' };
  let raw: Record<string, unknown>;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new HwcastError('corrupt', 'the adapter is no whole JSON', { ...again, cause });
  }
  if (!isFpgaAdapter(raw)) throw new HwcastError('corrupt', 'not an adapter of an FPGA family or stage', again);
  if (typeof raw.formatVersion === 'number' && raw.formatVersion > FORMAT_VERSION)
    throw new HwcastError('newer-format', `adapter format ${raw.formatVersion} is newer than ${FORMAT_VERSION}`, {
      where,
      hint: 'update hwcast',
    });
  const parsed = (raw.kind === 'fpga-family' ? FamilyAdapterSchema : StageAdapterSchema).safeParse(raw);
  if (!parsed.success) throw new HwcastError('corrupt', `not a whole adapter: ${z.prettifyError(parsed.error)}`, again);
  if (checksum(raw) !== parsed.data.sha256)
    throw new HwcastError('corrupt', 'the adapter is not what was written (sha256 differs)', again);
  return parsed.data;
}

/** Whether a JSON value is meant as an adapter of this module. */
export const isFpgaAdapter = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && /^fpga-(family|stage)$/.test(String((value as { kind?: unknown }).kind));

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

const stageOf = (adapter: StageAdapter, stage: AdaptedStage): AdaptedFpgaStage => ({
  kind: 'fpga-stage',
  adapter,
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
  const predicted = rows.map((row, i) =>
    predict(
      rows.filter((_, j) => j !== i),
      row,
    ),
  );
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

const today = (): string => new Date().toISOString().slice(0, 10);

function checksum(adapter: object): string {
  const { sha256: _, ...content } = adapter as { sha256?: unknown };
  return sha256(JSON.stringify(content));
}

function signed<A extends FamilyAdapter | StageAdapter>(content: Omit<A, 'sha256'>): A {
  const plain = JSON.parse(JSON.stringify(content));
  return { ...plain, sha256: checksum(plain) };
}

function write(out: string | undefined, adapter: object): void {
  if (out) writeFileAtomic(out, `${JSON.stringify(adapter, null, 1)}\n`);
}
