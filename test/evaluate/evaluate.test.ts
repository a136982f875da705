import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDataset } from '../../src/dataset/store.js';
import { type EvaluateOptions, evaluate, writeResults } from '../../src/evaluate/evaluate.js';
import { smallDataset } from '../networks/smallDataset.js';
import { temporaryFolder } from '../networks/smallModel.js';
import { writePublicFolder } from './publicFolder.js';
import { resultRow } from './resultRows.js';

const { path, remove } = temporaryFolder();
beforeAll(async () => {
  await writeDataset(path('data'), smallDataset(20, ['gpu_a', 'cpu_a', 'phone']));
  writePublicFolder(path('public'));
});
afterAll(remove);
const options = (over: Partial<EvaluateOptions>): EvaluateOptions => ({
  protocol: 'leave-one-out',
  methods: ['flops', 'closed-form'],
  k: [5],
  selections: ['random'],
  draws: 2,
  seed: 1,
  command: 'hwcast evaluate',
  measuredAt: '2026-01-02T03:04:05.000Z',
  out: path('out'),
  ...over,
});
const results = (folder: string) => JSON.parse(readFileSync(path(folder, 'results.json'), 'utf8')) as Record<string, unknown>[];

describe('evaluate', () => {
  it('writes the rows as JSON, a page of them, and the figure', async () => {
    const rows = await evaluate(options({ dataset: path('data'), devices: ['gpu_a'] }));
    expect(rows.map((r) => [r.device, r.target, r.method])).toEqual(
      ['latency', 'energy'].flatMap((t) => ['flops', 'closed-form', 'ceiling'].map((m) => ['gpu_a', t, m])),
    );
    expect(results('out')).toEqual(rows.map((r) => JSON.parse(JSON.stringify(r))));
    expect(readFileSync(path('out/results.md'), 'utf8')).toMatch('## leave-one-out nasbench201 without gpu_a energy');
    expect(readdirSync(path('out')).sort()).toEqual(['results.json', 'results.md', 'results.png', 'results.svg']);
    const ours = rows.find((r) => r.method === 'closed-form')!;
    expect(ours.medianApe!).toBeLessThan(rows.find((r) => r.method === 'flops')!.medianApe!);
  });

  it('writes after every case, so that an interruption keeps what is complete', async () => {
    const stop = new Error('interrupted');
    let cases = 0;
    const run = evaluate(
      options({
        dataset: path('data'),
        out: path('cut'),
        methods: ['flops'],
        onProgress: (text) => {
          if (/ training tasks, /.test(text) && ++cases === 2) throw stop;
        },
      }),
    );
    await expect(run).rejects.toBe(stop);
    expect(new Set(results('cut').map((r) => r.device))).toEqual(new Set(['gpu_a']));
  });

  it('runs the published protocols on their tables, the wanted devices alone', async () => {
    for (const protocol of ['help', 'nasflat']) {
      const rows = await evaluate(
        options({
          protocol,
          data: path('public'),
          spaces: ['nasbench201'],
          devices: ['target'],
          methods: ['flops'],
          draws: 1,
          out: path(protocol),
        }),
      );
      expect(rows.map((r) => [r.protocol, r.device, r.method, r.k])).toEqual([
        [protocol, 'target', 'flops', 5],
        [protocol, 'target', 'ceiling', protocol === 'help' ? 32 : 45],
      ]);
    }
  });

  it.each<[string, Partial<EvaluateOptions>, Record<string, unknown>]>([
    [
      'an unknown protocol',
      { protocol: 'guess' },
      { code: 'usage', message: "no protocol 'guess'; one of help, nasflat, leave-one-out, fpga, llm, tables, zoo, operators" },
    ],
    [
      'help without data',
      { protocol: 'help' },
      { code: 'usage', message: expect.stringContaining('--data FOLDER'), hint: expect.stringContaining('nasbench201-latency') },
    ],
    ['leave-one-out without a dataset', {}, { code: 'usage', message: expect.stringContaining('--dataset FOLDER') }],
    ['a dataset that is not there', { dataset: '/nowhere' }, { code: 'not-found' }],
  ])('refuses %s', async (_, over, expected) => {
    await expect(evaluate(options({ ...over, out: path('never') }))).rejects.toMatchObject({ name: 'HwcastError', ...expected });
    expect(existsSync(path('never'))).toBe(false);
  });

  it('does not end well where nothing was evaluated', async () => {
    const run = evaluate(
      options({ protocol: 'help', data: path('public'), spaces: ['nasbench201'], devices: ['nobody'], out: path('nothing') }),
    );
    await expect(run).rejects.toMatchObject({ code: 'bad-input', message: expect.stringContaining('nothing was evaluated') });
  });
});

describe('writeResults', () => {
  it('unknown is null, never NaN or a missing field', async () => {
    await writeResults(
      path('unknown'),
      [resultRow({ spearman: Number.NaN, ceiling: Number.NaN, mape: Number.NaN, kendall: null })],
      'networks',
    );
    const [row] = results('unknown');
    expect(row).toEqual(
      resultRow({ spearman: null, ceiling: null, mape: null, kendall: null }) as unknown as Record<string, unknown>,
    );
    expect(readFileSync(path('unknown/results.md'), 'utf8')).not.toMatch(/NaN|null|undefined/);
  });
});
