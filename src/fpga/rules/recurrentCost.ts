import type { LayerEstimate } from './activationCost.js';
import { tableBram18 } from './activationCost.js';
import type { Cycles } from './denseCycles.js';

/** Products of a state element with gates at each step, besides the matrices. */
const PRODUCTS = { gru: 3, lstm: 3, simple_rnn: 0 } as const;
/** Look-ups a state element: gates by sigmoid and tanh. */
const TABLES = { gru: 3, lstm: 5, simple_rnn: 1 } as const;
/** Cycles of a step beside the longer of the two products: gates, products of gates, state; and of the loop over steps. */
const STEP_WITH_DSP = 6,
  STEP_IN_LUTS = 3,
  LOOP = 3;
/** LUTs and FFs a state element and bit beside matrices and tables; LUTs an input element of the loop. */
const LUT_PER_STATE_BIT = 81.3 / 16,
  FF_PER_STATE_BIT = 186 / 16,
  LUT_PER_LOOKUP = 130,
  LUT_PER_INPUT = 127;

/**
 * A recurrent layer beside its two matrix products (nnet_recurrent.h, `gru_stack` with static state): activations by table, products of gates, the loop.
 * latency = steps (longer product + 9) + 1 with 16-bit states, (longer product + 6) + 1 where states are too narrow for DSPs; II = latency. Exact, both ends,
 * for the GRU of quickdraw (100 steps, 16 bits) and, as part of the total, of ftag (15 steps, 4 bits); one step alone (`gru_static`) is 3 cycles and 1 less.
 * DSP 3 (narrow states: 1) and BRAM 1.5 a state element: exact for quickdraw (ftag). LUT and FF constants are read off the
 * quickdraw module. LSTM and simple RNN: by analogy, not
 * checked.
 */
export function recurrentCost(
  kind: keyof typeof PRODUCTS,
  sizes: { steps: number; nIn: number; state: number },
  bits: number,
  longer: Cycles,
  tableSize: number,
  dspPerGate: number,
  inDsp = true,
): LayerEstimate {
  const { steps, nIn, state } = sizes;
  const step = (dspPerGate > 0 ? STEP_WITH_DSP : STEP_IN_LUTS) + (steps > 1 ? LOOP : 0);
  const tail = steps > 1 ? 1 : 0;
  const latencyMax = steps * (longer.latencyMax + step) + tail;
  return {
    latencyMin: steps * (longer.latencyMin + step) + tail,
    latencyMax,
    ii: latencyMax,
    dsp: PRODUCTS[kind] && (dspPerGate > 0 ? PRODUCTS[kind] * dspPerGate : inDsp ? 1 : 0) * state,
    bram18: tableBram18(TABLES[kind] * state, tableSize, bits),
    lut:
      state * bits * (LUT_PER_STATE_BIT + (TABLES[kind] * LUT_PER_LOOKUP) / 16) +
      (steps > 1 ? (LUT_PER_INPUT * steps * nIn * bits) / 16 : 0),
    ff: state * bits * FF_PER_STATE_BIT,
  };
}
