import { existsSync } from 'node:fs';
import { HwcastError } from '../../core/errors.js';
import { kept } from '../../core/kept.js';
import { createRandom, type Random } from '../../core/random.js';
import { readYosysFpga } from '../../fpga/data/yosysFpga.js';
import { FAMILY_TARGETS, type FamilyTarget } from '../../fpga/families/familyCounts.js';
import type { FamilyDesign, FamilyModel, FamilyRow } from '../../fpga/families/familyModel.js';
import { designGroup, trainFamilyModel } from '../../fpga/families/trainFamilyModel.js';
import { type DatapathParts, datapathParts } from '../../fpga/synth/datapathParts.js';
import type { Target } from '../../graph/targets.js';
import { familyBaselines } from '../baselines/familyBaselines.js';
import type { Answers, CaseGroup, CaseMethod, EvaluationCase } from '../evaluationCase.js';
import { ADAPTED_COUNT_SCORING, type Answer } from '../scoring.js';
import type { Protocol } from './protocol.js';

export interface FamilyOptions {
  /** measured designs of the left-out family */
  sizes?: readonly number[];
  draws?: number;
  /** folds of designs that no training family has, for the setting `unseen`: two or more, or 0, which leaves the setting out */
  unseenFolds?: number;
  /** families to leave out; all unless given */
  families?: readonly string[];
  seed?: number;
  onProgress?(done: number, total: number, what: string): void;
}

/** What is known of the designs asked about. */
export const FAMILY_SETTINGS = ['seen', 'unseen'] as const;
export type FamilySetting = (typeof FAMILY_SETTINGS)[number];
/** The task of rows in a setting. */
export const familyTask = (setting: FamilySetting): string => `family left out, ${setting}`;
/** The target of rows: block RAM stands in the column of other protocols, in the family's own blocks. */
export const familyRowTarget = (target: FamilyTarget): Target => (target === 'bram' ? 'bram18' : target);
/** What the method itself is called in rows. */
export const FAMILY_METHOD = 'family model';

/** Share of the groups of designs that a draw asks about. */
const QUERY_SHARE = 1 / 3;

/**
 * Leave one family out: train on the others, measure k designs on it, predict its other designs.
 *
 * Setting `seen`: the designs asked about were synthesised for the training families, not for the family left out. Setting `unseen`: for no family at
 * all (the model is trained without them); the measured ones are known to the training families in both. Designs of the same layer shapes (other
 * reuse factor, bits, zeros) are never both measured and asked about. `random` and `chosen` (by `FamilyModel.choose`, from the same candidates) are
 * scored on the same designs.
 * @throws HwcastError `bad-input` for fewer than four families, `usage` for one fold
 */
export function familyGroup(rows: readonly FamilyRow[], options: FamilyOptions = {}): CaseGroup {
  const all = [...new Set(rows.map((r) => r.family))],
    { unseenFolds = 2 } = options;
  if (all.length < 4)
    throw new HwcastError('bad-input', `${all.length} families: leaving one out needs four or more`, {
      hint: `found ${all.join(', ')}`,
    });
  if (unseenFolds !== 0 && unseenFolds < 2)
    throw new HwcastError('usage', `${unseenFolds} folds of unseen designs`, { hint: 'two or more, or 0 for none' });
  return { cases: familyCases(rows, { ...options, unseenFolds, families: options.families ?? all }), across: 'mean' };
}

function* familyCases(
  rows: readonly FamilyRow[],
  options: FamilyOptions & { unseenFolds: number; families: readonly string[] },
): Generator<EvaluationCase<FamilyRow>> {
  const { families, sizes = [0, 5, 10, 20, 50], draws = 10, unseenFolds, seed = 0, onProgress = () => {} } = options;
  const random = createRandom(seed).fork('family transfer'),
    cache = new Map<string, DatapathParts>();
  const parts = (d: FamilyDesign): DatapathParts => kept(cache, d.id, () => datapathParts(d.design, d.seed));
  const total = families.length * (1 + unseenFolds);
  let done = 0;
  for (const family of families) {
    const own = rows.filter((r) => r.family === family),
      others = rows.filter((r) => r.family !== family);
    const groups = [...new Set(own.map((r) => designGroup(r.design)))];
    yield familyCase(trainFamilyModel(others, { random: random.fork(`train ${family}`), parts }), own, {
      ...{ family, setting: 'seen', sizes, draws },
      asked(draw) {
        const ofDraw = random.fork(`${family} ${draw}`);
        const queried = new Set(ofDraw.shuffle([...groups]).slice(0, Math.ceil(groups.length * QUERY_SHARE)));
        return { queried, random: ofDraw };
      },
    });
    onProgress(++done, total, family);
    const order = random.fork(`folds ${family}`).shuffle([...groups]);
    for (let fold = 0; fold < unseenFolds; fold++) {
      const queried = new Set(order.filter((_, i) => i % unseenFolds === fold)),
        known = others.filter((o) => !queried.has(designGroup(o.design)));
      yield familyCase(trainFamilyModel(known, { random: random.fork(`train ${family} ${fold}`), parts }), own, {
        ...{ family, setting: 'unseen', sizes, draws: Math.ceil(draws / unseenFolds) },
        asked: (draw) => ({ queried, random: random.fork(`${family} ${fold} ${draw}`) }),
      });
      onProgress(++done, total, `${family}, designs unseen`);
    }
  }
}

/** One trained model and the designs of the family that it did not see. */
function familyCase(
  model: FamilyModel,
  own: readonly FamilyRow[],
  options: {
    family: string;
    setting: FamilySetting;
    sizes: readonly number[];
    draws: number;
    /** groups of designs that a draw asks about, and the random numbers that order the rest */
    asked(draw: number): { queried: ReadonlySet<string>; random: Random };
  },
): EvaluationCase<FamilyRow> {
  const { family, setting, sizes, draws, asked } = options,
    methods = familyMethods(model);
  return {
    place: { protocol: 'fpga', space: 'yosys-fpga', task: familyTask(setting), device: family },
    targets: FAMILY_TARGETS.map(familyRowTarget),
    sizes,
    selections: ['random', 'chosen'],
    draws: () => draws,
    *parts(draw) {
      const { queried, random } = asked(draw);
      const candidates = random.shuffle(own.filter((r) => !queried.has(designGroup(r.design)))),
        query = own.filter((r) => queried.has(designGroup(r.design)));
      yield {
        methods,
        candidates: (k) => (k > candidates.length ? undefined : candidates),
        choose: (some, k) => model.choose(some, k).map((i) => some[i]),
        query: () => query,
      };
    },
    truth: (row, target) => row.counts[FAMILY_TARGETS.find((t) => familyRowTarget(t) === target)!],
    scoring: ADAPTED_COUNT_SCORING,
  };
}

function familyMethods(model: FamilyModel): CaseMethod<FamilyRow>[] {
  const answers = (value: (target: FamilyTarget) => Answer[]): Answers =>
    Object.fromEntries(FAMILY_TARGETS.map((target) => [familyRowTarget(target), value(target)]));
  return [
    {
      name: FAMILY_METHOD,
      answer(support, query) {
        const predictions = model.adapt(support).predict(query);
        return answers((target) => predictions.map((p) => p[target]));
      },
    },
    ...familyBaselines(model).map(
      ({ name, least, predict }): CaseMethod<FamilyRow> => ({
        name,
        least,
        answer(support, query) {
          const predictions = predict(support, query);
          return answers((target) => predictions.map((p) => ({ value: p[target] })));
        },
      }),
    ),
  ];
}

/** One FPGA family left out, from the embedded rows unless told. */
export const fpgaFamily: Protocol = {
  name: 'fpga',
  part: 'family',
  report: 'counts',
  async *groups({ dataset = 'datasets/yosys-fpga', k, draws, seed, onProgress }) {
    if (!existsSync(dataset))
      throw new HwcastError('not-found', `no rows of FPGA families in '${dataset}'`, { hint: '--dataset FOLDER' });
    yield familyGroup(readYosysFpga(dataset), {
      sizes: [...new Set([0, ...k])],
      draws,
      seed,
      onProgress: (n, total, what) => onProgress?.(`  ${n} of ${total}: ${what}`),
    });
  },
};
