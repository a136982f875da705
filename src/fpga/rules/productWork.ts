import { type HlsLayer, reuseOf, strategyOf, weightPrecisionOf } from '../design/hlsDesign.js';
import { arithmeticLut } from './arithmeticLut.js';
import { indexBram18, weightBram18 } from './bramCount.js';
import { wiredConstants } from './constantWeights.js';
import { convCycles } from './convCycles.js';
import { denseCycles } from './denseCycles.js';
import { dspCount } from './dspCount.js';
import { synthesisLimit } from './feasibility.js';
import { ffEstimate } from './ffEstimate.js';
import { fifoCost, lineBufferCost } from './fifoCost.js';
import { addTo, channels, type DesignContext, elements, type LayerWork, NO_WARNINGS } from './layerWork.js';
import { lutEstimate, stateLut } from './lutEstimate.js';
import { isUnrolled, type MatrixProduct } from './matrixProduct.js';
import { multipliers } from './multipliers.js';
import { snapReuse } from './snapReuse.js';

/** The matrix-vector product of a layer, its reuse factor snapped. */
export function matrixProduct(
  { design, stream, generation, vivadoHls, clockNs, kernelWindow }: DesignContext,
  layer: HlsLayer,
  dataBits: number,
  nIn: number,
  nOut: number,
  zeroWeights: number | undefined,
): MatrixProduct {
  const strategy = strategyOf(design, layer);
  const weight = weightPrecisionOf(design, layer);
  return {
    nIn,
    nOut,
    reuse: snapReuse(nIn, nOut, reuseOf(design, layer), strategy, kernelWindow),
    strategy,
    dataBits,
    weightBits: weight.bits,
    weightFraction: weight.intBits === null ? weight.bits - 1 : weight.bits - weight.intBits,
    accumBits: (layer.accum ?? design.precision).bits,
    zeroWeights,
    ownWidths: layer.ownWidths ?? false,
    constants: layer.constants,
    generation,
    multipliers: design.multipliers,
    vivadoHls,
    clockNs,
    inputs: stream && layer.kind === 'dense' ? 'stream' : stream && kernelWindow && layer.kernel ? 'window' : 'array',
  };
}

/** Resources, cycles and warnings of a matrix-vector product; `windowed`: of a convolution. */
export function productWork(context: DesignContext, p: MatrixProduct, asked: number, windowed = false): LayerWork {
  const constants = isUnrolled(p) ? wiredConstants(p) : undefined;
  const cycles = denseCycles(p, constants);
  let warnings = NO_WARNINGS;
  if (p.reuse !== asked && (p.strategy === 'resource' || p.strategy === 'unrolled'))
    warnings = [`reuse factor ${asked} is not valid for ${p.nIn} x ${p.nOut}: ${p.reuse} is used`];
  else if (p.strategy === 'latency' && asked > 1 && cycles.ii < asked)
    warnings = [`strategy latency does not reach reuse factor ${asked}: interval ${cycles.ii}`];
  if (p.strategy === 'distributed_arithmetic' || p.strategy === 'unrolled')
    warnings = [...warnings, `strategy ${p.strategy} was not checked against any report`];
  return {
    latencyMin: cycles.latencyMin,
    latencyMax: cycles.latencyMax,
    ii: cycles.ii,
    lut: lutEstimate(p, constants) + (p.strategy === 'latency' && !p.vivadoHls ? stateLut(cycles.ii) : 0),
    ff: ffEstimate(p, constants),
    dsp: dspCount(p, constants),
    bram18: weightBram18(p) + indexBram18(p),
    multipliers: multipliers(p.nIn, p.nOut, p.reuse, p.strategy, p.zeroWeights),
    arithmeticLut: arithmeticLut(p, constants),
    reuseFactor: p.reuse,
    iiMin: cycles.ii,
    fill: cycles.latencyMax,
    warnings,
    limit: context.vivadoHls ? synthesisLimit(p.nIn, p.nOut, p.reuse, p.strategy, !context.stream && !windowed) : undefined,
  };
}

/** A convolution, or a dense layer over the last axis, from its matrix product. */
export function overPixels(
  context: DesignContext,
  layer: HlsLayer,
  p: MatrixProduct,
  work: LayerWork,
  times: number,
  bits: number,
): LayerWork {
  const { stream, design } = context;
  const rank = layer.inShape.length - 1;
  const kernel = layer.kernel ?? [];
  let input = 1;
  for (let d = 0; d < rank; d++) {
    const span = kernel[d] ?? 1,
      stride = layer.stride?.[d] ?? 1;
    input *=
      layer.padding === 'valid' || !layer.padding
        ? layer.inShape[d]
        : Math.max(layer.inShape[d], (layer.outShape[d] - 1) * stride + span);
  }
  const pipelined = isUnrolled(p);
  const cycles = convCycles(work, { input, output: times }, design.ioType, pipelined, p.reuse, context.kernelWindow);
  work.latencyMin = cycles.latencyMin;
  work.latencyMax = cycles.latencyMax;
  work.ii = cycles.ii;
  work.iiMin = cycles.iiMin;
  if (stream) {
    const width = layer.inShape[rank - 1] ?? 1;
    if (kernel.length) addTo(work, lineBufferCost(kernel, width, channels(layer.inShape), bits));
    // the padded image passes a FIFO of its own
    if (input > elements(layer.inShape) / channels(layer.inShape)) addTo(work, fifoCost(input, channels(layer.inShape), bits));
  } else if (kernel.length && work.warnings.length === 0)
    work.warnings = ['convolution with io_parallel: cycles by the source of hls4ml, not checked against any report'];
  return work;
}
