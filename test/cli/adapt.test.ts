import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAdapt } from '../../src/cli/adapt.js';
import { registerPredict } from '../../src/cli/predict.js';
import { loadAdapter } from '../../src/networks/adapter.js';
import { saveModel } from '../../src/networks/modelFolder.js';
import { smallDataset } from '../networks/smallDataset.js';
import { measurements, temporaryFolder, trainSmall, unseenNetworks } from '../networks/smallModel.js';
import { runCommand } from './runCommand.js';

const { path, remove } = temporaryFolder();
const support = measurements(unseenNetworks(10));
const csv = (rows: [string, unknown][], header = 'workload,latency_ms') =>
  `${header}\n${rows.map((r) => r.join(',')).join('\n')}\n`;
const GOOD = csv(support.map((s) => [s.workload.id, s.value * 1e3]));
beforeAll(async () => {
  saveModel(path('model'), await trainSmall({ dataset: smallDataset(20, ['gpu_a', 'gpu_graph', 'cpu_a']) }));
});
afterAll(remove);
async function adapt(text: string, ...args: string[]) {
  writeFileSync(path('support.csv'), text);
  return runCommand(registerAdapt, [
    'adapt',
    '--model',
    path('model'),
    '--device',
    'phone',
    '--support',
    path('support.csv'),
    '--out',
    path('phone.json'),
    ...args,
  ]);
}

describe('hwcast adapt', () => {
  it('writes an adapter, says what to expect of it, and prints nothing', async () => {
    const { stdout, stderr, error } = await adapt(GOOD);
    expect([error, stdout]).toEqual([undefined, '']);
    expect(stderr).toMatch(
      /phone\.json: latency of 'phone' from 10 measurements; each predicted from the others: median error \d+\.\d %\nexpect about that error of other workloads; how many more would halve it is not known: the model was not scored with more than 10 measurements\n$/,
    );
    const adapter = JSON.parse(readFileSync(path('phone.json'), 'utf8'));
    expect(adapter).toMatchObject({
      device: 'phone',
      target: 'latency',
      model: { path: 'model' },
      metrics: { measurements: 10 },
    });
    expect(adapter.support[0].value).toBeCloseTo(support[0].value, 12);
  });

  it('refuses to be told how a device runs where the model makes nothing of it, and what is no count', async () => {
    const { error } = await adapt(GOOD, '--hardware', 'L4');
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('nasbench201') });
    expect((await adapt(GOOD, '--batch', 'eight')).error).toMatchObject({
      code: 'usage',
      message: expect.stringContaining("'eight'"),
    });
  });

  it('goes on from an adapter with a few new measurements, or none, and says what changed', async () => {
    await adapt(GOOD, '--runtime-version', 'rt 1');
    const again = csv(support.slice(0, 3).map((s) => [s.workload.id, s.value * 1e3 * 1.08]));
    writeFileSync(path('again.csv'), again);
    const goOn = (...args: string[]) =>
      runCommand(registerAdapt, ['adapt', '--from', path('phone.json'), '--out', path('new.json'), ...args]);
    const renewed = await goOn('--support', path('again.csv'), '--runtime-version', 'rt 2');
    expect(renewed.error).toBeUndefined();
    expect(renewed.stderr).toMatch(
      /^the 10 measurements of before \(rt 1\) x 1\.0\d\d \(within \d\.\d %\), as 3 new ones show; a model differs from that by \d\.\d %\n.*new\.json: latency of 'phone' from 10 measurements/,
    );
    expect((await goOn()).stderr).toMatch('nothing new was measured, so the intervals are widened');
    const missing = await runCommand(registerAdapt, ['adapt', '--model', path('model'), '--out', path('new.json')]);
    expect(missing.error).toMatchObject({ code: 'usage', message: 'adapt needs --device ID, --support FILE' });
  });

  it('says how many more measurements would halve the error, where the model was scored with several numbers of them', async () => {
    await adapt(GOOD);
    const { model } = await loadAdapter(path('phone.json'));
    const scored = (medianApe: number, measurements: number) => ({ ...model.metrics.rows[0], measurements, medianApe });
    const told = async (...rows: ReturnType<typeof scored>[]) => {
      saveModel(path('scored'), { ...model, metrics: { ...model.metrics, rows } });
      return (await adapt(GOOD, '--model', path('scored'))).stderr.trimEnd().split('; ').at(-1);
    };
    expect(await told(scored(0.2, 10), scored(0.12, 20), scored(0.09, 50))).toBe(
      'about 40 more would halve it, as on the training devices',
    );
    expect(await told(scored(0.2, 10), scored(0.12, 20))).toBe(
      'to halve it takes more than 10 more, as it did on the training devices',
    );
  });

  it('the unit of the file does not matter', async () => {
    const predicted = async () =>
      (await runCommand(registerPredict, ['predict', 'nasbench201:#77', '--adapter', path('phone.json'), '--csv'])).stdout;
    await adapt(GOOD);
    const ms = await predicted();
    await adapt(
      csv(
        support.map((s) => [s.workload.id, s.value * 1e6]),
        'workload,latency_us',
      ),
    );
    expect(await predicted()).toBe(ms);
    await adapt(support.map((s) => JSON.stringify({ workload: s.workload.id, latency_s: s.value })).join('\n'));
    expect(await predicted()).toBe(ms);
  });

  it('keeps the condition that is named, and has none otherwise', async () => {
    const condition = () => JSON.parse(readFileSync(path('phone.json'), 'utf8')).condition;
    expect((await adapt(GOOD, '--condition', 'batch 8')).error).toBeUndefined();
    expect(condition()).toBe('batch 8');
    await adapt(GOOD);
    expect(condition()).toBe('');
  });

  it('says nothing of errors from few measurements', async () => {
    const { stderr } = await adapt(csv(support.slice(0, 3).map((s) => [s.workload.id, 1])));
    expect(stderr).toMatch(/latency of 'phone' from 3 measurements\n$/);
  });

  it('takes the target of the file, or the wanted one of several', async () => {
    const both = csv(
      support.map((s) => [s.workload.id, '1,2']),
      'workload,latency_ms,energy_mj',
    );
    expect((await adapt(both)).error).toMatchObject({ code: 'bad-input', hint: 'choose one with --target' });
    const { stderr } = await adapt(both, '--target', 'energy');
    expect(stderr).toMatch("energy of 'phone' from 10 measurements");
    expect(JSON.parse(readFileSync(path('phone.json'), 'utf8'))).toMatchObject({
      target: 'energy',
      support: [{ value: 2e-3 }, ...Array(9).fill({})],
    });
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['an empty file', '', { message: 'the support file is empty' }],
    ['a header alone', 'workload,latency_ms\n', { message: 'holds no workload' }],
    [
      'a duplicate',
      `${GOOD}${support[3].workload.id},1\n`,
      { where: expect.stringMatching(/support\.csv:12$/), message: expect.stringContaining('was measured in line 5 already') },
    ],
    [
      'a negative latency',
      GOOD.replace(/,[\d.]+\n$/, ',-1\n'),
      { where: expect.stringMatching(/support\.csv:11$/), message: "latency_ms is '-1', not a positive number" },
    ],
    ['a wrong network', `${GOOD}nasbench201:oops,1\n`, { where: expect.stringMatching(/support\.csv:12$/) }],
  ])('%s is refused with its line and nothing is written', async (_, text, expected) => {
    const out = path('never.json');
    const { error, stdout } = await adapt(text, '--out', out);
    expect(error).toMatchObject({ code: 'bad-input', exitCode: 3, ...expected });
    expect(stdout).toBe('');
    expect(existsSync(out)).toBe(false);
  });
});
