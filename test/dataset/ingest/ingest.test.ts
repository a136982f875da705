import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDataset } from '../../../src/dataset/checkDataset.js';
import type { Dataset } from '../../../src/dataset/dataset.js';
import { ingest } from '../../../src/dataset/ingest/ingest.js';
import { renderIngestReport } from '../../../src/dataset/ingest/ingestReport.js';
import { failure, GPU, tar, tinyTrace, twoSteps } from '../../trace/formats/kineto/tinyTrace.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hwcast-ingest-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
/** a file of its own folder */
const put = (name: string, data: Uint8Array | string) => {
  const path = join(folder, String(count++), name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, data);
  return path;
};
const CELL = '|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|',
  OTHER = CELL.replace('3x3', '1x1');
/** task -> workload -> [value, repeats] */
function values({ tasks, workloads }: Dataset) {
  return Object.fromEntries(
    tasks.map((t) => [
      `${t.device}@${t.condition}:${t.target}`,
      Object.fromEntries(Array.from(t.rows, (row, i) => [workloads[row].id, [Number(t.values[i].toPrecision(9)), t.repeats[i]]])),
    ]),
  );
}

it('a device may have a name that objects have too', async () => {
  const { dataset } = await ingest([put('t.csv', `device,workload,latency_ms\nconstructor,${CELL},1\nconstructor,${OTHER},2\n`)]);
  expect(Object.keys(dataset.card.devices)).toEqual(['constructor']);
  expect(() => checkDataset(dataset)).not.toThrow();
});

describe('ingest of tables', () => {
  it('brings spellings of a network together, aggregates passes and keeps their noise', async () => {
    const passes = ['#0', '#1', '#2', '#3']
      .flatMap((w, i) => [1, 2].map((p) => `nasbench201:${w},gpu,r,${p},${i + 1}`))
      .join('\n');
    const file = put('passes.csv', `workload,device,run,pass,latency_ms\n${passes}\n`);
    const { dataset, report } = await ingest([file], {
      name: 'n',
      devices: { gpu: { hardware: 'H100-SXM5-80GB', conditions: { '': { batch: 1 } } } },
    });
    checkDataset(dataset);
    expect(dataset.workloads.every((w) => w.id.startsWith('nasbench201:|'))).toBe(true);
    expect(dataset.card).toMatchObject({
      name: 'n',
      devices: { gpu: { hardware: 'H100-SXM5-80GB', conditions: { '': { batch: 1 } } } },
      noise: { 'gpu:latency': { passes: 2 } },
    });
    expect(dataset.card.noise['gpu:latency'].halves).toBeCloseTo(1, 12);
    expect(report).toMatchObject({ models: 4, operators: 0, rows: { read: 8, usable: 8, skipped: 0 }, share: 1 });
    expect(renderIngestReport(report)).toContain('task gpu:latency: 4 workloads, halves agree 1.0000, mean of 2 passes 1.0000');
  });

  it('does not depend on the order of its sources', async () => {
    const a = put('a.csv', 'workload,device,run,pass,latency_ms\nnasbench201:#5,x,1,0,1\nnasbench201:#6,x,1,0,2\n'),
      b = put(
        'b.csv',
        'workload,device,run,pass,latency_ms\nnasbench201:#6,x,2,0,3\nnasbench201:#5,x,2,0,4\nnasbench201:#7,y,1,0,1\n',
      );
    expect((await ingest([a, b])).dataset).toEqual((await ingest([b, a])).dataset);
  });

  it('merges exact repeats and refuses two values of one measurement, naming both rows', async () => {
    const same = put('same.csv', `workload,latency_ms\n${CELL},1\nnasbench201:${CELL},1\n`);
    const { dataset, report } = await ingest([same], { device: 'd' });
    expect(report.merged).toBe(1);
    expect(values(dataset)['d@:latency']).toEqual({ [`nasbench201:${CELL}`]: [0.001, 0] });
    const two = put('two.csv', `workload,latency_ms\n${CELL},1\n${CELL},2\n`);
    const error = await failure(ingest([two], { device: 'd' }));
    expect(error.describe()).toContain(
      `${two}, line 3: latency of 'nasbench201:${CELL}' on 'd' is given twice, 0.001 and 0.002 (SI); the other is at ${two}, line 2\n  keep one, or map`,
    );
    const pass = put('pass.csv', `workload,device,run,pass,latency_ms\n${CELL},d,1,1,1\n${CELL},d,1,1,2\n`);
    expect((await failure(ingest([pass]))).message).toContain('for run 1 pass 1');
  });

  it('skips bad rows with the reason and place', async () => {
    const file = put(
      'bad.csv',
      `workload,device,target,value\n|wrong~0|,d,latency,1\n${CELL},d,speed,1\n${CELL},,latency,1\n${CELL},d,latency,-1\n${OTHER},d,latency,1\n`,
    );
    const { report } = await ingest([file]);
    expect(report.rows).toEqual({ read: 5, usable: 1, skipped: 4, opaque: 0 });
    expect(report.skipped.map((s) => [s.reason, s.examples[0].replace(file, 'f').slice(0, 40)])).toEqual([
      ['row without a device; give one with --device, or map a column', 'f, line 4 (|none~0|+|none~0|none~1|+|nor'],
      ['unknown target', "f, line 3 ('speed'; known: latency, ener"],
      ['value is no positive number', "f, line 5 ('-1')"],
      ['workload not understood', "f, line 2 ('|wrong~0|' is no workload of"],
    ]);
  });

  it('drops tasks whose passes disagree', async () => {
    const noisy = ['#0', '#1', '#2', '#3'].flatMap((w, i) => [
      `${w},bad,0,${i + 1}`,
      `${w},bad,1,${4 - i}`,
      `${w},good,0,${i + 1}`,
      `${w},good,1,${i + 1}`,
    ]);
    const file = put('noisy.csv', `workload,device,pass,latency_ms\n${noisy.join('\n')}\n`);
    const { dataset, report } = await ingest([file], { minAgreement: 0.95, map: { workload: 'nasbench201:{workload}' } });
    expect(Object.keys(values(dataset))).toEqual(['good@:latency']);
    expect(Object.keys(dataset.card.devices)).toEqual(['good']);
    expect(report.tasks.map((t) => [t.task, t.dropped])).toEqual([
      ['bad:latency', true],
      ['good:latency', false],
    ]);
    const only = put('only.csv', `workload,device,pass,latency_ms\n${noisy.filter((l) => l.includes('bad')).join('\n')}\n`);
    expect(await failure(ingest([only], { minAgreement: 0.95, map: { workload: 'nasbench201:{workload}' } }))).toMatchObject({
      code: 'quality-gate',
    });
  });

  it('takes operators by their text', async () => {
    const file = put('ops.jsonl', '{"workload":"op:linear/fp32/1x8/outFeatures=4;bias=0","device":"d","latency_us":3}\n');
    const { dataset } = await ingest([file]);
    expect(values(dataset)).toEqual({ 'd@:latency': { 'op:linear/fp32/1x8/bias=0;outFeatures=4': [3e-6, 0] } });
    expect(dataset.workloads[0].graph!.nodes.map((n) => n.op)).toEqual(['input', 'linear']);
  });
});

describe('ingest of traces', () => {
  it('makes measurements of operators and networks under the condition profiled', async () => {
    const { dataset, report } = await ingest([put('net.json', tinyTrace(twoSteps()))]);
    checkDataset(dataset);
    expect(values(dataset)).toEqual({
      'test_gpu_80gb@profiled:latency': {
        'op:linear/fp32/4x8/bias=1;outFeatures=16': [5e-6, 2],
        'op:relu/fp32/4x16/': [2e-6, 2],
        'trace:net': [3.7e-5, 2],
      },
    });
    expect(dataset.card.devices.test_gpu_80gb.conditions.profiled.framework).toBe('pytorch');
    expect(report).toMatchObject({ models: 1, operators: 2, rows: { read: 4, usable: 4, skipped: 0, opaque: 0 }, share: 1 });
    expect(report.networks[0].latency_ms).toBeCloseTo(0.037, 9);
    expect(report.launch[0].launch_delay_us?.median).toBeCloseTo(6.5, 6);
  });

  it('finds the hardware of a device it knows, or takes the id it is given', async () => {
    const known = tinyTrace(twoSteps(), { deviceProperties: [{ ...GPU, name: 'NVIDIA H100 80GB HBM3' }] });
    const { dataset } = await ingest([put('a.json', known)]);
    expect(Object.keys(dataset.card.devices)).toEqual(['nvidia_h100_80gb_hbm3']);
    expect(Object.keys((await ingest([put('a.json', known)], { device: 'mine' })).dataset.card.devices)).toEqual(['mine']);
    const error = await failure(ingest([put('a.json', known), put('b.json', tinyTrace(twoSteps()))], { device: 'mine' }));
    expect(error.message).toContain("two devices, 'NVIDIA H100 80GB HBM3' and 'Test GPU 80GB', for one id 'mine'");
  });

  it('averages runs that a trace of whole microseconds rounds to nothing', async () => {
    const trace = twoSteps().map((op, i) =>
      i % 2 ? { ...op, kernels: [[op.kernels![0][0], i === 1 ? 0 : 1]] as [number, number][] } : op,
    );
    const { dataset, report } = await ingest([put('net.json', tinyTrace(trace))]);
    expect(values(dataset)['test_gpu_80gb@profiled:latency']['op:relu/fp32/4x16/']).toEqual([5e-7, 2]);
    expect(report.skipped).toEqual([]);
    const never = twoSteps().map((op, i) => (i % 2 ? { ...op, kernels: [[op.kernels![0][0], 0]] as [number, number][] } : op));
    const none = await ingest([put('net.json', tinyTrace(never))]);
    expect(none.report.rows).toMatchObject({ read: 4, usable: 2, skipped: 2 });
    expect(none.report.skipped).toMatchObject([{ count: 2, reason: 'operator whose kernels took no time in any run' }]);
  });

  it('counts nothing of what it refused as usable', async () => {
    const cpu = tinyTrace(
      twoSteps().map(({ kernels, ...op }) => op),
      { deviceProperties: [] },
    );
    const { report } = await ingest([put('gpu.json', tinyTrace(twoSteps())), put('cpu.json', cpu)]);
    // four operators and a network each
    expect(report.sources.map((s) => [s.usable, s.skipped])).toEqual([
      [5, 0],
      [0, 5],
    ]);
    expect(renderIngestReport(report)).toMatch(/nothing usable in .*cpu\.json \(kineto\)/);
  });

  it('names every file of a folder that --device does not fit', async () => {
    const cpu = tinyTrace(
      twoSteps().map(({ kernels, ...op }) => op),
      { deviceProperties: [] },
    );
    const first = put('all/a.json', tinyTrace(twoSteps())),
      folder = join(first, '..');
    const other = tinyTrace(twoSteps(), { deviceProperties: [{ ...GPU, name: 'Other GPU' }] });
    const refused = { b: other, c: other, d: other, e: other, f: cpu };
    for (const [name, text] of Object.entries(refused)) writeFileSync(join(folder, `${name}.json`), text);
    const { report } = await ingest([folder], { device: 'mine' });
    expect(report.sources).toMatchObject([{ name: first, usable: 5, skipped: 0 }]);
    expect(report.traces.map((t) => t.source)).toEqual([first]);
    const lines = renderIngestReport(report)
      .split('\n')
      .filter((l) => l.startsWith('  refused '));
    expect(lines.map((l) => l.replace(folder, ''))).toEqual([
      ...['b', 'c', 'd', 'e'].map(
        (f) => `  refused /${f}.json: the sources name two devices, 'Test GPU 80GB' and 'Other GPU', for one id 'mine'`,
      ),
      "  refused /f.json: the sources name two devices, 'Test GPU 80GB' and 'a CPU', for one id 'mine'",
    ]);
  });

  it('needs a device for a trace that names none', async () => {
    const cpu = put(
      'cpu.json',
      tinyTrace(
        twoSteps().map(({ kernels, ...op }) => op),
        { deviceProperties: [] },
      ),
    );
    expect((await failure(ingest([cpu]))).describe()).toContain('the source names no device; give one with --device');
    expect(Object.keys(values((await ingest([cpu], { device: 'cpu' })).dataset))).toEqual(['cpu@profiled:latency']);
  });

  it('keeps networks of one name apart when their operators differ, in any order', async () => {
    const a = put('net.json', tinyTrace(twoSteps())),
      b = put('net.json', tinyTrace(twoSteps().slice(0, 2))),
      c = put('net.json', tinyTrace([...twoSteps(), ...twoSteps(500).slice(2, 3)]));
    const ids = async (files: string[]) => (await ingest(files)).report.networks.map((n) => [n.workload, n.steps]);
    expect(await ids([a, b])).toEqual([['trace:net', 3]]);
    const apart = await ids([a, c]);
    expect(apart.map(([id]) => /^trace:net~[0-9a-f]{8}$/.test(String(id)))).toEqual([true, true]);
    expect(await ids([c, a])).toEqual(apart);
    expect((await ids([put('host_1.2.pt.trace.json', tinyTrace(twoSteps()))]))[0][0]).toMatch(/^trace:graph-[0-9a-f]{8}$/);
  });

  it('joins a table about traced networks to their traces', async () => {
    const trace = put('net.json', tinyTrace(twoSteps())),
      table = put('models.csv', 'model,ms\nnet,0.03\nnothing,1\n');
    const { dataset, report } = await ingest([table, trace], {
      map: { workload: 'trace:{model}', latency_ms: 'ms' },
      device: 'gpu',
    });
    expect(values(dataset)['gpu@:latency']).toEqual({ 'trace:net': [3e-5, 0] });
    expect(report.skipped).toMatchObject([{ what: 'row', count: 1, reason: 'workload not understood' }]);
    expect(report.skipped[0].examples[0]).toContain("'trace:nothing' is known only from its trace");
  });
});

describe('ingest of what is broken', () => {
  const whole = tinyTrace(twoSteps());

  it('refuses a named file that is cut, empty or of no known format', async () => {
    const cut = put('cut.json', whole.slice(0, 300));
    expect((await failure(ingest([cut]))).describe()).toContain(`${cut}: the trace ends in the middle, at byte 300`);
    const cutGz = put('cut.json.gz', gzipSync(whole).subarray(0, 100));
    expect((await failure(ingest([cutGz]))).describe()).toContain(`${cutGz}: the gzip data ends in the middle`);
    expect(await failure(ingest([put('empty.csv', '')]))).toMatchObject({ code: 'corrupt', message: 'the file is empty' });
    expect(await failure(ingest([put('empty.csv.gz', gzipSync(''))]))).toMatchObject({
      code: 'corrupt',
      message: 'the file is empty',
    });
    expect(await failure(ingest([put('notes.md', '# Notes\n\nNothing, really.\n')]))).toMatchObject({
      code: 'unsupported',
      hint: expect.stringContaining('formats: kineto, '),
    });
    expect(await failure(ingest([]))).toMatchObject({ code: 'usage' });
    expect(await failure(ingest([put('a.json', whole)], { format: 'perf' }))).toMatchObject({
      code: 'unsupported',
      message: "no reader for format 'perf'",
    });
  });

  it('goes on past such files in folders and archives', async () => {
    const archive = put(
      'all.tar.gz',
      gzipSync(
        tar({
          'good.json': whole,
          'cut.json': whole.slice(0, 300),
          'readme.md': '# no',
          'empty.json': '',
          'cut.json.gz': gzipSync(whole).subarray(0, 100),
        }),
      ),
    );
    const { report } = await ingest([archive]);
    expect(report.sources.map((s) => s.name)).toEqual([`${archive}!good.json`]);
    expect(report.rows.read).toBe(4);
    expect(report.skipped.map((s) => [s.what, s.examples[0].split('!')[1]]).sort()).toEqual([
      ['file', 'cut.json'],
      ['file', 'cut.json.gz'],
      ['file', 'empty.json'],
      ['file', 'readme.md'],
    ]);
    const error = await failure(ingest([join(put('bad/cut.json', whole.slice(0, 200)), '..')]));
    expect(error).toMatchObject({ code: 'bad-input', message: 'nothing usable in the sources' });
    expect(error.hint).toContain('1 file: the trace ends in the middle, at byte 200');
  });

  it('puts no byte of an environment block into the dataset', async () => {
    const env = { HF_TOKEN: 'hf_0123456789', HOSTNAME: 'node-17.example', PATH: '/opt/secret/bin' };
    const file = put(
      'net.json',
      tinyTrace(twoSteps(), {
        metadata: { system: { env, uname: env.HOSTNAME } },
        host_name: env.HOSTNAME,
        deviceProperties: [GPU],
        traceName: env.PATH,
      }),
    );
    const { dataset, report } = await ingest([file]);
    const text = JSON.stringify([dataset.card, dataset.workloads, report]);
    for (const value of Object.values(env)) expect(text).not.toContain(value);
    expect(text).not.toMatch(/HF_TOKEN|HOSTNAME|metadata/);
  });
});
