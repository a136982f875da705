import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { anyWorkload } from '../../src/graph/anyWorkload.js';
import { freeWorkload } from '../dataset/tinyDataset.js';
import { temporaryFolder } from '../networks/smallModel.js';

const { path, remove } = temporaryFolder();
afterAll(remove);
const file = (name: string, text: string) => {
  writeFileSync(path(name), text);
  return path(name);
};

describe('anyWorkload', () => {
  it('a network of a space', () => {
    expect(anyWorkload(' nasbench201:#9 ')).toMatchObject({ arch: [4, 0, 0, 1, 0, 3] });
  });

  it('an operator graph in a file, checked', () => {
    const { graph } = freeWorkload('x');
    expect(anyWorkload(file('net.json', JSON.stringify(graph))).graph).toEqual(graph);
    const noSuffix = file('net.graph', JSON.stringify(graph));
    expect(anyWorkload(noSuffix)).toEqual({ id: noSuffix, graph });
  });

  it.each<[string, () => string, Record<string, unknown>]>([
    [
      'a file that is not there',
      () => path('absent.json'),
      { code: 'not-found', message: expect.stringContaining('no such operator graph') },
    ],
    [
      'a file that is cut off',
      () => file('cut.json', '{"nodes":['),
      { code: 'bad-input', where: path('cut.json'), message: expect.stringContaining('not JSON') },
    ],
    [
      'JSON of something else',
      () => file('other.json', '{"name":1}'),
      { code: 'bad-input', where: path('other.json'), message: expect.stringContaining('not an operator graph') },
    ],
    [
      'a path that is not there, without .json',
      () => path('absent'),
      { code: 'bad-input', message: expect.stringContaining('no workload of a known space') },
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(() => anyWorkload(text())).toThrow(expect.objectContaining(expected));
  });

  it('refuses a folder by name', () => {
    mkdirSync(path('folder'));
    expect(() => anyWorkload(path('folder'))).toThrow(
      expect.objectContaining({ code: 'not-found', message: expect.stringContaining('EISDIR') }),
    );
  });
});
