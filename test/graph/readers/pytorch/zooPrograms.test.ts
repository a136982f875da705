import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { graphSummary } from '../../../../src/analytical/graphSummary.js';
import { graphCosts } from '../../../../src/graph/operatorCost.js';
import { parseOpGraph } from '../../../../src/graph/opGraph.js';
import { readModelFile } from '../../../../src/graph/readers/readModelFile.js';
import { hasShared, SHARED } from '../../../shared.js';

/** Billions of multiply-accumulates as torchvision's documentation states them, rounded to two digits behind the point. */
const PUBLISHED: Readonly<Record<string, number>> = {
  'tv/resnet18': 1.81,
  'tv/resnet50': 4.09,
  'tv/resnext50_32x4d': 4.23,
  'tv/densenet121': 2.83,
  'tv/efficientnet_b0': 0.39,
  'tv/efficientnet_b5': 10.27,
  'tv/mobilenet_v2': 0.3,
  'tv/mobilenet_v3_small': 0.06,
  'tv/mnasnet1_0': 0.31,
  'tv/regnet_y_16gf': 15.91,
  'tv/regnet_y_32gf': 32.28,
  'tv/shufflenet_v2_x0_5': 0.04,
  'tv/shufflenet_v2_x2_0': 0.58,
  'tv/vgg13': 11.31,
  'tv/vgg16_bn': 15.47,
  'tv/vit_b_16': 17.56,
  'tv/vit_h_14': 167.29,
  'tv/swin_v2_s': 11.55,
  'tv/video_r3d_18': 40.7,
  'tv/video_mvit_v1_b': 70.6,
};

describe.skipIf(!hasShared)('exported programs of real models (needs ../shared)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-programs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('have the parameters of the models, the published work, and no operator that is not known', {
    timeout: 60_000,
  }, async () => {
    execFileSync('tar', ['xf', join(SHARED, 'data/zoo/programs.tar'), '-C', folder]);
    const rows = readFileSync(join(SHARED, 'data/zoo/models.csv'), 'utf8').trim().split('\n').slice(1);
    const counted = new Map(rows.map((row) => [row.split(',')[0], Number(row.split(',').at(-3))]));
    const wrong: string[] = [];
    const files = readdirSync(folder).sort();
    for (const file of files) {
      const [model] = await readModelFile(join(folder, file));
      const { graph, warnings } = model;
      const name = model.name.replace('__', '/');
      const { each, total } = graphCosts(graph);
      const params = counted.get(name);
      if (params && params !== total.params) wrong.push(`${name}: ${total.params} parameters, not ${params}`);
      const published = PUBLISHED[name];
      if (published && Math.abs(total.macs / 1e9 - published) > Math.max(0.006, 0.002 * published))
        wrong.push(`${name}: ${total.macs / 1e9} GMACs, not ${published}`);
      const idle = graph.nodes.find((n, i) => isProduct(n.op) && !(each[i].macs > 0));
      if (idle) wrong.push(`${name}: ${idle.op} costs nothing`);
      wrong.push(...warnings.map((w) => `${name}: ${w}`));
      parseOpGraph(graph, name);
    }
    expect(wrong).toEqual([]);
    expect(files.length).toBe(41);
  });

  it('cost what their ONNX twins cost', { timeout: 120_000 }, async () => {
    execFileSync('tar', ['xf', join(SHARED, 'data/zoo/programs.tar'), '-C', folder]);
    const twins = mkdtempSync(join(tmpdir(), 'hwcast-twins-'));
    execFileSync('tar', ['xf', join(SHARED, 'data/zoo/onnx.tar'), '-C', twins]);
    const exported = new Set(readdirSync(twins));
    const pairs = readdirSync(folder)
      .map((program) => ({ program, onnx: program.replace('.json.gz', '.onnx.gz') }))
      .filter(({ onnx }) => exported.has(onnx));
    const wrong: string[] = [];
    for (const { program, onnx } of pairs) {
      const ours = await costOf(join(folder, program));
      const theirs = await costOf(join(twins, onnx));
      const macs = ours.macs / theirs.macs;
      if (Math.abs(macs - 1) > 0.01) wrong.push(`${program}: ${macs} times the MACs of its twin`);
      // the exporter of ONNX leaves out shifts of zero and poolers whose output is not asked for: fewer parameters, never more; the norms it folded are counted
      const params = theirs.params / ours.params;
      if (params > 1.001 || params < 0.993) wrong.push(`${program}: the twin has ${params} of its parameters`);
    }
    rmSync(twins, { recursive: true, force: true });
    expect(wrong).toEqual([]);
    expect(pairs.length).toBe(39);
  });

  it('.pt2 archives are read by their content', async () => {
    const read = async (name: string) => (await readModelFile(join(SHARED, 'data/model-files', name)))[0];
    const cnn = await read('tiny_cnn.pt2');
    // [2, 3, 64, 64]: conv 3 -> 8 with stride 2, depthwise 3x3, pointwise 8 -> 16, linear 16 -> 10
    expect(cnn).toMatchObject({ format: 'pytorch', name: 'tiny_cnn', warnings: [] });
    expect(graphCosts(cnn.graph).total).toMatchObject({ macs: 2 * (1024 * (8 * 27 + 8 * 9 + 8 * 16) + 160), params: 634 });
    const sequence = await read('tiny_seq_lstm.pt2');
    const { each, total } = graphCosts(sequence.graph);
    const lstm = sequence.graph.nodes.findIndex((n) => n.op === 'lstm');
    // 2 x 20 steps, two directions, four gates of 24 units over 32 features and 24 states
    expect(each[lstm].macs).toBe(2 * 20 * 2 * 4 * 24 * (32 + 24));
    expect(total.params).toBe(22_880);
  });
});

const costOf = async (path: string) => graphSummary((await readModelFile(path))[0].graph);

const isProduct = (op: string): boolean => /^(conv|linear|matmul|attention|lstm|gru|rnn)/.test(op);
