import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { additiveMixture } from '../../src/evaluate/baselines/additiveMixture.js';
import type { BaselineInput } from '../../src/evaluate/baselines/baseline.js';
import { deviceRidge } from '../../src/evaluate/baselines/deviceRidge.js';
import { flopsBaseline } from '../../src/evaluate/baselines/flops.js';
import { nearestDevice } from '../../src/evaluate/baselines/nearestDevice.js';
import { rooflineBaseline } from '../../src/evaluate/baselines/rooflineScaled.js';
import { parseWorkload, type Workload, workloadGraph } from '../../src/graph/workload.js';
import { adapt, loadAdapter } from '../../src/networks/adapter.js';
import { fitFeatureMap, population } from '../../src/networks/featureMap.js';
import { Mixture } from '../../src/networks/mixture.js';
import { loadModel, saveModel } from '../../src/networks/modelFolder.js';
import { rooflineOfDevice } from '../../src/networks/rooflinePredictor.js';
import { trainClosedForm } from '../../src/networks/trainClosedForm.js';
import type { FewShot, SupportRow } from '../../src/surrogate/predictor.js';
import { type Conformance, checkPredictor } from '../surrogate/checkPredictor.js';
import { smallDataset, trainingTasks } from './smallDataset.js';
import { measurements, type SmallModel, temporaryFolder, trainSmall, unseenNetworks } from './smallModel.js';

const FBNET = parseWorkload('fbnet:0123456780123456780123'),
  FREE: Workload = { id: 'somebody else s graph', graph: workloadGraph(FBNET) };
const networks = unseenNetworks(20),
  support = measurements(networks.slice(0, 8)),
  task = { device: 'cpu_b', condition: '', target: 'latency' } as const;
const GPU_GRAPH = { device: 'gpu_graph', condition: '', target: 'latency' } as const;
const free = (w: Workload): Workload => ({ id: `graph of ${w.id}`, graph: workloadGraph(w) });

const { path, remove } = temporaryFolder();
let small: SmallModel;
beforeAll(async () => {
  small = await trainSmall();
  saveModel(path('model'), small);
});
afterAll(remove);

// AdaptedClosedForm.predict and trainedFunctions keep values by the identity of the list and do not look into it again

for (const target of ['latency', 'energy'] as const)
  checkPredictor(
    `closed form, ${target} of an adapted device,`,
    async () =>
      (await loadModel(path('model'))).learner.adapt(measurements(networks.slice(0, 8), 'cpu_a', target), {
        device: 'new',
        condition: '',
        target,
      }),
    {
      targets: [target],
      provenance: 'adapted',
      workloads: () => networks,
      unsupported: FBNET,
      async reload() {
        const out = path(`${target}.json`);
        await adapt({
          model: path('model'),
          device: 'new',
          target,
          support: measurements(networks.slice(0, 8), 'cpu_a', target),
          out,
        });
        return (await loadAdapter(out)).predictor;
      },
    },
  );

checkPredictor('closed form, a device trained on,', async () => small.trained(GPU_GRAPH), {
  targets: ['latency'],
  provenance: 'surrogate',
  workloads: () => networks,
  unsupported: FREE,
  reload: async () => (await loadModel(path('model'))).trained(GPU_GRAPH),
});

/** The small dataset with its networks as free graphs, as traces give them. */
const graphInput = (): BaselineInput => {
  const data = smallDataset(24),
    workloads = data.workloads.map(free);
  return { map: fitFeatureMap('graphs', workloads), workloads, tasks: trainingTasks(data) };
};
checkPredictor(
  'closed form on free graphs',
  () => {
    const { map, workloads, tasks } = graphInput();
    const head = trainClosedForm(map, workloads, tasks, { random: createRandom(1), link: 'log', trials: 1 });
    return head.adapt(
      support.map((s): SupportRow => ({ ...s, workload: free(s.workload) })),
      task,
    );
  },
  { targets: ['latency'], provenance: 'adapted', workloads: () => networks.slice(0, 8).map(free), unsupported: FBNET },
);

/** Two closed-form heads, one on physical features alone, averaged by evidence. */
checkPredictor(
  'mixture of heads',
  () => {
    const data = smallDataset(20, ['gpu_a', 'gpu_graph', 'cpu_a']),
      cells = population('nasbench201', createRandom(2), 200);
    const heads = [fitFeatureMap('nasbench201', cells), fitFeatureMap('nasbench201', cells, { groups: ['physical'] })].map(
      (map) => trainClosedForm(map, data.workloads, trainingTasks(data), { random: createRandom(1), trials: 1 }),
    );
    return new Mixture('mixture', heads).adapt(support, task);
  },
  { targets: ['latency'], provenance: 'adapted', workloads: () => networks, unsupported: FBNET },
);

const input = (): BaselineInput => {
  const data = smallDataset();
  return {
    map: fitFeatureMap('nasbench201', population('nasbench201', createRandom(2), 300)),
    workloads: data.workloads,
    tasks: trainingTasks(data),
  };
};
const few = (method: FewShot) => method.adapt(support, task);
const adapted: Conformance<Workload> = { targets: ['latency'], provenance: 'adapted', workloads: () => networks };
checkPredictor('flops', () => few(flopsBaseline()), {
  ...adapted,
  workloads: () => [...networks, ...networks.slice(0, 3).map(free), FBNET],
});
checkPredictor('roofline with a factor', () => few(rooflineBaseline()), {
  ...adapted,
  workloads: () => [...networks, ...networks.slice(0, 3).map(free), FBNET],
});
checkPredictor('device ridge', () => few(deviceRidge(input())), { ...adapted, unsupported: FBNET });
checkPredictor('nearest device', () => few(nearestDevice(input())), { ...adapted, unsupported: FBNET });
checkPredictor('additive mixture', () => few(additiveMixture(input())), { ...adapted, unsupported: FREE });

for (const target of ['latency', 'energy', 'peak_memory'] as const)
  checkPredictor(`roofline, ${target},`, () => rooflineOfDevice('RTX-2080Ti', target), {
    targets: [target],
    provenance: 'analytical',
    workloads: () => [...networks, ...networks.slice(0, 3).map(free), FBNET],
    nodeOrderMatters: target === 'peak_memory',
    // a network that a compiler folds into a constant gets 0 bytes
  });

describe('additive mixture', () => {
  it('refuses a network of another space than it was trained on', () => {
    expect(() => few(additiveMixture(input())).predict([FBNET])).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });
});
