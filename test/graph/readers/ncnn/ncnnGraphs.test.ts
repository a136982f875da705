import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseParam } from '../../../../src/graph/readers/ncnn/ncnnParam.js';
import { ncnnReader } from '../../../../src/graph/readers/ncnn/ncnnReader.js';
import { SHARED } from '../../../shared.js';
import { readWith, totalCost } from '../readText.js';

const ARCHIVE = join(SHARED, 'data/model-tables/ncnn_graphs.tar.gz');

/** Shapes of the inputs that the files leave open. */
const SHAPES: Record<string, Record<string, number[]>> = {
  'vision_transformer.param': { input: [1, 3, 384, 384] },
  'FastestDet.param': { in0: [1, 3, 352, 352] },
};

/** Shapes for a step of 16 tokens of a decoder, or the row that is projected to the words. */
function decoderShapes(text: string): Record<string, number[]> {
  const width = Number(/RMSNorm .* 0=(\d+)| 9=(\d+)/.exec(text)?.slice(1).find(Boolean));
  return { in0: [1, 16, width], in1: [1, 16, 16], in2: [1, 16, 32], in3: [1, 16, 32] };
}

/** Products by another way: places of the result, as the file notes them, times weights. */
function notedProducts(text: string): number {
  let products = 0;
  for (const layer of parseParam(text, 'noted')) {
    const [, width, height] = layer.array(30) ?? [];
    if (layer.type.startsWith('Convolution')) products += width * height * layer.number(6, 0);
    if (layer.type === 'InnerProduct') products += layer.number(2, 0);
  }
  return products;
}

describe.skipIf(!existsSync(ARCHIVE))("ncnn's benchmark graphs", () => {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-ncnn-'));
  let files: string[] = [];
  beforeAll(() => {
    execFileSync('tar', ['xzf', ARCHIVE, '-C', folder]);
    files = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((f) => f.endsWith('.param'))
      .sort();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const read = async (file: string) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const shapes = SHAPES[file] ?? (file.startsWith('llm') ? decoderShapes(text) : {});
    return (await readWith(ncnnReader, text, { shapes }, file))[0];
  };

  it('are all read, what is not known taking under 2 % of their bytes', async () => {
    const models = await Promise.all(files.map(read));
    expect(models).toHaveLength(49);
    expect(models.filter((m) => !(totalCost(m).macs > 1e6)).map((m) => m.name)).toEqual([]);
    const shares = models.flatMap((m) => m.warnings).map((w) => Number(/([\d.]+) % of all bytes/.exec(w)?.[1]));
    expect(Math.max(...shares)).toBeLessThan(2);
  });

  // multiply-accumulates and parameters in millions, of the papers or of the common listings of the Caffe models
  it.each([
    ['mobilenet.param', 569, 4.2], // Howard et al., 2017, table 8
    ['shufflenet_v2.param', 146, 2.3], // Ma et al., 2018, table 8
    ['mnasnet.param', 315, 4.4], // Tan et al., 2019 (B1)
    ['vgg16.param', 15470, 138.36], // Simonyan and Zisserman, 2015
    ['googlenet.param', 1582, 7.0], // Szegedy et al., 2015
    ['alexnet.param', 724, 60.97], // Krizhevsky et al., 2012
    ['resnet18.param', 1820, 11.69], // He et al., 2016
    ['resnet50.param', 3860, 25.56],
    ['vision_transformer.param', 13060, 88.3], // Dosovitskiy et al., 2021: B/32 of 384 x 384
  ])('%s costs what is known of it within 1 %', async (file, macs, params) => {
    const cost = totalCost(await read(file));
    expect(Math.abs(cost.macs / 1e6 / macs - 1)).toBeLessThan(0.01);
    expect(Math.abs(cost.params / 1e6 / params - 1)).toBeLessThan(0.02);
  });

  it.each(['mobilenet_v2.param', 'squeezenet.param', 'shufflenet.param', 'efficientnet_b0.param', 'yolov4-tiny.param'])(
    '%s multiplies as often as its noted sizes and weights say',
    async (file) => {
      expect(totalCost(await read(file)).macs).toBe(notedProducts(readFileSync(join(folder, file), 'utf8')));
    },
  );

  it('cost the same in int8 as in real numbers', async () => {
    const pairs = files.filter((f) => f.endsWith('_int8.param'));
    expect(pairs).toHaveLength(8);
    for (const file of pairs) {
      const [quantized, real] = [totalCost(await read(file)), totalCost(await read(file.replace('_int8', '')))];
      expect([quantized.macs, quantized.params]).toEqual([real.macs, real.params]);
      expect(quantized.bytesWeights).toBeLessThan(0.8 * real.bytesWeights);
    }
  });
});
