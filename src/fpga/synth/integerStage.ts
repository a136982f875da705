import { HwcastError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import type { HlsDesign, HlsLayer, Precision } from '../design/hlsDesign.js';
import { type FixedType, fixedType } from './fixedPoint.js';

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

/** What a layer is turned into a stage with. */
export interface StageContext {
  design: HlsDesign;
  layer: HlsLayer;
  /** type in which its input comes */
  input: FixedType;
  random: Random;
  /** design and layer, for messages */
  where: string;
  /** what is assumed, in words; added to */
  assumptions: string[];
}

/** Widths that are written as Verilog. */
const DATA_BITS = { least: 2, most: 16 } as const;

/** @throws HwcastError `unsupported` for a width that is not written as Verilog */
export function checkType(p: Precision, what: string, where: string): void {
  if (p.bits < DATA_BITS.least || p.bits > DATA_BITS.most)
    throw new HwcastError('unsupported', `${p.bits} bits for ${what}`, {
      where,
      hint: `${DATA_BITS.least} to ${DATA_BITS.most} bits are written as Verilog`,
    });
}

/** Type of a layer's results, `frac` places behind the point where the layer does not tell. */
export function resultType({ design, layer, where }: StageContext, frac: number): FixedType {
  const precision = layer.result ?? design.precision;
  checkType(precision, 'the result', where);
  return fixedType(precision, frac);
}

/** The channels of a tensor, channels last. */
export const lastAxis = (shape: readonly number[]): number => shape[shape.length - 1];
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** An error `unsupported` of a layer. */
export const notWritten = (what: string, where: string, hint?: string): HwcastError =>
  new HwcastError('unsupported', `${what} is not written as Verilog`, { where, hint });
