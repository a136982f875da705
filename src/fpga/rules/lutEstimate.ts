import type { Strategy } from '../design/hlsDesign.js';
import { type ConstantWeights, wiredConstants } from './constantWeights.js';
import { MOST_PRODUCTS } from './denseCycles.js';
import { productInDsp } from './dspCount.js';
import { isUnrolled, type MatrixProduct } from './matrixProduct.js';
import { multipliers } from './multipliers.js';
import { roundedSumLut } from './roundedSums.js';

/** LUTs of a `bits`-wide n:1 multiplexer as Vivado HLS counts them: 9 for 16 bits 2:1, 145 for 32:1. */
export const muxLut = (n: number, bits: number): number => (n <= 1 ? 0 : (4.53 / 16) * n * bits);

/**
 * LUTs around one multiplier whose sum goes to one of n_out accumulators named by a table (RF > n_in): selecting the sum, adding, writing it back, for 16-bit
 * sums. Read off wa-hls4ml (Vivado HLS 2020.1) as slopes over n_out; the tool rounds n_out up to a power of two.
 */
const ACCUMULATOR_MUX = [
  [32, 176],
  [64, 296],
  [128, 696],
  [256, 1385],
] as const;
/** ... and where the table has one bit, RF = 2 n_in: a choice of two */
const ACCUMULATOR_OF_TWO = 41;

/** ... and where the loop is short: a choice among RF / n_in, seen once (RF 24 in the quickdraw GRU, 203 LUTs for 8 choices of 16 bits) */
const SHORT_LOOP = 64,
  ACCUMULATOR_CHOICE = 25;

function accumulatorMux(nOut: number, bits: number, choices: number, reuse: number): number {
  if (reuse <= SHORT_LOOP) return (ACCUMULATOR_CHOICE * choices * bits) / 16;
  if (choices <= 2) return (ACCUMULATOR_OF_TWO * bits) / 16;
  const ports = 2 ** Math.ceil(Math.log2(Math.max(2, nOut)));
  const known = ACCUMULATOR_MUX.find(([n]) => n === ports)?.[1];
  const lut = known ?? (ports < 32 ? 31 + 4.53 * ports : (1385 * ports) / 256);
  return (lut * bits) / 16;
}

/** The input of a multiplier is chosen among RF; beyond 32, the most seen alone, it is not extrapolated. */
const MOST_PORTS = 32;

/** LUTs of a `resource` layer with RF > 1 for each input and output (selecting the input, returning the sum), 16 bits, and for its loop. */
const PER_INPUT = 32,
  PER_STREAMED_INPUT = 9.6,
  PER_OUTPUT = 14.8,
  LOOP = 620;
/**
 * Vitis HLS, sums selected by a table: LUTs a bit of each input, of each sum, of each place of its selection (a power of two), and of each sum and multiplier that reaches it. From the LUTs
 * after logic synthesis of 85 rows of 23 networks of two and three layers of wa-hls4ml (2023.2, 2 to 16 bits), without those of weights (`laterRomLut`), relative least squares; `scripts/fpgaModelled.ts`
 * prints the errors with networks, shapes and widths of weights left out (docs/fpga.md). Their csynth counts are not known.
 */
const SELECTED = { input: 2.27, sum: 3.26, place: 1.45, reach: 0.072 };
/**
 * ... and a bit of an input that streams in, whatever selects the sums: the least of 26 rows of nine streaming CNNs of wa-hls4ml with 256 to 18816 inputs of a dense layer (2023.2, after
 * logic synthesis; kernels not recorded, so their convolutions cost an unknown rest).
 */
const SELECTED_STREAMED = 0.4;
/** A product of a narrow weight costs this much more than the DSP it replaces, which also does the addition. */
const NARROW_PRODUCT = 5;

/** LUTs of an unrolled layer: bits of accumulator a term of the sum, bits of product a shift and addition, a product by a multiplier that is pipelined or shared, and one that is not. */
const PER_TERM_BIT = 0.79,
  PER_SHIFT_ADD_BIT = 1.7,
  PER_PRODUCT = 4.9,
  PER_PRODUCT_RESOURCE = 0.3;
/** ... and a bit of a sum that waits in a chain of them (`ffEstimate`): shift registers. From the two such modules of hls4ml_MLP_estimator. */
const WAITING = 0.4;
/** LUTs a bit x bit of a multiplication outside DSPs: 18 x 18 takes 366 in the softmax modules, 8 x 8 takes 50 to 62. */
export const PER_MULTIPLIER_CELL = 1;

/** True where a table says which of the outputs a product is added to: weights in memory, RF > n_in (nnet_dense_resource_rf_gt_nin). */
export const selectsSums = (p: { strategy: Strategy; reuse: number; nIn: number }): boolean =>
  p.strategy === 'resource' && p.reuse > p.nIn;

/**
 * LUTs of a matrix-vector product, as csynth counts them (after logic synthesis: `laterCounts`).
 *
 * - Weights in memory: each of ceil(N / RF) multipliers has its accumulator (RF > n_in: one of n_out, `ACCUMULATOR_MUX`) or its input (RF <= n_in: one of RF,
 *   twice a multiplexer); each input and output has its port.
 * - Unrolled: adders of the terms, adders of the shifts, what a multiplier takes around it, multipliers outside DSPs.
 * - Where a window is shifted past the multipliers (streaming convolution of hls4ml before 0.6) none selects among inputs, and an adder is left.
 *
 * What the constants were read off, and the error:
 *
 * | kind | read off | error |
 * |---|---|---|
 * | in memory, RF > n_in | 101 rows of 8 bits of wa-hls4ml (`NARROW_PRODUCT`: 4 bits) | with `topLevelLut`, mean 0.2 %, largest 0.7 % of the other 632 rows |
 * | in memory, RF <= n_in | four modules of the quickdraw GRU | not tested |
 * | shifted window | dense layer of `vivado2019_cnn8_csynth.rpt` (`PER_STREAMED_INPUT`) | six CNN builds of 2018 need 2 to 47 LUTs a multiplier at RF 2 to 75 |
 * | unrolled, latency, RF 1 | half of the 96 rows of wa-hls4ml, split by model | mean 2.2 % of the other half |
 * | unrolled, latency, RF > 1 | the same | mean 4.0 % |
 * | unrolled, resource | the same | mean 3.6 % |
 * | unrolled, modules of hls4ml_MLP_estimator | nothing | median 9 % of 90 |
 * | unrolled, modules of hls4ml_OpenML, one type | nothing | median 9 % of 8 |
 * | unrolled, a width for each weight | the constant of `wiredConstants`, from eight modules | a factor two for eight with nearly all weights zero: a module does not know its dead inputs |
 *
 * `test/fpga/rules/lutEstimate.test.ts` prints the errors.
 */
export function lutEstimate(p: MatrixProduct, constants?: ConstantWeights): number {
  if (isUnrolled(p)) {
    const c = constants ?? wiredConstants(p);
    // a single product is no sum
    const terms = p.nIn === 1 ? 0 : PER_TERM_BIT * p.accumBits * c.nonZero,
      product = p.dataBits + p.weightBits;
    const shifts = PER_SHIFT_ADD_BIT * product * c.shiftAdd;
    if (p.strategy === 'distributed_arithmetic') return terms + 2 * PER_SHIFT_ADD_BIT * product * c.full + shifts;
    const inDsp = productInDsp(p);
    // shared multipliers do several of the products
    const made = Math.min(c.full, multipliers(p.nIn, p.nOut, p.reuse, p.strategy, p.zeroWeights));
    const cells = inDsp ? 0 : made * PER_MULTIPLIER_CELL * p.dataBits * p.weightBits;
    const routed = inDsp || made < c.full ? c.full * (p.strategy === 'latency' ? PER_PRODUCT : PER_PRODUCT_RESOURCE) : 0;
    const chain =
      p.nIn * p.nOut > MOST_PRODUCTS && p.strategy === 'latency' ? (WAITING * p.accumBits * c.nonZero * 2) / (3 * p.reuse) : 0;
    return terms + shifts + roundedSumLut(p, terms + shifts) + cells + routed + chain;
  }
  const n = multipliers(p.nIn, p.nOut, p.reuse, p.strategy);
  const inDsp = productInDsp(p);
  const product = inDsp ? 0 : p.weightBits < 5 ? NARROW_PRODUCT : PER_MULTIPLIER_CELL * p.dataBits * p.weightBits;
  const ports = LOOP + (perInput(p) * p.dataBits * p.nIn + PER_OUTPUT * p.accumBits * p.nOut) / 16;
  if (selectsSums(p) && !p.vivadoHls) {
    const places = 2 ** Math.ceil(Math.log2(p.nOut));
    return (
      (p.inputs === 'stream' ? SELECTED_STREAMED : SELECTED.input) * p.dataBits * p.nIn +
      p.accumBits * (SELECTED.sum * p.nOut + SELECTED.place * places + SELECTED.reach * n * p.nOut) +
      (p.weightBits < 5 ? 0 : n * product)
    );
  }
  const choice =
    p.inputs === 'window'
      ? p.accumBits
      : p.reuse > p.nIn
        ? accumulatorMux(p.nOut, p.accumBits, p.reuse / p.nIn, p.reuse)
        : 2 * muxLut(Math.min(p.reuse, MOST_PORTS), p.dataBits);
  // one multiplier for all: each output selects it
  const single = n === 1 ? 1.5 * p.accumBits * p.nOut : 0;
  return ports + n * (choice + product) + single;
}

const perInput = (p: MatrixProduct): number =>
  p.inputs !== 'stream' ? PER_INPUT : p.vivadoHls ? PER_STREAMED_INPUT : 16 * SELECTED_STREAMED;

/**
 * LUTs of the state machine of a pipelined Vitis HLS function that starts every `ii` cycles (strategy resource is a dataflow of loops instead): five a state. Of the top function of
 * hls4ml_MLP_estimator, II 20 to 100: within 25 %, 5.1 in the
 * mean; Vivado HLS shows none (wa-hls4ml, II 105 to 650).
 */
export const stateLut = (ii: number): number => (ii > 1 ? 5 * ii : 0);

/**
 * LUTs of the top function of a Vivado HLS project beside its layers: the ports. `resource`: 4020 and 9.2 an output of 16 bits; otherwise 3.97 a bit of the
 * input and 5.83 a bit of the output. From the single-layer rows of wa-hls4ml (see `lutEstimate`). Vitis HLS modules add up to the project: 0.
 */
export function topLevelLut(inputBits: number, outputBits: number, unrolled: boolean, inputs = 32): number {
  // no port is to be seen in the baselines of hls4ml that have one input, or no weights
  const seen = Math.min(1, Math.log2(Math.max(1, inputs)) / 5);
  return unrolled ? seen * (3.97 * inputBits + 5.83 * outputBits) : 4020 + 0.575 * outputBits;
}
