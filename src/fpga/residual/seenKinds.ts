import { elementCount } from '../../core/elementCount.js';
import { kept } from '../../core/kept.js';
import { asConvolution } from '../design/asConvolution.js';
import { type HlsDesign, type HlsLayer, reuseOf, strategyOf, weightMatrix, weightPrecisionOf } from '../design/hlsDesign.js';
import { unmodelledTool } from '../design/modelledTool.js';
import { everyPixelAtOnce, pixelsAtOnceOf } from '../rules/layerWork.js';
import { isUnrolled } from '../rules/matrixProduct.js';

/** What designs of each stratum (`strataOf`) were made of: names of `ingredientsOf`. */
export type SeenKinds = Record<string, readonly string[]>;

/** Groups (models) in which an ingredient must have been seen. */
const LEAST_GROUPS = 3;

const kindOf = (design: HlsDesign, layer: HlsLayer): string => {
  if (layer.merge === 'matmul') return 'product of two tensors';
  if (layer.kind !== 'activation')
    return `${asConvolution(layer).kind}${builtOf(design, asConvolution(layer))}${divides(layer) ? ' that divides' : ''}`;
  const how = layer.activation === 'softmax' && (layer.softmax ?? 'stable') !== 'stable' ? ` ${layer.softmax}` : '';
  return `activation ${layer.activation}${how}`;
};
/** Ways to build a convolution that no design was collected of. */
const builtOf = (design: HlsDesign, layer: HlsLayer): string =>
  pixelsAtOnceOf(layer) > 1 || (layer.kind !== 'dense' && everyPixelAtOnce(design, layer)) ? ' of several pixels' : '';
/** Whether a mean is over a number of elements by which a shift does not divide. */
function divides({ kind, kernel, inShape }: HlsLayer): boolean {
  const window = elementCount(kernel ?? inShape.slice(0, -1));
  return kind.endsWith('avg_pool') && (window & (window - 1)) !== 0;
}
/** Whether its weights lie in memory, or share multipliers though they are wired in (strategy latency), and whether each has a width of its own. */
function weightsOf(design: HlsDesign, layer: HlsLayer): string {
  const reuse = reuseOf(design, layer),
    inMemory = weightMatrix(layer) && !isUnrolled({ strategy: strategyOf(design, layer), reuse }),
    shared = weightMatrix(layer) && !inMemory && reuse > 1;
  return `${inMemory ? ' in memory' : shared ? ' that share multipliers' : ''}${layer.ownWidths ? ' of own widths' : ''}`;
}
export const weightWidthOf = (design: HlsDesign, layer: HlsLayer): string =>
  `weights of ${weightPrecisionOf(design, layer).bits} bits`;

/** Whether a layer is more than names for its input. */
const costs = (layer: HlsLayer): boolean => layer.kind !== 'reshape' && layer.activation !== 'linear';

/** A design with a top function and ports, not a module of a larger one. */
const WHOLE = 'whole design';

/** Kinds of layers that cost something, each with how its tensors travel: `io_stream conv2d`, `io_parallel activation relu`; whether it is a whole design; and the backend where that is not modelled. */
export function ingredientsOf(design: HlsDesign, topLevel = true): string[] {
  const tool = unmodelledTool(design);
  return [...(topLevel ? [WHOLE] : []), ...(tool ? [`backend ${tool}`] : []), ...costlyKinds(design)];
}

/** A layer's kind with how its tensors travel and where its weights are; undefined where it costs nothing. */
export const costlyKind = (design: HlsDesign, layer: HlsLayer): string | undefined =>
  costs(layer) ? `${design.ioType} ${kindOf(design, layer)}${weightsOf(design, layer)}` : undefined;

/** Kinds of layers that cost something. */
export const costlyKinds = (design: HlsDesign): string[] => [
  ...new Set(design.layers.flatMap((layer) => costlyKind(design, layer) ?? [])),
];

/** Widths of weights, by which an HLS tool decides what is a DSP. */
export const weightWidthsOf = (design: HlsDesign): string[] => [
  ...new Set(design.layers.flatMap((l) => (weightMatrix(l) ? [weightWidthOf(design, l)] : []))),
];

type Row = { design: HlsDesign; strata: readonly string[]; group: string; topLevel?: boolean };

/** What the rows of each stratum are made of, in at least three models; weight widths in any. */
export function seenKinds(rows: readonly Row[]): SeenKinds {
  const groups = new Map<string, Map<string, Set<string>>>();
  for (const { design, strata, group, topLevel } of rows) {
    const made = [...ingredientsOf(design, topLevel), ...weightWidthsOf(design)];
    for (const stratum of strata) {
      const seen = kept(groups, stratum, () => new Map<string, Set<string>>());
      for (const name of made) kept(seen, name, () => new Set<string>()).add(group);
    }
  }
  const out: Record<string, string[]> = {};
  for (const stratum of [...groups.keys()].sort()) {
    const often = [...groups.get(stratum)!].filter(([name, of]) => name.startsWith('weights') || of.size >= LEAST_GROUPS);
    out[stratum] = often.map(([name]) => name).sort();
  }
  return out;
}
