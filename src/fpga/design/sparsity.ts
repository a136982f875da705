import { HwcastError } from '../../core/errors.js';
import { type HlsDesign, type HlsLayer, weightMatrix } from './hlsDesign.js';

/** Whether a layer multiplies by a matrix of which no reader counted the zeros. */
export const zerosUnknown = (layer: HlsLayer): boolean =>
  layer.zeroWeights === undefined && layer.constants === undefined && weightMatrix(layer) !== undefined;

/**
 * The design with `share` of the weights zero, 0 to below 1, in each layer whose zeros no reader counted; what a file says of a layer stays. Said in `assumptions`.
 * @throws HwcastError `bad-input` for another share
 */
export function withSparsity(design: HlsDesign, share: number): HlsDesign {
  if (!(share >= 0 && share < 1))
    throw new HwcastError('bad-input', `sparsity ${share} is no share of zero weights from 0 to below 1`, {
      hint: '0.75 is three weights of four',
    });
  const named: string[] = [];
  const layers = design.layers.map((layer): HlsLayer => {
    if (!zerosUnknown(layer)) return layer;
    named.push(layer.name);
    const { nIn, nOut } = weightMatrix(layer)!;
    return { ...layer, zeroWeights: Math.round(share * nIn * nOut) };
  });
  if (!named.length) return design;
  const assumed = `${Number((100 * share).toPrecision(4))} % of the weights are zero, as given, in ${named.join(', ')}`;
  return { ...design, layers, assumptions: [...design.assumptions, assumed] };
}
