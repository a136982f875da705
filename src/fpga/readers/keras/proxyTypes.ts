import type { KerasLayer } from '../../../graph/readers/keras/kerasLayer.js';
import type { HlsLayer, Precision } from '../../design/hlsDesign.js';
import { parsePrecision } from '../precisionText.js';

const TYPES = { weight_t: 'weight', bias_t: 'bias', accum_t: 'accum', result_t: 'result' } as const;

/** What the quantisers of a proxy model (`FixedPointQuantizer` of hls4ml, which HGQ writes) say of each layer by its name: types and table sizes. */
function overridesOf(list: readonly KerasLayer[]): Map<string, Record<string, unknown>> {
  const found = new Map<string, Record<string, unknown>>();
  for (const { className, config } of list) {
    const { layers } =
      ((/FixedPointQuantizer$/.test(className) ? config.overrides : undefined) as { layers?: object } | undefined) ?? {};
    for (const [name, fields] of Object.entries(layers ?? {}))
      if (typeof fields === 'object' && fields !== null) found.set(name, { ...found.get(name), ...fields });
  }
  return found;
}

const typeOf = (value: unknown): Precision | undefined => (typeof value === 'string' ? parsePrecision(value) : undefined);

/**
 * Gives layers the types that the quantisers of a proxy model state, and tells the type of the network's input. Weights of such a model have a width each, of which the type is the widest.
 * @param layers of the network, changed in place
 */
export function applyProxyTypes(
  list: readonly KerasLayer[],
  layers: readonly HlsLayer[],
  { inputNames, assumptions }: { inputNames: readonly string[]; assumptions: string[] },
): Precision | undefined {
  const overrides = overridesOf(list),
    own: string[] = [];
  for (const layer of layers) {
    const fields = overrides.get(layer.name);
    if (!fields) continue;
    for (const [key, tensor] of Object.entries(TYPES)) {
      const type = typeOf(fields[key]);
      if (type) layer[tensor] = type;
    }
    if (Number.isInteger(fields.table_size) && (fields.table_size as number) > 0) layer.tableSize = fields.table_size as number;
    if (layer.weight && typeOf(fields.weight_t)) {
      layer.ownWidths = true;
      own.push(layer.name);
    }
  }
  if (own.length)
    assumptions.push(
      `weights of ${own.join(', ')} have widths of their own, as HGQ gives them: the types of the proxy model are the widest`,
    );
  return inputNames.map((name) => typeOf(overrides.get(name)?.result_t)).find((type) => type !== undefined);
}
