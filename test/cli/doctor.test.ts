import { Command } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { registerDoctor } from '../../src/cli/doctor.js';

afterEach(() => vi.restoreAllMocks());

async function doctor(...flags: string[]): Promise<string> {
  const written: string[] = [],
    program = new Command().exitOverride();
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean(written.push(String(text))));
  registerDoctor(program);
  await program.parseAsync(['doctor', ...flags], { from: 'user' });
  return written.join('');
}

describe('hwcast doctor', () => {
  it('reports the backend, why, versions, checks and how to get the native one', async () => {
    const text = await doctor('--backend', 'wasm');
    expect(text).toMatch(/^backend +wasm: chosen by hand$/m);
    expect(text).toMatch(/^versions +hwcast \d+\.\d+\.\d+, node \d+.*, tfjs 4\.22\.0, wasm 4\.22\.0$/m);
    expect(text).toMatch(/^wasm +SIMD on, 1 thread, patched: .*UnsortedSegmentSum/m);
    expect(text).toMatch(/^check second-order gradient +within .* of cpu/m);
    expect(text).toMatch(/^native +.*npm install/m);
  });

  it('gives the same as JSON', async () => {
    const report = JSON.parse(await doctor('--json', '--backend', 'cpu'));
    expect(report).toMatchObject({
      backend: 'cpu',
      why: 'chosen by hand',
      simd: null,
      patchedKernels: [],
      warnings: [],
      selfCheck: { passed: true },
    });
    expect(report.selfCheck.checks.map((c: { name: string }) => c.name)).toEqual([
      'matMul',
      'gather gradient',
      'second-order gradient',
    ]);
  });

  it('refuses an unknown backend', async () => {
    await expect(doctor('--backend', 'cuda')).rejects.toMatchObject({
      code: 'usage',
      message: "no backend 'cuda'; known: native, wasm, cpu",
    });
  });
});
