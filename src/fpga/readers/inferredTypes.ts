import { elementCount } from '../../core/elementCount.js';
import { gatesOf, type HlsLayer, type Precision, weightMatrix } from '../design/hlsDesign.js';

/** Tensors of a layer that have a type. */
export const TYPED_TENSORS = ['weight', 'bias', 'accum', 'result'] as const;
export type TypedTensor = (typeof TYPED_TENSORS)[number];
/** A type, or hls4ml's `auto`: it is inferred from others. */
export type TypeSetting = Precision | 'auto';
/** By name of a layer, tensors that are left to hls4ml. */
export type AutoTypes = ReadonlyMap<string, ReadonlySet<TypedTensor>>;

interface TypesOfModel {
  /** of the model, which hls4ml gives whatever it does not infer */
  general: Precision;
  /** of the network's input */
  input: Precision;
  /** `maximum` of the model's precision: none inferred is wider */
  maximum?: Precision;
}

/** Fixed point with known position of the point: only such types are inferred from. */
type Known = Precision & { intBits: number };
const known = (type: Precision): type is Known => type.intBits !== null;
const fraction = (type: Known): number => type.bits - type.intBits;
const log2Up = (n: number): number => Math.ceil(Math.log2(n));
/** A bias that the network does not have is a zero of one bit. */
const NO_BIAS: Known = { bits: 1, intBits: 1, signed: false };

/** Integer bits of a sum of values of two types: one of sign where only the other is signed, one of carry. */
const carried = (a: Known, b: Known): number =>
  Math.max(a.intBits + (b.signed && !a.signed ? 1 : 0), b.intBits + (a.signed && !b.signed ? 1 : 0)) + 1;

const sumType = (a: Known, b: Known, signed = a.signed || b.signed): Known => {
  const intBits = carried(a, b);
  return { bits: intBits + Math.max(fraction(a), fraction(b)), intBits, signed };
};
const productType = (a: Known, b: Known, terms = 1): Known => ({
  bits: a.bits + b.bits + log2Up(terms),
  intBits: a.intBits + b.intBits + log2Up(terms),
  signed: a.signed || b.signed,
});
const eitherType = (a: Known, b: Known): Known => {
  const signed = a.signed || b.signed;
  const intBits = Math.max(a.intBits + (signed && !a.signed ? 1 : 0), b.intBits + (signed && !b.signed ? 1 : 0));
  return { bits: intBits + Math.max(fraction(a), fraction(b)), intBits, signed };
};

const sameType = (a: Precision, b: Precision): boolean => a.bits === b.bits && a.intBits === b.intBits && a.signed === b.signed;

/** Type of a merge of two inputs. */
function mergeType(layer: HlsLayer, a: Known, b: Known): Known {
  switch (layer.merge) {
    case 'multiply':
      return productType(a, b);
    case 'matmul':
      return productType(a, b, layer.inShape[layer.inShape.length - 1]);
    case 'dot':
      return productType(a, b, layer.inShape[0]);
    case 'concatenate':
    case 'maximum':
    case 'minimum':
      return sameType(a, b) ? a : eitherType(a, b);
    default:
      return sumType(a, b, a.signed || b.signed || layer.merge === 'subtract');
  }
}

/** Layers whose results have the type of their input. */
const PASSING: ReadonlySet<string> = new Set([
  'reshape',
  'resize',
  'transpose',
  'padding',
  'max_pool',
  'avg_pool',
  'global_max_pool',
  'global_avg_pool',
]);

/** Type of the sums of a layer, by the types of its inputs; undefined where hls4ml has its default. */
function sumsOf(layer: HlsLayer, inputs: readonly Precision[], { general, maximum }: TypesOfModel): Precision | undefined {
  const [a, b] = inputs;
  if (layer.kind.includes('pool')) {
    if (layer.kind.endsWith('max_pool')) return a;
    // of a mean no maximum counts
    const extra = log2Up(elementCount(layer.kernel ?? layer.inShape.slice(0, -1)));
    return known(a) ? { bits: a.bits + 2 * extra, intBits: a.intBits + extra, signed: a.signed } : undefined;
  }
  const scaled = layer.kind === 'batch_norm' ? 1 : gatesOf(layer) ? undefined : weightMatrix(layer)?.nIn;
  if (scaled !== undefined) {
    const weight = layer.weight ?? general,
      bias = layer.useBias === false ? NO_BIAS : (layer.bias ?? general);
    if (!known(a) || !known(weight) || !known(bias)) return undefined;
    return atMost(sumType(productType(a, weight, scaled), bias), maximum);
  }
  if (layer.kind === 'merge' && b && known(a) && known(b)) return atMost(mergeType(layer, a, b), maximum);
  return undefined;
}

/** A type that is not wider than the model's maximum. */
const atMost = (type: Known, maximum: Precision | undefined): Precision =>
  maximum && known(maximum)
    ? { bits: Math.min(type.bits, maximum.bits), intBits: Math.min(type.intBits, maximum.intBits), signed: maximum.signed }
    : type;

/**
 * Layers with the types that hls4ml infers for tensors set to `auto` (its pass InferPrecisionTypes, from 0.8 on): weights and biases as their quantiser has
 * them, sums as wide as no sum can exceed, results as sums; pools and layers that only move data pass on the type of their input; what it does not infer,
 * among it results of activations, has the model's default. A line in `assumptions` for each layer.
 */
export function withInferredTypes(
  layers: readonly HlsLayer[],
  autos: AutoTypes,
  model: TypesOfModel,
  assumptions: string[],
): HlsLayer[] {
  const results = new Map<string, Precision>();
  return layers.map((layer) => {
    const typed: HlsLayer = { ...layer };
    const auto = autos.get(layer.name);
    const inputs = layer.inputs.length ? layer.inputs.map((name) => results.get(name) ?? model.general) : [model.input];
    if (auto?.size) {
      for (const tensor of ['weight', 'bias'] as const) if (auto.has(tensor)) typed[tensor] ??= model.general;
      const sums = sumsOf(typed, inputs, model);
      if (auto.has('accum')) typed.accum = sums ?? model.general;
      if (auto.has('result')) typed.result = PASSING.has(layer.kind) ? inputs[0] : (sums ?? model.general);
      const said = TYPED_TENSORS.filter((t) => auto.has(t) && typed[t]).map((t) => `${t} ${typeText(typed[t]!)}`);
      if (said.length) assumptions.push(`layer '${layer.name}': types are 'auto', inferred as hls4ml does: ${said.join(', ')}`);
    }
    results.set(layer.name, typed.result ?? (layer.kind === 'reshape' ? inputs[0] : model.general));
    return typed;
  });
}

const typeText = ({ bits, intBits, signed }: Precision): string => `${signed ? 'fixed' : 'ufixed'}<${bits},${intBits ?? '?'}>`;
