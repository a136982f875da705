import { HwcastError } from '../../../core/errors.js';
import type { LayerWeights } from '../../design/countWeights.js';
import { strategyNamed } from '../hls4mlHeader.js';
import { layerNumber, type ParameterHeader } from './parameterHeader.js';

/**
 * Weights that an hls4ml project wrote, by the name of the layer (`nameOf` its number): `firmware/weights/w2.txt` or `.h`, `wr2` of the state of a recurrent
 * layer. With strategy resource they are written transposed.
 * @throws HwcastError `corrupt` for a file with something else than numbers
 */
export function firmwareWeights(
  files: ReadonlyMap<string, string>,
  header: ParameterHeader,
  nameOf: (number: string) => string | undefined,
): Map<string, LayerWeights> {
  const found = new Map<string, LayerWeights>();
  for (const { config, strategy } of header.layers) {
    const number = layerNumber(config),
      name = number === undefined ? undefined : nameOf(number);
    if (name === undefined || found.has(name)) continue;
    const matrices = ['w', 'wr'].flatMap((role) => {
      const values = weightValues(files, `${role}${number}`);
      return values ? [values] : [];
    });
    if (matrices.length) found.set(name, { matrices, rounding: 'down', transposed: strategyNamed(strategy) !== 'latency' });
  }
  return found;
}

/** Numbers of `NAME.txt`, else of `NAME.h`; undefined where neither holds any. */
function weightValues(files: ReadonlyMap<string, string>, name: string): Float64Array | undefined {
  for (const ending of ['txt', 'h']) {
    const file = `weights/${name}.${ending}`,
      text = files.get(file);
    const list = ending === 'txt' ? text : text && /\[\d+\]\s*=\s*\{([^}]*)\}/.exec(text)?.[1];
    if (!list?.trim()) continue;
    const values = Float64Array.from(
      list.split(',').filter((v) => v.trim()),
      Number,
    );
    const wrong = values.findIndex((v) => !Number.isFinite(v));
    if (wrong >= 0) throw new HwcastError('corrupt', `weight ${wrong} is no number`, { where: `firmware/${file}` });
    return values;
  }
  return undefined;
}
