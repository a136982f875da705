import { describe, expect, it } from 'vitest';
import type { ReadModelOptions } from '../../../../src/graph/readers/modelReader.js';
import { tfliteReader } from '../../../../src/graph/readers/tflite/tfliteReader.js';
import { readWith } from '../readText.js';
import { CLASSIFIER, classifier, encodeTflite, weights } from './encodeTflite.js';

const read = async (file: Uint8Array, options: ReadModelOptions = {}) =>
  (await readWith(tfliteReader, file, options, 'net.tflite'))[0];

describe('tfliteReader refuses', () => {
  const whole = classifier({});
  const places = Buffer.from(whole);

  it.each<[string, Uint8Array, ReadModelOptions, Record<string, unknown>]>([
    [
      'a cut file',
      whole.subarray(0, 200),
      {},
      { code: 'corrupt', message: expect.stringMatching(/is cut or damaged: .* the file has 200/) },
    ],
    ['a file of its identifier only', whole.subarray(0, 8), {}, { code: 'corrupt', where: 'net.tflite' }],
    [
      'a page saved in its place',
      Buffer.from('<!DOCTYPE html><html></html>'),
      {},
      { code: 'unsupported', message: 'no TFLite file: it does not begin with TFL3' },
    ],
    [
      'an older version',
      Buffer.concat([places.subarray(0, 7), Buffer.from('2'), places.subarray(8)]),
      {},
      { code: 'unsupported', message: 'TFLite of version 2' },
    ],
    ['another version of the schema', encodeTflite([CLASSIFIER], { version: 4 }), {}, { code: 'unsupported' }],
    [
      'weights that are not all there',
      classifier({ matrix: { shape: [5, 40], values: undefined }, mean: weights([1, 4]) }),
      {},
      { code: 'corrupt', message: expect.stringContaining("nothing makes 'matrix'") },
    ],
    [
      'a result that does not follow',
      classifier({ features: { shape: [1, 6, 8, 4] } }),
      {},
      { code: 'corrupt', message: "operator 0 (CONV_2D, 'features'): makes [1,3,4,4] for 'features', the file states [1,6,8,4]" },
    ],
    [
      'filters that do not fit',
      classifier({ filters: weights([4, 3, 3, 2]) }),
      {},
      {
        code: 'bad-input',
        message: expect.stringContaining("operator 0 (CONV_2D, 'features'): weights [4,3,3,2] do not fit 3 channels"),
      },
    ],
    [
      'an open size',
      classifier({ picture: { shape: [1, 1, 1, 3], signature: [-1, -1, -1, 3] } }),
      {},
      { code: 'bad-input', message: "input 'picture' leaves axes 1, 2 open", hint: expect.stringContaining('--shape picture=') },
    ],
    [
      'a batch that the file fixes',
      whole,
      { batch: 2 },
      { code: 'bad-input', message: expect.stringContaining("input 'picture' is fixed to [1,6,8,3]") },
    ],
    ['an input that is not there', whole, { shapes: { image: [1, 2] } }, { code: 'bad-input', hint: 'inputs: picture' }],
  ])('%s', async (_, file, options, expected) => {
    await expect(read(file, options)).rejects.toMatchObject({ name: 'HwcastError', ...expected });
  });

  it('cut anywhere, with an error of its own', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: whole.length - 8 }, (_, i) =>
        read(whole.subarray(0, 8 + i)).then(
          () => 'read',
          (error) => error.code ?? String(error),
        ),
      ),
    );
    expect([...new Set(outcomes)]).toEqual(['corrupt']);
  });

  it('damaged anywhere, or reads something', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: whole.length - 8 }, (_, i) => {
        const damaged = Uint8Array.from(whole);
        damaged[8 + i] ^= 0xff;
        return read(damaged).then(
          () => 'read',
          (error) => error.code ?? String(error),
        );
      }),
    );
    expect([...new Set(outcomes)].sort()).toEqual(['bad-input', 'corrupt', 'read', 'unsupported']);
  });
});
