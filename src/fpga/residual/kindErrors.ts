import { kept } from '../../core/kept.js';
import type { HlsDesign, HlsLayer } from '../design/hlsDesign.js';
import { analyseDesign, hls4mlVersionOf } from '../rules/analyseDesign.js';
import { fpgaLayerFeatures, RESIDUAL_TARGETS } from './layerFeatures.js';
import { type Calibrated, iiOf } from './residualModel.js';
import type { PreparedRow } from './residualRow.js';
import { costlyKind } from './seenKinds.js';

/** What a layer has of a target; of intervals nothing adds up. */
export const PART_OF: Partial<Record<Calibrated, 'lut' | 'ff' | 'dsp' | 'bram18' | 'latencyMax'>> = {
  lut: 'lut',
  ff: 'ff',
  dsp: 'dsp',
  bram18: 'bram18',
  lat: 'latencyMax',
};

/** What a group (a model, in whatever versions) tells of a kind: its largest error, as |log|, and what the kind has of the target in its designs, over what the kind with most has, 0 to 1. */
export interface GroupError {
  error: number;
  share: number;
}

/** Rows of one kind by group, and which of their layers are of it. */
export interface KindRows {
  groups: ReadonlyMap<string, readonly PreparedRow[]>;
  isOf: (design: HlsDesign, layer: HlsLayer) => boolean;
}

/** Errors of the rules. */
export const groupErrors = (of: KindRows, target: Calibrated): GroupError[] =>
  errorsOf(of, target, (row) => errorOf(row, target));

/** A tool and its version. */
type Release = Pick<HlsDesign, 'tool' | 'toolVersion'>;

/** How far the rules of a version and of the one beside it, of those that the kind was seen in, are apart: what a version that was not seen may differ by. None where the kind was seen in one version only. */
export function versionShifts(of: KindRows, target: Calibrated): GroupError[] {
  const releases = releasesOf(of);
  return shifts(of, target, ({ design: { tool, toolVersion } }) => {
    const at = releases.findIndex((r) => r.tool === tool && r.toolVersion === toolVersion);
    return [releases[at - 1], releases[at + 1]].filter((r) => r?.tool === tool);
  });
}

/** How far the rules of the first version of a tool that the kind was seen in and of the last one of the tool before it are apart. None where the kind was seen with one tool only. */
export function toolShifts(of: KindRows, target: Calibrated): GroupError[] {
  const releases = releasesOf(of),
    first = releases.findIndex((r) => r.tool !== releases[0]?.tool);
  if (first < 0) return [];
  return shifts(of, target, ({ design: { tool, toolVersion } }) =>
    tool === releases[first].tool && toolVersion === releases[first].toolVersion ? [releases[first - 1]] : [],
  );
}

const shifts = (of: KindRows, target: Calibrated, others: (row: PreparedRow) => readonly Release[]): GroupError[] =>
  errorsOf(of, target, (row) => {
    if (labelOf(row, target) === undefined) return [];
    return others(row).map((release) => off(ruleOf(inRelease(row, release), target), ruleOf(row, target)));
  });

/** Releases that rows are of, Vivado HLS before Vitis HLS, each by version. */
function releasesOf({ groups }: KindRows): Release[] {
  const byName = new Map<string, Release>();
  for (const { design } of [...groups.values()].flat()) {
    const { tool, toolVersion } = design;
    if (tool !== undefined && toolVersion !== undefined)
      byName.set(`${tool === 'vitis_hls' ? 1 : 0} ${toolVersion}`, { tool, toolVersion });
  }
  return [...byName.keys()].sort().map((name) => byName.get(name)!);
}

function errorsOf({ groups, isOf }: KindRows, target: Calibrated, errors: (row: PreparedRow) => number[]): GroupError[] {
  return [...groups.values()].flatMap((rows) => {
    const each = rows.flatMap((row) => errors(row).map((error) => ({ error, share: shareOf(row, target, isOf) })));
    return each.length ? [{ error: Math.max(...each.map((e) => e.error)), share: Math.max(...each.map((e) => e.share)) }] : [];
  });
}

const off = (count: number, rule: number): number => Math.abs(Math.log((count + 1) / (rule + 1)));

function labelOf(row: PreparedRow, target: Calibrated): number | undefined {
  const label = target === 'ii' ? row.labels.ii : row.targets[RESIDUAL_TARGETS.indexOf(target)];
  return Number.isNaN(label) ? undefined : label;
}

/** |log| of what the rule is off, if the tool gave a number. */
export function errorOf(row: PreparedRow, target: Calibrated): number[] {
  const label = labelOf(row, target);
  return label === undefined ? [] : [off(label, ruleOf(row, target))];
}

const ruleOf = ({ analysis, features }: Pick<PreparedRow, 'analysis' | 'features'>, target: Calibrated): number =>
  target === 'ii' ? iiOf(analysis) : features.totals[RESIDUAL_TARGETS.indexOf(target)];

/** Rows in other versions, of which every kind and target asks. */
const others = new WeakMap<PreparedRow, Map<string, Pick<PreparedRow, 'analysis' | 'features'>>>();

const inRelease = (row: PreparedRow, { tool, toolVersion }: Release): Pick<PreparedRow, 'analysis' | 'features'> =>
  kept(
    kept(others, row, () => new Map()),
    `${tool} ${toolVersion}`,
    () => {
      const design = { ...row.design, tool, toolVersion, hls4mlVersion: hls4mlVersionOf(row.design) },
        analysis = analyseDesign(design, { topLevel: row.topLevel });
      return { analysis, features: fpgaLayerFeatures(design, analysis, { stage: row.stage }) };
    },
  );

/** What layers of a kind have of a target in a row, over what the kind with most has; 1 where nothing adds up or nothing is there. */
function shareOf({ design, analysis: { layers } }: PreparedRow, target: Calibrated, isOf: KindRows['isOf']): number {
  const part = PART_OF[target];
  if (!part) return 1;
  let own = 0;
  const byKind = new Map<string, number>();
  for (const [i, layer] of design.layers.entries()) {
    const cost = layers[i]?.[part] ?? 0,
      kind = costlyKind(design, layer);
    if (kind === undefined || !(cost > 0)) continue;
    byKind.set(kind, (byKind.get(kind) ?? 0) + cost);
    if (isOf(design, layer)) own += cost;
  }
  return byKind.size ? Math.min(1, own / Math.max(...byKind.values())) : 1;
}
