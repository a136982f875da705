import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildOrtOperators } from '../../datasets/collect/ortOperators.js';
import { taskId } from '../../src/dataset/dataset.js';
import { readDataset } from '../../src/dataset/store.js';
import '../../src/index.js';
import { measuredOperators } from '../../src/networks/measuredOperators.js';
import { hasShared, SHARED } from '../shared.js';

const folder = join(import.meta.dirname, '../../datasets/zoo-ort-operators');

it('has operators of a processor by threads, as a session runs them', async () => {
  const data = await readDataset(folder);
  expect(data.tasks.map(taskId)).toEqual(['h200_ort_t1@nodes:latency', 'h200_ort_t4@nodes:latency']);
  const [one, four] = measuredOperators(data);
  expect(one.setting).toMatchObject({ threads: 1, execution: 'compiled', dtype: 'fp32' });
  expect(four.setting.threads).toBe(4);
  expect(one.kernels.length).toBeGreaterThan(4000);
  // so that an evaluation can leave models out with what only they call
  expect(data.splits['zoo:tv/resnet50'].length).toBeGreaterThan(20);
});

it.skipIf(!hasShared)('is made of profiles and the models that ran (needs ../shared)', async () => {
  const work = mkdtempSync(join(tmpdir(), 'hwcast-ort-test-'));
  execFileSync('tar', ['xf', join(SHARED, 'data/zoo/profiles.tar'), '-C', work]);
  mkdirSync(join(work, 'ort'));
  for (const file of readdirSync(work))
    if (/^ort_tv__(mobilenet|dense)/.test(file))
      copyFileSync(join(work, file), join(work, 'ort', file.replace(/^ort_/, '').replace('.json', '.t1.json')));
  const made = await buildOrtOperators(work, join(SHARED, 'data/zoo/onnx.tar'));
  expect(Object.keys(made.splits).sort()).toEqual(['zoo:tv/densenet121', 'zoo:tv/mobilenet_v2']);
  const known = new Set((await readDataset(folder)).workloads.map((w) => w.id)),
    shared = made.workloads.filter((w) => known.has(w.id)).length;
  expect(shared / made.workloads.length).toBeGreaterThan(0.9);
});
