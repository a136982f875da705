import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { registerPredict } from '../../src/cli/predict.js';
import { printPredictions } from '../../src/cli/printPredictions.js';
import { createRandom } from '../../src/core/random.js';
import { nasbench201 } from '../../src/graph/spaces/nasbench201.js';
import { spaceWorkload } from '../../src/graph/workload.js';
import { predictionWriter } from '../../src/present/predictionView.js';
import { type Predictor, singleTarget } from '../../src/surrogate/predictor.js';
import { temporaryFolder } from '../networks/smallModel.js';
import { runCommand } from './runCommand.js';
import { runMain } from './runMain.js';

const { path, remove } = temporaryFolder();
afterAll(remove);
const random = createRandom(5);
const networks = Array.from({ length: 10_000 }, () => spaceWorkload(nasbench201, nasbench201.draw(random.next)));
const ids = networks.map((w) => w.id);
/** a device that the bundled model was trained on */
const KNOWN = 'graph_fp32_b1';
const predict = (...args: string[]) => runCommand(registerPredict, ['predict', ...args]);

/** Predicts one second a network. */
const constant: Predictor = {
  name: 'constant',
  predict: (workloads) =>
    workloads.map(() => singleTarget('latency', { value: 1, low: 0.5, high: 2, unit: 's', provenance: 'surrogate' })),
};

describe('hwcast predict --input of any length', () => {
  it('gives each of 10,000 rows what it gives it alone, from a list, CSV or gzip, in order', async () => {
    writeFileSync(path('list.txt'), `${ids.join('\n')}\n`);
    writeFileSync(path('list.csv.gz'), gzipSync(`n,workload\n${ids.map((id, i) => `${i},${id}`).join('\n')}\n`));
    const { stdout, error } = await predict('--input', path('list.txt'), '--device', KNOWN, '--csv');
    expect(error).toBeUndefined();
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(ids.length + 1);
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(ids);
    const some = [0, 999, 1000, 1001, 9999];
    const alone = await predict(...some.map((i) => ids[i]), '--device', KNOWN, '--csv');
    expect(alone.stdout.trimEnd().split('\n').slice(1)).toEqual(some.map((i) => lines[i + 1]));
    expect((await predict('--input', path('list.csv.gz'), '--device', KNOWN, '--csv')).stdout).toBe(stdout);
  });

  it('reads standard input for -', async () => {
    const real = process.stdin;
    const piped = Readable.from([Buffer.from(`${ids[0]}\n${ids[1].slice(0, 9)}`), Buffer.from(`${ids[1].slice(9)}\n`)]);
    Object.defineProperty(process, 'stdin', { value: piped, configurable: true });
    const { stdout } = await predict('--input', '-', '--device', 'T4', '--csv').finally(() =>
      Object.defineProperty(process, 'stdin', { value: real, configurable: true }),
    );
    expect(stdout).toBe((await predict(ids[0], ids[1], '--device', 'T4', '--csv')).stdout);
  });

  it('an error in the middle names its line and ends with 3; the rows before it stand', async () => {
    writeFileSync(path('broken.txt'), `${ids.slice(0, 1500).join('\n')}\nfbnet:9\n${ids[0]}\n`);
    const { code, stdout, stderr } = await runMain('predict', '--input', path('broken.txt'), '--device', 'T4', '--csv');
    expect(code).toBe(3);
    expect(stderr).toContain(`${path('broken.txt')}:1501`);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1501);
    expect(stdout.endsWith('\n')).toBe(true);
  });

  it('a workload that the predictor refuses is named by its line too', async () => {
    writeFileSync(path('mixed.txt'), 'nasbench201:#9\nnasbench201:#10\nfbnet:0123456780123456780123\n');
    const { error, stdout } = await predict('--input', path('mixed.txt'), '--device', KNOWN, '--csv');
    expect(error).toMatchObject({ code: 'unsupported', where: `${path('mixed.txt')}:3` });
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
  });

  it('a file that is not there is said so, with nothing printed', async () => {
    const { error, stdout } = await predict('--input', path('none.txt'), '--device', 'T4', '--csv');
    expect(error).toMatchObject({ code: 'not-found', message: expect.stringContaining('no such workload file') });
    expect(stdout).toBe('');
  });

  it('waits while stdout is full, and does not read ahead', async () => {
    let read = 0;
    async function* batches() {
      for (let i = 0; i < 5; i++) {
        read++;
        yield networks.slice(i * 10, i * 10 + 10).map((workload) => ({ workload }));
      }
    }
    const readAtWrite: number[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => {
      setTimeout(() => {
        readAtWrite.push(read);
        process.stdout.emit('drain');
      }, 5);
      return false;
    });
    const task = { device: 'T4', condition: '', target: 'latency' as const };
    await printPredictions(batches(), constant, { task, writer: predictionWriter('csv'), notes: false }).finally(() =>
      write.mockRestore(),
    );
    expect(readAtWrite).toEqual([1, 2, 3, 4, 5]);
  });

  it('ends quietly where its reader has enough', () => {
    writeFileSync(path('long.txt'), `${ids.join('\n')}\n`);
    const main = join(import.meta.dirname, '../../src/cli/main.ts');
    const command = `node --import tsx ${main} predict --input ${path('long.txt')} --device T4 --csv | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect(stdout).toBe('workload,latency_ms,low_ms,high_ms,provenance\n0\n');
    expect(stderr).toBe('');
  });
});
