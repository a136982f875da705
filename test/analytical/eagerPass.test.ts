import { describe, expect, it } from 'vitest';
import { eagerPass } from '../../src/analytical/eagerPass.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';

const device = deviceNamed('H100-SXM5-80GB');
const products = (rows: number) => {
  const b = new GraphBuilder();
  let x = b.input([rows, 4096]);
  for (let i = 0; i < 4; i++) x = b.add('linear', [x], { outFeatures: 4096 });
  return b.build([x]);
};

describe('eagerPass', () => {
  it('of small products is as long as their launches, whatever the batch', () => {
    const [one, eight] = [1, 8].map((rows) => eagerPass(products(rows), device, { dtype: 'bf16' }));
    expect(one).toMatchObject({ isHostBound: true, kernels: 4 });
    // four launches of 40 us and one before the first
    expect(one.latency).toBeCloseTo(200e-6, 9);
    expect(eight.latency).toBe(one.latency);
    expect(one.energy! / one.latency).toBeLessThan(0.45 * 700);
  });

  it('of large ones is the sum of kernels, near the power limit', () => {
    const pass = eagerPass(products(16_384), device, { dtype: 'bf16' });
    expect(pass.isHostBound).toBe(false);
    expect(pass.busy).toBeGreaterThan((4 * 2 * 16_384 * 4096 * 4096) / 989e12);
    expect(pass.energy! / pass.latency).toBeGreaterThan(600);
  });

  it('refuses what is no GPU', () => {
    expect(() => eagerPass(products(1), deviceNamed('EPYC-7742'), { dtype: 'fp32' })).toThrow(/no GPU/);
  });
});
