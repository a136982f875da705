import { createRandom } from '../../src/core/random.js';
import type { Parameters } from '../../src/tensor/parameters.js';

/**
 * Slope of a function of flat parameters along a random direction by central differences, beside gradient . direction. Float32 values are exact
 * to about 1e-7 of the loss, so compare to a few per cent.
 */
export function slopes(
  parameters: Parameters,
  gradient: Float32Array,
  value: (p: Parameters) => number,
  step: number,
  seed = 0,
  only?: (name: string) => boolean,
) {
  const random = createRandom(seed),
    direction = new Float32Array(gradient.length);
  let at = 0;
  for (const name of parameters.names) {
    const size = parameters.view(name).length;
    for (let i = 0; i < size; i++) direction[at + i] = !only || only(name) ? random.normal() : 0;
    at += size;
  }
  const length = Math.sqrt(direction.reduce((s, v) => s + v * v, 0));
  const moved = (by: number) => value(parameters.with(parameters.data.map((v, i) => v + (by * direction[i]) / length)));
  return {
    exact: gradient.reduce((s, g, i) => s + (g * direction[i]) / length, 0),
    numeric: (moved(step) - moved(-step)) / (2 * step),
  };
}
