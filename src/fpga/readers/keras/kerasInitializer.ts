import { elementCount } from '../../../core/elementCount.js';

/** A serialised object of Keras. */
interface Serialised {
  class_name?: unknown;
  config?: Record<string, unknown>;
}

const named = (value: unknown): { name: string; config: Record<string, unknown> } | undefined => {
  if (typeof value === 'string') return { name: value, config: {} };
  if (!value || typeof value !== 'object') return undefined;
  const { class_name, config = {} } = value as Serialised;
  if (typeof class_name !== 'string') return undefined;
  // QKeras wraps the initialiser that it was given
  return class_name === 'QInitializer' ? named(config.initializer) : { name: class_name, config };
};

/**
 * Largest magnitude of the weights that a layer begins with, by its initialiser: that of a uniform one, or of a uniform one with as much variance. Undefined where the file names none
 * whose scale is known. Fans of Keras: kernel elements times channels in, and times channels out.
 */
export function initialSpread(initializer: unknown, shape: readonly number[]): number | undefined {
  const found = named(initializer);
  if (!found) return undefined;
  const window = elementCount(shape.slice(0, -2)),
    [channels, filters] = shape.slice(-2),
    fanIn = window * channels,
    fanOut = window * filters;
  const number = (key: string, otherwise: number): number =>
    typeof found.config[key] === 'number' ? (found.config[key] as number) : otherwise;
  switch (found.name.replace(/_/g, '').toLowerCase()) {
    case 'glorotuniform':
    case 'glorotnormal':
      return Math.sqrt(6 / (fanIn + fanOut));
    case 'heuniform':
    case 'henormal':
      return Math.sqrt(6 / fanIn);
    case 'lecununiform':
    case 'lecunnormal':
      return Math.sqrt(3 / fanIn);
    case 'randomuniform':
      return Math.max(Math.abs(number('minval', -0.05)), Math.abs(number('maxval', 0.05)));
    case 'randomnormal':
    case 'truncatednormal':
      return Math.sqrt(3) * number('stddev', 0.05);
    default:
      return undefined;
  }
}
