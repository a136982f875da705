import { type HlsDesign, weightMatrix } from './hlsDesign.js';

/**
 * Whether a design is taken as a network that was trained, and may have been pruned: several layers with weights. Single layers are what tools are tried on, none of the collected ones is
 * pruned.
 */
export function isTrained({ layers }: Pick<HlsDesign, 'layers'>): boolean {
  let weighted = 0;
  for (const layer of layers) if (weightMatrix(layer) !== undefined && ++weighted > 1) return true;
  return false;
}
