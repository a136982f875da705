import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSample } from '../../src/cli/sample.js';
import { parseWorkload } from '../../src/graph/workload.js';
import { saveModel } from '../../src/networks/modelFolder.js';
import { smallDataset } from '../networks/smallDataset.js';
import { temporaryFolder, trainSmall, unseenNetworks } from '../networks/smallModel.js';
import { runCommand } from './runCommand.js';

const { path, remove } = temporaryFolder();
const candidates = unseenNetworks(12).map((w) => w.id);
beforeAll(async () => {
  saveModel(path('model'), await trainSmall({ dataset: smallDataset(20, ['gpu_a', 'gpu_graph', 'cpu_a']) }));
  writeFileSync(path('list.txt'), `${candidates.join('\n')}\n`);
  writeFileSync(path('list.csv'), `note,workload\n${candidates.map((c) => `x,${c}`).join('\n')}\n`);
  writeFileSync(path('fbnet.txt'), 'fbnet:0123456780123456780123\n');
});
afterAll(remove);
const sample = (...args: string[]) => runCommand(registerSample, ['sample', '--model', path('model'), ...args]);
const lines = (text: string) => text.trimEnd().split('\n');

describe('hwcast sample', () => {
  it('prints one workload a line, which hwcast reads again', async () => {
    const { stdout, stderr, error } = await sample('--n', '10');
    expect([error, stderr]).toEqual([undefined, '']);
    expect(lines(stdout)).toHaveLength(10);
    expect(new Set(lines(stdout)).size).toBe(10);
    for (const line of lines(stdout)) expect(parseWorkload(line).id).toBe(line);
    expect((await sample('--n', '10')).stdout).toBe(stdout);
    expect((await sample('--n', '10', '--seed', '9')).stdout).not.toBe(stdout);
  });

  it('chooses from a list, text or CSV, and completes what was measured', async () => {
    const five = lines((await sample('--n', '5', '--input', path('list.txt'))).stdout);
    expect(candidates).toEqual(expect.arrayContaining(five));
    expect(lines((await sample('--n', '5', '--input', path('list.csv'))).stdout)).toEqual(five);
    writeFileSync(
      path('measured.csv'),
      `workload,latency_ms\n${five
        .slice(0, 2)
        .map((c) => `${c},1`)
        .join('\n')}\n`,
    );
    const more = await sample('--n', '3', '--input', path('list.txt'), '--measured', path('measured.csv'));
    expect(lines(more.stdout)).toEqual(five.slice(2));
  });

  it.each<[string[], Record<string, unknown>]>([
    [['--n', '0'], { code: 'usage' }],
    [['--n', '-3'], { code: 'usage', message: expect.stringContaining("not '-3'") }],
    [['--n', '13', '--input', 'list.txt'], { code: 'bad-input', message: '12 different candidates for 13 measurements' }],
    [['--n', '1', '--input', 'nowhere.txt'], { code: 'not-found' }],
    [['--n', '1', '--input', 'fbnet.txt'], { code: 'unsupported' }],
  ])('%j is refused', async (args, expected) => {
    const { error, stdout } = await sample(...args.map((a) => (a.endsWith('.txt') ? path(a) : a)));
    expect(error).toMatchObject(expected);
    expect(stdout).toBe('');
  });
});
