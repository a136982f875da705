import { gatesOf, type HlsLayer, reuseOf } from '../design/hlsDesign.js';
import { dspPerProduct } from './dspCount.js';
import { channels, type DesignContext, type LayerWork } from './layerWork.js';
import { matrixProduct, productWork } from './productWork.js';
import { recurrentCost } from './recurrentCost.js';

/** A recurrent layer: its two matrix products, and `recurrentCost`. */
export function recurrentWork(
  context: DesignContext,
  layer: HlsLayer,
  kind: 'gru' | 'lstm' | 'simple_rnn',
  bits: number,
): LayerWork {
  const { design, generation } = context;
  const nIn = channels(layer.inShape),
    steps = layer.inShape.length > 1 ? layer.inShape[0] : 1,
    state = channels(layer.outShape),
    wide = gatesOf(layer) * state,
    asked = reuseOf(design, layer);
  const inputZeros = layer.zeroWeights === undefined ? undefined : Math.round((layer.zeroWeights * nIn) / (nIn + state));
  const input = matrixProduct(context, layer, bits, nIn, wide, inputZeros),
    recurrent = matrixProduct(
      context,
      layer,
      input.accumBits,
      state,
      wide,
      layer.zeroWeights === undefined || inputZeros === undefined ? undefined : layer.zeroWeights - inputZeros,
    );
  const a = productWork(context, input, asked),
    b = productWork(context, recurrent, asked);
  const longer = a.latencyMax > b.latencyMax ? a : b;
  const perGate = design.multipliers === 'lut' ? 0 : dspPerProduct(input.accumBits, input.accumBits, generation);
  const rest = recurrentCost(
    kind,
    { steps, nIn, state },
    input.accumBits,
    longer,
    layer.tableSize ?? 1024,
    perGate,
    design.multipliers !== 'lut',
  );
  return {
    latencyMin: rest.latencyMin,
    latencyMax: rest.latencyMax,
    ii: rest.ii,
    iiMin: rest.latencyMin,
    lut: a.lut + b.lut + rest.lut,
    ff: a.ff + b.ff + rest.ff,
    dsp: a.dsp + b.dsp + rest.dsp,
    bram18: a.bram18 + b.bram18 + rest.bram18,
    toldBram18: (a.toldBram18 ?? 0) + (b.toldBram18 ?? 0),
    // the tables of its gates stay
    laterBram18: (a.laterBram18 ?? 0) + (b.laterBram18 ?? 0),
    romLut: (a.romLut ?? 0) + (b.romLut ?? 0),
    multipliers: a.multipliers + b.multipliers,
    arithmeticLut: a.arithmeticLut + b.arithmeticLut,
    ...(a.roundedLut === undefined && b.roundedLut === undefined
      ? {}
      : { roundedLut: (a.roundedLut ?? 0) + (b.roundedLut ?? 0) }),
    reuseFactor: b.reuseFactor,
    fill: rest.latencyMax,
    warnings:
      kind === 'gru'
        ? [...a.warnings, ...b.warnings]
        : [...a.warnings, ...b.warnings, `${kind} by analogy with GRU, not checked against any report`],
    limit: a.limit ?? b.limit,
  };
}
