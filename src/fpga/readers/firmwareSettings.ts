import { HwcastError } from '../../core/errors.js';
import { CONVOLUTIONS, type HlsLayer, SOFTMAXES } from '../design/hlsDesign.js';

/**
 * Settings of hls4ml that say how the firmware of a layer is built: `ParallelizationFactor` and `ConvImplementation` of convolutions, `Implementation` and `Skip` of a softmax.
 * @param tables entries of the configuration for the layer, from the model's to its own: the last one that says it counts
 * @throws HwcastError `bad-input` naming layer and setting
 */
export function applyFirmware(layer: HlsLayer, tables: readonly Record<string, unknown>[], where?: string): void {
  const what = `layer '${layer.name}'`,
    told = (key: string): unknown => tables.map((table) => settingOf(table, key)).findLast((value) => value !== undefined);
  if (/conv/.test(layer.kind) || (layer.kind === 'dense' && layer.inShape.length > 1)) {
    const pixels = told('ParallelizationFactor'),
      convolution = told('ConvImplementation');
    if (pixels !== undefined && !(Number.isSafeInteger(pixels) && (pixels as number) > 0))
      throw new HwcastError('bad-input', `${what}: ParallelizationFactor ${JSON.stringify(pixels)} is no positive whole number`, {
        where,
        hint: 'output pixels made at once, 1 in hls4ml unless told',
      });
    if (pixels !== undefined && pixels !== 1) layer.pixelsAtOnce = pixels as number;
    // a convolution of one position is built so whatever is told
    if (convolution !== undefined && !/^pointwise$/i.test(String(convolution)))
      layer.convolution = named(CONVOLUTIONS, convolution, `${what}: ConvImplementation`, where);
  } else if (layer.activation === 'softmax') {
    const softmax = told('Implementation') ?? byStrategy(tables);
    if (softmax !== undefined) layer.softmax = named(SOFTMAXES, softmax, `${what}: Implementation`, where);
    if (told('Skip') === true) layer.activation = 'linear';
  }
}

/** A setting of an entry, which hls4ml writes `TableSize` or `table_size`; undefined where it has none. */
export const settingOf = (table: Record<string, unknown>, key: string): unknown =>
  table[key] ?? table[snakeCase(key)] ?? undefined;
export const snakeCase = (key: string): string => key.replaceAll(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase();

/** Under `Strategy` hls4ml before 0.7 has how a softmax is computed; `latency` there is that of the layers with weights too. */
const byStrategy = (tables: readonly Record<string, unknown>[]): string | undefined =>
  tables.map(({ Strategy }) => String(Strategy).toLowerCase()).findLast((name) => /^(stable|legacy|argmax)$/.test(name));

const spelt = (name: string): string => name.replace('_', '');

/** One of `names` as hls4ml spells them: without underscores, in any case. */
export const firmwareName = <T extends string>(names: readonly T[], value: unknown): T | undefined =>
  names.find((name) => spelt(name) === String(value).toLowerCase());

/** @throws HwcastError `bad-input` */
function named<T extends string>(names: readonly T[], value: unknown, what: string, where?: string): T {
  const found = firmwareName(names, value);
  if (!found)
    throw new HwcastError('bad-input', `${what} ${JSON.stringify(value)} is not known`, {
      where,
      hint: names.map(spelt).join(', '),
    });
  return found;
}
