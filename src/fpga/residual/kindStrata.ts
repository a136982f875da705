import { elementCount } from '../../core/elementCount.js';
import { type HlsDesign, type HlsLayer, inputPrecisionOf, weightMatrix } from '../design/hlsDesign.js';
import { costlyKind, costlyKinds, weightWidthOf } from './seenKinds.js';

export const keyOf = (stage: string, tool: string, kind: string): string => `kind:${stage}/${tool}/${kind}`;
/** Vivado HLS and Vitis HLS build the same design in other ways, their versions in nearly the same but for the first of Vitis HLS. */
export const toolOf = ({ tool, toolVersion }: HlsDesign): string =>
  tool === 'vitis_hls' && toolVersion?.startsWith('2020') ? 'vitis_hls 2020' : (tool ?? 'unknown');

/** Strata of the layers of a whole design: one for each kind of layer, io type and tool. */
export const kindStrata = (design: HlsDesign, stage: string): string[] =>
  costlyKinds(design).map((kind) => keyOf(stage, toolOf(design), kind));

/** Strata of DSPs: the kind with the width of its weights, by which a tool puts products in DSPs (constants of eight bits by their digits, of sixteen nearly all). Kinds without weights have none. */
export const sizedStrata = (design: HlsDesign, stage: string): string[] => [
  ...new Set(
    design.layers.flatMap((layer) => {
      const own = costlyKind(design, layer);
      return own === undefined || !weightMatrix(layer)
        ? []
        : [sized(keyOf(stage, toolOf(design), own), weightWidthOf(design, layer))];
    }),
  ),
];
export const sized = (key: string, width: string): string => `${key}, ${width}`;

/** Stratum of what a later stage left of designs none of which is known by its kinds there. */
export const LATER = 'later:';
export const laterKey = (stage: string): string => LATER + stage;

export const isSized = (stratum: string): boolean => stratum.includes(', ');
/** `kind:STAGE/TOOL`, the first version of Vitis HLS with the others; or the stratum of what a later stage left of any. */
export const toolAtStage = (stratum: string): string =>
  stratum
    .split('/')
    .slice(0, 2)
    .join('/')
    .replace(/ 2020$/, '');
/** The stratum of a kind with whatever tool. */
export const anyTool = (stratum: string): string => stratum.replace(/\/[^/]+\//, '/*/');
export const stageOf = (stratum: string): string => /^\w+:(\w+)/.exec(stratum)![1];

/** What a rule must have been exact on to be so again: version of the tool, and bits read and written by a layer. */
export const exactKey = (design: HlsDesign, layer: HlsLayer): string =>
  `${versionOf(design)}, ${inputPrecisionOf(design, layer).bits} to ${(layer.result ?? design.precision).bits} bits`;

/** Products of a layer, or its inputs where it has no weights. */
export const sizeOf = (layer: HlsLayer): number => {
  const matrix = weightMatrix(layer);
  return matrix ? matrix.nIn * matrix.nOut * matrix.times : elementCount(layer.inShape);
};

export const versionOf = ({ toolVersion }: HlsDesign): string => toolVersion ?? 'unknown';
