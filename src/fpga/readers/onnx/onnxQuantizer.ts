import { intAttribute, type OnnxNode, stringAttribute } from '../../../graph/readers/onnx/onnxModel.js';
import { broadcastIndex, positiveAxis } from '../../../graph/readers/onnx/onnxShapes.js';
import { dataTypeName } from '../../../graph/readers/onnx/tensorValues.js';
import type { Precision } from '../../design/hlsDesign.js';

/** A constant of the graph: an initializer, or what operators make of some. */
export interface OnnxConstant {
  dims: number[];
  /** `int8`.. where it tells the type of quantised values */
  dataType?: string;
  /** row-major; undefined where the file does not have them */
  values(): Float64Array | undefined;
  /** type of its elements where it went through a quantiser: the widest, where each has a width of its own */
  precision?: Precision;
  ownWidths?: boolean;
  /** what its elements are whole multiples of, where it is one number */
  step?: number;
}

/** What a quantising operator makes of numbers. */
export interface OnnxQuantizer {
  /** undefined: the width is not known */
  precision: Precision | undefined;
  /** what the precision leaves out */
  notes: string[];
  ownWidths?: boolean;
  /** the one scale; undefined where scales differ */
  step?: number;
  /** the quantised values in the scale of the input (not the integers); undefined where a parameter has no value or shape that fits */
  quantised(values: Float64Array, dims: readonly number[]): Float64Array | undefined;
}

const halfEven = (x: number): number => {
  const floor = Math.floor(x),
    rest = x - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
};
const ROUNDING: Record<string, (x: number) => number> = {
  ROUND: halfEven,
  HALF_EVEN: halfEven,
  CEIL: Math.ceil,
  FLOOR: Math.floor,
  UP: (x) => Math.sign(x) * Math.ceil(Math.abs(x)),
  DOWN: Math.trunc,
  ROUND_TO_ZERO: Math.trunc,
  HALF_UP: (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5),
  HALF_DOWN: (x) => Math.sign(x) * Math.ceil(Math.abs(x) - 0.5),
};

export const QUANTIZERS = new Set(['Quant', 'IntQuant', 'BipolarQuant', 'QuantizeLinear']);

/** Width and sign of an integer type by name. */
export function integerType(name: string): { bits: number; signed: boolean } | undefined {
  const match = name.match(/^(u?)int(\d+)$/);
  return match ? { bits: Number(match[2]), signed: !match[1] } : undefined;
}

/**
 * Precision of integers of `bits` times `scale`. A scale that is one power of two for all is exact, as hls4ml takes it (the integer bits count the sign);
 * others keep the width, with the point where the largest scale's range fits, and are noted: hls4ml multiplies by them in layers of their own. `step`: the scale, where all have one.
 */
export function scaledPrecision(
  { bits, signed }: { bits: number; signed: boolean },
  scale: Float64Array | undefined,
  zeroPoint: Float64Array | undefined,
): Pick<OnnxQuantizer, 'precision' | 'notes' | 'step'> {
  const notes: string[] = [];
  // HGQ writes fractions of a bit; hls4ml rounds them up
  const width = Math.ceil(bits);
  if (!(width >= 1 && width <= 128)) return { precision: undefined, notes: [`its width of ${bits} bits is none`] };
  const shift = zeroPoint?.find((z) => z !== 0);
  if (shift !== undefined) notes.push(`its zero point ${shift} is not counted`);
  const largest = scale?.reduce((a, b) => Math.max(a, b), 0);
  if (!scale || !largest || !scale.every((s) => s > 0)) {
    notes.push('its scale is not in the file: the place of the point is open');
    return { precision: { bits: width, intBits: null, signed }, notes };
  }
  const exponent = Math.log2(largest),
    step = scale.every((s) => s === largest) ? largest : undefined;
  if (step === undefined)
    notes.push(`its ${scale.length} scales differ: the range of the largest is taken, multiplications by them are not counted`);
  else if (!Number.isInteger(exponent))
    notes.push(
      `its scale ${Number(largest.toPrecision(4))} is no power of two: the next larger one is taken, multiplications by it are not counted`,
    );
  const intBits = width + Math.ceil(exponent);
  if (Math.abs(intBits) > 128) {
    notes.push(`its scale ${largest} leaves no fixed point`);
    return { precision: { bits: width, intBits: null, signed }, notes, step };
  }
  return { precision: { bits: width, intBits, signed }, notes, step };
}

/**
 * The quantiser of a Quant (IntQuant), BipolarQuant (QONNX) or QuantizeLinear node whose parameters are constants (input 0 is what it quantises).
 * Semantics: https://github.com/fastmachinelearning/qonnx/tree/main/docs/qonnx-custom-ops and ONNX's QuantizeLinear.
 */
export function onnxQuantizer(node: OnnxNode, constants: readonly (OnnxConstant | undefined)[]): OnnxQuantizer {
  const scale = constants[1]?.values();
  if (node.opType === 'BipolarQuant') {
    return {
      ...scaledPrecision({ bits: 1, signed: true }, scale, undefined),
      quantised: (values, dims) => mapped(values, dims, constants[1]?.dims, scale, (v, s) => (v >= 0 ? s : -s)),
    };
  }
  const zeroPoint = constants[2]?.values();
  if (node.opType === 'QuantizeLinear') {
    const asked = intAttribute(node, 'output_dtype');
    const type = integerType(constants[2]?.dataType ?? (asked ? dataTypeName(asked) : 'uint8'));
    if (!type) return { precision: undefined, notes: ['it does not quantise to integers'], quantised: () => undefined };
    return {
      ...scaledPrecision(type, scale, zeroPoint),
      quantised: (values, dims) =>
        limited(
          values,
          dims,
          axisDims(node, dims, constants[1]?.dims),
          scale,
          zeroPoint,
          () => type.bits,
          type.signed,
          false,
          halfEven,
        ),
    };
  }
  const widths = constants[3]?.values(),
    bits = widths?.length ? widths.reduce((a, b) => Math.max(a, b)) : undefined,
    signed = intAttribute(node, 'signed') !== 0,
    narrow = intAttribute(node, 'narrow') === 1;
  if (!widths || bits === undefined)
    return { precision: undefined, notes: ['its bit width is not a constant of the file'], quantised: () => undefined };
  const rounding = stringAttribute(node, 'rounding_mode')?.toUpperCase() ?? 'ROUND',
    round = ROUNDING[rounding];
  return {
    ...scaledPrecision({ bits, signed }, scale, zeroPoint),
    ...(widths.some((w) => w !== bits) ? { ownWidths: true } : {}),
    quantised: (values, dims) => {
      const widthIndex = broadcastIndex(dims, constants[3]!.dims);
      if (!round || !widthIndex) return undefined;
      return limited(
        values,
        dims,
        constants[1]?.dims,
        scale,
        zeroPoint,
        (i) => Math.ceil(widths[widthIndex(i)]),
        signed,
        narrow,
        round,
      );
    },
  };
}

/** Shape of per-axis parameters of (De)QuantizeLinear beside a tensor of `dims`. */
export function axisDims(
  node: OnnxNode,
  dims: readonly number[],
  parameter: readonly number[] | undefined,
): number[] | undefined {
  if (parameter?.length !== 1 || parameter[0] === 1) return parameter && [...parameter];
  const axis = positiveAxis(intAttribute(node, 'axis') ?? 1, dims.length);
  return dims.map((_, i) => (i === axis ? parameter[0] : 1));
}

/** Values quantised to integers within a type and scaled back. */
function limited(
  values: Float64Array,
  dims: readonly number[],
  scaleDims: readonly number[] | undefined,
  scale: Float64Array | undefined,
  zeroPoint: Float64Array | undefined,
  bitsOf: (element: number) => number,
  signed: boolean,
  narrow: boolean,
  round: (x: number) => number,
): Float64Array | undefined {
  return mapped(values, dims, scaleDims, scale, (v, s, i, element) => {
    const bits = bitsOf(element),
      zero = zeroPoint?.[zeroPoint.length === 1 ? 0 : i] ?? 0;
    // a weight of no bits is pruned
    if (bits <= 0) return 0;
    const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - (narrow ? 2 : 1),
      low = signed ? -high - (narrow ? 0 : 1) : 0;
    return (Math.min(high, Math.max(low, round(v / s + zero))) - zero) * s;
  });
}

/** Each value with the scale that belongs to it, that scale's index and its own. */
export function mapped(
  values: Float64Array,
  dims: readonly number[],
  scaleDims: readonly number[] | undefined,
  scale: Float64Array | undefined,
  make: (value: number, scale: number, index: number, element: number) => number,
): Float64Array | undefined {
  const index = scaleDims && broadcastIndex(dims, scaleDims);
  if (!index || !scale) return undefined;
  return values.map((v, i) => make(v, scale[index(i)], index(i), i));
}
