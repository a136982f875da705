import { type FpgaPart, fpgaPartNamed } from '../../device/fpgaParts.js';
import { gatesOf, type HlsDesign, inputPrecisionOf, weightPrecisionOf } from '../design/hlsDesign.js';
import type { DesignAnalysis } from './analyseDesign.js';
import { dspPerProduct } from './dspCount.js';
import { channels, elements } from './layerWork.js';

/** Products of a GRU's or LSTM's states with its gates, for each unit. */
const GATED = 3;

/** DSPs if each multiplication that a design does at once took them, however narrow: no tool uses more. */
export function dspLimit(design: HlsDesign, analysis: DesignAnalysis, given?: FpgaPart): number {
  const generation = (given ?? (design.part === undefined ? undefined : fpgaPartNamed(design.part)))?.dspGeneration ?? 'DSP48E2';
  let most = 0;
  for (const [i, layer] of design.layers.entries()) {
    const per = Math.max(
      1,
      dspPerProduct(inputPrecisionOf(design, layer).bits, weightPrecisionOf(design, layer).bits, generation),
    );
    const values = design.ioType === 'io_stream' ? channels(layer.outShape) : elements(layer.outShape);
    // a value of an activation, pool or batch norm is scaled once at most
    const made = analysis.layers[i].multipliers + GATED * (gatesOf(layer) > 1 ? channels(layer.outShape) : 0);
    most += layer.kind === 'reshape' ? 0 : Math.max(per * made, per * values, analysis.layers[i].dsp);
  }
  return most;
}
