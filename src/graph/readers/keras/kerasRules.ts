import { elementCount } from '../../../core/elementCount.js';
import type { Attrs } from '../../operators/attributes.js';
import type { ChannelsLast } from '../channelsLast.js';
import type { KerasGraphRule, KerasGraphVisit } from './kerasVisit.js';

const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'relu',
  relu6: 'relu6',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softmax: 'softmax',
  log_softmax: 'log_softmax',
  elu: 'elu',
  selu: 'selu',
  softplus: 'softplus',
  softsign: 'softsign',
  swish: 'silu',
  silu: 'silu',
  gelu: 'gelu',
  mish: 'mish',
  hard_sigmoid: 'hardsigmoid',
  hard_silu: 'hardswish',
  hard_swish: 'hardswish',
  exponential: 'exp',
  leaky_relu: 'leaky_relu',
  leakyrelu: 'leaky_relu',
  thresholdedrelu: 'relu',
  quantized_relu: 'relu',
  quantized_tanh: 'tanh',
  quantized_sigmoid: 'sigmoid',
};

/** An activation as a layer names it: text, a quantiser of QKeras, or a serialised object. Linear ones leave the tensor as it is. */
function activated(visit: KerasGraphVisit, x: ChannelsLast, value: unknown): ChannelsLast {
  const stated = typeof value === 'string' ? value : ((value as { class_name?: unknown } | null)?.class_name ?? 'linear');
  const name = String(stated).replace(/\(.*$/s, '').replace(/^.*>/, '').toLowerCase();
  if (/^(linear|quantized_bits|quantized_linear|binary|ternary)$/.test(name)) return x;
  const op = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (!op) return visit.opaque(`activation ${name}`, x);
  return /softmax/.test(op) ? visit.build.ordinary(op, [x]) : visit.build.elementwise(op, [x]);
}

const inner = (visit: KerasGraphVisit, x: ChannelsLast): ChannelsLast => activated(visit, x, visit.config.activation);

const dense: KerasGraphRule = (visit) =>
  inner(visit, visit.build.ordinary('linear', [visit.x], { outFeatures: visit.whole('units'), bias: visit.bias }));

const windowOf = (visit: KerasGraphVisit): Attrs => visit.window(visit.perAxis('kernel_size', []), visit.perAxis('strides', 1));
const channels = (x: ChannelsLast): number => x.shape[x.shape.length - 1];

const conv: KerasGraphRule = (visit) =>
  inner(
    visit,
    visit.build.picture(`conv${visit.axes}d`, visit.x, {
      ...windowOf(visit),
      groups: visit.whole('groups', 1),
      outChannels: visit.whole('filters'),
      bias: visit.bias,
    }),
  );

/** Padding `same` gives stride times the input; `valid` one window more than the last begins at. */
const transposed: KerasGraphRule = (visit) => {
  const window = windowOf(visit);
  const [kernel, stride] = [window.kernel, window.stride] as number[][];
  const same = window.padding === 'same';
  const outputPadding = same ? undefined : kernel.map((k, i) => Math.max(0, stride[i] - k));
  return inner(
    visit,
    visit.build.picture(`conv_transpose${visit.axes}d`, visit.x, {
      ...window,
      ...(outputPadding ? { outputPadding } : {}),
      outChannels: visit.whole('filters'),
      bias: visit.bias,
    }),
  );
};

const depthwise = (visit: KerasGraphVisit, bias: 0 | 1): ChannelsLast =>
  visit.build.picture(`conv${visit.axes}d`, visit.x, {
    ...windowOf(visit),
    groups: channels(visit.x),
    outChannels: channels(visit.x) * visit.whole('depth_multiplier', 1),
    bias,
  });

const separable: KerasGraphRule = (visit) =>
  inner(
    visit,
    visit.build.picture(`conv${visit.axes}d`, depthwise(visit, 0), {
      kernel: Array<number>(visit.axes).fill(1),
      outChannels: visit.whole('filters'),
      bias: visit.bias,
    }),
  );

const pool =
  (kind: string): KerasGraphRule =>
  (visit) => {
    const kernel = visit.perAxis('pool_size', 2);
    return visit.build.picture(`${kind}_pool${visit.axes}d`, visit.x, visit.window(kernel, visit.perAxis('strides', kernel)));
  };
const globalPool =
  (kind: string): KerasGraphRule =>
  (visit) => {
    const pooled = visit.build.picture(`global_${kind}_pool`, visit.x, {});
    return visit.config.keepdims === true ? pooled : visit.build.flat(pooled);
  };

const recurrent =
  (op: string, directions: 1 | 2 = 1): KerasGraphRule =>
  (visit) => {
    const bias = visit.bias ? (op === 'gru' && visit.config.reset_after === true ? 2 : 1) : 0;
    const y = visit.build.model.add(op, [visit.build.last(visit.x)], { hidden: visit.whole('units'), directions, bias });
    if (visit.config.return_sequences === true) return visit.build.plain(y);
    const [n, , width] = visit.build.model.shapeOf(y);
    return visit.build.plain(
      visit.build.model.reshape(visit.build.model.add('slice', [y], { shape: [n, 1, width] }), [n, width]),
    );
  };

/** A recurrent layer in both directions. */
const bidirectional: KerasGraphRule = (visit) => {
  const wrapped = visit.config.layer as { class_name?: unknown; config?: Record<string, unknown> } | undefined;
  const op = RECURRENT[String(wrapped?.class_name).toLowerCase()];
  if (!op || !wrapped?.config) return visit.opaque(`Bidirectional ${wrapped?.class_name}`);
  visit.layer.config = wrapped.config;
  return recurrent(op, 2)(visit);
};
const RECURRENT: Readonly<Record<string, string>> = { lstm: 'lstm', gru: 'gru', simplernn: 'rnn' };

const reshape: KerasGraphRule = (visit) => {
  const { target_shape: target } = visit.config;
  if (!Array.isArray(target)) throw visit.problem("needs 'target_shape'");
  const count = elementCount(visit.x.shape.slice(1));
  const stated = elementCount(target.filter((n) => n !== -1) as number[]);
  return visit.build.reshaped(visit.x, [visit.x.shape[0], ...target.map((n) => (n === -1 ? count / stated : Number(n)))]);
};

/** `[[1, 2], [0, 3]]`, `[1, 2]` an axis both sides, or one number: before and after each axis. */
function sides(visit: KerasGraphVisit, key: string): [number[], number[]] {
  const value = visit.config[key] ?? 1;
  const list: unknown[] = Array.isArray(value) ? (visit.axes === 1 ? [value] : value) : Array(visit.axes).fill(value);
  const both = list.map((p) => (Array.isArray(p) ? p.map(Number) : [Number(p), Number(p)]));
  if (both.length !== visit.axes || !both.flat().every((n) => Number.isInteger(n) && n >= 0))
    throw visit.problem(`has ${key} ${JSON.stringify(value)}`);
  return [
    [0, ...both.map(([before]) => before), 0],
    [0, ...both.map(([before, after = before]) => after), 0],
  ];
}

const zeroPadding: KerasGraphRule = (visit) => {
  const [before, after] = sides(visit, 'padding');
  return visit.build.ordinary('pad', [visit.x], { before, after });
};
const cropping: KerasGraphRule = (visit) => {
  const [begin, end] = sides(visit, 'cropping');
  return visit.build.ordinary('slice', [visit.x], { begin, shape: visit.x.shape.map((n, i) => n - begin[i] - end[i]) });
};
const upSampling: KerasGraphRule = (visit) => {
  const size = visit.perAxis('size', 2);
  const [n, ...rest] = visit.x.shape;
  return visit.build.picture('resize', visit.x, {
    shape: [n, channels(visit.x), ...rest.slice(0, -1).map((m, i) => m * size[i])],
  });
};

const merge =
  (op: string): KerasGraphRule =>
  (visit) =>
    visit.build.elementwise(op, visit.inputs);

const attention: KerasGraphRule = (visit) => {
  const [q, v = q, k = v] = visit.inputs;
  const heads = visit.whole('num_heads');
  const width = visit.whole('key_dim');
  const valueWidth = Number(visit.config.value_dim ?? width);
  const projected = (x: ChannelsLast, outFeatures: number) =>
    visit.build.ordinary('linear', [x], { outFeatures, bias: visit.bias });
  const y = visit.build.ordinary(
    'attention',
    [projected(q, heads * width), projected(k, heads * width), projected(v, heads * valueWidth)],
    { heads },
  );
  return projected(y, channels(q));
};

/** Scale and shift by channel, over the last axis as Keras has it unless told. */
const batchNorm: KerasGraphRule = (visit) =>
  visit.axis('axis') === visit.x.shape.length - 1
    ? visit.build.picture('batch_norm', visit.x, {})
    : visit.build.ordinary('batch_norm', [visit.x]);

const passed: KerasGraphRule = (visit) => visit.x;
const each = (names: string, rule: KerasGraphRule): Record<string, KerasGraphRule> =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));
const over = (stem: string, rule: KerasGraphRule, axes = [1, 2, 3]): Record<string, KerasGraphRule> =>
  Object.fromEntries(axes.map((n) => [`${stem}${n}d`, rule]));

/** Layers by `kerasType`; a new one is one line here. */
const RULES: Readonly<Record<string, KerasGraphRule>> = {
  dense,
  ...over('conv', conv),
  conv2dtranspose: transposed,
  conv1dtranspose: transposed,
  conv3dtranspose: transposed,
  ...over('depthwiseconv', (visit) => inner(visit, depthwise(visit, visit.bias)), [1, 2]),
  ...over('separableconv', separable, [1, 2]),
  ...over('maxpooling', pool('max')),
  ...over('averagepooling', pool('avg')),
  ...over('globalmaxpooling', globalPool('max')),
  ...over('globalaveragepooling', globalPool('avg')),
  ...over('zeropadding', zeroPadding),
  ...over('cropping', cropping),
  ...over('upsampling', upSampling),
  lstm: recurrent('lstm'),
  gru: recurrent('gru'),
  simplernn: recurrent('rnn'),
  bidirectional,
  batchnormalization: batchNorm,
  layernormalization: (visit) => visit.build.ordinary('layer_norm', [visit.x]),
  groupnormalization: (visit) => visit.build.picture('group_norm', visit.x, { groups: visit.whole('groups', 32) }),
  embedding: (visit) =>
    visit.build.ordinary('embedding', [visit.x], { rows: visit.whole('input_dim'), dim: visit.whole('output_dim') }, 'fp32'),
  multiheadattention: attention,
  flatten: (visit) => visit.build.flat(visit.x),
  reshape,
  permute: (visit) => visit.build.ordinary('transpose', [visit.x], { order: [0, ...[visit.config.dims].flat().map(Number)] }),
  repeatvector: (visit) =>
    visit.build.ordinary('expand', [visit.build.reshaped(visit.x, [visit.x.shape[0], 1, visit.x.shape[1]])], {
      shape: [visit.x.shape[0], visit.whole('n'), visit.x.shape[1]],
    }),
  add: merge('add'),
  subtract: merge('sub'),
  multiply: merge('mul'),
  average: merge('add'),
  maximum: merge('max'),
  minimum: merge('min'),
  concatenate: (visit) => visit.build.ordinary('concat', visit.inputs, { axis: visit.axis('axis') }),
  activation: (visit) => activated(visit, visit.x, visit.config.activation),
  ...each('relu leakyrelu elu softmax thresholdedrelu', (visit) =>
    activated(visit, visit.x, visit.type === 'relu' && visit.config.max_value === 6 ? 'relu6' : visit.type),
  ),
  prelu: (visit) => visit.build.picture('prelu', visit.x, {}),
  ...each('rescaling normalization', (visit) => visit.build.elementwise('mul', [visit.x])),
  ...each(
    'dropout spatialdropout1d spatialdropout2d spatialdropout3d alphadropout gaussiannoise gaussiandropout activityregularization identity masking ' +
      'hquantize signature fixedpointquantizer quantizer',
    passed,
  ),
};

/** What becomes of a layer; a class without a rule is opaque, of the shape of its input. */
export function kerasGraphRule(type: string): KerasGraphRule {
  if (Object.hasOwn(RULES, type)) return RULES[type];
  return (visit) => {
    visit.build.model.assume(
      `layer '${visit.layer.name}' (${visit.layer.className}) is not known and taken to keep the shape of its input`,
    );
    return visit.opaque(visit.layer.className);
  };
}
