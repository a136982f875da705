import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tableOf } from '../../datasets/collect/tables.js';
import { taskId } from '../../src/dataset/dataset.js';
import { readDataset } from '../../src/dataset/store.js';
import { graphCosts } from '../../src/graph/operatorCost.js';
import { hasShared, SHARED } from '../shared.js';

const folder = join(import.meta.dirname, '../../datasets/ncnn');

describe('datasets/ncnn', () => {
  it("has the graphs of ncnn's benchmark at its input sizes", async () => {
    const { workloads, card } = await readDataset(folder);
    expect(workloads.filter((w) => !w.graph).map((w) => w.id)).toEqual(['ncnn:mobilenet_yolov3']);
    expect(card.notes?.join()).toContain('benchncnn.cpp');
    const sides = Object.fromEntries(workloads.map((w) => [w.id.slice('ncnn:'.length), w.facts?.inputSize?.at(-1)]));
    expect(sides).toMatchObject({
      ...{ squeezenet: 227, alexnet: 227, resnet50: 224, blazeface: 128, mobilenet_ssd: 300, mobilenet_yolo: 416 },
      ...{ mobilenetv2_yolov3: 352, nanodet_m: 320, 'yolo-fastestv2': 352, FastestDet: 352, vision_transformer: 384 },
    });
    const macs = (model: string) => graphCosts(workloads.find((w) => w.id === `ncnn:${model}`)!.graph!).total.macs;
    expect(macs('vgg16') / 15.47e9).toBeCloseTo(1, 2);
    // 145 positions of 32 x 32 pixels: ViT-B/32 of 384
    expect(macs('vision_transformer') / 13.05e9).toBeCloseTo(1, 2);
  });

  it.skipIf(!hasShared)('is what its command makes of the table and the graphs (needs ../shared)', async () => {
    const made = await tableOf('ncnn', join(SHARED, 'data/model-tables')),
      stored = await readDataset(folder);
    expect(made.workloads.map(({ id, facts, graph }) => [id, facts, graph?.nodes.length])).toEqual(
      stored.workloads.map(({ id, facts, graph }) => [id, facts, graph?.nodes.length]),
    );
    expect(made.tasks.map((t) => [taskId(t), [...t.values]])).toEqual(stored.tasks.map((t) => [taskId(t), [...t.values]]));
  });
});
