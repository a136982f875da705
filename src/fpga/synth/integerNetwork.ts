import { HwcastError } from '../../core/errors.js';
import { createRandom, type Random } from '../../core/random.js';
import {
  type HlsDesign,
  type HlsLayer,
  inputPrecisionOf,
  type Precision,
  reuseOf,
  strategyOf,
  weightMatrix,
  weightPrecisionOf,
} from '../design/hlsDesign.js';
import { closestReuseFactor } from '../design/validReuseFactor.js';
import { bitsFor, type FixedType, fixedType, lowest, signedBits } from './fixedPoint.js';

/** How a convolution walks its input: rows and columns of the padded image, the window, and the padding before and after. */
export interface Window {
  height: number;
  width: number;
  kernelHeight: number;
  kernelWidth: number;
  strideHeight: number;
  strideWidth: number;
  padTop: number;
  padBottom: number;
  padLeft: number;
  padRight: number;
  outHeight: number;
  outWidth: number;
}

interface StageBase {
  name: string;
  /** elements of one beat in and out, and beats of one input and output: a tensor [.., c] travels as its pixels, c elements at once */
  inWidth: number;
  inBeats: number;
  outWidth: number;
  outBeats: number;
  input: FixedType;
  output: FixedType;
}

/** A matrix with seeded integer weights applied to every beat, or to every window of a convolution. */
export interface MatrixStage extends StageBase {
  kind: 'matrix';
  window?: Window;
  nIn: number;
  nOut: number;
  /** snapped by `closestReuseFactor` */
  reuseFactor: number;
  strategy: 'resource' | 'latency';
  weightBits: number;
  /** [output][input] raw integers; a convolution's input index is (ky kernelWidth + kx) channels + channel */
  weights: number[][];
  /** raw, at the accumulator's binary point; null without bias */
  bias: number[] | null;
  /** width that no sum of products and bias can overflow, whatever the weights */
  accumulatorBits: number;
  /** binary places between accumulator and output */
  shift: number;
}
export interface ReluStage extends StageBase {
  kind: 'relu';
  shift: number;
}
/** Gathers all pixels of an image into one beat, in row-major, channels-last order. */
export interface FlattenStage extends StageBase {
  kind: 'flatten';
}
export type Stage = MatrixStage | ReluStage | FlattenStage;

/** A chain of layers over integers, all a synthesizable module and its reference need. */
export interface IntegerNetwork {
  id: string;
  stages: Stage[];
  input: FixedType;
  output: FixedType;
  inBeats: number;
  inWidth: number;
  outBeats: number;
  outWidth: number;
  /** what was assumed, in words */
  assumptions: string[];
}

export const DATA_BITS = { least: 2, most: 16 } as const;
const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const last = (shape: readonly number[]): number => shape[shape.length - 1];

/**
 * The integer network of a design: dense, conv1d, conv2d, relu (and linear) activations and reshapes to a vector, in a chain. Weights are drawn uniformly from
 * all integers of the weight type; `zeroWeights` of them, at seeded places, are 0 and the others are not (where the field is absent, zeros fall as they come).
 *
 * Arithmetic: products and sums are exact; a result is floor(accumulator / 2^shift) saturated to the layer's result type, shift = frac(input) + frac(weight) -
 * frac(result). A type without `intBits` gets: weights and biases one integer bit (fractions); the network's input none behind the point; a result the
 * input's point less ceil(log2(n_in) / 2) places, which keeps the size of numbers. Quantisers before the first layer (linear activations with a result) tell in which precision the input
 * comes; they cost nothing.
 * @throws HwcastError `unsupported` for other layers, precisions and strategies, `bad-input` for shapes that disagree; both name the layer
 */
export function integerNetwork(design: HlsDesign, seed: number | string): IntegerNetwork {
  const assumptions: string[] = [],
    stages: Stage[] = [];
  const random = createRandom(`${seed}`).fork(design.id);
  const { given, leading } = givenPrecision(design);
  checkType(given, 'the input', design.id);
  if (given !== design.precision) assumptions.push(`the input comes quantised, ${given.bits} bits`);
  let type = fixedType(given, 0);
  let shape = design.layers[0].inShape;
  for (const [i, layer] of design.layers.entries()) {
    const where = `design '${design.id}', layer '${layer.name}'`;
    checkChain(design, layer, i, where);
    if (elements(layer.inShape) !== elements(shape) || (layer.kind !== 'dense' && !sameShape(layer.inShape, shape)))
      throw new HwcastError('bad-input', `input shape [${layer.inShape}] does not continue the shape [${shape}] before it`, {
        where,
      });
    const { bits } = inputPrecisionOf(design, layer);
    // quantisers of the input, and the layer behind them, read what those say together
    if ((i > leading || leading === 0) && bits !== type.bits)
      throw new HwcastError('bad-input', `reads ${bits} bits where ${type.bits} come`, { where });
    if (layer.kind === 'dense' && !sameShape(layer.inShape, shape)) stages.push(flatten(layer.name, shape, type));
    const stage = i < leading ? undefined : stageOf(design, layer, type, random.fork(layer.name), where, assumptions);
    if (stage) {
      stages.push(stage);
      type = stage.output;
    }
    shape = layer.outShape;
  }
  if (!stages.some((s) => s.kind === 'matrix'))
    throw new HwcastError('unsupported', `design '${design.id}' has no dense or convolution layer`, {
      hint: 'hwcast fpga synth writes dense, conv1d, conv2d and relu',
    });
  const [first, end] = [stages[0], stages[stages.length - 1]];
  return {
    id: design.id,
    stages,
    input: first.input,
    output: end.output,
    inBeats: first.inBeats,
    inWidth: first.inWidth,
    outBeats: end.outBeats,
    outWidth: end.outWidth,
    assumptions,
  };
}

const sameShape = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((n, i) => n === b[i]);

function checkChain(design: HlsDesign, layer: HlsLayer, i: number, where: string): void {
  const expected = i === 0 ? [] : [design.layers[i - 1].name];
  if (!sameNames(layer.inputs, expected))
    throw new HwcastError(
      'unsupported',
      `reads [${layer.inputs}], not [${expected}]: only a chain of layers is written as Verilog`,
      {
        where,
      },
    );
}
const sameNames = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((n, i) => n === b[i]);

function checkType(p: Precision, what: string, where: string): void {
  if (p.bits < DATA_BITS.least || p.bits > DATA_BITS.most)
    throw new HwcastError('unsupported', `${p.bits} bits for ${what}`, {
      where,
      hint: `${DATA_BITS.least} to ${DATA_BITS.most} bits are written as Verilog`,
    });
}

/** Precision in which the input comes, and the leading layers that tell it: quantisers before the first other layer, as in QONNX; else the design's. */
function givenPrecision({ precision, layers }: HlsDesign): { given: Precision; leading: number } {
  let given = precision,
    leading = 0;
  for (; leading < layers.length; leading++) {
    const layer = layers[leading];
    if (layer.kind !== 'activation' || (layer.activation ?? 'linear') !== 'linear') break;
    given = layer.result ?? given;
  }
  return { given, leading };
}

const describe = ({ bits, signed, frac }: FixedType): string => `${signed ? '' : 'u'}fixed<${bits},${bits - frac}>`;

function stageOf(
  design: HlsDesign,
  layer: HlsLayer,
  input: FixedType,
  random: Random,
  where: string,
  assumptions: string[],
): Stage | undefined {
  switch (layer.kind) {
    case 'dense':
    case 'conv1d':
    case 'conv2d':
      return matrixStage(design, layer, input, random, where, assumptions);
    case 'activation': {
      const kind = layer.activation ?? 'linear';
      if (!sameShape(layer.inShape, layer.outShape))
        throw new HwcastError('bad-input', `an activation turns [${layer.inShape}] into [${layer.outShape}]`, { where });
      if (kind === 'linear') {
        const result = layer.result && fixedType(layer.result, input.frac);
        if (result && (result.bits !== input.bits || result.signed !== input.signed || result.frac !== input.frac))
          throw new HwcastError(
            'unsupported',
            `a quantiser from ${describe(input)} to ${describe(result)} is not written as Verilog`,
            {
              where,
              hint: 'one of the network input is, and results of dense, convolution and relu layers have the type they name',
            },
          );
        return undefined;
      }
      if (kind !== 'relu')
        throw new HwcastError('unsupported', `activation '${kind}' is not written as Verilog`, {
          where,
          hint: 'relu and linear are',
        });
      const output = resultType(design, layer, input.frac, where);
      const width = last(layer.inShape),
        beats = elements(layer.inShape) / width;
      return {
        kind: 'relu',
        name: layer.name,
        inWidth: width,
        inBeats: beats,
        outWidth: width,
        outBeats: beats,
        input,
        output,
        shift: input.frac - output.frac,
      };
    }
    case 'reshape':
      if (layer.outShape.length !== 1 || elements(layer.inShape) !== layer.outShape[0])
        throw new HwcastError(
          'unsupported',
          `reshape [${layer.inShape}] to [${layer.outShape}]: only a flatten is written as Verilog`,
          {
            where,
          },
        );
      return layer.inShape.length === 1 ? undefined : flatten(layer.name, layer.inShape, input);
    default:
      throw new HwcastError('unsupported', `a ${layer.kind} layer is not written as Verilog`, {
        where,
        hint: 'dense, conv1d, conv2d, relu and flatten are',
      });
  }
}

const flatten = (name: string, shape: readonly number[], type: FixedType): FlattenStage => ({
  kind: 'flatten',
  name: `${name}_flatten`,
  inWidth: last(shape),
  inBeats: elements(shape) / last(shape),
  outWidth: elements(shape),
  outBeats: 1,
  input: type,
  output: type,
});

function resultType(design: HlsDesign, layer: HlsLayer, frac: number, where: string): FixedType {
  const precision = layer.result ?? design.precision;
  checkType(precision, 'the result', where);
  return fixedType(precision, frac);
}

function matrixStage(
  design: HlsDesign,
  layer: HlsLayer,
  input: FixedType,
  random: Random,
  where: string,
  assumptions: string[],
): MatrixStage {
  const matrix = weightMatrix(layer)!;
  const { nIn, nOut } = matrix;
  const window = layer.kind === 'dense' ? undefined : windowOf(layer, where);
  if (layer.kind === 'dense' && !sameShape(layer.inShape.slice(0, -1), layer.outShape.slice(0, -1)))
    throw new HwcastError('bad-input', `a dense layer turns [${layer.inShape}] into [${layer.outShape}]`, { where });
  const weight = weightPrecisionOf(design, layer);
  checkType(weight, 'the weights', where);
  if (layer.ownWidths || layer.constants)
    assumptions.push(`${layer.name}: weights are drawn at full width, not those of the file`);
  if (!weight.signed) throw new HwcastError('unsupported', 'unsigned weights are not written as Verilog', { where });
  const strategy = strategyOf(design, layer);
  if (strategy !== 'latency' && strategy !== 'resource')
    throw new HwcastError('unsupported', `strategy '${strategy}' is not written as Verilog`, {
      where,
      hint: 'latency and resource are',
    });
  const wanted = reuseOf(design, layer),
    reuseFactor = closestReuseFactor(nIn, nOut, wanted);
  if (reuseFactor !== wanted) assumptions.push(`${layer.name}: reuse factor ${wanted} snapped to ${reuseFactor}`);
  if (strategy === 'latency' && reuseFactor !== 1)
    throw new HwcastError('unsupported', `the latency strategy with reuse factor ${reuseFactor} is not written as Verilog`, {
      where,
      hint: 'take reuse factor 1, or the resource strategy',
    });
  const weightType = fixedType(weight, weight.bits - 1);
  const output = resultType(design, layer, input.frac - Math.ceil(Math.log2(nIn) / 2), where);
  const accumulatorFrac = input.frac + weightType.frac;
  const biasType = fixedType(layer.bias ?? weight, (layer.bias ?? weight).bits - 1);
  const place = 2 ** (accumulatorFrac - biasType.frac);
  const bias =
    layer.useBias === false
      ? null
      : Array.from({ length: nOut }, () => Math.floor((lowest(biasType) + random.int(2 ** biasType.bits)) * place));
  const biasMost = bias ? Math.ceil(2 ** (signedBits(biasType) - 1) * place) : 0;
  const most = nIn * 2 ** (signedBits(input) - 1 + weight.bits - 1) + biasMost;
  if (most >= 2 ** 50)
    throw new HwcastError('unsupported', 'sums of this layer pass 50 bits', {
      where,
      hint: 'fewer bits, or binary points closer together',
    });
  const width = last(layer.inShape);
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
    accumulatorBits: bitsFor(-most, most),
    shift: accumulatorFrac - output.frac,
    inWidth: width,
    inBeats: elements(layer.inShape) / width,
    outWidth: nOut,
    outBeats: matrix.times,
    input,
    output,
  };
}

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

function windowOf(layer: HlsLayer, where: string): Window {
  const twoD = layer.kind === 'conv2d';
  const rank = twoD ? 3 : 2;
  if (layer.inShape.length !== rank || layer.outShape.length !== rank)
    throw new HwcastError('bad-input', `${layer.kind} of shapes [${layer.inShape}] and [${layer.outShape}]`, { where });
  if ((layer.groups ?? 1) !== 1)
    throw new HwcastError('unsupported', 'a convolution in groups is not written as Verilog', { where });
  if (!layer.kernel) throw new HwcastError('bad-input', 'the convolution has no kernel', { where });
  const pad2 = (list: readonly number[] | undefined) => (twoD ? (list ?? [1, 1]) : [1, (list ?? [1])[0]]);
  const [kernelHeight, kernelWidth] = pad2(layer.kernel),
    [strideHeight, strideWidth] = pad2(layer.stride);
  const [height, width] = twoD ? layer.inShape : [1, layer.inShape[0]];
  const [outHeight, outWidth] = twoD ? layer.outShape : [1, layer.outShape[0]];
  const padding = layer.padding ?? 'valid';
  const along = (n: number, k: number, s: number, causal: boolean) => {
    if (causal) return { out: Math.floor((n - 1) / s) + 1, before: k - 1, after: 0 };
    if (padding === 'valid') return { out: Math.floor((n - k) / s) + 1, before: 0, after: 0 };
    const out = Math.ceil(n / s),
      total = Math.max((out - 1) * s + k - n, 0);
    return { out, before: Math.floor(total / 2), after: total - Math.floor(total / 2) };
  };
  if (padding === 'causal' && twoD) throw new HwcastError('bad-input', 'causal padding of a conv2d', { where });
  const rows = along(height, kernelHeight, strideHeight, false),
    columns = along(width, kernelWidth, strideWidth, padding === 'causal');
  if (rows.out !== outHeight || columns.out !== outWidth || outHeight < 1 || outWidth < 1)
    throw new HwcastError(
      'bad-input',
      `the convolution gives ${twoD ? `${rows.out} x ` : ''}${columns.out} pixels, its output shape says [${layer.outShape}]`,
      { where },
    );
  if (kernelHeight > 1 && width + columns.before + columns.after < 2)
    throw new HwcastError('unsupported', 'a conv2d over images one pixel wide is not written as Verilog', {
      where,
      hint: 'use conv1d',
    });
  return {
    height,
    width,
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    padTop: rows.before,
    padBottom: rows.after,
    padLeft: columns.before,
    padRight: columns.after,
    outHeight,
    outWidth,
  };
}
