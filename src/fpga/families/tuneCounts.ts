import type { Random } from '../../core/random.js';
import { quantile } from '../../core/statistics.js';
import { SUPPORT_SIZES, type Trial, tuneSettings } from '../../surrogate/head/tuneSettings.js';
import {
  COUNT_SETTINGS,
  type CountTuning,
  chooseRows,
  copiesPrior,
  groupsOf,
  KNOWLEDGE,
  type Knowledge,
  stacked,
} from './adaptCounts.js';
import type { CountTarget } from './familyCounts.js';
import type { HeadRow } from './familyReferences.js';
import type { FittedReferences } from './fitReferences.js';

/** Fewest training families that say how far families are from each other. */
const LEAST_FAMILIES = 3;

/** A training family as if it were new: its designs among the other families. */
interface LeftOutFamily {
  name: string;
  /** its position among the families */
  g: number;
  /** of the group of each design it synthesised */
  groups: string[];
  /** its designs, with their counts on the other families; with part costs of the other families that were fitted without the design's fold */
  rows: Record<Knowledge, HeadRow[]>;
  /** log counts */
  log: number[];
}

function leftOutFamilies({ references, fold, foldCosts }: FittedReferences, target: CountTarget): LeftOutFamily[] {
  const { designs, families } = references;
  return families.map(({ name, mapping }, g) => {
    const on = [...designs.keys()].filter((i) => designs[i].counts[name]);
    return {
      name,
      g,
      groups: on.map((i) => designs[i].group),
      rows: {
        seen: on.map((i) => references.headRow(designs[i].parts, mapping, target, { known: designs[i], without: g })),
        unseen: on.map((i) => references.headRow(designs[i].parts, mapping, target, { costs: foldCosts[fold[i]], without: g })),
      },
      log: on.map((i) => Math.log(Math.max(1, designs[i].counts[name][target]))),
    };
  });
}

/** One way to split the designs of a left-out family: a third of the groups is asked about, of the others `size` designs are measured. */
interface Split {
  size: number;
  knowledge: Knowledge;
  /** measure designs by choice, not at random */
  chosen: boolean;
  families: number;
  target: CountTarget;
}

/** Undefined where the groups that are not asked about have too few designs. */
function trialOf(
  { name, g, groups, rows, log }: LeftOutFamily,
  { size, knowledge, chosen, families, target }: Split,
  random: Random,
): Trial | undefined {
  const { seen } = rows,
    asked = rows[knowledge],
    width = seen[0].x.length;
  const different = random.shuffle([...new Set(groups)]),
    queried = new Set(different.slice(0, Math.ceil(different.length / 3)));
  const query = groups.flatMap((group, row) => (queried.has(group) ? [row] : [])),
    pool = random.shuffle(groups.flatMap((group, row) => (queried.has(group) ? [] : [row])));
  if (pool.length < size) return undefined;
  const poolRows = () => pool.map((row) => seen[row]);
  const support = chosen ? chooseRows(families, poolRows(), size, [], g).map((j) => pool[j]) : pool.slice(0, size);
  const level = support.reduce((sum, row) => sum + (log[row] - seen[row].base) / support.length, 0);
  const stackedOf = (of: readonly HeadRow[], positions: readonly number[]) =>
    stacked(
      positions.map((row) => of[row]),
      width,
    );
  return {
    device: name,
    label: target,
    prior: copiesPrior(families, g),
    X: stackedOf(seen, support),
    noiseScale: Float64Array.from(support, (row) => seen[row].noise),
    values: Float64Array.from(support, (row) => 1 + log[row] - seen[row].base - level),
    Q: stackedOf(asked, query),
    truth: query.map((row) => 1 + log[row] - asked[row].base - level),
  };
}

/**
 * Tunes how much to trust what, on the training families: each is left out in turn and adapted from designs it measured (random and chosen), `unseen` with part costs
 * fitted without the designs asked about.
 */
export function tuneCounts(
  fitted: FittedReferences,
  target: CountTarget,
  random: Random,
  trials = 2,
): Record<Knowledge, CountTuning> {
  const leftOut = leftOutFamilies(fitted, target),
    families = leftOut.length;
  const trialsOf = (size: number, knowledge: Knowledge): Trial[] =>
    leftOut.flatMap((family) => {
      if (family.log.length < 2 * size || families < LEAST_FAMILIES) return [];
      return Array.from({ length: trials }, (_, n) =>
        trialOf(
          family,
          { size, knowledge, chosen: n % 2 === 1, families, target },
          random.fork(`${target} ${knowledge} ${size} ${family.g} ${n}`),
        ),
      ).filter((trial) => trial !== undefined);
    });
  const tuning = (knowledge: Knowledge): CountTuning => ({
    sizes: SUPPORT_SIZES.flatMap((size) => {
      const all = trialsOf(size, knowledge);
      if (!all.length) return [];
      const tuned = tuneSettings(size, all, groupsOf(families), COUNT_SETTINGS);
      return [{ size, logPrior: [...tuned.logPrior], interval: tuned.interval }];
    }),
    prior: withoutMeasurement(leftOut, knowledge),
  });
  return Object.fromEntries(KNOWLEDGE.map((knowledge) => [knowledge, tuning(knowledge)])) as Record<Knowledge, CountTuning>;
}

/** Level of log(count / baseline) over the families, and how far nine in ten designs are from it. */
function withoutMeasurement(leftOut: readonly LeftOutFamily[], knowledge: Knowledge): CountTuning['prior'] {
  const errors = leftOut.map(({ log, rows }) => log.map((v, row) => v - rows[knowledge][row].base));
  const levels = errors.map((e) => e.reduce((a, b) => a + b, 0) / Math.max(1, e.length)),
    level = levels.reduce((a, b) => a + b, 0) / levels.length;
  const half = quantile(
    errors.flat().map((e) => Math.abs(e - level)),
    0.9,
  );
  return { level, half };
}
