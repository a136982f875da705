import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerTrain } from '../../src/cli/train.js';
import { writeDataset } from '../../src/dataset/store.js';
import { smallDataset } from '../networks/smallDataset.js';
import { temporaryFolder } from '../networks/smallModel.js';
import { runCommand } from './runCommand.js';

const { path, remove } = temporaryFolder();
beforeAll(async () => {
  await writeDataset(path('data'), smallDataset(20, ['gpu_a', 'gpu_graph', 'cpu_a']));
  await writeDataset(path('phone'), smallDataset(20, ['phone']));
});
afterAll(remove);
const train = (...args: string[]) => runCommand(registerTrain, ['train', '--method', 'closed-form', ...args]);
const info = (model: string) => JSON.parse(readFileSync(path(model, 'config.json'), 'utf8')).info;
const tasks = (model: string) => info(model).tasks.map((t: { device: string; target: string }) => `${t.device} ${t.target}`);

describe('hwcast train', () => {
  it('writes a model and says on stderr how well each device is predicted when it is left out', async () => {
    const { stdout, stderr, error } = await train('--dataset', path('data'), '--seed', '7', '--out', path('model'));
    expect(error).toBeUndefined();
    expect(stdout).toBe('');
    expect(stderr).toMatch(`${path('model')}: closed-form on 5 tasks of nasbench201\n`);
    expect(
      stderr.match(/^ {2}\w+ (latency|energy): left out, 10 measured: Spearman -?\d\.\d{3}, median error \d+\.\d %$/gm),
    ).toHaveLength(5);
    expect(stderr).toMatch(/^train: \d+\/\d+ tuning on \d+ measurements/m);
    expect(info('model')).toMatchObject({ seed: 7, domain: 'nasbench201' });
  });

  it('--exclude-device leaves devices out, --target keeps one target, --quiet says nothing in between', async () => {
    const { stderr } = await train(
      '--dataset',
      path('data'),
      '--exclude-device',
      'gpu_graph, gpu_a',
      '--target',
      'latency',
      '--quiet',
      '--out',
      path('part'),
    );
    expect(tasks('part')).toEqual(['cpu_a latency']);
    expect(info('part').excludedDevices).toEqual(['gpu_graph', 'gpu_a']);
    expect(stderr).not.toMatch('tuning');
  });

  it('joins several datasets', async () => {
    await train('--dataset', path('data'), path('phone'), '--out', path('joined'));
    expect(tasks('joined')).toContain('phone latency');
    expect(info('joined').datasets).toHaveLength(2);
  });

  it.each<[string[], Record<string, unknown>]>([
    [['--exclude-device', 'gpu_aa'], { code: 'not-found', hint: expect.stringContaining('gpu_a') }],
    [['--target', 'speed'], { code: 'usage', message: "no target 'speed'" }],
    [['--target', 'lut'], { code: 'bad-input' }],
    [['--seed', 'x'], { code: 'usage', message: expect.stringContaining('--seed takes a whole number') }],
    [['--set', 'episodes'], { code: 'usage', message: "--set takes name=value, not 'episodes'" }],
    [['--space', 'ofa'], { code: 'bad-input' }],
    [['--method', 'oracle'], { code: 'not-found', message: expect.stringContaining("no method 'oracle'") }],
  ])('%j is refused and nothing written', async (args, expected) => {
    const { error, stdout } = await train('--dataset', path('data'), '--out', path('never'), ...args);
    expect(error).toMatchObject(expected);
    expect(stdout).toBe('');
    expect(existsSync(path('never'))).toBe(false);
  });

  it('leaves no listener for Ctrl-C behind', async () => {
    const before = process.listenerCount('SIGINT');
    await train('--dataset', path('nowhere'), '--out', path('never'));
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
