import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerDemo } from '../../src/cli/demo.js';
import type { DemoSource } from '../../src/cli/demoSource.js';
import { createRandom } from '../../src/core/random.js';
import { writeDataset } from '../../src/dataset/store.js';
import { loadAdapter } from '../../src/networks/adapter.js';
import { smallDataset } from '../networks/smallDataset.js';
import { type Output, runCommand } from './runCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-demo-'));
afterAll(() => rmSync(folder, { recursive: true }));
const source: DemoSource = {
  passes: join(folder, 'passes.csv'),
  dataset: join(folder, 'described'),
  map: {},
  minAgreement: 0.5,
  rounds: { full: 50, quick: 2 },
};
const demo = (...args: string[]): Promise<Output> =>
  runCommand((program) => registerDemo(program, source), ['demo', '--backend', 'wasm', ...args]);

/** Two passes of every network, 1 % apart. */
beforeAll(async () => {
  const dataset = smallDataset(60),
    random = createRandom('passes'),
    lines = ['workload,device,run,pass,latency_ms,energy_mj'];
  for (const device of Object.keys(dataset.card.devices)) {
    const [latency, energy] = (['latency', 'energy'] as const).map((target) =>
      dataset.tasks.find((t) => t.device === device && t.target === target),
    );
    dataset.workloads.forEach((w, i) => {
      for (const pass of [0, 1]) {
        const noise = Math.exp(0.01 * random.normal());
        lines.push(
          [w.id, device, 'r', pass, latency!.values[i] * 1e3 * noise, energy ? energy.values[i] * 1e3 * noise : ''].join(','),
        );
      }
    });
  }
  writeFileSync(source.passes, `${lines.join('\n')}\n`);
  await writeDataset(source.dataset, dataset);
});

describe('hwcast demo', () => {
  it('goes from raw passes to checked predictions of a device left out, and of this machine', async () => {
    const out = join(folder, 'out');
    const { stdout, stderr, error } = await demo('--device', 'gpu_a', '--quick', '--out', out);
    expect(error).toBeUndefined();
    expect(stdout).toMatch(/^gpu_a, left out of training/);
    expect(stdout).toMatch(/10 networks measured, chosen by the model: nasbench201:#\d+/);
    expect(stdout).toMatch(/latency of 50 other networks/);
    expect(stdout).toMatch(/energy of 50 other networks/);
    expect(stdout).toMatch(/network +measured, mJ +predicted, mJ +90 % interval +error/);
    expect(stdout.match(/^model +10 +0\.\d{3} /gm)).toHaveLength(3);
    expect(stdout.match(/^FLOPs /gm)).toHaveLength(3);
    expect(stdout).toMatch(/^this machine \(runtime tfjs, backend wasm/m);
    expect(stdout).toMatch(/latency of 20 other networks/);
    expect(stdout).toMatch(/^Next:\n {2}npx hwcast predict /m);
    expect(stdout).not.toMatch(/NaN|undefined/);
    expect(stderr).toMatch(/720 values of single passes: 360 measurements, 60 networks, 6 tasks/);
    expect(stderr).toMatch(/done; everything is in /);

    // every adapter it names works on its own
    const { adapter } = await loadAdapter(join(out, 'gpu_a-energy.json'));
    expect(adapter).toMatchObject({ device: 'gpu_a', target: 'energy', metrics: { measurements: 10 } });
    expect((await loadAdapter(join(out, 'this-machine.json'))).adapter.support).toHaveLength(10);
    expect(readFileSync(join(out, 'gpu_a.csv'), 'utf8').split('\n')[0]).toBe('workload,latency_ms,energy_mj');
    expect(readFileSync(join(out, 'this-machine-check.csv'), 'utf8').trim().split('\n')).toHaveLength(21);
    for (const picture of ['gpu_a-latency', 'gpu_a-energy', 'this-machine-latency'])
      for (const type of ['svg', 'png']) expect(existsSync(join(out, `${picture}.${type}`))).toBe(true);
    const { info } = (await loadAdapter(join(out, 'this-machine.json'))).model;
    expect(info.tasks.map((t) => t.device)).not.toContain('gpu_a');
  });

  it('interrupted while measuring: ends with 130 and what came before stays', async () => {
    const out = join(folder, 'cut');
    const before = process.listenerCount('SIGINT');
    const interrupt = setInterval(() => {
      if (process.listenerCount('SIGINT') > before) {
        clearInterval(interrupt);
        process.emit('SIGINT');
      }
    }, 20);
    const { error, stdout } = await demo('--device', 'phone', '--out', out);
    clearInterval(interrupt);
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(error!.describe()).toMatch(/interrupted.*\n {2}the first part is complete; run `npx hwcast demo` again/);
    expect(stdout).toMatch(/^phone, left out of training/);
    expect((await loadAdapter(join(out, 'phone-latency.json'))).adapter.device).toBe('phone');
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('refuses bad input with its message, before anything is computed', async () => {
    const out = join(folder, 'never');
    expect((await demo('--device', 'gpu_x', '--out', out)).error).toMatchObject({
      code: 'not-found',
      message: "no device 'gpu_x' in the passes",
      hint: 'close names: gpu_a, cpu_a',
    });
    expect((await demo('--seed', 'x', '--out', out)).error).toMatchObject({
      code: 'usage',
      message: "--seed takes a whole number of at least 0, not 'x'",
    });
    expect((await demo('--backend', 'cuda', '--out', out)).error).toMatchObject({ code: 'usage' });
    expect(existsSync(out)).toBe(false);
    writeFileSync(join(folder, 'file'), 'text');
    expect((await demo('--device', 'gpu_a', '--out', join(folder, 'file'))).error).toMatchObject({ code: 'bad-input' });
  });
});
