import { writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerPredict } from '../../src/cli/predict.js';
import { nasbench201 } from '../../src/graph/spaces/nasbench201.js';
import { adapt } from '../../src/networks/adapter.js';
import { saveModel } from '../../src/networks/modelFolder.js';
import { rooflineOfDevice } from '../../src/networks/rooflinePredictor.js';
import { train } from '../../src/networks/train.js';
import { intervalsOf } from '../../src/surrogate/predictor.js';
import { smallDataset, twoConditions } from '../networks/smallDataset.js';
import { measurements, type SmallModel, temporaryFolder, trainSmall, unseenNetworks } from '../networks/smallModel.js';
import { runCommand } from './runCommand.js';

const { path, remove } = temporaryFolder();
const networks = unseenNetworks(12),
  [a, b] = networks.slice(8).filter((w) => nasbench201.live(w.arch!).some((op) => op > 1)),
  OFA = `224,22222,${'3'.repeat(20)},${'4'.repeat(20)}`;
let model: SmallModel;
beforeAll(async () => {
  model = await trainSmall({ dataset: smallDataset(20, ['gpu_a', 'gpu_graph', 'cpu_a']) });
  saveModel(path('model'), model);
  await adapt({ model: path('model'), device: 'phone', support: measurements(networks.slice(0, 8)), out: path('phone.json') });
  await adapt({
    model: path('model'),
    device: 'phone',
    target: 'energy',
    support: measurements(networks.slice(0, 8), 'cpu_a', 'energy'),
    out: path('energy.json'),
  });
});
afterAll(remove);
const predict = (...args: string[]) => runCommand(registerPredict, ['predict', ...args]);
const rows = (csv: string) => parse(csv, { columns: true }) as Record<string, string>[];

describe('hwcast predict --csv', () => {
  it('has the published columns, milliseconds, and nothing else', async () => {
    const { stdout, stderr, error } = await predict(a.id, b.id, '--adapter', path('phone.json'), '--csv');
    expect(error).toBeUndefined();
    expect(stderr).toMatch(/^(warning: .+\n)*$/);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('workload,latency_ms,low_ms,high_ms,provenance');
    expect(lines).toHaveLength(4);
    expect(lines[3]).toBe('');
    const adapted = model.learner.adapt(measurements(networks.slice(0, 8)), {
        device: 'phone',
        condition: '',
        target: 'latency',
      }),
      expected = intervalsOf(adapted.predict([a, b]), 'latency');
    rows(stdout).forEach((row, i) => {
      expect(row).toMatchObject({ workload: [a, b][i].id, provenance: 'adapted' });
      expect(Number(row.latency_ms) / 1e3 / expected[i].value).toBeCloseTo(1, 6);
      expect(Number(row.low_ms) / 1e3 / expected[i].low).toBeCloseTo(1, 6);
      expect(Number(row.high_ms) / 1e3 / expected[i].high).toBeCloseTo(1, 6);
    });
  });

  it('quotes codes that hold commas', async () => {
    const { stdout } = await predict(`ofa:${OFA}`, '--device', 'T4', '--csv');
    expect(stdout.split('\n')[1]).toMatch(`"ofa:${OFA}",`);
    expect(rows(stdout)[0]).toMatchObject({ workload: `ofa:${OFA}`, provenance: 'analytical' });
    expect(Number(rows(stdout)[0].latency_ms)).toBeGreaterThan(0);
  });

  it('names the columns after target and unit', async () => {
    const energy = await predict(a.id, '--adapter', path('energy.json'), '--csv');
    expect(energy.stdout).toMatch(/^workload,energy_mj,low_mj,high_mj,provenance\n/);
    const trained = await predict(a.id, '--model', path('model'), '--device', 'gpu_a', '--target', 'energy', '--csv');
    expect(trained.stdout).toMatch(/^workload,energy_mj,/);
    expect(rows(trained.stdout)[0].provenance).toBe('surrogate');
    const memory = await predict(a.id, '--device', 'T4', '--target', 'peak_memory', '--csv');
    expect(memory.stdout).toMatch(/^workload,peak_memory_mb,low_mb,high_mb,provenance\n/);
    const [{ value }] = intervalsOf(rooflineOfDevice('T4', 'peak_memory').predict([a]), 'peak_memory');
    expect(Number(rows(memory.stdout)[0].peak_memory_mb) * 1e6).toBeCloseTo(value, 0);
  });

  it('prints the canonical name of each workload, in the order given, repeats too', async () => {
    const { stdout } = await predict('nasbench201:#9', a.id, 'nasbench201:9', '--device', 'T4', '--csv');
    const ids = rows(stdout).map((r) => r.workload);
    expect(ids[0]).toBe('nasbench201:|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|');
    expect(ids).toEqual([ids[0], a.id, ids[0]]);
  });
});

describe('other forms', () => {
  it('text: one line a workload with value, interval and where it comes from; warnings on stderr, each once', async () => {
    const { stdout, stderr } = await predict(a.id, b.id, '--device', 'T4');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^nasbench201:\S+ {2}[\d.]+ ms {2}\[[\d.]+, [\d.]+\] {2}analytical$/);
    expect(stderr.match(/no measurement of this device/g)).toHaveLength(1);
  });

  it('JSON and JSON lines: numbers, device and warnings with each value, nothing on stderr', async () => {
    const json = await predict(a.id, b.id, '--device', 'T4', '--json');
    const list = JSON.parse(json.stdout);
    expect(list).toHaveLength(2);
    expect(Object.keys(list[0])).toEqual(['workload', 'latency_ms', 'low_ms', 'high_ms', 'provenance', 'device', 'warnings']);
    expect(list[0]).toMatchObject({
      workload: a.id,
      device: 'T4',
      latency_ms: expect.any(Number),
      warnings: [expect.stringContaining('no measurement')],
    });
    expect(json.stderr).toBe('');
    const jsonl = await predict(a.id, b.id, '--device', 'T4', '--jsonl');
    expect(
      jsonl.stdout
        .trimEnd()
        .split('\n')
        .map((l) => JSON.parse(l)),
    ).toEqual(list);
  });

  it('--explain shows the operators, which add up to the eager roofline', async () => {
    const { stdout } = await predict('nasbench201:#9', '--device', 'T4', '--explain');
    const eager = Number(/roofline of T4: eager ([\d.]+) ms, compiled [\d.]+ ms/.exec(stdout)![1]);
    const times = [...stdout.matchAll(/([\d.]+) us eager/g)].map((m) => Number(m[1]));
    expect(times.length).toBeGreaterThan(50);
    expect(times.reduce((x, y) => x + y, 0) / 1e3).toBeCloseTo(eager, 2);
    expect(stdout).toMatch(/zero .* dead$/m);
    const [{ operators }] = JSON.parse((await predict('nasbench201:#9', '--device', 'T4', '--explain', '--json')).stdout);
    expect(operators[1]).toMatchObject({ id: 'n1', op: 'conv2d', live: true, bound: expect.any(String) });
  });

  it('--explain of an adapted device says whose data sheet it shows', async () => {
    const { stdout } = await predict(a.id, '--adapter', path('phone.json'), '--explain');
    expect(stdout).toMatch("(no data sheet of 'phone'; shares only)");
  });
});

describe('input', () => {
  it('from a list, CSV or JSON lines, after the arguments', async () => {
    writeFileSync(path('list.txt'), `${a.id}\nofa:${OFA}\n`);
    writeFileSync(path('list.csv'), `workload,note\n${a.id},x\n"ofa:${OFA}",y\n`);
    writeFileSync(path('list.jsonl'), `{"workload":"${a.id}"}\n{"workload":"ofa:${OFA}"}\n`);
    const read = async (file: string) => (await predict(b.id, '--input', path(file), '--device', 'T4', '--csv')).stdout;
    const text = await read('list.txt');
    expect(rows(text).map((r) => r.workload)).toEqual([b.id, a.id, `ofa:${OFA}`]);
    expect(await read('list.csv')).toBe(text);
    expect(await read('list.jsonl')).toBe(text);
  });

  it('what it prints as CSV it reads again', async () => {
    const first = await predict(a.id, `ofa:${OFA}`, '--device', 'T4', '--csv');
    writeFileSync(path('again.csv'), first.stdout);
    expect((await predict('--input', path('again.csv'), '--device', 'T4', '--csv')).stdout).toBe(first.stdout);
  });

  it.each<[string[], Record<string, unknown>]>([
    [['--device', 'T4'], { code: 'usage', message: 'no workload given' }],
    [['CELL'], { code: 'usage', message: expect.stringContaining('which device?') }],
    [['CELL', '--model', 'MODEL'], { code: 'usage', hint: expect.stringContaining('gpu_a, gpu_graph, cpu_a') }],
    [['CELL', '--model', 'MODEL', '--device', 'gpu_grap'], { code: 'not-found', hint: expect.stringContaining('gpu_graph') }],
    [
      ['fbnet:0123456780123456780123', '--model', 'MODEL', '--device', 'gpu_a'],
      { code: 'unsupported', message: expect.stringContaining('is not of nasbench201') },
    ],
    [
      ['CELL', '--adapter', 'ADAPTER', '--target', 'energy'],
      { code: 'bad-input', message: 'the adapter predicts latency, not energy' },
    ],
    [['CELL', '--device', 'T4', '--target', 'lut'], { code: 'unsupported' }],
  ])('%j is refused, with nothing on stdout', async (args, expected) => {
    const real: Record<string, string> = { CELL: a.id, MODEL: path('model'), ADAPTER: path('phone.json') };
    const { error, stdout } = await predict(...args.map((x) => real[x] ?? x));
    expect(error).toMatchObject(expected);
    expect(stdout).toBe('');
  });
});

describe('--condition', () => {
  it('names one of several conditions of a device; without it they are named', async () => {
    const both = await train({ dataset: twoConditions(20), method: 'closed-form', out: path('both') });
    const gpu = (...args: string[]) => predict(a.id, '--model', path('both'), '--device', 'gpu_a', '--csv', ...args);
    const open = await gpu();
    expect(open.error).toMatchObject({ code: 'usage', exitCode: 2, hint: "give --condition, one of 'eager', 'graph'" });
    expect(open.stdout).toBe('');
    expect((await gpu('--condition', 'fast')).error).toMatchObject({ code: 'not-found' });
    const values = { eager: (await gpu('--condition', 'eager')).stdout, graph: (await gpu('--condition', 'graph')).stdout };
    expect(values.eager).not.toBe(values.graph);
    const [{ value }] = intervalsOf(
      both.trained({ device: 'gpu_a', condition: 'graph', target: 'latency' }).predict([a]),
      'latency',
    );
    expect(Number(rows(values.graph)[0].latency_ms) / 1e3 / value).toBeCloseTo(1, 6);
  });
});
