import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerBaselines, registerEvaluate } from '../../src/cli/evaluate.js';
import { writeDataset } from '../../src/dataset/store.js';
import { writePublicFolder } from '../evaluate/publicFolder.js';
import { smallDataset } from '../networks/smallDataset.js';
import { temporaryFolder } from '../networks/smallModel.js';
import { runCommand } from './runCommand.js';

const { path, remove } = temporaryFolder();
beforeAll(async () => {
  await writeDataset(path('data'), smallDataset(20, ['gpu_a', 'cpu_a', 'phone']));
  writePublicFolder(path('public'));
});
afterAll(remove);
const run = (command: string, ...args: string[]) =>
  runCommand(command === 'baselines' ? registerBaselines : registerEvaluate, [
    command,
    '--draws',
    '1',
    '--out',
    path('out'),
    ...args,
  ]);
const leaveOneOut = (...args: string[]) =>
  run(
    'evaluate',
    '--protocol',
    'leave-one-out',
    '--dataset',
    path('data'),
    '--devices',
    'phone',
    '--k',
    '5',
    '--selection',
    'random',
    ...args,
  );
const results = () =>
  JSON.parse(readFileSync(path('out/results.json'), 'utf8')) as {
    method: string;
    k: number;
    command: string;
    selection: string;
    measuredAt: string;
  }[];

describe('hwcast evaluate', () => {
  it('writes results and tells progress on stderr', async () => {
    const { stdout, stderr, error } = await leaveOneOut('--methods', 'flops,closed-form', '--seed', '3');
    expect([error, stdout]).toEqual([undefined, '']);
    expect(stderr).toMatch('leave-one-out nasbench201 without phone: 4 training tasks, 1 test tasks');
    expect(stderr).toMatch(/ {2}phone latency k=5 random: flops \d\.\d{3}, closed-form \d\.\d{3}\n/);
    expect(stderr).toMatch(`${path('out')}/results.json: 3 rows; ${path('out')}/results.md`);
    expect(results().map((r) => r.method)).toEqual(['flops', 'closed-form', 'ceiling']);
  });

  it('says in every row which command made it, without what depends on the machine', async () => {
    const [row] = results();
    for (const part of [
      '--protocol leave-one-out',
      `--dataset ${path('data')}`,
      '--devices phone',
      '--methods flops,closed-form',
      '--k 5',
    ])
      expect(row.command).toContain(part);
    for (const part of ['--selection random', '--draws 1', '--seed 3']) expect(row.command).toContain(part);
    expect(row.command).toMatch(/^hwcast evaluate --/);
    expect(row.command).not.toMatch('--out');
    expect(new Date(row.measuredAt).toISOString()).toBe(row.measuredAt);
  });

  it('the gate: exit code 5 where the last method falls below, results written all the same', async () => {
    const { error, stdout } = await leaveOneOut('--methods', 'closed-form,flops', '--min-spearman', '0.999999');
    expect(error).toMatchObject({
      code: 'quality-gate',
      exitCode: 5,
      message: expect.stringMatching(/^mean Spearman of flops is 0\.\d{4}, below 0\.999999$/),
    });
    expect(stdout).toBe('');
    expect(results()).toHaveLength(3);
    expect((await leaveOneOut('--methods', 'flops', '--min-spearman', '0.01')).error).toBeUndefined();
  });

  it('the gate does not open for a method that was not evaluated', async () => {
    const { error } = await leaveOneOut('--methods', 'flops', '--k', '400', '--min-spearman', '0.1');
    expect(error).toMatchObject({ code: 'quality-gate' });
  });

  it('several k and selections', async () => {
    await leaveOneOut('--methods', 'flops', '--k', '3, 6', '--selection', 'random,chosen');
    expect(
      results()
        .filter((r) => r.method === 'flops')
        .map((r) => `${r.k} ${r.selection}`),
    ).toEqual(['3 random', '3 chosen', '6 random', '6 chosen']);
  });

  it('baselines is the same with all of them', async () => {
    const { error } = await run(
      'baselines',
      '--protocol',
      'help',
      '--data',
      path('public'),
      '--space',
      'nasbench201',
      '--k',
      '6',
      '--selection',
      'random',
    );
    expect(error).toBeUndefined();
    expect(results().map((r) => r.method)).toEqual([
      'flops',
      'roofline',
      'device-ridge',
      'nearest-device',
      'additive-mixture',
      'closed-form',
      'ceiling',
    ]);
    expect(results()[0].command).toMatch(/^hwcast baselines --protocol help --space nasbench201 .* --data DATA$/);
  });

  it.each(['help', 'nasflat', 'fpga'])('public data is never guessed: %s without --data is refused', async (protocol) => {
    const { error } = await run('evaluate', '--protocol', protocol, '--out', path('never'));
    expect(error).toMatchObject({
      code: 'usage',
      exitCode: 2,
      message: expect.stringContaining(`--protocol ${protocol} needs --data FOLDER`),
      hint: expect.stringContaining('the folder that holds '),
    });
    expect(existsSync(path('never'))).toBe(false);
  });

  it.each<[string[], Record<string, unknown>]>([
    [['--selection', 'best'], { code: 'usage', message: "no selection 'best'; random or chosen" }],
    [['--k', '5,x'], { code: 'usage', message: expect.stringContaining("not 'x'") }],
    [['--k', '0'], { code: 'usage' }],
    [['--draws', '0'], { code: 'usage' }],
    [['--devices', 'phonee'], { code: 'not-found', message: expect.stringContaining("'phonee'") }],
    [['--methods', 'oracle'], { code: 'not-found', hint: expect.stringContaining('closed-form') }],
  ])('%j is refused and nothing written', async (args, expected) => {
    const { error, stdout } = await leaveOneOut('--out', path('never'), ...args);
    expect(error).toMatchObject(expected);
    expect(stdout).toBe('');
    expect(existsSync(path('never'))).toBe(false);
  });
  it('--min-spearman takes a number', async () => {
    expect((await leaveOneOut('--methods', 'flops', '--min-spearman', 'high')).error).toMatchObject({ code: 'usage' });
  });
});
