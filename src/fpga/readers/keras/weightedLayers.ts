import type { LayerKind } from '../../design/hlsDesign.js';
import { quantizerPrecision } from './kerasQuantizer.js';
import type { KerasRule, KerasVisit } from './kerasVisit.js';

/** A matrix over the last axis. */
export const dense: KerasRule = (visit) => {
  const units = visit.integer('units');
  visit.add(
    'dense',
    [...visit.input.shape.slice(0, -1), units],
    visit.weighted([visit.input.shape[visit.input.shape.length - 1], units]),
  );
};

/** The window of a convolution; one with gaps becomes opaque and gives none. */
function convolutionWindow(visit: KerasVisit): ReturnType<KerasVisit['window']> | undefined {
  visit.needsPicture();
  const { window, space } = visit.window(visit.integers('kernel_size'));
  if ([visit.config.dilation_rate ?? 1].flat().every((d) => d === 1)) return { window, space };
  visit.opaque('a dilated convolution is not supported', {
    outShape: [...space, Number(visit.config.filters ?? visit.channels)],
  });
  return undefined;
}

const multipliedChannels = (visit: KerasVisit): number => visit.channels * Number(visit.config.depth_multiplier ?? 1);
const convolution = (visit: KerasVisit): LayerKind => `conv${visit.rank}d` as LayerKind;
const depthwise = (visit: KerasVisit): LayerKind => `depthwise_conv${visit.rank}d` as LayerKind;

export const conv: KerasRule = (visit) => {
  const moving = convolutionWindow(visit);
  if (!moving) return;
  const groups = Number(visit.config.groups ?? 1);
  visit.add(convolution(visit), [...moving.space, visit.integer('filters')], {
    ...moving.window,
    groups: groups === 1 ? undefined : groups,
    ...visit.weighted([...moving.window.kernel, visit.channels / groups, visit.integer('filters')]),
  });
};

export const depthwiseConv: KerasRule = (visit) => {
  const moving = convolutionWindow(visit);
  if (moving)
    visit.add(depthwise(visit), [...moving.space, multipliedChannels(visit)], {
      ...moving.window,
      ...visit.weighted([...moving.window.kernel, visit.channels, Number(visit.config.depth_multiplier ?? 1)]),
    });
};

/** A depthwise convolution, and one of 1 x 1 over its channels. */
export const separableConv: KerasRule = (visit) => {
  const moving = convolutionWindow(visit);
  if (!moving) return;
  visit.add(
    depthwise(visit),
    [...moving.space, multipliedChannels(visit)],
    { ...moving.window, weight: quantizerPrecision(visit.config.depthwise_quantizer) },
    { name: `${visit.layer.name}_depthwise` },
  );
  visit.add(convolution(visit), [...moving.space, visit.integer('filters')], {
    kernel: visit.perAxis(1),
    stride: visit.perAxis(1),
    padding: 'valid',
    ...visit.weighted(),
    weight: quantizerPrecision(visit.config.pointwise_quantizer),
  });
};

/** Appends a recurrent layer with the settings of `config`, under `name`. */
export function addRecurrent(
  visit: KerasVisit,
  kind: 'gru' | 'lstm' | 'simple_rnn',
  config: Record<string, unknown>,
  name: string,
): void {
  const { shape } = visit.input;
  if (shape.length !== 2) throw visit.problem(`needs an input [steps, features], not ${JSON.stringify(shape)}`);
  const units = visit.integer('units', config);
  visit.add(kind, config.return_sequences === true ? [shape[0], units] : [units], visit.weighted(undefined, config), { name });
}

export const recurrent =
  (kind: 'gru' | 'lstm' | 'simple_rnn'): KerasRule =>
  (visit) =>
    addRecurrent(visit, kind, visit.config, visit.layer.name);

/** A transposed convolution, which hwcast has no rule for; what reads it needs its shape. */
export const transposedConv: KerasRule = (visit) => {
  visit.needsPicture();
  const kernel = visit.integers('kernel_size'),
    stride = visit.integers('strides', visit.config.strides ?? 1),
    same = visit.config.padding === 'same';
  const space = visit.input.shape.slice(0, -1).map((d, i) => d * stride[i] + (same ? 0 : Math.max(0, kernel[i] - stride[i])));
  visit.opaque(`layer kind '${visit.layer.className}' is not supported`, { outShape: [...space, visit.integer('filters')] });
};

/** A vector for each of the integers it reads; its table is not counted. */
export const embedding: KerasRule = (visit) =>
  visit.opaque("layer kind 'Embedding' is not supported", { outShape: [...visit.input.shape, visit.integer('output_dim')] });
