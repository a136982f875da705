import { elementCount } from '../../core/elementCount.js';
import type { Shape } from '../tensorType.js';
import { Misfit, WEIGHT_TYPES, whole } from './attributes.js';
import { operator } from './operator.js';
import { type Recurrent, recurrentTfjs } from './recurrentTfjs.js';

/** [B, L, D], or [L, B, D] where `timeAxis` is 0. */
function sizesOf(x: Shape, a: Recurrent) {
  if (x.length !== 3) throw new Misfit('needs a [B, L, D] input');
  return { length: x[a.timeAxis], batch: x[1 - a.timeAxis], features: x[2] };
}

/** Width of what one direction gives out. */
const widthOf = ({ projection, hidden }: Recurrent): number => projection ?? hidden;

/**
 * A recurrent network over a sequence, run step by step: each layer and direction multiplies input and state with the weights of all gates,
 * MACs = B L gates H (D + H), D being directions x H from the second layer on, so arithmetic is proportional to the length; parameters = gates H (D + H)
 * + `bias` (0, 1 or 2) vectors of gates H. A `projection` P (Sak et al., Interspeech 2014) multiplies the output with a matrix [H, P] before it is given out and fed
 * back: gates H (D + P) + H P. Outputs: the sequence [B, L, directions H], then the last states [layers directions, B, H].
 * @param flops operations for each step and unit beside the products, counted from the gate formulas (sigmoid 4, tanh 6)
 */
function recurrent(name: 'lstm' | 'gru' | 'rnn', about: string, gates: number, flops: number, states: number) {
  return operator(name, {
    about: `${about} over [B, L, D]; second output: last states`,
    attributes: {
      hidden: whole(1),
      layers: whole(1).default(1),
      directions: whole(1).max(2, { error: 'must be 1 or 2' }).default(1),
      bias: whole(0).max(2, { error: 'must be 0, 1 or 2' }).default(2),
      timeAxis: whole(0).max(1, { error: 'must be 0 or 1' }).default(1),
      projection: whole(1).optional(),
      ...WEIGHT_TYPES,
    },
    operands: [1, 3],
    shape([x], a) {
      sizesOf(x, a);
      return [x[0], x[1], a.directions * widthOf(a)];
    },
    further([x], a) {
      const { batch } = sizesOf(x, a);
      return Array.from({ length: states }, (_, k) => ({ shape: [a.layers * a.directions, batch, k ? a.hidden : widthOf(a)] }));
    },
    work([x], a, y) {
      const { features } = sizesOf(x.shape, a);
      const width = widthOf(a);
      const steps = elementCount(y.shape) / width; // B L directions
      let weights = 0; // of one direction
      for (let layer = 0; layer < a.layers; layer++)
        weights += gates * a.hidden * ((layer ? a.directions * width : features) + width) + (a.projection ? a.hidden * width : 0);
      return {
        macs: steps * weights,
        flops: steps * a.layers * a.hidden * (flops + a.bias * gates),
        params: a.directions * (weights + a.layers * a.bias * gates * a.hidden),
      };
    },
    kernel: 'closed',
    weighted: true,
    feature: 'gemm',
    tfjs: recurrentTfjs(name, states),
  });
}

export const RECURRENT = [
  // i, f, o sigmoids; g and tanh(c): 3 x 4 + 2 x 6, c = f c + i g, h = o tanh(c)
  recurrent('lstm', 'long short-term memory (Hochreiter and Schmidhuber, 1997)', 4, 28, 2),
  // r, z sigmoids, n tanh: 2 x 4 + 6, r n, (1 - z) n + z h
  recurrent('gru', 'gated recurrent unit (Cho et al., EMNLP 2014)', 3, 19, 1),
  recurrent('rnn', 'recurrent network with tanh (Elman, 1990)', 1, 6, 1),
];
