/**
 * Adaptation and prediction times of the shipped model: `npx tsx bench/predict.ts [MODEL]`. Goals: adaptation from 20 measurements within 1 s,
 * all 15,625 NAS-Bench-201 cells of one device within 0.5 s when warm (features of the networks known; each call gets a list of its own, so that no result is reused). Prints medians of five runs, and the ratio to the first (cold) run.
 */

import { median } from '../src/core/statistics.js';
import { networkFlops } from '../src/evaluate/baselines/flops.js';
import { nasbench201 } from '../src/graph/spaces/nasbench201.js';
import { spaceWorkload } from '../src/graph/workload.js';
import { loadModel } from '../src/networks/modelFolder.js';

const model = await loadModel(process.argv[2] ?? 'models/nb201');
const all = Array.from({ length: nasbench201.size! }, (_, i) => spaceWorkload(nasbench201, nasbench201.at!(i)));
const support = all.slice(0, 20).map((workload) => ({ workload, value: networkFlops(workload) * 1e-11 + 1e-3 }));
const seconds = <T>(run: () => T): [number, T] => {
  const begin = performance.now(),
    value = run();
  return [(performance.now() - begin) / 1000, value];
};
const adaptations = Array.from({ length: 5 }, () =>
  seconds(() => model.learner.adapt([...support], { device: 'bench', condition: '', target: 'latency' })),
);
const [cold] = seconds(() => adaptations[0][1].predict(all));
const warm = Array.from({ length: 5 }, () => seconds(() => adaptations[0][1].predict([...all]))[0]);
console.log(`method ${model.info.method}`);
console.log(`adapt to 20 measurements: ${median(adaptations.map(([s]) => s)).toFixed(3)} s`);
console.log(
  `predict 15,625 cells: cold ${cold.toFixed(2)} s, warm ${median(warm).toFixed(3)} s (cold / warm ${(cold / median(warm)).toFixed(1)})`,
);
