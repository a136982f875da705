import type { Attrs } from '../../../operators/attributes.js';
import type { ChannelsLast } from '../../channelsLast.js';
import type { TableName } from '../tfliteSchema.js';
import type { TfliteConstant } from '../tfliteValue.js';
import type { TfliteRule, TfliteRules, TfliteVisit } from '../tfliteVisit.js';

/** Positions of the weights of an LSTM among its inputs, of one direction: gates, then what stands beside them. */
interface LstmInputs {
  input: readonly number[];
  recurrent: readonly number[];
  bias: readonly number[];
  peephole: readonly number[];
  projection: readonly [weight: number, bias: number];
  norm: readonly number[];
}

const lstmInputs = (start: number, norm: readonly number[]): LstmInputs => {
  const from = (offset: number, count: number) => Array.from({ length: count }, (_, i) => start + offset + i);
  return {
    input: from(0, 4),
    recurrent: from(4, 4),
    peephole: from(8, 3),
    bias: from(11, 4),
    projection: [start + 15, start + 16],
    norm,
  };
};
/** Inputs of `LSTM` and `UNIDIRECTIONAL_SEQUENCE_LSTM`; those of `BIDIRECTIONAL_SEQUENCE_LSTM` follow each other. */
const FORWARD = lstmInputs(1, [20, 21, 22, 23]);
const BACKWARD = lstmInputs(18, []);

/**
 * All gates with weights of their own, without peepholes and norms, is what hwcast knows; others stay opaque.
 * @returns attributes of an LSTM; undefined for other forms
 */
function lstmAttrs(visit: TfliteVisit, ways: readonly LstmInputs[]): Attrs | undefined {
  const held = ways.map((way) => ({
    matrices: [...way.input, ...way.recurrent].map((i) => visit.weight(i)),
    projection: visit.weight(way.projection[0]),
    beside: [...way.bias, way.projection[1]].map((i) => visit.weight(i)),
    others: [...way.peephole, ...way.norm].some((i) => visit.inputs[i]),
  }));
  if (held.some((way) => way.others || way.matrices.some((w) => !w))) return undefined;
  const all = held.flatMap((way) => [...way.matrices, way.projection, ...way.beside]);
  const [hidden] = (held[0].matrices[0] as TfliteConstant).shape;
  const { projection } = held[0];
  return {
    hidden,
    ...(projection ? { projection: projection.shape[0] } : {}),
    directions: ways.length,
    bias: held[0].beside[0] ? 1 : 0,
    ...visit.weightAttrs(all),
  };
}

const sequence = (visit: TfliteVisit, op: string, attrs: Attrs, timeMajor: number): ChannelsLast =>
  visit.ordinary(op, [visit.tensor()], { ...attrs, timeAxis: timeMajor ? 0 : 1 });

const sequenceLstm: TfliteRule = (visit) => {
  const attrs = lstmAttrs(visit, [FORWARD]);
  return attrs && sequence(visit, 'lstm', attrs, visit.option('UnidirectionalSequenceLSTMOptions', 'time_major'));
};

/** One output of both directions, or one for each. */
function bothWays(visit: TfliteVisit, y: ChannelsLast): ChannelsLast[] {
  if (visit.stated.length < 2) return [y];
  const width = y.shape[2] / 2;
  const parted = visit.ordinary('split', [y], { axis: 2, parts: [width, width] }).tensor;
  return [visit.build.plain(parted), visit.build.plain(`${parted}:1`)];
}

const bidirectionalLstm: TfliteRule = (visit) => {
  if (visit.inputs[39]) return undefined; // a second input of its own
  const attrs = lstmAttrs(visit, [FORWARD, BACKWARD]);
  if (!attrs) return undefined;
  return bothWays(visit, sequence(visit, 'lstm', attrs, visit.option('BidirectionalSequenceLSTMOptions', 'time_major', 1)));
};

/** A single step over [B, D]. */
function oneStep(visit: TfliteVisit, op: string, attrs: Attrs): { y: ChannelsLast; node: string } {
  const x = visit.tensor();
  const [batch, features] = x.shape;
  const made = visit.ordinary(op, [visit.build.reshaped(x, [batch, 1, features])], attrs);
  return { y: visit.build.reshaped(made, [batch, made.shape[2]]), node: made.tensor };
}

/** The full kernel has its weights as a sequence has; the basic one has them in one matrix [4 H, D + H], and gives output, state and scratch. */
const lstm: TfliteRule = (visit) => {
  if (!visit.option('LSTMOptions', 'kernel_type')) {
    const attrs = lstmAttrs(visit, [FORWARD]);
    return attrs && oneStep(visit, 'lstm', attrs).y;
  }
  const [weight, bias] = [visit.weight(2), visit.weight(3)];
  if (!weight) return undefined;
  const hidden = weight.shape[0] / 4;
  const { y, node } = oneStep(visit, 'lstm', { hidden, bias: bias ? 1 : 0, ...visit.weightAttrs([weight, bias]) });
  return [y, visit.build.reshaped(visit.build.plain(`${node}:1`), y.shape)];
};

/** Inputs: x, weights [H, D], recurrent weights [H, H], bias. */
function rnnAttrs(visit: TfliteVisit, starts: readonly number[]): Attrs | undefined {
  const weights = starts.flatMap((start) => [0, 1, 2].map((i) => visit.weight(start + i)));
  const [input, , bias] = weights;
  if (!input || !weights[1]) return undefined;
  return { hidden: input.shape[0], directions: starts.length, bias: bias ? 1 : 0, ...visit.weightAttrs(weights) };
}

const rnn: TfliteRule = (visit) => {
  const attrs = rnnAttrs(visit, [1]);
  return attrs && oneStep(visit, 'rnn', attrs).y;
};

const sequenceRnn =
  (table: TableName, starts: readonly number[]): TfliteRule =>
  (visit) => {
    const attrs = rnnAttrs(visit, starts);
    return attrs && bothWays(visit, sequence(visit, 'rnn', attrs, visit.option(table, 'time_major')));
  };

/**
 * A layer of rank-1 filters (Nakkiran et al., Interspeech 2015): F filters over features, each over the M steps that are kept, sums over `rank` filters.
 * Inputs: x [B, D], features [F, D], time [F, M], bias [F / rank], state [B, F M].
 */
const svdf: TfliteRule = (visit) => {
  const { build } = visit;
  const [features, time, bias] = [1, 2, 3].map((i) => visit.weight(i));
  if (!features || !time) return undefined;
  const [batch] = visit.input(0).shape;
  const [filters, memory] = time.shape;
  const rank = Math.max(1, visit.option('SVDFOptions', 'rank', 1));
  const now = visit.ordinary('linear', [visit.tensor()], { outFeatures: filters, ...visit.weightAttrs([features]) }); // [B, F]
  const before = build.plain(build.model.constant([batch, filters, memory - 1], visit.dtype));
  const kept = visit.ordinary('concat', [before, build.reshaped(now, [batch, filters, 1])], { axis: 2 }); // [B, F, M]
  const attrs = { kernel: memory, groups: filters, outChannels: filters, ...visit.weightAttrs([time]) };
  const over = visit.ordinary('conv1d', [kept], attrs); // [B, F, 1]
  const units = build.reshaped(over, [batch, filters / rank, rank]);
  const summed = visit.ordinary('reduce', [units], { axis: [2], keepDims: 0, kind: 'sum' });
  const y = bias ? visit.ordinary('add', [summed, visit.tensor(3)]) : summed;
  return visit.activated(y, 'SVDFOptions');
};

export const RECURRENT: TfliteRules = {
  LSTM: lstm,
  UNIDIRECTIONAL_SEQUENCE_LSTM: sequenceLstm,
  BIDIRECTIONAL_SEQUENCE_LSTM: bidirectionalLstm,
  RNN: rnn,
  UNIDIRECTIONAL_SEQUENCE_RNN: sequenceRnn('SequenceRNNOptions', [1]),
  BIDIRECTIONAL_SEQUENCE_RNN: sequenceRnn('BidirectionalSequenceRNNOptions', [1, 5]),
  SVDF: svdf,
};
