import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { initBackend } from '../../src/tensor/backend.js';
import { installWasmKernels, removeWasmKernels, WASM_PATCHES } from '../../src/tensor/kernels/index.js';
import { tf } from '../../src/tensor/tf.js';

beforeAll(async () => {
  await initBackend('cpu');
  await initBackend('wasm');
});

const numbers = (shape: number[], seed = 0, zeros = 0) => {
  const random = createRandom(seed);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (random.next() < zeros ? 0 : random.normal()));
};

/** Values of `f` on the wasm backend and on cpu. */
async function onBoth(f: () => tf.Tensor): Promise<{ wasm: number[]; cpu: number[]; shapes: number[][] }> {
  const run = () =>
    tf.tidy(() => {
      const y = f();
      return { values: [...y.dataSync()], shape: y.shape };
    });
  const wasm = run();
  await tf.setBackend('cpu');
  const cpu = run();
  await tf.setBackend('wasm');
  return { wasm: wasm.values, cpu: cpu.values, shapes: [wasm.shape, cpu.shape] };
}

async function expectSame(f: () => tf.Tensor, digits = 4): Promise<void> {
  const { wasm, cpu, shapes } = await onBoth(f);
  expect(shapes[0]).toEqual(shapes[1]);
  wasm.forEach((v, i) => {
    expect(v).toBeCloseTo(cpu[i], digits);
  });
}

describe('wasm kernels against cpu', () => {
  it('BatchMatMul: shapes, transposes, batches, zeros', async () => {
    const size = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        async (batch, n, k, m, tA, tB) => {
          const aShape = [batch, ...(tA ? [k, n] : [n, k])] as [number, number, number];
          const bShape = [batch, ...(tB ? [m, k] : [k, m])] as [number, number, number];
          await expectSame(() =>
            tf.matMul(tf.tensor3d(numbers(aShape, 1, 0.5), aShape), tf.tensor3d(numbers(bShape, 2), bShape), tA, tB),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('BatchMatMul: one matrix against a batch, and rank 4', async () => {
    for (const m of [4, 200]) {
      const one = numbers([30, 20]),
        many = numbers([3, 20, m], 1);
      await expectSame(() => tf.matMul(tf.tensor3d(one, [1, 30, 20]), tf.tensor3d(many, [3, 20, m])));
      await expectSame(() => tf.matMul(tf.tensor3d(many, [3, 20, m]), tf.tensor3d(numbers([m, 25]), [1, m, 25])));
    }
    await expectSame(() =>
      tf.matMul(
        tf.tensor4d(numbers([2, 3, 4, 5]), [2, 3, 4, 5]),
        tf.tensor4d(numbers([2, 3, 6, 5], 1), [2, 3, 6, 5]),
        false,
        true,
      ),
    );
  });

  it('BatchMatMul: says what is wrong', () => {
    expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([4, 2]))).toThrow(/inner shapes \(3\) and \(4\)/);
  });

  it('GatherV2: axes, ranks, types', async () => {
    const x = numbers([5, 6, 30]);
    for (const axis of [0, 1, 2, -1])
      await expectSame(() => tf.gather(tf.tensor3d(x, [5, 6, 30]), tf.tensor2d([4, 0, 3, 3], [2, 2], 'int32'), axis));
    await expectSame(() => tf.gather(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2], 'int32'), tf.tensor1d([2, 0], 'int32')));
    await expectSame(() => tf.gather(tf.tensor2d([true, false, true, true], [2, 2], 'bool'), tf.tensor1d([1, 1, 0], 'int32')));
    expect(() => tf.gather(tf.ones([3, 2]), tf.tensor1d([3], 'int32'))).toThrow('GatherV2: the index value 3 is not in [0, 2]');
    // strings stay with the stock kernel
    expect(tf.slice(tf.tensor1d(['a', 'b', 'c']), [1], [2]).dataSync()).toEqual(['b', 'c']);
  });

  it('UnsortedSegmentSum: drops negative ids, empty segments are 0', async () => {
    expect([...tf.unsortedSegmentSum(tf.tensor1d([1, 2, 4, 8]), tf.tensor1d([2, -1, 0, 2], 'int32'), 4).dataSync()]).toEqual([
      4, 0, 9, 0,
    ]);
    for (const width of [3, 37])
      await expectSame(() =>
        tf.unsortedSegmentSum(tf.tensor2d(numbers([9, width]), [9, width]), tf.tensor1d([0, 3, 1, 1, 3, 3, 0, 2, 2], 'int32'), 5),
      );
  });

  it('Sum: leading, middle, several and last axes', async () => {
    const x = numbers([3, 4, 2, 9]);
    for (const axis of [0, 1, [0, 1], [1, 2], [0, 2], [3], -1, undefined]) {
      await expectSame(() => tf.sum(tf.tensor4d(x, [3, 4, 2, 9]), axis));
      await expectSame(() => tf.sum(tf.tensor4d(x, [3, 4, 2, 9]), axis, true));
    }
    expect([...tf.sum(tf.ones([2, 9], 'int32'), 0).dataSync()]).toEqual(Array(9).fill(2));
  });

  it('Slice and Tile: every rank', async () => {
    const x = numbers([3, 4, 5, 6]);
    await expectSame(() => tf.slice(tf.tensor4d(x, [3, 4, 5, 6]), [1, 0, 2, 1], [2, 4, 3, 4]));
    await expectSame(() => tf.slice(tf.tensor4d(x, [3, 4, 5, 6]), [1], [1]));
    await expectSame(() => tf.slice(tf.tensor3d(x, [12, 5, 6]), [2, 1, 0], [7, 3, -1]));
    await expectSame(() => tf.slice(tf.tensor1d([true, false, true], 'bool'), 1));
    await expectSame(() => tf.tile(tf.tensor3d(numbers([2, 3, 4]), [2, 3, 4]), [2, 1, 3]));
    await expectSame(() => tf.tile(tf.tensor2d(numbers([2, 3]), [2, 3]), [3, 1]));
    await expectSame(() => tf.tile(tf.tensor1d([1, 2], 'int32'), [3]));
  });

  it('stay right when the memory of the module grows', async () => {
    await expectSame(() => {
      const idle = Array.from({ length: 40 }, () => tf.zeros([500, 1000])); // 80 MB: several growths
      const y = tf.matMul(tf.tensor3d(numbers([4, 30, 8]), [4, 30, 8]), tf.tensor3d(numbers([4, 30, 50], 1), [4, 30, 50]), true);
      idle.forEach((t) => {
        t.dispose();
      });
      return tf.gather(y, tf.tensor1d([3, 3, 0], 'int32'));
    });
  });
});

describe('gradients through the kernels', () => {
  const x = numbers([4, 6, 5]),
    w = numbers([4, 5, 3], 3);
  const loss = (v: tf.Tensor) => {
    const rows = tf.gather(v, tf.tensor1d([2, 0, 2], 'int32')); // [3, 5, 3]
    const y = tf.matMul(tf.slice(tf.tensor3d(x, [4, 6, 5]), [1, 0, 0], [3, 6, 5]), rows); // [3, 6, 3]
    return tf.sum(tf.tanh(tf.matMul(y, y, true, false))) as tf.Scalar; // [3, 3, 3]
  };

  it('agree with finite differences', () => {
    const gradient = tf.tidy(() =>
      tf
        .grad(loss)(tf.tensor3d(w, [4, 5, 3]))
        .dataSync(),
    );
    const value = (data: Float32Array) => tf.tidy(() => loss(tf.tensor3d(data, [4, 5, 3])).dataSync()[0]);
    for (const i of [0, 7, 31, 44]) {
      const moved = (by: number) => value(w.map((v, j) => (j === i ? v + by : v)));
      expect(gradient[i]).toBeCloseTo((moved(1e-2) - moved(-1e-2)) / 2e-2, 1);
    }
  });

  it('agree with cpu in first and second order', async () => {
    await expectSame(() => tf.grad(loss)(tf.tensor3d(w, [4, 5, 3])));
    const adapted = (v: tf.Tensor) => loss(tf.sub(v, tf.mul(tf.grad(loss)(v), 0.01)));
    await expectSame(() => tf.grad(adapted)(tf.tensor3d(w, [4, 5, 3])), 3);
  });
});

describe('installWasmKernels', () => {
  it('puts patches in and takes them out', () => {
    const stock = () => WASM_PATCHES.map((p) => tf.getKernel(p.kernelName, 'wasm')?.kernelFunc);
    const patched = stock();
    removeWasmKernels();
    const plain = stock();
    expect(plain[0]).toBeUndefined(); // UnsortedSegmentSum is missing without us
    plain.forEach((f, i) => {
      expect(f).not.toBe(patched[i]);
    });
    installWasmKernels(['Tile']);
    expect(stock().filter((f, i) => f !== plain[i])).toHaveLength(1);
    installWasmKernels();
    expect(stock().every((f, i) => f !== undefined && f !== plain[i])).toBe(true);
  });
});
