import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { graph } from '../../../src/graph/graphTensor.js';
import { readModelFile } from '../../../src/graph/readers/readModelFile.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-models-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const written = (name: string, data: string | Uint8Array) => {
  writeFileSync(join(folder, name), data);
  return join(folder, name);
};
const net = graph('fp32').input([1, 8]).linear(4).relu().build();

describe('readModelFile', () => {
  it("reads hwcast's own JSON, gzipped or not, by content", async () => {
    const [plain] = await readModelFile(written('net.json', JSON.stringify(net)));
    const [packed] = await readModelFile(written('net.bin.gz', gzipSync(JSON.stringify(net))));
    expect(plain).toMatchObject({ format: 'hwcast', graph: net, warnings: [] });
    expect(packed.graph).toEqual(net);
  });

  it.each<[string, () => string, Record<string, unknown>]>([
    ['no file', () => join(folder, 'gone.onnx'), { code: 'not-found' }],
    ['an empty file', () => written('empty.onnx', ''), { code: 'corrupt', message: 'the file is empty' }],
    ['a cut gzip file', () => written('cut.gz', gzipSync(JSON.stringify(net)).subarray(0, 60)), { code: 'corrupt' }],
    [
      'a page saved in place of a model',
      () => written('page.onnx', '<!DOCTYPE html><html><body>Not found</body></html>'),
      { code: 'unsupported', message: expect.stringContaining('web page'), hint: expect.stringContaining('raw file') },
    ],
    [
      'an archive named as a model',
      () => written('bundle.tflite', zipSync({ 'pose_detector.tflite': new Uint8Array(8) })),
      { code: 'unsupported', message: expect.stringContaining('zip archive'), hint: expect.stringContaining('.task bundle') },
    ],
    [
      'a pointer in place of a model',
      () => written('net.tflite', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 4\n'),
      { code: 'unsupported', message: expect.stringContaining('Git LFS') },
    ],
    ['anything else', () => written('else.bin', 'lorem ipsum'), { code: 'unsupported', hint: expect.stringContaining('hwcast') }],
    [
      'a graph whose stated shape is wrong',
      () => written('wrong.json', JSON.stringify(net).replace('"shape":[1,4]', '"shape":[7,7]')),
      { code: 'bad-input', message: expect.stringContaining('states the shape') },
    ],
  ])('refuses %s', async (_, file, expected) => {
    await expect(readModelFile(file())).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });
});
