import { kept } from '../../core/kept.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { unmodelledTool } from '../design/modelledTool.js';
import { CALIBRATED, type Calibrated, iiOf, type ResidualModel } from './residualModel.js';
import type { PreparedRow } from './residualRow.js';
import { costlyKinds } from './seenKinds.js';

/** Share that the intervals are to cover. */
const COVERAGE = 0.9;
/** How much wider an interval is where a kind was seen with another tool only, or with the other io type only; or only kinds that work alike (`ALIKE`). */
const OTHER_TOOL = 1.5,
  OTHER_IO = 2,
  OTHER_KIND = 3;
/** ... and its least half width in logs. */
const ELSEWHERE = 0.2;
/** ... and the most that it is made wider to: a factor of five says that little is known. */
const MOST = Math.log(5);

const keyOf = (stage: string, tool: string, kind: string): string => `kind:${stage}/${tool}/${kind}`;
/** Vivado HLS and Vitis HLS build the same design in other ways, their versions in nearly the same but for the first of Vitis HLS. */
const toolOf = ({ tool, toolVersion }: HlsDesign): string =>
  tool === 'vitis_hls' && toolVersion?.startsWith('2020') ? 'vitis_hls 2020' : (tool ?? 'unknown');

/** Strata of the layers of a whole design: one for each kind of layer, io type and tool. */
export const kindStrata = (design: HlsDesign, stage: string): string[] =>
  costlyKinds(design).map((kind) => keyOf(stage, toolOf(design), kind));

/**
 * Half widths of the rules by kind of layer, io type, tool and stage, from whole designs that were not learned from: those of every design that has such a layer. A group (a model, in
 * whatever versions) counts by its largest error; of fewer than nine groups the largest, more by as much as the next one may exceed it.
 */
export function kindCalibration(rows: readonly PreparedRow[]): ResidualModel['calibration'] {
  const byStratum = new Map<string, Map<string, PreparedRow[]>>();
  for (const row of rows) {
    if (row.topLevel === false) continue;
    for (const stratum of kindStrata(row.design, row.stage))
      kept(
        kept(byStratum, stratum, () => new Map<string, PreparedRow[]>()),
        row.group,
        () => [] as PreparedRow[],
      ).push(row);
  }
  const out: ResidualModel['calibration'] = {};
  for (const stratum of [...byStratum.keys()].sort())
    CALIBRATED.forEach((target, t) => {
      const errors = [...byStratum.get(stratum)!.values()].flatMap((of) => {
        const each = of.flatMap((row) => errorOf(row, target, t));
        return each.length ? [Math.max(...each)] : [];
      });
      if (!errors.length) return;
      const least = errors.length < 9 && (target === 'lut' || target === 'ff') ? LEAST : 0;
      const halfWidth = Math.max(least, widthOf(errors));
      const counted = { rows: [...byStratum.get(stratum)!.values()].flat().length, groups: errors.length };
      out[stratum] = {
        ...out[stratum],
        [target]: { trust: 0, halfWidth, ruleHalfWidth: halfWidth, ...counted, analytical: 100, learned: 100 },
      };
    });
  return out;
}

/** |log| of what the rule is off, if the tool gave a number. */
function errorOf(row: PreparedRow, target: Calibrated, t: number): number[] {
  const label = target === 'ii' ? row.labels.ii : row.targets[t];
  if (label === undefined || Number.isNaN(label)) return [];
  const rule = target === 'ii' ? iiOf(row.analysis) : row.features.totals[t];
  return [Math.abs(Math.log((label + 1) / (rule + 1)))];
}

/** Least half width of LUT and FF of kinds with fewer than nine groups: their rules were read off the same designs. Constants of one kind differ by as much between tools (pools, sigmoid). */
const LEAST = 0.2;

/** Quantile of split conformal prediction where there are groups enough for one. */
function widthOf(errors: readonly number[]): number {
  const sorted = [...errors].sort((a, b) => a - b),
    n = sorted.length,
    rank = Math.ceil(COVERAGE * (n + 1));
  return rank <= n ? sorted[rank - 1] : sorted[n - 1] * (1 + 1 / n);
}

/** Kinds of layers that work alike: values one by one, windows that are multiplied, windows that are compared or added. */
const ALIKE = [/^(activation \w+|batch_norm|merge)$/, /^(depthwise_)?conv\dd( in memory)?$/, /^(global_)?(max|avg)_pool$/];

/** Another tool that has such a layer, then the other io type, then a kind that works alike. */
function nearest(
  calibration: ResidualModel['calibration'],
  stage: string,
  tool: string,
  kind: string,
): { key: string; wider: number } | undefined {
  const key = keyOf(stage, tool, kind);
  if (calibration[key]) return { key, wider: 1 };
  const bare = kind.replace(/^io_\w+ /, '');
  const find = (fits: (other: string) => boolean) =>
    Object.keys(calibration).find((name) => name.startsWith(`kind:${stage}/`) && fits(name));
  const ofTool = find((name) => name.endsWith(`/${kind}`));
  if (ofTool) return { key: ofTool, wider: OTHER_TOOL };
  const ofIo = find((name) => name.endsWith(` ${bare}`));
  if (ofIo) return { key: ofIo, wider: OTHER_IO };
  const alike = ALIKE.find((kinds) => kinds.test(bare)),
    ofAlike = alike && find((name) => alike.test(name.replace(/^.*?\/.*?\/io_\w+ /, '')));
  return ofAlike ? { key: ofAlike, wider: OTHER_KIND } : undefined;
}

/** What is known of a design by its kinds of layers. */
export interface KindsFound {
  halfWidth: number;
  /** kinds seen with another tool or io type only, or of which only others were seen that work alike */
  elsewhere: string[];
  /** strata that tell */
  strata: string[];
}

/** The widest half width of the kinds of layers of a design; undefined where one of them was seen nowhere. */
export function kindsFound(
  { calibration }: Pick<ResidualModel, 'calibration'>,
  design: HlsDesign,
  stage: string,
  target: Calibrated,
): KindsFound | undefined {
  const found: KindsFound = { halfWidth: 0, elsewhere: [], strata: [] };
  const kinds = costlyKinds(design);
  if (unmodelledTool(design)) return undefined;
  for (const kind of kinds) {
    const near = nearest(calibration, stage, toolOf(design), kind),
      width = near && calibration[near.key]?.[target]?.halfWidth;
    if (!near || width === undefined) return undefined;
    if (near.wider > 1) found.elsewhere.push(kind);
    found.strata.push(near.key);
    found.halfWidth = Math.max(
      found.halfWidth,
      near.wider > 1 ? Math.max(width, Math.min(MOST, Math.max(ELSEWHERE, near.wider * width))) : width,
    );
  }
  return kinds.length ? found : undefined;
}
