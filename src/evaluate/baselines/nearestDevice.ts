import { type BaselineInput, baseline } from './baseline.js';
import { trainedFunctions } from './trainedFunctions.js';

/** The training device whose function fits the support best up to a factor, times that factor. */
export const nearestDevice = (input: BaselineInput) => {
  const functions = trainedFunctions(input, (w) => ({ X: input.map.of(w), width: input.map.width }));
  return baseline('nearest-device', (support, values) => {
    let best = { error: Number.POSITIVE_INFINITY, task: 0, factor: 1 };
    functions(support).forEach((f, task) => {
      let fv = 0,
        ff = 0;
      f.forEach((v, i) => {
        fv += v * values[i];
        ff += v * v;
      });
      const factor = fv / ff,
        error = f.reduce((s, v, i) => s + (factor * v - values[i]) ** 2, 0);
      if (error < best.error) best = { error, task, factor };
    });
    return (workloads) => functions(workloads)[best.task].map((v) => best.factor * v);
  });
};
