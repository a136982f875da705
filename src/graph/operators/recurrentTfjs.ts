import { type Tensor, type Tf, type TfjsKernel, type TfjsNode, unsupported } from './tfjsKernel.js';

export interface Recurrent {
  hidden: number;
  layers: number;
  directions: number;
  bias: number;
  timeAxis: number;
  projection?: number | undefined;
}

type Matrix = import('@tensorflow/tfjs').Tensor2D;

/** One step: states [B, H] and the products of input and state with the weights of each gate, [B, H] each, to new states. */
type Cell = (tf: Tf, states: readonly Tensor[], fromInput: readonly Tensor[], fromState: readonly Tensor[]) => Tensor[];

/** i, f, g, o: c <- sigmoid(f) c + sigmoid(i) tanh(g), h <- sigmoid(o) tanh(c). */
const lstmCell: Cell = (tf, [, cell], fromInput, fromState) => {
  const [i, f, g, o] = fromInput.map((x, gate) => tf.add(x, fromState[gate]));
  const next = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)));
  return [tf.mul(tf.sigmoid(o), tf.tanh(next)), next];
};

/** r, z, n: n = tanh(x_n + sigmoid(r) h_n), h <- (1 - z) n + z h with z = sigmoid(z). */
const gruCell: Cell = (tf, [state], [xr, xz, xn], [hr, hz, hn]) => {
  const r = tf.sigmoid(tf.add(xr, hr)),
    z = tf.sigmoid(tf.add(xz, hz)),
    n = tf.tanh(tf.add(xn, tf.mul(r, hn)));
  return [tf.add(n, tf.mul(z, tf.sub(state, n)))];
};

const rnnCell: Cell = (tf, _, [x], [h]) => [tf.tanh(tf.add(x, h))];

const CELLS = { lstm: { cell: lstmCell, gates: 4 }, gru: { cell: gruCell, gates: 3 }, rnn: { cell: rnnCell, gates: 1 } } as const;

/** Weights of one layer in one direction: input [D, gates H], state [H, gates H], up to two vectors [gates H]. */
interface Weights {
  input: Matrix;
  state: Matrix;
  biases: Tensor[];
}

/**
 * How TensorFlow.js runs a recurrent network: step by step, the products with the inputs of all steps at once. Operands: the sequence, then the first states
 * [layers directions, B, H] where given, else zeros. Results: the sequence, then the last states.
 */
export const recurrentTfjs = (name: keyof typeof CELLS, states: number): TfjsKernel<Recurrent> => ({
  layout: 'plain',
  prepare(node) {
    const { tf, attrs } = node,
      { layers, directions, timeAxis } = attrs,
      { cell, gates } = CELLS[name];
    if (attrs.projection) throw unsupported(node, 'a projection of the output');
    const weights = weightsOf(node, gates);
    const swapped = (x: Tensor) => (timeAxis === 1 ? tf.transpose(x, [1, 0, 2]) : x); // [B, L, .] <-> [L, B, .]
    return (x, ...given) => {
      let sequence = swapped(x);
      const [, batch] = sequence.shape;
      const first = (state: number, index: number): Tensor =>
        given[state] ? tf.squeeze(tf.slice(given[state], [index, 0, 0], [1, -1, -1]), [0]) : tf.zeros([batch, attrs.hidden]);
      const last: Tensor[][] = Array.from({ length: states }, () => []);
      for (let layer = 0; layer < layers; layer++) {
        const made: Tensor[] = [];
        for (let direction = 0; direction < directions; direction++) {
          const index = layer * directions + direction;
          const begin = Array.from({ length: states }, (_, state) => first(state, index));
          const { outputs, end } = pass(tf, { cell, gates }, weights[index], sequence, begin, direction === 1);
          made.push(outputs);
          end.forEach((state, s) => {
            last[s].push(state);
          });
        }
        sequence = made.length === 1 ? made[0] : tf.concat(made, 2);
      }
      return [swapped(sequence), ...last.map((list) => tf.stack(list))];
    };
  },
});

/** By layer, then direction. */
function weightsOf({ attrs, inputs, weight }: TfjsNode<Recurrent>, gates: number): Weights[] {
  const { hidden, layers, directions, bias } = attrs,
    columns = gates * hidden;
  return Array.from({ length: layers * directions }, (_, index): Weights => {
    const features = index < directions ? inputs[0].shape[2] : directions * hidden;
    return {
      input: weight(`input${index}`, [features, columns]) as Matrix,
      state: weight(`state${index}`, [hidden, columns]) as Matrix,
      biases: Array.from({ length: bias }, () => weight('bias', [columns])),
    };
  });
}

/** One layer in one direction over a sequence [L, B, D]: outputs [L, B, H] in its order, and the states [B, H] at the end. */
function pass(
  tf: Tf,
  { cell, gates }: { cell: Cell; gates: number },
  { input, state, biases }: Weights,
  sequence: Tensor,
  begin: readonly Tensor[],
  backwards: boolean,
): { outputs: Tensor; end: readonly Tensor[] } {
  const [length, batch, features] = sequence.shape;
  const biased = (x: Tensor, bias: Tensor | undefined) => (bias ? tf.add(x, bias) : x);
  const products = biased(tf.matMul(tf.reshape(sequence, [length * batch, features]) as Matrix, input), biases[0]);
  const steps = tf.unstack(tf.reshape(products, [length, batch, -1]));
  const outputs: Tensor[] = new Array(length);
  let states = begin;
  for (let step = 0; step < length; step++) {
    const time = backwards ? length - 1 - step : step;
    const fromState = biased(tf.matMul(states[0] as Matrix, state), biases[1]);
    states = cell(tf, states, tf.split(steps[time], gates, 1), tf.split(fromState, gates, 1));
    outputs[time] = states[0];
  }
  return { outputs: tf.stack(outputs), end: states };
}
