import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../../src/surrogate/safetensors.js';

const tensors: Record<string, NamedTensor> = {
  weights: { shape: [2, 3], data: Float64Array.of(1, -2.5, Number.MAX_VALUE, 0.1, 1e-300, 6) },
  a: { shape: [3], data: Float32Array.of(0.5, 1, -8) },
  index: { shape: [2, 1], data: Int32Array.of(-7, 2 ** 31 - 1) },
  flags: { shape: [5], data: Uint8Array.of(0, 1, 2, 254, 255) },
  empty: { shape: [0, 4], data: new Float64Array(0) },
};
/** A file of the given header and data. */
const file = (header: unknown, data = new Uint8Array(0)) => {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header)),
    length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, data]);
};
const refused = (bytes: Uint8Array, why: string) =>
  expect(() => readSafetensors(bytes, 'w.safetensors')).toThrow(
    expect.objectContaining({
      code: 'corrupt',
      where: 'w.safetensors',
      message: expect.stringContaining(`not a safetensors file: ${why}`),
    }),
  );

describe('safetensors', () => {
  it('gives back what was written, names, shapes, types and values', () => {
    const back = readSafetensors(writeSafetensors(tensors));
    expect(Object.keys(back).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, t] of Object.entries(tensors)) expect(back[name]).toEqual(t);
  });

  it('is byte for byte the same whatever the order of the names', () => {
    const turned = Object.fromEntries(Object.entries(tensors).reverse());
    expect(writeSafetensors(turned)).toEqual(writeSafetensors(tensors));
  });

  it('is the published format: length, JSON padded to 8 bytes, little-endian values', () => {
    const bytes = Buffer.from(writeSafetensors({ x: { shape: [2], data: Float32Array.of(1, 2) } }));
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.subarray(8, 8 + length).toString())).toEqual({
      x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    });
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 64]);
  });

  it('writes a part of a larger buffer, and reads from one', () => {
    const part = new Float64Array([9, 1, 2, 9]).subarray(1, 3);
    const bytes = writeSafetensors({ part: { shape: [2], data: part } });
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);
    expect(readSafetensors(moved.subarray(3)).part.data).toEqual(Float64Array.of(1, 2));
  });

  it('any values round trip', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 20 }), (values) => {
        const data = Float64Array.from(values);
        expect(readSafetensors(writeSafetensors({ v: { shape: [values.length], data } })).v.data).toEqual(data);
      }),
    );
  });

  it('refuses a file that is cut off, wherever', () => {
    const bytes = writeSafetensors(tensors);
    for (let length = 0; length < bytes.length; length += 13)
      expect(() => readSafetensors(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: 'corrupt' }));
    refused(bytes.subarray(0, 5), 'shorter than its header');
  });

  it.each<[string, Uint8Array, string]>([
    ['a header longer than the file', Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 0, 123), 'header of 255 bytes in a file of 9'],
    ['a header that is no JSON', file('{"x"'), 'header is no JSON'],
    [
      'a tensor beyond the end',
      file({ x: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } }, new Uint8Array(4)),
      "tensor 'x' lies outside the file",
    ],
    [
      'offsets that run backwards',
      file({ x: { dtype: 'F32', shape: [0], data_offsets: [4, 0] } }, new Uint8Array(4)),
      "tensor 'x' lies outside",
    ],
    [
      'a negative offset',
      file({ x: { dtype: 'U8', shape: [4], data_offsets: [-4, 0] } }, new Uint8Array(4)),
      "tensor 'x' lies outside",
    ],
    ['no offsets', file({ x: { dtype: 'F32', shape: [1] } }, new Uint8Array(4)), "tensor 'x' lies outside"],
    ['an unknown type', file({ x: { dtype: 'Q7', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(4)), "tensor 'x'"],
    [
      'a shape of another size',
      file({ x: { dtype: 'F32', shape: [3], data_offsets: [0, 8] } }, new Uint8Array(8)),
      "tensor 'x' has 2 values for shape [3]",
    ],
  ])('refuses %s', (_, bytes, why) => {
    refused(bytes, why);
  });
  it.each<[string, Uint8Array]>([
    ['values that do not fill whole numbers', file({ x: { dtype: 'F64', shape: [1], data_offsets: [0, 7] } }, new Uint8Array(7))],
    ['no shape', file({ x: { dtype: 'F32', data_offsets: [0, 4] } }, new Uint8Array(4))],
    ['null as header', file('null')],
    ['null as tensor', file({ x: null })],
  ])('refuses %s', (_, bytes) => {
    refused(bytes, '');
  });

  it('passes over the free text that others write into the header', () => {
    const bytes = file(
      { __metadata__: { format: 'pt' }, x: { dtype: 'U8', shape: [2], data_offsets: [0, 2] } },
      Uint8Array.of(7, 9),
    );
    expect(readSafetensors(bytes)).toEqual({ x: { shape: [2], data: Uint8Array.of(7, 9) } });
  });
});
