import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registerMeasure } from '../../src/cli/measure.js';
import { HwcastError } from '../../src/core/errors.js';
import { parseWorkload } from '../../src/graph/workload.js';
import { runCommand } from './runCommand.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-measure-'));
afterAll(() => rmSync(folder, { recursive: true }));
const CELLS = ['skip_connect', 'nor_conv_1x1', 'avg_pool_3x3'].map(
  (op) => `nasbench201:|${op}~0|+|none~0|none~1|+|none~0|${op}~1|none~2|`,
);
const deps = {
  async chooseWorkloads(model: string, n: number) {
    if (model === 'missing') throw new HwcastError('not-found', `no model in '${model}'`);
    return CELLS.slice(0, n).map(parseWorkload);
  },
};
const measure = (...args: string[]) =>
  runCommand((program) => registerMeasure(program, deps), ['measure', '--backend', 'wasm', ...args]);

describe('hwcast measure', () => {
  it('times the networks a model chooses and writes a support file', async () => {
    const out = join(folder, 'support.csv');
    const { stdout, stderr, error } = await measure('--model', 'm', '--n', '3', '--passes', '2', '--repeats', '1', '--out', out);
    expect(error).toBeUndefined();
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^measuring 3 workloads, 2 passes: runtime tfjs, backend wasm, tfjs 4\.22\.0, .*node /m);
    expect(stderr).toMatch(/measure: 6\/6 pass 2 of 2/);
    expect(stderr).toMatch(/noise: halves of the passes agree at Spearman -?\d\.\d{3}; largest spread/);
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('workload,latency_ms,spread,repeats');
    expect(lines).toHaveLength(4);
    lines.slice(1).forEach((line, i) => {
      const [workload, ms, spread, repeats] = line.split(',');
      expect(workload).toBe(CELLS[i]);
      expect(Number(ms)).toBeGreaterThan(0);
      expect(Number(spread)).toBeGreaterThanOrEqual(0);
      expect(repeats).toBe('2');
    });
  });

  it('measures the workloads of a file, and writes what is complete when interrupted', async () => {
    const input = join(folder, 'list.csv');
    writeFileSync(input, `workload\n${CELLS.join('\n')}\n`);
    const out = join(folder, 'cut.jsonl');
    const before = process.listenerCount('SIGINT');
    const interrupt = setInterval(() => {
      if (process.listenerCount('SIGINT') > before) {
        clearInterval(interrupt);
        process.emit('SIGINT');
      }
    }, 150);
    const { error, stderr } = await measure('--input', input, '--passes', '500', '--out', out);
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect(error!.message).toMatch(/^interrupted: (nothing was complete|\d of 3 workloads, \d+ passes, in )/);
    expect(stderr).toMatch('interrupted: writing what is complete');
    if (!error!.message.includes('nothing'))
      expect(JSON.parse(readFileSync(out, 'utf8').split('\n')[0]).latency_ms).toBeGreaterThan(0);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });

  it('refuses bad input with its message', async () => {
    const out = join(folder, 'never.csv');
    expect((await measure('--out', out)).error).toMatchObject({
      code: 'usage',
      message: 'measure needs either --model or --input',
    });
    expect((await measure('--model', 'm', '--input', 'f', '--out', out)).error).toMatchObject({ code: 'usage' });
    expect((await measure('--model', 'missing', '--out', out)).error).toMatchObject({
      code: 'not-found',
      message: "no model in 'missing'",
    });
    expect((await measure('--model', 'm', '--n', '0', '--out', out)).error!.message).toBe(
      "--n takes a whole number of at least 1, not '0'",
    );
    expect((await measure('--model', 'm', '--seed', 'x', '--out', out)).error!.message).toBe(
      "--seed takes a whole number of at least 0, not 'x'",
    );
    expect((await measure('--model', 'm', '--runtime', 'torch', '--out', out)).stderr).toMatch('Allowed choices are tfjs');
    expect((await measure('--model', 'm', '--backend', 'cuda', '--out', out)).error).toMatchObject({ code: 'usage' });
    expect((await measure('--input', join(folder, 'none.csv'), '--out', out)).error).toMatchObject({ code: 'not-found' });
    expect(existsSync(out)).toBe(false);
  });
});
