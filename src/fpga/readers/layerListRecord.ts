import { z } from 'zod';
import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';
import type { KerasLayer } from '../../graph/readers/keras/kerasLayer.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { hlsToolOf } from './hls4mlModule.js';
import { configuredDesign, type HlsSettings, ioTypeNamed, isTable } from './hlsConfig.js';
import { type KerasNetwork, kerasLayers } from './kerasLayers.js';
import { parseRow } from './rowText.js';

const Axes = z.array(z.union([z.int(), z.null()]));
const Shape = z.union([Axes, z.array(Axes)]);
const Sizes = z.union([z.int(), z.array(z.int())]);

/** A layer as the public wa-hls4ml records (`model_config`) and rule4ml's dictionaries list it: stated shapes, no edges. */
const ListedLayerSchema = z
  .looseObject({
    class_name: z.string().optional(),
    layer_type: z.string().optional(),
    name: z.string().optional(),
    input_shape: Shape.optional(),
    output_shape: Shape.optional(),
    neurons: z.int().nullish(),
    kernel_size: Sizes.nullish(),
    strides: Sizes.nullish(),
    reuse_factor: z.int().nullish(),
  })
  .refine((l) => l.class_name !== undefined || l.layer_type !== undefined, "needs 'class_name' or 'layer_type'");
type ListedLayer = z.infer<typeof ListedLayerSchema>;

const Text = z.string().nullish();
/** A record of the public wa-hls4ml data set, or a rule4ml dictionary with its settings beside the layers. */
const LayerListRecordSchema = z.looseObject({
  meta_data: z.looseObject({ uuid: Text, model_id: Text, model_name: Text }).nullish(),
  model_name: Text,
  model_config: z.array(ListedLayerSchema).min(1).optional(),
  layers: z.array(ListedLayerSchema).min(1).optional(),
  hls_config: z.looseObject({}).nullish(),
  target_part: Text,
  part: Text,
  board: Text,
  io_type: Text,
  backend: Text,
  backend_version: Text,
  vivado_version: Text,
  hls4ml_version: Text,
  latency_report: z.looseObject({}).nullish(),
  resource_report: z.looseObject({}).nullish(),
  hls_resource_report: z.looseObject({}).nullish(),
});
type LayerListRecord = z.infer<typeof LayerListRecordSchema>;

/** Whether a JSON value is such a record: a list of layers with shapes under `model_config` or `layers`. */
export function isLayerListRecord(value: unknown): boolean {
  if (!isTable(value)) return false;
  const list = value.model_config ?? value.layers;
  return Array.isArray(list) && list.length > 0 && isListedLayer(list[0]);
}

export const isListedLayer = (value: unknown): boolean =>
  isTable(value) &&
  (typeof value.class_name === 'string' || typeof value.layer_type === 'string') &&
  !('config' in value) &&
  !('kind' in value);

/**
 * The design of a public wa-hls4ml record (`meta_data, model_config, hls_config, target_part, vivado_version | backend_version, hls4ml_version, ..`) or of a
 * rule4ml dictionary (`layers` or `model_config` with `model_name, board, strategy, reuse_factor, precision, hls4ml_version` beside them).
 * Requested reuse factors count (`hls_config`), not those the tool snapped to. Edges are not recorded: a layer reads the one before it, or the latest one
 * whose output has its input's shape.
 * @throws HwcastError `bad-input` naming the field, `unsupported` for layers that do not chain.
 */
export function layerListDesign(value: unknown, settings: HlsSettings = {}, where?: string): HlsDesign {
  const record = parseRow(LayerListRecordSchema, value, 'a wa-hls4ml record or rule4ml dictionary', where);
  const list = record.model_config ?? record.layers;
  if (!list) throw new HwcastError('bad-input', "the record lists no layers under 'model_config' or 'layers'", { where });
  const assumptions: string[] = [];
  const network = listedNetwork(list, assumptions, where);
  const hls = { ...(isTable(record.hls_config) ? record.hls_config : {}) };
  const setting = (...keys: string[]): unknown => {
    const wanted = keys.map((k) => k.toLowerCase().replace(/_/g, ''));
    for (const table of [hls, record as Record<string, unknown>])
      for (const [key, v] of Object.entries(table))
        if (wanted.includes(key.toLowerCase().replace(/_/g, '')) && v !== null && v !== undefined) return v;
    return undefined;
  };
  const model: Record<string, unknown> = isTable(hls.Model) ? { ...hls.Model } : isTable(hls.model) ? capitalised(hls.model) : {};
  model.Precision ??= setting('Precision', 'default_precision');
  model.ReuseFactor ??= setting('ReuseFactor');
  model.Strategy ??= setting('Strategy');
  if (model.Precision === undefined && !settings.precision)
    throw new HwcastError('bad-input', 'the record has no precision', {
      where,
      hint: 'hls_config.Model.Precision, or precision beside the layers',
    });
  const config = { ...hls, Model: model, LayerName: withListed(list, hls.LayerName, model.ReuseFactor === undefined) };

  const convolution = network.layers.some((l) => /conv/.test(l.kind));
  let ioType = settings.ioType ?? ioTypeNamed(setting('io_type', 'IOType'), where);
  if (!ioType) {
    ioType = convolution ? 'io_stream' : 'io_parallel';
    assumptions.push(`io type not recorded: ${ioType} assumed`);
  }
  const clock = Number(setting('clock_period', 'ClockPeriod') ?? record.latency_report?.target_clock ?? Number.NaN);
  const version = record.vivado_version ?? record.backend_version ?? undefined;
  const id = record.meta_data?.uuid ?? record.meta_data?.model_id ?? record.model_name ?? record.meta_data?.model_name;
  const part = record.target_part ?? record.part ?? record.board ?? setting('board', 'part');
  return configuredDesign(
    network,
    config,
    {
      ...(typeof part === 'string' ? { part } : {}),
      ...(clock > 0 ? { clockNs: clock } : {}),
      ...(version ? { toolVersion: version, tool: hlsToolOf(version) } : {}),
      ...(record.hls4ml_version ? { hls4mlVersion: record.hls4ml_version } : {}),
      ...(record.backend ? { backend: record.backend } : {}),
      ...settings,
      ioType,
      id: settings.id ?? id ?? 'network',
    },
    where,
    assumptions,
  );
}

/** `precision` of rule4ml's lower-case spelling as hls4ml writes it. */
const capitalised = (table: Record<string, unknown>): Record<string, unknown> => ({
  ...table,
  Precision: table.Precision ?? table.precision,
  ReuseFactor: table.ReuseFactor ?? table.reuse_factor,
  Strategy: table.Strategy ?? table.strategy,
});

/** Settings of a single layer that the list itself has, under those of `LayerName`. */
function withListed(list: readonly ListedLayer[], byName: unknown, ownReuse: boolean): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [i, layer] of list.entries()) {
    const own: Record<string, unknown> = {};
    if (layer.precision !== undefined && layer.precision !== null) own.Precision = layer.precision;
    if (layer.strategy !== undefined && layer.strategy !== null) own.Strategy = layer.strategy;
    // rule4ml lists the factor the tool would snap to; the request is used where it is known
    if (ownReuse && layer.reuse_factor) own.ReuseFactor = layer.reuse_factor;
    if (Object.keys(own).length) result[nameOf(layer, i, list)] = own;
  }
  if (isTable(byName))
    for (const [name, table] of Object.entries(byName))
      result[name] = isTable(table) ? { ...(isTable(result[name]) ? result[name] : {}), ...table } : table;
  return result;
}

const classOf = (layer: Pick<ListedLayer, 'class_name' | 'layer_type'>): string => layer.class_name ?? layer.layer_type ?? '';

/** The layer's name, or one made of its class; an activation split from the layer before it is named as hls4ml names it. */
function nameOf(layer: ListedLayer, i: number, list: readonly ListedLayer[]): string {
  if (layer.name) return layer.name;
  const before = list[i - 1];
  if (/^activation$/i.test(classOf(layer)) && before?.name && typeof layer.activation === 'string')
    return `${before.name}_${layer.activation}`;
  return `${classOf(layer).toLowerCase()}_${i}`;
}

/** A stated shape without its batch axis; undefined where it is not whole. */
function axesOf(shape: ListedLayer['input_shape']): number[] | undefined {
  if (!shape) return undefined;
  const first = Array.isArray(shape[0]) ? shape[0] : (shape as (number | null)[]);
  const axes = first.slice(1);
  return axes.length && axes.every((d) => typeof d === 'number' && d > 0) ? (axes as number[]) : undefined;
}

function listedNetwork(list: readonly ListedLayer[], assumptions: string[], where?: string): KerasNetwork {
  const names = list.map((l, i) => nameOf(l, i, list));
  const outs = list.map((l) => axesOf(l.output_shape));
  const layers = list.map((layer, i): KerasLayer => {
    const input = axesOf(layer.input_shape),
      output = outs[i];
    const several =
      Array.isArray(layer.input_shape?.[0]) && layer.input_shape.length > 1
        ? (layer.input_shape as (number | null)[][])
        : undefined;
    const fits = (j: number, shape: readonly number[]): boolean => {
      const out = outs[j];
      return out !== undefined && (same(out, shape) || elementCount(out) === elementCount(shape));
    };
    let inputs: string[] = [];
    if (several) {
      // branches: the latest layers with those shapes
      const free = new Set(names.slice(0, i).keys());
      for (const axes of several) {
        const wanted = axes.slice(1) as number[];
        const j = [...free].reverse().find((k) => fits(k, wanted));
        if (j === undefined) continue;
        free.delete(j);
        inputs.unshift(names[j]);
      }
      assumptions.push(
        `layer '${names[i]}': its producers are not recorded, ${inputs.map((n) => `'${n}'`).join(' and ')} assumed by their shapes`,
      );
    } else if (i > 0 && (!input || fits(i - 1, input))) inputs = [names[i - 1]];
    else if (i > 0) {
      const j = [...names.slice(0, i).keys()].reverse().find((k) => fits(k, input!));
      if (j === undefined)
        throw new HwcastError(
          'unsupported',
          `layer '${names[i]}' takes ${JSON.stringify(input)}, which no layer before it gives`,
          { where },
        );
      inputs = [names[j]];
      assumptions.push(`layer '${names[i]}': its producer is not recorded, '${names[j]}' assumed by its shape`);
    }
    return {
      className: classOf(layer).replace(/^Linear$/, 'Dense'),
      name: names[i],
      config: kerasConfigOf(layer, names[i], input, output, /^q?activation$/i.test(classOf(list[i + 1] ?? {})), assumptions),
      ...(i === 0 || !inputs.length ? { inputs: [] } : { inputs }),
    };
  });
  const network = kerasLayers(layers, { where, foldBatchNorm: true });
  for (const [i, name] of names.entries()) {
    const last = network.partsOf.get(name)?.at(-1);
    const computed = network.layers.find((l) => l.name === last);
    if (computed && outs[i] && elementCount(computed.outShape) !== elementCount(outs[i]) && computed.kind !== 'opaque')
      throw new HwcastError(
        'bad-input',
        `layer '${name}' states the output ${JSON.stringify(outs[i])}, its settings give ${JSON.stringify(computed.outShape)}`,
        {
          where,
        },
      );
  }
  return network;
}

const same = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((v, i) => v === b[i]);

/** Settings by the names of Keras; window and stride that the list leaves out follow from the shapes. */
function kerasConfigOf(
  layer: ListedLayer,
  name: string,
  input: readonly number[] | undefined,
  output: readonly number[] | undefined,
  activationFollows: boolean,
  assumptions: string[],
): Record<string, unknown> {
  const config: Record<string, unknown> = {
    ...layer,
    units: layer.units ?? layer.neurons ?? output?.at(-1),
    filters: layer.filters ?? layer.n_filter ?? output?.at(-1),
    input_shape: input ? [null, ...input] : undefined,
    output_shape: output ? [null, ...output] : undefined,
    target_shape: layer.target_shape ?? output,
  };
  const type = classOf(layer);
  // an activation listed on its own is not counted twice
  if (activationFollows && !/^q?activation$/i.test(type)) config.activation = undefined;
  const rank = /2d/i.test(type) ? 2 : 1;
  if (/conv[12]d$/i.test(type) && (layer.strides === undefined || layer.strides === null) && input && output) {
    const strides = input.slice(0, rank).map((d, i) => Math.max(1, Math.round(d / output[i])));
    config.strides = strides;
    if (strides.some((s) => s > 1)) assumptions.push(`layer '${name}': stride not recorded, ${strides.join('x')} by its shapes`);
  }
  if (/pooling[12]d$/i.test(type) && !/global/i.test(type) && !layer.pool_size && input && output) {
    const window = input.slice(0, rank).map((d, i) => Math.max(1, Math.floor(d / output[i])));
    config.pool_size = window;
    config.strides = window;
    config.padding = 'valid';
    assumptions.push(`layer '${name}': window not recorded, ${window.join('x')} by its shapes`);
  }
  return config;
}

const Figure = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined);
const Resources = z.object({ lut: Figure, ff: Figure, dsp: Figure, bram: Figure, uram: Figure });
const Latency = z.object({
  cycles_min: Figure,
  cycles_max: Figure,
  interval_min: Figure,
  interval_max: Figure,
  estimated_clock: Figure,
});

/** Labels of a public wa-hls4ml record by stage; block RAM of the logic synthesis is in tiles of 36 Kb there and in 18 Kb blocks here. */
export function waHls4mlLabels(value: unknown): Record<'csynth' | 'vsynth', Record<string, number>> {
  const record: Partial<LayerListRecord> = isTable(value) ? (value as Partial<LayerListRecord>) : {};
  const resources = (table: unknown, blocks: number): Record<string, number | undefined> => {
    const { bram, ...rest } = Resources.parse(isTable(table) ? table : {});
    return { ...rest, bram18: bram === undefined ? undefined : bram * blocks };
  };
  const latency = Latency.parse(isTable(record.latency_report) ? record.latency_report : {});
  const defined = (values: Record<string, number | undefined>): Record<string, number> =>
    Object.fromEntries(Object.entries(values).filter((e): e is [string, number] => e[1] !== undefined));
  return {
    csynth: defined({
      ...resources(record.hls_resource_report, 1),
      cycles_min: latency.cycles_min,
      cycles: latency.cycles_max,
      ii_min: latency.interval_min,
      ii: latency.interval_max,
      clockEstNs: latency.estimated_clock,
    }),
    vsynth: defined(resources(record.resource_report, 2)),
  };
}
