import { join } from 'node:path';
import { expect, it } from 'vitest';
import { taskId } from '../../src/dataset/dataset.js';
import { mergeDatasets } from '../../src/dataset/merge.js';
import { readDataset } from '../../src/dataset/store.js';
import '../../src/index.js';
import { graphCosts } from '../../src/graph/operatorCost.js';
import { domainTasks } from '../../src/surrogate/domainTasks.js';
import { domainOf } from '../../src/surrogate/kind.js';

const at = (name: string) => readDataset(join(import.meta.dirname, '../../datasets', name));

it('gives models of timm their graphs, whose products are those that timm counts, and runs of two devices', async () => {
  const [timm, h200] = [await at('timm'), await at('timm-h200')];
  expect(h200.workloads.filter((w) => w.graph)).toHaveLength(350);
  expect(h200.tasks.map(taskId)).toContain('h200_eager_t4:latency');
  const { workloads } = mergeDatasets([timm, h200]),
    both = workloads.filter((w) => w.graph && w.facts?.macs);
  expect(both.length).toBe(350);
  // timm counts some norms, and the whole models of which GhostNetV3 keeps one branch
  const near = both.filter((w) => Math.abs(graphCosts(w.graph!).total.macs / w.facts!.macs! - 1) < 0.03).length;
  expect(near / both.length).toBeGreaterThan(0.85);
});

it('says how the published figures ran, as far as their source tells', async () => {
  const timm = await at('timm'),
    tasks = domainTasks(timm, timm.workloads.map(domainOf), 'models'),
    settingOf = (start: string) => tasks.find((t) => t.id.startsWith(start))!.setting;
  expect(settingOf('4090@amp-nchw-pt291-cu128-eager')).toMatchObject({ hardware: 'RTX-4090', batch: 256, execution: 'graph' });
  expect(settingOf('i9_10940x@fp32-nchw-pt240')).toMatchObject({ threads: 14, batch: 1, execution: 'dynamo' });
});
