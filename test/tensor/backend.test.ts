import { afterAll, describe, expect, it, vi } from 'vitest';
import { initBackend } from '../../src/tensor/backend.js';
import { shimNodeUtil } from '../../src/tensor/nativeShim.js';
import { tf } from '../../src/tensor/tf.js';

const missing = () =>
  Promise.reject(Object.assign(new Error("Cannot find package 'tfjs-node-native'"), { code: 'ERR_MODULE_NOT_FOUND' }));

/** A module that registers the native backend's name over the cpu kernels, one of them replaced where told. */
const fakeNative = (broken?: { kernelName: string; kernelFunc: tf.KernelFunc }) => async () => {
  for (const kernel of tf.getKernelsForBackend('tensorflow')) tf.unregisterKernel(kernel.kernelName, 'tensorflow');
  tf.registerBackend('tensorflow', tf.findBackendFactory('cpu'));
  tf.copyRegisteredKernels('cpu', 'tensorflow');
  if (broken) {
    tf.unregisterKernel(broken.kernelName, 'tensorflow');
    tf.registerKernel({ ...broken, backendName: 'tensorflow' });
  }
  return { version: { 'tfjs-node': '4.22.0' } };
};

afterAll(() => {
  if (tf.findBackend('tensorflow')) tf.removeBackend('tensorflow');
});

describe('initBackend', () => {
  it('falls back to wasm where tfjs-node is absent, without a warning', async () => {
    const info = await initBackend(undefined, { importNative: missing });
    expect(info).toMatchObject({ name: 'wasm', why: 'no native backend (tfjs-node is not installed)', warnings: [], simd: true });
    expect(info.selfCheck.passed).toBe(true);
    expect(tf.getBackend()).toBe('wasm');
  });

  it('warns where tfjs-node is there but does not load', async () => {
    const info = await initBackend(undefined, {
      importNative: () => Promise.reject(new Error('tfjs_binding.node can not be found\nmore')),
    });
    expect(info.name).toBe('wasm');
    expect(info.warnings).toEqual(['the native backend is not used: tfjs_binding.node can not be found']);
  });

  it('takes a native backend that agrees with cpu, and leaves its kernels alone', async () => {
    const info = await initBackend(undefined, { importNative: fakeNative() });
    expect(info).toMatchObject({ name: 'native', versions: { native: '4.22.0' }, warnings: [] });
    expect(tf.getBackend()).toBe('tensorflow');
    expect(tf.getKernel('BatchMatMul', 'tensorflow').kernelFunc).toBe(tf.getKernel('BatchMatMul', 'cpu').kernelFunc);
    tf.removeBackend('tensorflow');
  });

  it('refuses a native backend that computes wrongly', async () => {
    const importNative = fakeNative({
      kernelName: 'BatchMatMul',
      kernelFunc: (args) =>
        tf.getKernel('BatchMatMul', 'cpu').kernelFunc({ ...args, attrs: { transposeA: false, transposeB: false } }),
    });
    const info = await initBackend(undefined, { importNative });
    expect(info.name).toBe('wasm');
    expect(info.warnings[0]).toMatch(/native backend is not used: .*(differs from cpu|fails)/);
    await expect(initBackend('native', { importNative })).rejects.toMatchObject({ code: 'quality-gate' });
  });

  it('refuses a native backend without a kernel', async () => {
    const importNative = async () => {
      await fakeNative()();
      tf.unregisterKernel('UnsortedSegmentSum', 'tensorflow');
      return {};
    };
    const info = await initBackend(undefined, { importNative });
    expect(info.name).toBe('wasm');
    expect(info.warnings[0]).toMatch(/gather gradient fails: .*UnsortedSegmentSum/);
  });

  it('gives a backend chosen by hand or says why not', async () => {
    expect(await initBackend('cpu')).toMatchObject({ name: 'cpu', why: 'chosen by hand' });
    expect(await initBackend('wasm')).toMatchObject({ name: 'wasm', why: 'chosen by hand' });
    await expect(initBackend('native', { importNative: missing })).rejects.toMatchObject({
      code: 'not-found',
      message: 'the native backend is not usable: tfjs-node is not installed',
    });
    expect(() => initBackend('cuda')).toThrow("no backend 'cuda'; known: native, wasm, cpu");
  });

  it('writes nothing', async () => {
    const spies = [vi.spyOn(console, 'log'), vi.spyOn(console, 'warn'), vi.spyOn(process.stdout, 'write')];
    await initBackend('cpu');
    tf.tidy(() => tf.add(1, 2).dataSync());
    await initBackend('wasm');
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});

describe('wasm', () => {
  it('leaves no handler of uncaught errors behind', async () => {
    const listeners = () => [...process.listeners('uncaughtException'), ...process.listeners('unhandledRejection')];
    await initBackend('wasm');
    expect(
      listeners().filter((f) => f.toString().includes('ExitStatus') || f.toString() === 'function(reason){throw reason}'),
    ).toEqual([]);
  });
});

describe('shimNodeUtil', () => {
  it('adds what Node 23 removed and keeps what is there', () => {
    const util: Record<string, unknown> = { isArray: 'kept' };
    shimNodeUtil(util);
    expect(util.isArray).toBe('kept');
    const isNullOrUndefined = util.isNullOrUndefined as (x: unknown) => boolean;
    expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
  });
});
