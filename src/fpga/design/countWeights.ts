import { countConstants, MOST_COUNTED } from './constantCounts.js';
import { gatesOf, type HlsDesign, type HlsLayer, type Precision, weightMatrix, weightPrecisionOf } from './hlsDesign.js';

/** Weights of one layer as a file holds them. */
export interface LayerWeights {
  /** values row by row, n_in rows of n_out; a recurrent layer has two, that of its inputs and that of its state */
  matrices: readonly ArrayLike<number>[];
  /**
   * how the tool makes them values of the weight type: `nearest` by a quantiser of the network, `down` by cutting bits as `ap_fixed` does, `none` where a
   * quantiser scales them by a factor that the file does not hold: only what is zero already counts
   */
  rounding: 'nearest' | 'down' | 'none';
  /** the matrix is written transposed, so that only its zeros can be told */
  transposed?: boolean;
  /** factor of each output, of a batch norm that is folded into the weights */
  scale?: readonly number[];
}

/** Weights by the name of the layer, and the file they are from, for messages. */
export interface NetworkWeights {
  byLayer: ReadonlyMap<string, LayerWeights>;
  source: string;
}

/** Half of the last digit that files of weights print: so much below a value is still that value. */
const PRINTED = 1e-6;

/**
 * The design with zeros and, where weights are wired into the logic, constants of its weights counted after they became values of their type. Layers that a
 * reader counted already, and those whose weights have a width each, stay. Said in `assumptions`, with the file.
 */
export function withCountedWeights(design: HlsDesign, { byLayer, source }: NetworkWeights): HlsDesign {
  const said: string[] = [],
    misfits: string[] = [];
  const layers = design.layers.map((layer): HlsLayer => {
    const weights = byLayer.get(layer.name);
    if (!weights || layer.zeroWeights !== undefined || layer.ownWidths) return layer;
    const sizes = weights.matrices.map((m) => m.length),
      expected = matrixSizes(layer);
    if (!expected) return layer;
    if (sizes.join() !== expected.join()) {
      misfits.push(`'${layer.name}' (${sizes.join(' and ')} values, ${expected.join(' and ')} expected)`);
      return layer;
    }
    const counted = countedLayer(layer, weights, weightPrecisionOf(design, layer));
    said.push(`${layer.name} ${counted.zeroWeights} of ${expected.reduce((a, b) => a + b, 0)}`);
    return counted;
  });
  const assumptions = [...design.assumptions];
  if (said.length) assumptions.push(`zero weights counted in ${source}, as values of the weight types: ${said.join(', ')}`);
  if (misfits.length) assumptions.push(`the weights in ${source} do not fit ${misfits.join(', ')}: zeros there not counted`);
  return { ...design, layers, assumptions };
}

/** Elements of each matrix of a layer; undefined for a layer without. */
function matrixSizes(layer: HlsLayer): number[] | undefined {
  const matrix = weightMatrix(layer);
  if (matrix) return [matrix.nIn * matrix.nOut];
  const gates = gatesOf(layer),
    [nIn, nOut] = [layer.inShape, layer.outShape].map((s) => s[s.length - 1]);
  return gates ? [nIn * gates * nOut, nOut * gates * nOut] : undefined;
}

function countedLayer(layer: HlsLayer, weights: LayerWeights, type: Precision): HlsLayer {
  const steps = stepsOf(weights, type);
  let zeroWeights = 0;
  for (const matrix of weights.matrices) for (let i = 0; i < matrix.length; i++) if (steps(matrix, i) === 0) zeroWeights++;
  const matrix = weightMatrix(layer);
  const constants =
    matrix &&
    !weights.transposed &&
    weights.rounding !== 'none' &&
    type.intBits !== null &&
    matrix.nIn * matrix.nOut <= MOST_COUNTED
      ? countConstants(matrix.nIn, matrix.nOut, (i, o) => steps(weights.matrices[0], i * matrix.nOut + o))
      : undefined;
  return { ...layer, zeroWeights, ...(constants ? { constants } : {}) };
}

/** A weight in steps of its type; as it is where the type or its scale is not known. */
function stepsOf({ rounding, scale }: LayerWeights, type: Precision): (matrix: ArrayLike<number>, i: number) => number {
  const scaled = (matrix: ArrayLike<number>, i: number): number => (scale ? matrix[i] * scale[i % scale.length] : matrix[i]);
  if (rounding === 'none' || type.intBits === null) return scaled;
  const steps = 2 ** (type.bits - type.intBits),
    levels = 2 ** type.bits,
    low = type.signed ? -levels / 2 : 0;
  return (matrix, i) => {
    const exact = scaled(matrix, i) * steps;
    if (rounding === 'nearest') return Math.min(low + levels - 1, Math.max(low, Math.round(exact))) + 0;
    const wrapped = (Math.floor(exact + PRINTED) - low) % levels;
    return (wrapped < 0 ? wrapped + levels : wrapped) + low;
  };
}
