import { type HlsDesign, reuseOf, strategyOf, weightMatrix } from '../design/hlsDesign.js';
import { isUnrolled } from './matrixProduct.js';

/** Shares of a layer that are left after constants are propagated and what nothing reads is removed. */
export interface LiveShare {
  /** of the inputs, those that depend on the network's input */
  inputs: number;
  /** of the outputs, those that depend on it */
  outputs: number;
  /** of the outputs, those that a result depends on */
  read: number;
}

/** Kinds whose outputs each depend on one input. */
const ELEMENTWISE: ReadonlySet<string> = new Set(['activation', 'batch_norm', 'reshape']);

/**
 * Share of weights that live units keep where each weight has a width of its own: widths shrink to nothing unit by unit, as long as all inputs are live (past dead ones weights cost
 * nothing and stay). Of the first layers of hls4ml_OpenML 3.1, densities .87, .66, .09 and .04, the LUTs of the rectifiers behind tell 64, 56, 8 and 4 live units of 64: .56 to .88.
 */
const OWN_DENSITY = 0.75;

/**
 * What pruning leaves of a chain of dense layers whose weights are wired into the logic: a unit all of whose incoming weights are zero is its bias, and one all of whose outgoing
 * weights are zero is read by nothing; the HLS tool removes both, and what hangs on them. Zeros are taken as spread evenly, so structured pruning leaves less. Undefined where no layer
 * has known zeros or the design is no such chain. `softmax` reads every input.
 */
export function liveUnits(design: HlsDesign): LiveShare[] | undefined {
  const { layers } = design;
  if (!layers.some((l) => l.zeroWeights)) return undefined;
  const sparse: (readonly [density: number, nIn: number, nOut: number, own: boolean] | undefined)[] = [];
  for (const [i, layer] of layers.entries()) {
    if (i > 0 ? layer.inputs.length !== 1 || layer.inputs[0] !== layers[i - 1].name : layer.inputs.length > 0) return undefined;
    const matrix = layer.kind === 'dense' ? weightMatrix(layer) : undefined;
    if (matrix ? matrix.times !== 1 : !ELEMENTWISE.has(layer.kind)) return undefined;
    if (matrix) {
      const wired = isUnrolled({ strategy: strategyOf(design, layer), reuse: reuseOf(design, layer) });
      const n = matrix.nIn * matrix.nOut;
      sparse.push([wired ? 1 - (layer.zeroWeights ?? 0) / n : 1, matrix.nIn, matrix.nOut, layer.ownWidths === true]);
    } else sparse.push(undefined);
  }
  const any = (density: number, n: number) => 1 - (1 - density) ** n;
  const shares: LiveShare[] = [];
  let live = 1;
  for (const matrix of sparse) {
    const inputs = live;
    if (matrix) live = matrix[3] && live === 1 ? Math.min(1, matrix[0] / OWN_DENSITY) : any(matrix[0], matrix[1] * live);
    shares.push({ inputs, outputs: live, read: 1 });
  }
  let read = 1;
  for (let i = layers.length - 1; i >= 0; i--) {
    shares[i].read = read;
    const matrix = sparse[i];
    if (matrix) read = any(matrix[0], matrix[2] * read);
    else if (layers[i].activation === 'softmax') read = 1;
  }
  return shares;
}
