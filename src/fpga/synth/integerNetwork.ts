import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';
import { createRandom } from '../../core/random.js';
import { type HlsDesign, type HlsLayer, inputPrecisionOf, type Precision } from '../design/hlsDesign.js';
import { type FixedType, fixedType } from './fixedPoint.js';
import {
  checkType,
  type FlattenStage,
  lastAxis,
  notWritten,
  resultType,
  type Stage,
  type StageContext,
  sameShape,
} from './integerStage.js';
import { matrixStage } from './matrixStage.js';

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

/**
 * The integer network of a design: dense, conv1d, conv2d, relu (and linear) activations and reshapes to a vector, in a chain. Weights are drawn uniformly from
 * all integers of the weight type; `zeroWeights` of them, at seeded places, are 0 and the others are not (where the field is absent, zeros fall as they come).
 *
 * Arithmetic: products and sums are exact; a result is floor(accumulator / 2^shift) saturated to the layer's result type, shift = frac(input) + frac(weight) -
 * frac(result). Quantisers before the first layer (linear activations with a result) tell in which precision the input comes; they cost nothing.
 *
 * A type without `intBits` gets its binary point so:
 *
 * | type | bits behind the point |
 * |---|---|
 * | weights, biases | all but one (fractions) |
 * | input of the network | none |
 * | result | those of the input less ceil(log2(n_in) / 2), which keeps the size of numbers |
 *
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
    checkChain(layer, i ? [design.layers[i - 1].name] : [], where);
    if (elementCount(layer.inShape) !== elementCount(shape) || (layer.kind !== 'dense' && !sameShape(layer.inShape, shape)))
      throw new HwcastError('bad-input', `input shape [${layer.inShape}] does not continue the shape [${shape}] before it`, {
        where,
      });
    const { bits } = inputPrecisionOf(design, layer);
    // quantisers of the input, and the layer behind them, read what those say together
    if ((i > leading || leading === 0) && bits !== type.bits)
      throw new HwcastError('bad-input', `reads ${bits} bits where ${type.bits} come`, { where });
    if (layer.kind === 'dense' && !sameShape(layer.inShape, shape)) stages.push(flatten(layer.name, shape, type));
    const context = { design, layer, input: type, random: random.fork(layer.name), where, assumptions };
    const stage = i < leading ? undefined : stageOf(context);
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

/** @throws HwcastError `unsupported` where a layer does not read the one before it alone */
function checkChain({ inputs }: HlsLayer, expected: readonly string[], where: string): void {
  if (inputs.length !== expected.length || inputs.some((name, i) => name !== expected[i]))
    throw new HwcastError('unsupported', `reads [${inputs}], not [${expected}]: only a chain of layers is written as Verilog`, {
      where,
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

/** The stage of a layer; undefined for one that changes nothing. */
function stageOf(context: StageContext): Stage | undefined {
  const { layer, where } = context;
  switch (layer.kind) {
    case 'dense':
    case 'conv1d':
    case 'conv2d':
      return matrixStage(context);
    case 'activation':
      return activationStage(context);
    case 'reshape':
      return reshapeStage(context);
    default:
      throw notWritten(`a ${layer.kind} layer`, where, 'dense, conv1d, conv2d, relu and flatten are');
  }
}

function activationStage(context: StageContext): Stage | undefined {
  const { layer, input, where } = context;
  const activation = layer.activation ?? 'linear';
  if (!sameShape(layer.inShape, layer.outShape))
    throw new HwcastError('bad-input', `an activation turns [${layer.inShape}] into [${layer.outShape}]`, { where });
  if (activation === 'linear') {
    const result = layer.result && fixedType(layer.result, input.frac);
    if (result && (result.bits !== input.bits || result.signed !== input.signed || result.frac !== input.frac))
      throw notWritten(
        `a quantiser from ${describe(input)} to ${describe(result)}`,
        where,
        'one of the network input is, and results of dense, convolution and relu layers have the type they name',
      );
    return undefined;
  }
  if (activation !== 'relu') throw notWritten(`activation '${activation}'`, where, 'relu and linear are');
  const output = resultType(context, input.frac);
  const width = lastAxis(layer.inShape),
    beats = elementCount(layer.inShape) / width;
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

function reshapeStage({ layer, input, where }: StageContext): Stage | undefined {
  if (layer.outShape.length !== 1 || elementCount(layer.inShape) !== layer.outShape[0])
    throw new HwcastError(
      'unsupported',
      `reshape [${layer.inShape}] to [${layer.outShape}]: only a flatten is written as Verilog`,
      { where },
    );
  return layer.inShape.length === 1 ? undefined : flatten(layer.name, layer.inShape, input);
}

const flatten = (name: string, shape: readonly number[], type: FixedType): FlattenStage => ({
  kind: 'flatten',
  name: `${name}_flatten`,
  inWidth: lastAxis(shape),
  inBeats: elementCount(shape) / lastAxis(shape),
  outWidth: elementCount(shape),
  outBeats: 1,
  input: type,
  output: type,
});
