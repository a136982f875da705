import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { modelFiles } from '../../../../datasets/collect/modelFiles.js';
import { graphSummary } from '../../../../src/analytical/graphSummary.js';
import { graphCosts } from '../../../../src/graph/operatorCost.js';
import { type OpGraph, parseOpGraph } from '../../../../src/graph/opGraph.js';
import type { ReadModel } from '../../../../src/graph/readers/modelReader.js';
import { onnxReader } from '../../../../src/graph/readers/onnx/onnxReader.js';
import { hasShared, SHARED } from '../../../shared.js';

const ZOO = join(SHARED, 'data/zoo');
/** Models with a part that the export does not run and so does not hold: auxiliary heads, poolers, a head of attention, tables computed before. */
const PARTLY_EXPORTED =
  /googlenet|inception_v3|bert-base|deit-small|vit-(tiny|small|base-384)|dpt-base|fnet-base|minilm|mobilebert|mpnet|siglip|squeezebert|swin3d_t/;

describe.skipIf(!hasShared)('the 124 models of the zoo (needs ../shared)', () => {
  let models: { name: string; graph: OpGraph }[] = [];
  const stated = new Map<string, number>();

  beforeAll(async () => {
    for (const line of readFileSync(join(ZOO, 'models.csv'), 'utf8').trim().split('\n').slice(1)) {
      const cells = line.split(',');
      stated.set(cells[0], Number(cells[3]));
    }
    const read: ReadModel[] = [];
    for await (const file of modelFiles([join(ZOO, 'onnx.tar')])) read.push((await onnxReader.read(file, {}))[0]);
    models = read.map(({ name, graph }) => ({ name: name.replace('.onnx', '').replace('__', '/'), graph }));
  }, 60_000);

  test('are all read, every graph passes the checks of graphs from outside, nothing is opaque', () => {
    expect(models).toHaveLength(124);
    expect(models.flatMap(({ name, graph }) => (graphSummary(graph).opaque.length ? [name] : []))).toEqual([]);
    expect(() => models.map(({ name, graph }) => parseOpGraph(graph, name))).not.toThrow();
  });

  test('biases of zeros that the exporter left out, and norms that it folded, are known to their convolutions', () => {
    const attrsOf = (name: string) =>
      models
        .find((m) => m.name === name)!
        .graph.nodes.filter((n) => n.op === 'conv2d')
        .map((n) => [n.attrs.bias, n.attrs.foldedNorm]);
    expect(attrsOf('tv/vgg13')).toEqual(Array(10).fill([1, undefined]));
    expect(attrsOf('tv/vgg13_bn')).toEqual(Array(10).fill([1, 'after bias']));
    expect(attrsOf('tv/resnet50')).toEqual(Array(53).fill([0, 'alone']));
  });

  test('no operator of matrices is free', () => {
    const free = models.flatMap(({ name, graph }) => {
      const { each } = graphCosts(graph);
      return graph.nodes.flatMap((n, i) =>
        /^(conv|linear|matmul|attention)/.test(n.op) && !(each[i].macs > 0) ? [`${name} ${n.id}`] : [],
      );
    });
    expect(free).toEqual([]);
  });

  test('parameters are those of the models within 0.5 %, with the norms that the exporter folded, save for parts it left out', () => {
    const off = models.filter(({ name, graph }) => Math.abs(graphSummary(graph).params / stated.get(name)! - 1) > 0.005);
    expect(off.filter(({ name }) => !PARTLY_EXPORTED.test(name)).map(({ name }) => name)).toEqual([]);
    expect(off).toHaveLength(15);
    expect(off.every(({ name, graph }) => graphSummary(graph).params < stated.get(name)!)).toBe(true);
  });

  test('MACs are those of the table of timm within 2 %, of the two smallest EfficientNets 4 % below (it counts norms and activations)', () => {
    const table = gunzipSync(readFileSync(join(SHARED, 'data/model-tables/timm_models.csv.gz')))
      .toString()
      .trim()
      .split('\n');
    const published = new Map(
      table.map((row) => {
        const [model, size, gmacs] = row.split(',');
        return [`${model} ${size}`, Number(gmacs)];
      }),
    );
    const ratios = models.flatMap(({ name, graph }) => {
      const summary = graphSummary(graph);
      const gmacs = published.get(`${name.replace('tv/', '')} ${summary.inputs[0].shape.at(-1)}`);
      return gmacs ? [{ name, ratio: summary.macs / 1e9 / gmacs }] : [];
    });
    expect(ratios).toHaveLength(25);
    const off = ratios.filter(({ ratio }) => Math.abs(ratio - 1) > 0.02);
    expect(off.map(({ name }) => name).sort()).toEqual(['tv/efficientnet_b0', 'tv/efficientnet_b1']);
    expect(off.every(({ ratio }) => ratio > 0.96 && ratio < 1)).toBe(true);
  });

  test('MACs that are published: ResNet-50, ViT-B/16, VGG-19', () => {
    const macs = (name: string) => graphSummary(models.find((m) => m.name === name)!.graph).macs / 1e9;
    expect(macs('tv/resnet50')).toBeCloseTo(4.089, 3);
    expect(macs('tv/vit_b_16')).toBeCloseTo(17.564, 3);
    expect(macs('tv/vgg19')).toBeCloseTo(19.632, 3);
  });
});
