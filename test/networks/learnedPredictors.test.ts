import { afterAll, beforeAll } from 'vitest';
import { parseWorkload } from '../../src/graph/workload.js';
import { adapt, loadAdapter } from '../../src/networks/adapter.js';
import { loadModel } from '../../src/networks/modelFolder.js';
import { train } from '../../src/networks/train.js';
import { checkPredictor } from '../surrogate/checkPredictor.js';
import { smallDataset } from './smallDataset.js';
import { measurements, temporaryFolder, unseenNetworks } from './smallModel.js';

const FBNET = parseWorkload('fbnet:0123456780123456780123'),
  networks = unseenNetworks(20);
const { path, remove } = temporaryFolder();
beforeAll(async () => {
  await train({
    dataset: smallDataset(24),
    method: 'hwcast',
    settings: { epochs: 2 },
    targets: ['latency'],
    out: path('hwcast'),
  });
  await train({ dataset: smallDataset(24), method: 'help', settings: { episodes: 2 }, targets: ['latency'], out: path('help') });
});
afterAll(remove);

for (const method of ['hwcast', 'help']) {
  /** What the method wants measured: its reference networks, and eight others. */
  const support = async () => measurements([...(await loadModel(path(method))).references, ...networks.slice(0, 8)]);
  checkPredictor(
    `${method}, an adapted device,`,
    async () =>
      (await loadModel(path(method))).learner.adapt(await support(), { device: 'new', condition: '', target: 'latency' }),
    {
      targets: ['latency'],
      provenance: 'adapted',
      workloads: () => networks,
      unsupported: FBNET,
      // matrix products of other sizes add up in another order, in single precision
      tolerance: 1e-5,
      async reload() {
        await adapt({ model: path(method), device: 'new', support: await support(), out: path(`${method}.json`) });
        return (await loadAdapter(path(`${method}.json`))).predictor;
      },
    },
  );
}
