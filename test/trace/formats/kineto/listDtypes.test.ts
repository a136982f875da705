import { expect, it } from 'vitest';
import type { MappedOp } from '../../../../src/graph/operatorText.js';
import type { Dtype } from '../../../../src/graph/opGraph.js';
import { listDtypes } from '../../../../src/trace/formats/kineto/listDtypes.js';

const relu = (shape: number[], dtype: Dtype): MappedOp => ({
  op: 'relu',
  attrs: {},
  inputs: [{ shape, dtype }],
  shape,
  dtype,
});

it('takes the nearest earlier tensor of one of the shapes, else the nearest later one', () => {
  const near = listDtypes([relu([2], 'fp16'), 'no shapes', relu([3], 'fp32'), relu([2], 'bf16'), relu([4], 'int8')]);
  expect(near([[2]], 1)).toBe('fp16');
  expect(near([[2]], 4)).toBe('bf16');
  expect(near([[2], [3]], 3)).toBe('fp32');
  expect(near([[4], [3]], 0)).toBe('fp32');
  expect(near([[9]], 2)).toBeUndefined();
});

it('does not look through all tensors for each list', () => {
  const many = listDtypes(Array.from({ length: 100_000 }, (_, i) => relu([8], i % 2 ? 'fp16' : 'fp32')));
  const { user } = process.cpuUsage();
  let halves = 0;
  for (let at = 1; at < 50_000; at++) if (many([[8]], at) === 'fp16') halves++;
  expect(halves).toBe(24_999);
  expect(process.cpuUsage().user - user).toBeLessThan(2e6);
});
