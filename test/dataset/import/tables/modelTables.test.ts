import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Dataset, taskId } from '../../../../src/dataset/dataset.js';
import { importPublic } from '../../../../src/dataset/import/importPublic.js';
import { importModelTables } from '../../../../src/dataset/import/tables/modelTables.js';
import { inspectDataset } from '../../../../src/dataset/inspect.js';
import { readDataset, writeDataset } from '../../../../src/dataset/store.js';
import { parseWorkload } from '../../../../src/graph/workload.js';
import { hasShared, SHARED } from '../../../shared.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-tables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const written = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
/** Value of a workload in a task, SI. */
const value = ({ workloads, tasks }: Dataset, task: string, workload: string) => {
  const found = tasks.find((t) => taskId(t) === task)!;
  return found.values[found.rows.indexOf(workloads.findIndex((w) => w.id === workload))];
};

describe('tables of real models', () => {
  it("timm's benchmark CSV: how it ran stands in its name", () => {
    const path = written(
      'benchmark-infer-amp-nhwc-pt240-cu124-rtx4090-dynamo.csv',
      'model,infer_img_size,infer_samples_per_sec,infer_step_time,infer_batch_size,param_count,infer_gmacs,infer_macts\nresnet50,224,4000,64,256,25.56,4.11,11.11\n',
    );
    const dataset = importModelTables(path);
    expect(value(dataset, 'rtx4090@amp-nhwc-pt240-cu124-dynamo:latency', 'timm:resnet50@224')).toBe(1 / 4000);
    expect(dataset.workloads[0].facts).toEqual({ macs: 4.11e9, activations: 11.11e6, params: 25.56e6, inputSize: [3, 224, 224] });
    expect(dataset.card.devices.rtx4090.conditions['amp-nhwc-pt240-cu124-dynamo']).toMatchObject({
      dtype: 'amp',
      frameworkVersion: '2.40',
    });
    expect(dataset.card.licence).toBe('Apache-2.0');
  });

  it.each<[string, number[], Record<string, unknown>]>([
    ['the largest model fitted one by one', [256, 256, 1], { fullBatch: true }],
    ['the first model fitted one by one', [1, 256, 256], { fullBatch: true }],
    ['all ran one by one', [1, 1, 1], { batch: 1 }],
  ])("timm's batches differ by row: %s", (_, batches, expected) => {
    const path = written(
      'benchmark-infer-amp-nchw-pt240-cu124-rtx3090.csv',
      `model,infer_img_size,infer_samples_per_sec,infer_step_time,infer_batch_size,param_count,infer_gmacs,infer_macts\n${batches.map((b, i) => `m${i},224,100,10,${b},1,1,1`).join('\n')}\n`,
    );
    const { hardware, conditions } = importModelTables(path).card.devices.rtx3090,
      { batch, fullBatch } = conditions['amp-nchw-pt240-cu124-eager'];
    expect(hardware).toBe('RTX-3090');
    expect(JSON.parse(JSON.stringify({ batch, fullBatch }))).toEqual(expected);
  });

  it("ncnn's README: a heading a device, a block of settings a run; what is below the clock is left out", () => {
    const block = (threads: number, rows: string) =>
      `loop_count = 8\nnum_threads = ${threads}\npowersave = 2\ngpu_device = -1\ncooling_down = 1\n${rows}\n`;
    const path = written(
      'README.md',
      `# benchmark\n\n### Board A (Cortex-A76 x 4)\n\`\`\`\n${block(4, '  squeezenet  min =    4.00  max =    6.00  avg =    4.50\n  blazeface  min =    0.00  max =    0.10  avg =    0.00')}${block(1, '  squeezenet_int8  min =   12.00  max =   12.00  avg =   12.00')}\`\`\`\n`,
    );
    const dataset = importModelTables(path),
      board = 'Board A (Cortex-A76 x 4)';
    expect(dataset.tasks.map(taskId)).toEqual([`${board}@run1:latency`, `${board}@run2:latency`]);
    expect(value(dataset, `${board}@run1:latency`, 'ncnn:squeezenet')).toBeCloseTo(4e-3, 12);
    expect(dataset.tasks[0].spread[0]).toBeCloseTo(0.25, 12);
    expect(dataset.tasks[0].repeats[0]).toBe(8);
    expect(dataset.card.devices[board].conditions.run1).toEqual({
      batch: 1,
      framework: 'ncnn',
      backend: 'cpu',
      threads: 4,
      note: 'powersave 2',
    });
    expect(dataset.workloads.map((w) => [w.id, w.facts])).toEqual([
      ['ncnn:squeezenet', { precision: 'float' }],
      ['ncnn:squeezenet_int8', { precision: 'int8' }],
    ]);
    expect(dataset.card.notes.join('\n')).toContain('below the clock');
  });

  it("AI Hub's perf.yaml: latency and peak memory of each precision, device and runtime", () => {
    const path = written(
      'ai_hub_tiny_net_perf.yaml',
      `precisions:
  w8a8:
    components:
      Tiny-Net:
        performance_metrics:
          Samsung Galaxy S25:
            tflite:
              inference_time_milliseconds: 0.5
              estimated_peak_memory_range_mb: {min: 0, max: 12}
              primary_compute_unit: NPU
              tool_versions: {tflite: 2.17.0}
            onnx:
              job_status: Failed
`,
    );
    const dataset = importModelTables(path);
    expect(dataset.tasks.map(taskId)).toEqual(['Samsung Galaxy S25@tflite:latency', 'Samsung Galaxy S25@tflite:peak_memory']);
    expect([0, 1].map((t) => dataset.tasks[t].values[0])).toEqual([0.5e-3, 12e6]);
    expect(dataset.workloads).toEqual([{ id: 'ai-hub:tiny_net/Tiny-Net/w8a8', facts: { precision: 'w8a8' } }]);
    expect(dataset.card.notes).toContain('Rows whose latency is empty or 0 in the source are left out of that target.');
  });

  it("the Vitis AI zoo's README: a table a board, giga-operations at the end of the names", () => {
    const path = written(
      'vitis.md',
      '### Performance on ZCU104\n\n| No | Model | Name | Single | Multi |\n| -- | -- | -- | -- | -- |\n| 1 | x | tf2_efficientnet-b0_imagenet_224_224_0.36G | 80 | 160\\.5 |\n| 2 | y | pt_CLOCs_kitti_2.0 | - | 10 |\n',
    );
    const dataset = importModelTables(path);
    expect(value(dataset, 'ZCU104@single-thread:latency', 'vitis-dpu:tf2_efficientnet-b0_imagenet_224_224_0.36G')).toBe(1 / 80);
    expect(value(dataset, 'ZCU104@multi-thread:latency', 'vitis-dpu:tf2_efficientnet-b0_imagenet_224_224_0.36G')).toBe(1 / 160.5);
    expect(dataset.workloads.map((w) => w.facts)).toEqual([
      { precision: 'int8' },
      { macs: 0.18e9, inputSize: [3, 224, 224], precision: 'int8' },
    ]);
  });

  it('LLM-Inference-Bench: a request of so many tokens, several devices as one', () => {
    const path = written(
      'llm.csv',
      'Hardware,Num of Hardware,Framework,Model,Input Output Length,Batch Size,Latency,Throughput\nA100,4,vLLM,org/m,128,16,0.5,4096\n',
    );
    const dataset = importModelTables(path);
    expect(value(dataset, '4 x A100@vLLM:latency', 'llm:org/m@in128,out128,b16')).toBe(0.5);
  });

  it('is written and read again with what is known of the models', async () => {
    const dataset = importModelTables(
      written('llm2.csv', 'hardware,n,framework,model,len_in_out,batch,latency_s\nA100,1,vLLM,org/m,128,1,0.5\n'),
    );
    dataset.workloads[0].facts = { params: 7e9, family: 'decoder' };
    await writeDataset(join(folder, 'stored'), dataset);
    const again = await readDataset(join(folder, 'stored'));
    expect(again.workloads).toEqual(dataset.workloads);
    expect(inspectDataset(again).spaces).toEqual({ 'llm models': 1 });
    expect(parseWorkload('timm:resnet50@224')).toEqual({ id: 'timm:resnet50@224', facts: {} });
  });

  it.each<[string, () => string, Record<string, unknown>]>([
    [
      'a file whose name does not say how it ran',
      () =>
        written(
          'mine.csv',
          'model,infer_img_size,infer_samples_per_sec,infer_step_time,infer_batch_size,param_count,infer_gmacs,infer_macts\nr,224,1,1,1,1,1,1\n',
        ),
      { code: 'bad-input', hint: expect.stringContaining('benchmark-infer-') },
    ],
    [
      'a latency that is no number',
      () => written('llm3.csv', 'hardware,n,framework,model,len_in_out,batch,latency_s\nA100,1,vLLM,org/m,128,1,fast\n'),
      { code: 'bad-input', message: expect.stringContaining("latency is 'fast'"), where: expect.stringContaining('llm3.csv:2') },
    ],
    [
      'a latency below zero',
      () =>
        written(
          'ai_hub.csv',
          'model,component,precision,device,runtime,inference_ms,peak_mem_max_mb,primary_unit,tool_versions\nm,c,float,d,tflite,-1,3,NPU,\n',
        ),
      { code: 'bad-input', message: expect.stringContaining("latency is '-1'"), where: expect.stringContaining('ai_hub.csv:2') },
    ],
    [
      'results before any device',
      () => written('bench.txt', '  squeezenet  min =  1.00  max =  1.10  avg =  1.00\n'),
      { code: 'bad-input', where: expect.stringContaining('bench.txt:1') },
    ],
    [
      'a folder of several sources',
      () => folderOf('llm.csv', 'bench.txt'),
      { code: 'unsupported', hint: 'choose one with --from' },
    ],
  ])('refuses %s', async (_, path, expected) => {
    await expect(importPublic(path(), {})).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });
});

function folderOf(...names: string[]): string {
  const path = join(folder, 'several');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, names[0]), 'hardware,n,framework,model,len_in_out,batch,latency_s\nA100,1,vLLM,m,128,1,0.5\n');
  writeFileSync(join(path, names[1]), '### B\n  squeezenet  min =  1.00  max =  1.10  avg =  1.00\n');
  return path;
}

describe.skipIf(!hasShared)('published tables (needs ../shared)', () => {
  it.each([
    ['timm', 1765, 24072],
    ['ncnn', 36, 7050],
    ['vitis-dpu', 142, 1230],
  ])('%s', (name, models, measurements) => {
    const { workloads, tasks } = importModelTables(join(SHARED, 'data/model-tables'), { only: name });
    expect(workloads).toHaveLength(models);
    expect(tasks.reduce((n, t) => n + t.rows.length, 0)).toBe(measurements);
  });

  it.each([
    ['timm', 'benchmark-infer-amp-nhwc-pt240-cu124-rtx4090.csv', 1441],
    ['ncnn', 'ncnn_benchmark_README_excerpt.md', 525],
    ['ai-hub', 'ai_hub_mobilenet_v2_perf.yaml', 216],
    ['vitis-dpu', 'vitis_ai_2.5_model_zoo_README_excerpt.md', 256],
    ['llm-inference-bench', 'llm_inference_bench_All_results_excerpt.csv', 399],
  ])("%s in its source's own form", async (format, file, measurements) => {
    const dataset = await importPublic(join(SHARED, 'data/model-tables/upstream', file), {});
    expect(dataset.card.name).toBe(format);
    expect(dataset.tasks.reduce((n, t) => n + t.rows.length, 0)).toBe(measurements);
  });
});
