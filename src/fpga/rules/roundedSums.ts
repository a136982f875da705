import type { HlsDesign, HlsLayer, Precision } from '../design/hlsDesign.js';
import { adderNs, USABLE_CLOCK } from './clockModel.js';
import type { MatrixProduct } from './matrixProduct.js';

/** LUTs a bit of a result that is rounded or saturated: 43 of the 12 rectifiers of 16 to 8 bits in hls4ml_MLP_estimator (Vitis HLS 2021.1, RND_CONV, SAT), where cutting would take 31. */
export const ROUNDED_BIT = 1.5;

/** Whether values of a type are rounded or saturate. */
export const isRounded = ({ rounding, overflow }: Precision): boolean => rounding !== undefined || overflow !== undefined;

/** What the type of its sums does to a matrix product. */
export function sumsOfType({ rounding, overflow }: Precision): Pick<MatrixProduct, 'saturates' | 'rounds'> {
  return { ...(overflow === undefined ? {} : { saturates: true }), ...(rounding === undefined ? {} : { rounds: true }) };
}

/**
 * Share of the LUTs of terms and shifts that rounded or saturated sums take more. Of the one pair that shows it, a network of four dense layers at 4 bits (hls4ml, Vivado 2019.1, routed):
 * LUT 4583 cut and wrapped, 5479 with AP_RND and AP_SAT.
 */
const ROUNDED_SUM = 5479 / 4583 - 1;

/** LUTs that rounding and saturation of sums add to those of terms and shifts. */
export const roundedSumLut = (p: MatrixProduct, ofSums: number): number => (p.saturates || p.rounds ? ROUNDED_SUM * ofSums : 0);

/**
 * The most that they add beyond: what they are made of. A sum that saturates chooses each bit (a LUT) by whether it overflows (one), a product that is rounded is added to once more.
 * @param terms sums that are made
 */
export const roundedSumReach = (p: MatrixProduct, terms: number): number =>
  terms * ((p.saturates ? p.accumBits + 1 : 0) + (p.rounds ? p.accumBits : 0));

/** Sums in a row that a clock cycle takes: the order of terms that saturate cannot be changed, so they are no tree. */
const sumsACycle = (p: MatrixProduct): number => Math.max(1, Math.floor((p.clockNs * USABLE_CLOCK) / adderNs(p.generation)));

/** Cycles of the chain of saturating sums over `terms`. */
export const chainCycles = (p: MatrixProduct, terms: number): number => Math.floor(terms / sumsACycle(p));

/**
 * Registers of that chain: at the end of each of its cycles the sums of all outputs, and the inputs that wait for their turn, half of them in the mean. No row counts them by layer: of the
 * network of `ROUNDED_SUM` FF grew from 904 to 3686, and this is 9576 if none of its weights are zero, 2120 with three quarters of them.
 */
export const chainRegisters = (p: MatrixProduct, terms: number): number =>
  (chainCycles(p, terms) * (p.accumBits * p.nOut + (p.dataBits * p.nIn) / 2)) / (p.strategy === 'latency' && p.reuse > 1 ? 2 : 1);

/** Layers that pass values on as they are, and activations, whose rules count how their results are rounded. */
const PASSES: ReadonlySet<string> = new Set([
  'reshape',
  'resize',
  'transpose',
  'padding',
  'max_pool',
  'global_max_pool',
  'activation',
  'opaque',
]);

/** LUTs of results that are rounded or saturated, `values` at once; none where the sums have that type already. */
export function roundedResultLut({ precision }: HlsDesign, layer: HlsLayer, values: number): number {
  const result = layer.result ?? precision,
    accum = layer.accum ?? precision;
  const same = result.bits === accum.bits && result.intBits === accum.intBits && isRounded(accum);
  return PASSES.has(layer.kind) || !isRounded(result) || same ? 0 : ROUNDED_BIT * result.bits * values;
}

/** Layers with weights whose sums are rounded or saturated. */
export const roundedLayers = ({ layers, precision }: HlsDesign): string[] =>
  layers.flatMap(({ name, kind, accum = precision }) => (SUMS.test(kind) && isRounded(accum) ? [name] : []));
const SUMS = /^(dense|(depthwise_)?conv\dd|gru|lstm|simple_rnn)$/;

const cutAndWrapped = ({ bits, intBits, signed }: Precision): Precision => ({ bits, intBits, signed });

/** The design with nothing rounded or saturated. */
export const withoutRounding = (design: HlsDesign): HlsDesign => ({
  ...design,
  precision: cutAndWrapped(design.precision),
  layers: design.layers.map((layer) => ({
    ...layer,
    ...(layer.accum ? { accum: cutAndWrapped(layer.accum) } : {}),
    ...(layer.result ? { result: cutAndWrapped(layer.result) } : {}),
  })),
});

/** Said of a design with such layers. */
export const roundedWarning = (names: readonly string[]): string =>
  `sums are rounded or saturated (${names.length > 4 ? `${names.length} layers` : names.join(', ')}): LUT as one network of 4 bits had it, up to what comparisons and choices take; saturating sums counted as a chain, their registers from none to all`;
