import { createRandom } from '../../../src/core/random.js';
import type { LogTask } from '../../../src/surrogate/head/logTasks.js';

export const WIDTH = 6;
/** log value = level + x . (shared + own), with noise. */
export function madeUpLogTasks(count: number, seed: number): LogTask[] {
  const random = createRandom(seed),
    shared = [1, -0.5, 0.3, 0, 0.8, -0.2];
  return Array.from({ length: count }, (_, t): LogTask => {
    const own = shared.map((w) => w + 0.1 * random.normal());
    const X = Float64Array.from({ length: 80 * WIDTH }, () => random.normal());
    const values = Float64Array.from({ length: 80 }, (_, i) =>
      Math.exp(5 + t + own.reduce((a, w, j) => a + w * X[i * WIDTH + j], 0) + 0.05 * random.normal()),
    );
    return { id: `t${t}`, group: `g${t}`, X, values };
  });
}
