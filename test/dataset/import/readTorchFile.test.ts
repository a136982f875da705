import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { readTorchFile } from '../../../src/dataset/import/readTorchFile.js';
import type { TensorValue } from '../../../src/dataset/import/tensorValue.js';
import { PICKLES } from './pickles.js';
import { torchFileOf } from './pickleWriter.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-torch-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

describe('readTorchFile', () => {
  it('reads lists', () => {
    expect(readTorchFile(file('list.pt', PICKLES.torchList))).toEqual([1.25, 2, 3.75]);
    expect(readTorchFile(file('own.pt', torchFileOf([0.5, 3])))).toEqual([0.5, 3]);
  });

  it('reads tensors through offset and strides', () => {
    const value = readTorchFile(file('tensors.pt', PICKLES.tensors)) as Map<string, TensorValue>;
    const plain = (key: string) => [value.get(key)!.shape, Array.from(value.get(key)!.data)];
    expect(plain('v')).toEqual([[3], [2.5, 3.5, 4.5]]);
    expect(plain('t')).toEqual([
      [3, 2],
      [1.5, 4.5, 2.5, 5.5, 3.5, 6.5],
    ]);
    expect(plain('i')).toEqual([[2], [7, -8]]);
    expect(plain('scalar')).toEqual([[], [3.5]]);
  });

  it('refuses code, old formats, other files and cut archives, each with its code', () => {
    const code = (name: string, bytes: Uint8Array) =>
      expect.objectContaining({ code: name, where: expect.stringContaining(bytes.length ? folder : '') });
    expect(() => readTorchFile(file('evil.pt', PICKLES.evilTorch))).toThrow(code('forbidden', PICKLES.evilTorch));
    expect(() => readTorchFile(file('old.pt', PICKLES.legacy))).toThrow(
      expect.objectContaining({ code: 'unsupported', hint: expect.stringContaining('torch.save') }),
    );
    expect(() => readTorchFile(file('text.pt', Buffer.from('hello')))).toThrow(expect.objectContaining({ code: 'unsupported' }));
    expect(() => readTorchFile(file('zip.pt', zipSync({ 'a/b.txt': Buffer.from('x') })))).toThrow(
      expect.objectContaining({ code: 'unsupported' }),
    );
    expect(() => readTorchFile(file('cut.pt', PICKLES.torchList.subarray(0, 200)))).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
    expect(() => readTorchFile(join(folder, 'absent.pt'))).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});
