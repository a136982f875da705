import type { Operation, Rule, Rules } from '../operation.js';
import { isConstant, type Value } from '../value.js';

/**
 * LSTM, GRU and RNN over X [L, B, D] (`layout` 1: [B, L, D]) with W [directions, gates H, D], R [directions, gates H, H] and B [directions, 2 gates H]:
 * the sequence [L, directions, B, H] and the last states [directions, B, H] ([B, L, directions, H] and [B, directions, H]).
 */
const recurrent =
  (name: string, states: number): Rule =>
  (op) => {
    const [x, weight, recurrence, bias] = [op.input(0), op.input(1), op.input(2), op.inputs[3]];
    const batchFirst = op.int('layout', 0) === 1;
    const hidden = op.int('hidden_size') ?? recurrence.shape[2];
    const directions = weight.shape[0];
    const learned = [weight, recurrence, bias, op.inputs[7]].filter(isConstant);
    const stored = weight.constant?.storedDtype ?? weight.dtype;
    const attrs = {
      hidden,
      directions,
      bias: bias ? 2 : 0,
      timeAxis: batchFirst ? 1 : 0,
      ...(stored === x.dtype ? {} : { weightDtype: stored }),
    };
    const outputs = op.addAll(name, [x], attrs, { weights: learned });
    const [a, b] = x.shape;
    const sequence = op.reshape(outputs[0], batchFirst ? [a, b, directions, hidden] : [a, directions, b, hidden]);
    const last = outputs.slice(1, 1 + states).map((y) => lastState(op, y, batchFirst));
    return [sequence, ...last];
  };

const lastState = (op: Operation, y: Value, batchFirst: boolean): Value => {
  const [directions, batch, hidden] = y.shape;
  return batchFirst ? op.reshape(y, [batch, directions, hidden]) : y;
};

export const RECURRENT: Rules = {
  LSTM: recurrent('lstm', 2),
  GRU: recurrent('gru', 1),
  RNN: recurrent('rnn', 1),
};

/** Weights of integers lie as [directions, D, gates H]; activations are quantized step by step. */
export const RECURRENT_MICROSOFT: Rules = {
  DynamicQuantizeLSTM: (op) => {
    const weight = op.input(1);
    const recurrence = op.input(2);
    const hidden = op.int('hidden_size') ?? recurrence.shape[1];
    const attrs = {
      hidden,
      directions: weight.shape[0],
      bias: op.inputs[3] ? 2 : 0,
      timeAxis: 0,
      weightDtype: 'int8',
      computeDtype: 'int8',
    };
    const x = op.input(0);
    const [sequence, h, c] = op.addAll('lstm', [x], attrs, { weights: [weight, recurrence, op.inputs[3]] });
    return [op.reshape(sequence, [x.shape[0], weight.shape[0], x.shape[1], hidden]), h, c];
  },
};
