import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDataset } from '../../src/dataset/store.js';
import type { Workload } from '../../src/graph/workload.js';
import { adapt, loadAdapter } from '../../src/networks/adapter.js';
import { loadModel } from '../../src/networks/modelFolder.js';
import { pick } from '../../src/networks/pick.js';
import { predict, predictorFor } from '../../src/networks/predict.js';
import { sample } from '../../src/networks/sample.js';
import { estimateOf } from '../../src/surrogate/predictor.js';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'models/real');
const GPU = { device: 'pro6000maxq', condition: 'amp-nchw-pt291-cu130-eager' };

describe('models/real', () => {
  it('answers for its devices without being named: what was measured, and the rest as surrogate', async () => {
    const [known] = await predict(['timm:resnet50@224'], GPU);
    const dataset = await readDataset(join(ROOT, 'datasets/timm')),
      task = dataset.tasks.find((t) => t.device === GPU.device && t.condition === GPU.condition)!;
    const row = dataset.workloads.findIndex((w) => w.id === 'timm:resnet50@224');
    const truth = task.values[[...task.rows].indexOf(row)];
    expect(estimateOf(known, 'latency')).toMatchObject({ provenance: 'measured', low: null, high: null });
    expect(estimateOf(known, 'latency').value).toBeCloseTo(truth, 9);
  });

  it('asks for the condition of a device that it knows several of', async () => {
    await expect(predictorFor({ device: 'rtx4090' })).rejects.toMatchObject({ code: 'usage' });
  });

  it('says which models of a table to measure, and asks which table', async () => {
    const ten = await sample({ model: FOLDER, n: 10, table: 'ncnn' });
    expect(new Set(ten.map((w) => w.id.split(':')[0]))).toEqual(new Set(['ncnn']));
    expect(new Set(ten.map((w) => w.id)).size).toBe(10);
    await expect(sample({ model: FOLDER, n: 10 })).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('ai-hub'),
    });
    await expect(sample({ model: FOLDER, n: 10, table: 'nnn' })).rejects.toMatchObject({ code: 'not-found' });
  });

  it('judges all models of the table that the board was measured on', async () => {
    const dataset = await readDataset(join(ROOT, 'datasets/ncnn')),
      task = dataset.tasks.find((t) => t.rows.length >= 34)!;
    const ten = await sample({ model: FOLDER, n: 10, candidates: Array.from(task.rows, (r) => dataset.workloads[r]) });
    const support = ten.map((workload) => {
      const i = [...task.rows].findIndex((r) => dataset.workloads[r].id === workload.id);
      return { workload, value: 1.3 * task.values[i] };
    });
    const adapter = await adapt({ model: FOLDER, device: 'board', support });
    expect(adapter.metrics.leaveOneOutMedianApe).toBeLessThan(0.2);
    const { judged } = await pick({ adapter, budget: 0.05 });
    expect(judged).toHaveLength(36);
    expect(new Set(judged.map((j) => j.verdict)).size).toBeGreaterThan(1);
  });

  it('takes a device of the catalogue for what it is, in the file of the adapter too', async () => {
    const dataset = await readDataset(join(ROOT, 'datasets/zoo-h200')),
      task = dataset.tasks.find((t) => t.device === 'h200_graph_fp16_b8' && t.target === 'latency')!;
    const rows = [...task.rows.keys()].filter((i) => dataset.workloads[task.rows[i]].graph),
      file = (i: number): Workload => ({ id: `${i}.onnx`, graph: dataset.workloads[task.rows[i]].graph! }),
      support = rows.filter((_, j) => j % 84 === 0).map((i) => ({ workload: file(i), value: 1.7 * task.values[i] })),
      others = rows.filter((_, j) => j % 84 === 5).map(file);
    const folder = mkdtempSync(join(tmpdir(), 'hwcast-'));
    const of = { model: await loadModel(FOLDER), device: 'my server', support, out: join(folder, 'server.json') };
    const blind = await adapt(of),
      told = await adapt({ ...of, setting: { hardware: 'A100-SXM4-80GB', dtype: 'fp16', batch: 8, execution: 'graph' } });
    expect(blind.adapter!.setting).toBeUndefined();
    expect(told.adapter!.setting).toMatchObject({ hardware: expect.stringContaining('A100'), batch: 8 });
    const values = (of: typeof told) => of.predictor.predict(others).map((p) => estimateOf(p, 'latency').value);
    expect(others.length).toBeGreaterThan(2);
    expect(values(told)).not.toEqual(values(blind));
    const read = await loadAdapter(of.out, of.model);
    expect(read.predictor.predict(others)).toEqual(told.predictor.predict(others));
    const goneOn = await adapt({ from: read, model: of.model, support: [] });
    expect(goneOn.task.setting).toEqual(told.task.setting);
    const changed = await adapt({ from: read, model: of.model, support: [], setting: { batch: 1 } });
    expect(changed.task.setting).toEqual({ ...told.task.setting, batch: 1 });
  });

  it('is small enough to come along and names what its licences ask for', async () => {
    const { info, metrics } = await loadModel(FOLDER);
    expect(info.attribution?.join('\n')).toMatch(/Tencent/);
    expect(info.attribution?.join('\n')).toMatch(/Qualcomm/);
    expect(new Set(metrics.rows.map((r) => r.measurements))).toEqual(new Set([10, 20, 40]));
  });
});
