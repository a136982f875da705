import { median } from '../../core/statistics.js';
import { type HlsDesign, weightMatrix } from '../design/hlsDesign.js';
import { unmodelledTool } from '../design/modelledTool.js';
import { isTrained } from '../design/trainedNetwork.js';
import { LITTLE_KNOWN } from '../designTargets.js';
import type { LayerAnalysis } from '../rules/analyseDesign.js';
import { PART_OF } from './kindErrors.js';
import { exactKey, isSized, keyOf, laterKey, sized, sizeOf, toolOf, versionOf } from './kindStrata.js';
import type { Calibrated, Calibration, ResidualModel } from './residualModel.js';
import { costlyKind, costlyKinds, weightWidthOf } from './seenKinds.js';

/** How much wider an interval is at least where a kind was seen in other versions of the tool only, with another tool only, or with the other io type only; or only kinds that work alike (`ALIKE`). */
const OTHER_VERSION = 1.25,
  OTHER_TOOL = 1.5,
  OTHER_IO = 2,
  OTHER_KIND = 3;
/** ... and its least half width in logs. */
const ELSEWHERE = 0.3;
/** ... and the most that it is made wider to. */
const MOST = Math.log(LITTLE_KNOWN);

/** Kinds of layers that work alike: values one by one, windows that are multiplied, windows that are compared or added, gates. */
const ALIKE = [
  /^(activation \w+|batch_norm|merge)$/,
  /^(depthwise_)?conv\dd( of several pixels)?( in memory)?$/,
  /^(global_)?(max|avg)_pool$/,
  /^(gru|lstm|simple_rnn)$/,
];

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

/** Median half width of the kinds that are known of a tool with an io type; 0 where none is. */
function usualWidth(calibration: ResidualModel['calibration'], prefix: string, target: Calibrated): number {
  const widths = Object.keys(calibration).flatMap((key) =>
    key.startsWith(prefix) && !isSized(key) ? (calibration[key][target]?.halfWidth ?? []) : [],
  );
  return widths.length ? median(widths) : 0;
}

/** What is known of a design by its kinds of layers. */
export interface KindsFound {
  halfWidth: number;
  /** kinds seen with another tool or io type only, or of which only others were seen that work alike */
  elsewhere: string[];
  /** strata that tell */
  strata: string[];
  /** the rule was exact on every row of each kind in this version of the tool */
  exact: boolean;
}

/** How much wider what a later stage leaves is known where no design of that stage was collected. */
const OTHER_STAGE = 1.5;

/** What is known of a design at a later stage by its kinds at csynth and what was left of others: both widths together. */
function laterFound(
  model: Pick<ResidualModel, 'calibration'>,
  design: HlsDesign,
  layers: readonly LayerAnalysis[],
  stage: string,
  target: Calibrated,
): KindsFound | undefined {
  const first = kindsFound(model, design, layers, 'csynth', target);
  // cycles are those of the HLS tool at every stage
  if (!first || target === 'lat' || target === 'ii') return first;
  const own = model.calibration[laterKey(stage)]?.[target],
    other = model.calibration[laterKey('vsynth')]?.[target]?.halfWidth,
    left = own?.halfWidth ?? (other === undefined ? undefined : OTHER_STAGE * other);
  if (left === undefined) return undefined;
  return { ...first, halfWidth: Math.hypot(first.halfWidth, left), exact: false, elsewhere: [...first.elsewhere] };
}

/**
 * Half width of a design by its kinds of layers: that of each weighed by what it has of the target, of intervals the widest. Undefined where one of them was seen nowhere.
 * @param layers costs of the layers of the design, in its order
 */
export function kindsFound(
  { calibration }: Pick<ResidualModel, 'calibration'>,
  design: HlsDesign,
  layers: readonly LayerAnalysis[],
  stage: string,
  target: Calibrated,
): KindsFound | undefined {
  const found: KindsFound = { halfWidth: 0, elsewhere: [], strata: [], exact: true };
  if (unmodelledTool(design)) return undefined;
  const widths = new Map<string, number>();
  let factor = 1;
  for (const kind of costlyKinds(design)) {
    const near = nearest(calibration, stage, toolOf(design), kind),
      known = near && ofWidths(calibration, near.key, design, kind, target);
    if (!near || !known) return stage === 'csynth' ? undefined : laterFound({ calibration }, design, layers, stage, target);
    const { halfWidth: width, otherVersion, versions, exactIn } = known;
    factor = Math.max(factor, known.networks ?? 1);
    const own = design.layers.flatMap((layer, i) => (costlyKind(design, layer) === kind ? [{ layer, cost: layers[i] }] : []));
    if (near.wider > 1 || !own.every(({ layer }) => sizeOf(layer) <= (exactIn?.[exactKey(design, layer)] ?? 0)))
      found.exact = false;
    // that a rule which nothing like it was seen of counts no LUTs tells nothing
    if (near.wider >= OTHER_KIND && target === 'lut' && own.every(({ cost }) => !cost?.lut)) return undefined;
    if (near.wider > 1) found.elsewhere.push(kind);
    found.strata.push(near.key);
    const ofTool = near.key.startsWith(keyOf(stage, toolOf(design), '')),
      seen = ofTool && (!versions || versions.includes(versionOf(design))),
      beside = ofTool ? 0 : usualWidth(calibration, keyOf(stage, toolOf(design), `${design.ioType} `), target),
      wide = seen ? width : Math.max(OTHER_VERSION * width, otherVersion ?? 0, beside);
    widths.set(kind, near.wider > 1 ? Math.max(wide, Math.min(MOST, Math.max(ELSEWHERE, near.wider * width))) : wide);
  }
  if (!widths.size) return undefined;
  found.halfWidth = (isTrained(design) ? factor : 1) * weighed(widths, design, layers, target);
  return found;
}

/** What is known of a kind; of DSPs by the widths of its weights where these were seen, the widest of several. */
function ofWidths(
  calibration: ResidualModel['calibration'],
  key: string,
  design: HlsDesign,
  kind: string,
  target: Calibrated,
): Calibration | undefined {
  const all = calibration[key]?.[target];
  if (!all || target !== 'dsp') return all;
  const widths = design.layers.flatMap((l) =>
    costlyKind(design, l) === kind && weightMatrix(l) ? [weightWidthOf(design, l)] : [],
  );
  const known = [...new Set(widths)].map((width) => calibration[sized(key, width)]?.dsp ?? all);
  return known.length ? known.reduce((a, b) => (b.halfWidth > a.halfWidth ? b : a)) : all;
}

function weighed(
  widths: ReadonlyMap<string, number>,
  design: HlsDesign,
  layers: readonly LayerAnalysis[],
  target: Calibrated,
): number {
  const part = PART_OF[target];
  let total = 0,
    sum = 0;
  for (const [i, layer] of design.layers.entries()) {
    const kind = costlyKind(design, layer),
      cost = part && layers[i] ? layers[i][part] : 0;
    if (kind === undefined || !(cost > 0)) continue;
    total += cost;
    sum += cost * widths.get(kind)!;
  }
  return total > 0 ? sum / total : Math.max(...widths.values());
}
