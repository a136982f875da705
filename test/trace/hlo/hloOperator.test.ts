import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { operatorOfGraph, operatorText } from '../../../src/graph/operatorText.js';
import { hloModule } from '../../../src/trace/hlo/hloModule.js';
import { hloInstruction, hloOperator } from '../../../src/trace/hlo/hloOperator.js';
import { readerFor } from '../../../src/trace/registry.js';
import { collect, failure } from '../formats/kineto/tinyTrace.js';
import { FIXTURES, hlo, message } from '../formats/profiles/fixtures.js';
import { analysed, sourceOf } from '../formats/sourceOf.js';

const PRODUCT = 'op:matmul/fp32/2x3;3x4/transposeB=0',
  CONVOLUTION = 'op:conv2d/bf16/1x3x8x8/bias=0;groups=1;kernel=[3x3];outChannels=16;padding=[0x0x1x1];stride=[2x2]';

describe('instructions of XLA', () => {
  const module = hloModule(hlo, 'a'),
    text = (name: string): string => {
      const operator = hloOperator(module, hloInstruction(module, name)!);
      return typeof operator === 'string' ? operator : operatorText(operator);
    };

  it('are operators: products in fusions, convolutions of libraries, anything else by its opcode', () => {
    expect(text('fusion.1')).toBe(PRODUCT);
    expect(text('conv.2')).toBe(CONVOLUTION);
    expect(text('copy.3')).toBe('op:opaque/fp32/2x4/kind=xla::copy;shape=[4x2]');
    expect(text('a')).toBe('parameter: it runs no kernel of its own');
    expect(hloInstruction(module, 'none')).toBeUndefined();
  });
});

/** Kernels of one stream: name of the instruction and length in microseconds, one after the other. */
function xplaneOf(kernels: readonly (readonly [op: string, length: number])[]): Buffer {
  const ops = [...new Set(kernels.map(([op]) => op))],
    stat = (name: number, ...value: [number, number]) => [4, message([1, name], value)] as [number, Buffer];
  return Buffer.concat([
    message([
      1,
      message(
        [2, '/device:GPU:0'],
        [
          3,
          message(
            [2, 'Stream #1'],
            ...kernels.map(([op, length], i): [number, Buffer] => [
              4,
              message([1, 1], [2, i * 100_000_000], [3, length * 1_000_000], stat(1, 7, 10 + ops.indexOf(op)), stat(2, 4, 15)),
            ]),
          ),
        ],
        [4, message([1, 1], [2, message([1, 1], [2, 'k'])])],
        ...[[1, 'hlo_op'], [2, 'program_id'], [3, 'device_type_string'], [4, 'TPU v9'], ...ops.map((op, i) => [10 + i, op])].map(
          ([id, name]): [number, Buffer] => [5, message([1, id as number], [2, message([1, id as number], [2, name as string])])],
        ),
        [6, message([1, 3], [7, 4])],
      ),
    ]),
    message([
      1,
      message(
        [2, '/host:metadata'],
        [4, message([1, 15], [2, message([5, message([1, 3], [6, message([1, hlo])])])])],
        [5, message([1, 3], [2, message([2, 'Hlo Proto'])])],
      ),
    ]),
  ]);
}

describe('XPlane profiles with their programs', () => {
  const read = (content: Buffer) => collect(readerFor(sourceOf(content)).read(sourceOf(content), {}));

  it('have a row for each run of an instruction, its kernels together', async () => {
    const records = await read(
      xplaneOf([
        ['fusion.1', 2],
        ['conv.2', 3],
        ['conv.2', 4],
        ['fusion.1', 5],
        ['nowhere', 1],
      ]),
    );
    expect(
      records.flatMap((r) =>
        r.kind === 'operator' ? [[r.device, operatorText(operatorOfGraph(r.graph)), r.kernels, Math.round(r.latency * 1e6)]] : [],
      ),
    ).toEqual([
      ['TPU v9', PRODUCT, 1, 2],
      ['TPU v9', CONVOLUTION, 2, 7],
      ['TPU v9', PRODUCT, 1, 5],
    ]);
    expect(records.at(-1)).toMatchObject({ kind: 'issue', reason: 'instruction of a program that the profile does not hold' });
  });

  it('leave out what cannot be told apart', async () => {
    const records = await read(
      xplaneOf([
        ['conv.2', 3],
        ['conv.2', 4],
      ]),
    );
    expect(records.slice(1)).toMatchObject([
      { kind: 'issue', reason: 'instruction that alone has kernels in its program: its runs cannot be told apart' },
    ]);
  });

  it('that were saved as text say so', async () => {
    const text = Buffer.from('\n\ufffd\ufffd\u0006\b\u0002\u0012\n/device:TPU:0\u001a\ufffd\ufffd4');
    expect(await failure(analysed(text))).toMatchObject({ code: 'corrupt', hint: 'copy the file as binary' });
  });
});

describe('TpuGraphs', () => {
  it('tuning data are kernels with their default configuration', async () => {
    const content = FIXTURES.tpugraphs,
      records = await collect(readerFor(sourceOf(content)).read(sourceOf(content), {}));
    expect(records.map((r) => (r.kind === 'operator' ? [operatorText(operatorOfGraph(r.graph)), r.latency] : r.kind))).toEqual([
      ['op:opaque/fp32/2x3/kind=xla::fusion;shape=[2x3]', 5e-6],
      'issue',
    ]);
  });

  it('arrays are analysed, and make no rows', async () => {
    const npy = (type: string, shape: string, data: Uint8Array): Uint8Array => {
      const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }\n`;
      return Buffer.concat([
        Buffer.from('\x93NUMPY\x01\0', 'latin1'),
        Buffer.from([header.length, 0]),
        Buffer.from(header),
        data,
      ]);
    };
    const archive = (more: Record<string, Uint8Array>) =>
      Buffer.from(
        zipSync({
          'node_feat.npy': npy('<f4', '2, 1', new Uint8Array(8)),
          'node_opcode.npy': npy('|u1', '2,', Uint8Array.of(63, 63)),
          ...more,
        }),
      );
    const times = new Uint8Array(BigInt64Array.of(3000n, 2000n).buffer),
      whole = archive({ 'config_runtime.npy': npy('<i8', '2,', times) });
    const [analysis] = await analysed(whole);
    expect(analysis).toMatchObject({ format: 'tpugraphs', operators: 2, latency: expect.closeTo(2e-6, 12) });
    expect(analysis.byOperator).toMatchObject([{ name: 'opcode 63', calls: 2, time: null }]);
    expect(await failure(collect(readerFor(sourceOf(whole)).read(sourceOf(whole), {})))).toMatchObject({ code: 'unsupported' });
    expect(await failure(analysed(archive({})))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('no graph of TpuGraphs'),
    });
    expect(await failure(analysed(archive({ 'config_runtime.npy': npy('<i8', '9,', times) })))).toMatchObject({
      code: 'corrupt',
    });
  });
});
