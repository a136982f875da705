import { type AtenCall, type AtenRule, type AtenTable, type AtenTensor, operators, Unusable } from './atenCall.js';

const GATES = { lstm: 4, gru: 3, rnn: 1 } as const;
type Network = keyof typeof GATES;

/** Sequence [B, L, D]; programs may leave the batch axis out. */
function sequenceOf(call: AtenCall, timeAxis: number): AtenTensor {
  const x = call.tensor('input');
  if (x.shape.length === 3) return x;
  if (x.shape.length !== 2) throw new Unusable(`a sequence of ${x.shape.length} axes`);
  return { ...x, shape: timeAxis ? [1, ...x.shape] : [x.shape[0], 1, x.shape[1]] };
}

/** A recurrent network; its weights are listed by layer and direction: of inputs [gates H, D], of states [gates H, H], shifts. */
const network =
  (op: Network): AtenRule =>
  (call) => {
    const weights = call.list('params');
    if (!weights.length) throw new Unusable('its weights are packed');
    const timeAxis = call.flag('batch_first') ? 1 : 0;
    return {
      op,
      attrs: {
        hidden: weights[0].shape[0] / GATES[op],
        layers: call.numbers('num_layers', [1])[0],
        directions: call.flag('bidirectional') ? 2 : 1,
        bias: call.flag('has_biases') ? 2 : 0,
        timeAxis,
      },
      inputs: [sequenceOf(call, timeAxis)],
      weights,
    };
  };

/** One step of it: a sequence of length 1. */
const cell =
  (op: Network): AtenRule =>
  (call) => {
    const weights = ['w_ih', 'w_hh', 'b_ih', 'b_hh'].flatMap((name) => (call.has(name) ? [call.tensor(name)] : []));
    const x = call.tensor('input');
    return {
      op,
      attrs: { hidden: weights[0].shape[0] / GATES[op], bias: call.has('b_ih') ? 2 : 0, timeAxis: 0 },
      inputs: [{ ...x, shape: [1, ...(x.shape.length === 1 ? [1] : []), ...x.shape] }],
      weights,
    };
  };

/** One layer and direction of an LSTM as oneDNN runs it, which PyTorch writes for the CPU where it takes networks apart. */
const onednnLayer: AtenRule = (call) => {
  if (call.numbers('mode', [2])[0] !== 2) throw new Unusable('no LSTM');
  const names = call.flag('has_biases') ? ['weight0', 'weight1', 'weight2', 'weight3'] : ['weight0', 'weight1'];
  const timeAxis = call.flag('batch_first') ? 1 : 0;
  return {
    op: 'lstm',
    attrs: { hidden: call.numbers('hidden_size')[0], bias: call.flag('has_biases') ? 2 : 0, timeAxis },
    inputs: [sequenceOf(call, timeAxis)],
    weights: names.map((name) => call.tensor(name)),
  };
};

const SEQUENCE = 'input hx params has_biases num_layers dropout train bidirectional batch_first';
const CELL = 'input hx w_ih w_hh b_ih b_hh';

export const RECURRENT: AtenTable = {
  ...operators('lstm', SEQUENCE, network('lstm')),
  ...operators('gru', SEQUENCE, network('gru')),
  ...operators('rnn_tanh rnn_relu', SEQUENCE, network('rnn')),
  ...operators(
    'mkldnn_rnn_layer',
    'input weight0 weight1 weight2 weight3 hx_ cx_ reverse batch_sizes mode hidden_size num_layers has_biases bidirectional batch_first',
    onednnLayer,
  ),
  ...operators('lstm_cell', CELL, cell('lstm')),
  ...operators('gru_cell', CELL, cell('gru')),
  ...operators('rnn_tanh_cell rnn_relu_cell', CELL, cell('rnn')),
};
