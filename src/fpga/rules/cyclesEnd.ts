import { type HlsLayer, weightMatrix } from '../design/hlsDesign.js';
import { adderNs, compareNs, dspNs, lutProductNs, USABLE_CLOCK } from './clockModel.js';
import type { DesignContext, LayerWork } from './layerWork.js';

/** Nanoseconds through a layer that takes no cycle. */
function delayNs({ generation }: DesignContext, layer: HlsLayer, work: LayerWork): number {
  const matrix = weightMatrix(layer);
  if (!matrix) return layer.kind === 'reshape' || layer.activation === 'linear' ? 0 : compareNs(generation);
  return Math.log2(matrix.nIn) * adderNs(generation) + (work.dsp > 0 ? dspNs(generation) : lutProductNs(generation));
}

/**
 * Behind which layers of a design with io_parallel a clock cycle ends, where results are registered: not where this layer and the next take none and what is chained so fits into one.
 * Exact in the 20 baselines of hls4ml with io_parallel (products of one input and their activations, pools), which pass all in one cycle or register the input of a table.
 */
export function cyclesEnd(context: DesignContext, works: readonly LayerWork[]): boolean[] {
  const { layers } = context.design,
    usable = context.clockNs * USABLE_CLOCK;
  let chained = 0;
  return works.map((work, i) => {
    const next = i + 1 < works.length ? works[i + 1] : undefined;
    chained += delayNs(context, layers[i], work);
    const ends =
      work.latencyMax > 0 ||
      (next !== undefined && (next.latencyMax > 0 || chained + delayNs(context, layers[i + 1], next) > usable));
    if (ends) chained = 0;
    return ends;
  });
}
