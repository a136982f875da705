import { type KerasLayer, kerasType } from '../../../graph/readers/keras/kerasLayer.js';
import type { KerasRule } from './kerasVisit.js';
import { addRecurrent } from './weightedLayers.js';

type Inner = Pick<KerasLayer, 'className' | 'config'>;

/** The layer inside a wrapper, undefined where its configuration has none. */
function innerLayer(value: unknown): Inner | undefined {
  const { class_name: className, config } = (value ?? {}) as Record<string, unknown>;
  return typeof className === 'string' && typeof config === 'object' && config !== null
    ? { className, config: config as Record<string, unknown> }
    : undefined;
}

/** Layers that do to each step what they do to a tensor of several: over the last axis, or value by value. */
const STEP_BY_STEP = /^(dense|activation|relu|leakyrelu|elu|softmax|dropout)$/;

/** A TimeDistributed layer as the layer inside where that does the same to every step; other layers as they are. */
export function unwrapped(layer: KerasLayer): KerasLayer {
  const inner = kerasType(layer.className) === 'timedistributed' ? innerLayer(layer.config.layer) : undefined;
  return inner && STEP_BY_STEP.test(kerasType(inner.className)) ? { ...layer, ...inner } : layer;
}

const RECURRENT = { gru: 'gru', lstm: 'lstm', simplernn: 'simple_rnn' } as const;
const recurrentKind = (inner: Inner | undefined) => inner && RECURRENT[kerasType(inner.className) as keyof typeof RECURRENT];
const MERGES: Readonly<Record<string, string>> = { concat: 'concatenate', sum: 'add', mul: 'multiply', ave: 'average' };

/** Two recurrent layers that read the same steps, one from the last on (`NAME_forward`, `NAME_backward`), and what joins their results. */
export const bidirectional: KerasRule = (visit) => {
  const { config, input } = visit,
    { name } = visit.layer;
  const inner = innerLayer(config.layer),
    ends = [inner, innerLayer(config.backward_layer) ?? inner],
    merge = MERGES[String(config.merge_mode === undefined ? 'concat' : config.merge_mode)];
  const kinds = ends.map(recurrentKind);
  if (!merge || kinds.includes(undefined))
    throw visit.problem(
      `holds '${inner?.className}' and joins by '${config.merge_mode}'; known are GRU, LSTM and SimpleRNN, ${Object.keys(MERGES).join(', ')}`,
    );
  const results = ['forward', 'backward'].map((direction, i) => {
    visit.current = input;
    addRecurrent(visit, kinds[i]!, ends[i]!.config, `${name}_${direction}`);
    return visit.current;
  });
  const [{ shape }] = results,
    joined = results.reduce((sum, r) => sum + r.shape[r.shape.length - 1], 0);
  visit.add('merge', merge === 'concatenate' ? [...shape.slice(0, -1), joined] : shape, { merge }, { inputs: results });
};
