import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { type Precision, reuseOf, strategyOf, weightMatrix, weightPrecisionOf } from '../design/hlsDesign.js';
import { closestReuseFactor } from '../design/validReuseFactor.js';
import { convolutionWindow } from './convolutionWindow.js';
import { bitsFor, fixedType, lowest, signedBits } from './fixedPoint.js';
import { checkType, lastAxis, type MatrixStage, notWritten, resultType, type StageContext, sameShape } from './integerStage.js';

/**
 * A dense layer or convolution with weights drawn from `random`.
 * @throws HwcastError `unsupported` for precisions and strategies, `bad-input` for shapes that disagree
 */
export function matrixStage(context: StageContext): MatrixStage {
  const { design, layer, input, random, where, assumptions } = context;
  const matrix = weightMatrix(layer)!;
  const { nIn, nOut } = matrix;
  const window = layer.kind === 'dense' ? undefined : convolutionWindow(layer, where);
  if (layer.kind === 'dense' && !sameShape(layer.inShape.slice(0, -1), layer.outShape.slice(0, -1)))
    throw new HwcastError('bad-input', `a dense layer turns [${layer.inShape}] into [${layer.outShape}]`, { where });
  const weight = weightPrecisionOf(design, layer);
  checkType(weight, 'the weights', where);
  if (layer.ownWidths || layer.constants)
    assumptions.push(`${layer.name}: weights are drawn at full width, not those of the file`);
  if (!weight.signed) throw new HwcastError('unsupported', 'unsigned weights are not written as Verilog', { where });
  const { strategy, reuseFactor } = strategyAndReuse(context, nIn, nOut);
  const weightType = fixedType(weight, weight.bits - 1);
  const output = resultType(context, input.frac - Math.ceil(Math.log2(nIn) / 2));
  const accumulatorFrac = input.frac + weightType.frac;
  const { bias, largest: largestBias } = drawBias(context, weight, nOut, accumulatorFrac);
  const largestSum = nIn * 2 ** (signedBits(input) - 1 + weight.bits - 1) + largestBias;
  if (largestSum >= 2 ** 50)
    throw new HwcastError('unsupported', 'sums of this layer pass 50 bits', {
      where,
      hint: 'fewer bits, or binary points closer together',
    });
  const width = lastAxis(layer.inShape);
  return {
    kind: 'matrix',
    name: layer.name,
    window,
    nIn,
    nOut,
    reuseFactor,
    strategy,
    weightBits: weight.bits,
    weights: drawWeights(nIn, nOut, weight.bits, layer.zeroWeights, random),
    bias,
    accumulatorBits: bitsFor(-largestSum, largestSum),
    shift: accumulatorFrac - output.frac,
    inWidth: width,
    inBeats: elementCount(layer.inShape) / width,
    outWidth: nOut,
    outBeats: matrix.times,
    input,
    output,
  };
}

/** The strategy, and the reuse factor snapped to one that divides the matrix. */
function strategyAndReuse(
  { design, layer, where, assumptions }: StageContext,
  nIn: number,
  nOut: number,
): Pick<MatrixStage, 'strategy' | 'reuseFactor'> {
  const strategy = strategyOf(design, layer);
  if (strategy !== 'latency' && strategy !== 'resource')
    throw notWritten(`strategy '${strategy}'`, where, 'latency and resource are');
  const asked = reuseOf(design, layer),
    reuseFactor = closestReuseFactor(nIn, nOut, asked);
  if (reuseFactor !== asked) assumptions.push(`${layer.name}: reuse factor ${asked} snapped to ${reuseFactor}`);
  if (strategy === 'latency' && reuseFactor !== 1)
    throw notWritten(
      `the latency strategy with reuse factor ${reuseFactor}`,
      where,
      'take reuse factor 1, or the resource strategy',
    );
  return { strategy, reuseFactor };
}

/** Biases at the accumulator's binary point, and the largest that can be drawn. */
function drawBias(
  { layer, random }: StageContext,
  weight: Precision,
  nOut: number,
  accumulatorFrac: number,
): { bias: number[] | null; largest: number } {
  if (layer.useBias === false) return { bias: null, largest: 0 };
  const precision = layer.bias ?? weight,
    type = fixedType(precision, precision.bits - 1),
    place = 2 ** (accumulatorFrac - type.frac);
  return {
    bias: Array.from({ length: nOut }, () => Math.floor((lowest(type) + random.int(2 ** type.bits)) * place)),
    largest: Math.ceil(2 ** (signedBits(type) - 1) * place),
  };
}

/** [output][input] integers of `bits` bits, drawn uniformly; with `zeros` that many are 0 and the others are not. */
function drawWeights(nIn: number, nOut: number, bits: number, zeros: number | undefined, random: Random): number[][] {
  const range = 2 ** bits,
    low = -range / 2;
  const isZero = zeros === undefined ? undefined : new Set(random.sample(nIn * nOut, zeros));
  return Array.from({ length: nOut }, (_, o) =>
    Array.from({ length: nIn }, (_, i) => {
      if (!isZero) return low + random.int(range);
      if (isZero.has(o * nIn + i)) return 0;
      const w = low + random.int(range - 1);
      return w >= 0 ? w + 1 : w;
    }),
  );
}
