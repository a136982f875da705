import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { measuredGraphs } from '../../scripts/wholeModels/measuredGraphs.js';
import { eagerPass } from '../../src/analytical/eagerPass.js';
import { median } from '../../src/core/statistics.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import type { Dtype } from '../../src/graph/tensorType.js';
import { hasShared, SHARED } from '../shared.js';

const DATA = join(SHARED, 'data');

// needs ../shared: whole models measured on an H100
describe.skipIf(!hasShared)('whole models of measured/h100', () => {
  it('have peaks within 15 %, but for the one whose row holds a second model', async () => {
    const device = deviceNamed('H100-SXM5-80GB'),
      passes = (await measuredGraphs(DATA)).map(({ fields, graph, keepsCache }) => {
        const { memory, latency } = eagerPass(graph, device, { dtype: fields.dtype as Dtype, keepsCache });
        return {
          name: `${fields.model} ${fields.dtype}`,
          memory: Math.abs(memory.total / Number(fields.peak_memory_bytes) - 1),
          latency: Math.abs((latency * 1e3) / Number(fields.latency_ms) - 1),
        };
      });
    expect(passes).toHaveLength(42);
    expect(passes.filter((p) => p.memory > 0.15).map((p) => p.name)).toEqual(['mamba_8l bf16']);
    expect(median(passes.map((p) => p.latency))).toBeLessThan(0.25);
  }, 60_000);
});
