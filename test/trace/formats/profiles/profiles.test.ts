import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registerTrace } from '../../../../src/cli/trace.js';
import { joinTensorrt } from '../../../../src/trace/formats/tensorrt/joinTensorrt.js';
import { layerOperator } from '../../../../src/trace/formats/tensorrt/layerOperator.js';
import { READERS, readerFor } from '../../../../src/trace/registry.js';
import type { TraceAnalysis } from '../../../../src/trace/traceAnalysis.js';
import { runCommand } from '../../../cli/runCommand.js';
import { collect, failure } from '../kineto/tinyTrace.js';
import { analysed, sourceOf } from '../sourceOf.js';
import { FIXTURES, MORE, SECRETS } from './fixtures.js';

const one = async (content: string | Buffer): Promise<TraceAnalysis> => (await analysed(content))[0];
const us = (seconds: number | null) => (seconds === null ? null : Number((seconds * 1e6).toFixed(6)));
const times = ({ byOperator, byKernel }: TraceAnalysis) => [
  ...byOperator.map((o) => [o.calls, us(o.time)]),
  ...byKernel.map((k) => [k.calls, us(k.time)]),
];

/** formats of which datasets can be made */
const WITH_SHAPES = ['kineto', 'onnxruntime', 'nsys', 'tensorrt', 'autotvm', 'tflite-benchmark', 'xplane', 'tpugraphs'];

describe('profiles', () => {
  it('has a fixture of every format that is analysed', () =>
    expect(Object.keys(FIXTURES).sort()).toEqual(
      READERS.filter((r) => r.analyse)
        .map((r) => r.format)
        .sort(),
    ));

  it.each(Object.entries(FIXTURES))('%s is found by its content', (format, content) =>
    expect(readerFor(sourceOf(content)).format).toBe(format),
  );

  it('onnxruntime: nodes of all runs but the first, fences apart', async () => {
    const a = await one(FIXTURES.onnxruntime);
    expect(a).toMatchObject({ steps: 1, operators: 3, operatorsWithShapes: 2, kernels: null });
    expect(us(a.latency)).toBe(50);
    expect(times(a)).toEqual([
      [1, 20],
      [1, 10],
    ]);
  });

  it('nsys: kernels with their launches, the device by its id', async () => {
    const a = await one(FIXTURES.nsys);
    expect(a).toMatchObject({ device: 'GPU B', kernels: 1, kernelsWithLaunch: 1 });
    expect([us(a.tklqt), us(a.meanKernel)]).toEqual([2, 2]);
    expect(await failure(analysed(MORE.nsysWithoutKernels))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('the export has no table of kernels'),
    });
  });

  it('rocprof: dispatches, and statistics alone', async () => {
    const a = await one(FIXTURES.rocprof);
    expect(a).toMatchObject({ kernels: 2, operators: null });
    expect([us(a.tklqt), us(a.meanKernel)]).toEqual([6.5, 1.5]);
    expect(await one(MORE.rocprofStatistics)).toMatchObject({ kernels: 2, latency: null, tklqt: null });
    const trace = await one(MORE.rocprofTrace);
    expect(trace).toMatchObject({ kernels: 1, kernelsWithLaunch: 1, lost: [{ count: 1, reason: 'event left out: no times' }] });
    expect([us(trace.tklqt), us(trace.meanKernel), us(trace.copies)]).toEqual([2.5, 1.5, 1]);
    expect(await failure(analysed('"Index","KernelName","BeginNs","EndNs"\n0,"k",5,\n'))).toMatchObject({
      code: 'bad-input',
      where: 'a.file:2',
    });
  });

  it('rocpd: dispatches of rocprofv3 and of rocmProfileData with their launches', async () => {
    const a = await one(FIXTURES.rocpd);
    expect(a).toMatchObject({ device: 'GPU A', kernels: 1, kernelsWithLaunch: 1 });
    expect([us(a.tklqt), us(a.meanKernel)]).toEqual([2, 4]);
    const b = await one(MORE.rocmProfileData);
    expect(b).toMatchObject({ format: 'rocpd', kernels: 1, kernelsWithLaunch: 1 });
    expect([us(b.tklqt), us(b.copies)]).toEqual([3, 1]);
  });

  it('rocprofv3: dispatches by the name of their symbol', async () => {
    const a = await one(FIXTURES.rocprofv3);
    expect(a).toMatchObject({ device: 'GPU A', kernels: 1, kernelsWithLaunch: 1 });
    expect(us(a.tklqt)).toBe(2);
  });

  it('tensorrt: layers, and what other files of the engine say', async () => {
    const named = async (content: string, name: string) => (await analysed(content, name))[0];
    const profile = await named(FIXTURES.tensorrt as string, 'a/net.profile.json');
    expect(us(profile.latency)).toBe(2500);
    const [joined, ...rest] = joinTensorrt([
      await named(MORE.trtMetadata, 'a/net.profile.metadata.json'),
      profile,
      await named(MORE.trtLayers, 'a/net.graph.json'),
      await named(MORE.trtTimes, 'a/net.timing.json'),
    ]);
    expect(rest).toEqual([]);
    expect(joined).toMatchObject({ device: 'GPU A', batch: 8, steps: 2, operatorsWithShapes: 1 });
    expect(us(joined.latency)).toBe(4000);
    expect(joined.byOperator.map((o) => o.name)).toContain('PointWise');
    expect(joined.notes).toContain('1 of 2 layers joined by name');
  });

  it('autotvm: the mean of costs, without what failed', async () => {
    const a = await one(FIXTURES.autotvm);
    expect(a).toMatchObject({
      device: 'cuda v100',
      operators: 2,
      lost: [{ count: 1, reason: 'task left out: its measurement failed' }],
    });
    expect(times(a)).toEqual([
      [1, 3000],
      [1, 10],
    ]);
    expect(a.byWorkload.map((o) => [o.name, us(o.time)])).toEqual([
      ['op:conv2d/fp32/1x3x8x8/bias=0;groups=1;kernel=[3x3];outChannels=4;padding=[1x1];stride=[1x1]', 3000],
    ]);
  });

  it('tflite-benchmark: the run order once', async () => {
    const a = await one(FIXTURES['tflite-benchmark']);
    expect(us(a.latency)).toBe(750);
    expect(times(a)).toEqual([
      [2, 500],
      [1, 250],
    ]);
  });

  it('proton: leaves with their counts', async () => {
    const a = await one(FIXTURES.proton);
    expect(a).toMatchObject({ device: 'CUDA 90 132 SMs', kernels: 2 });
    expect(us(a.meanKernel)).toBe(2);
  });

  it('xprof: operators of the device', async () => expect(times(await one(FIXTURES.xprof))).toEqual([[2, 30]]));

  it('chakra: the same of JSON and protobuf', async () => {
    for (const a of [await one(FIXTURES.chakra), await one(MORE.chakraProto)]) {
      expect(a).toMatchObject({ kernels: 1, operators: 1 });
      expect(us(a.meanKernel)).toBe(4);
    }
    expect(await failure(analysed(MORE.chakraProto.subarray(0, -3)))).toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('the stream ends inside a message'),
    });
  });

  it('execution-trace: operators and shapes', async () =>
    expect(await one(FIXTURES['execution-trace'])).toMatchObject({ operators: 2, operatorsWithShapes: 2, latency: null }));

  it('xplane: kernels of a stream with their launch', async () => {
    const a = await one(FIXTURES.xplane);
    expect(a).toMatchObject({ device: 'GPU', kernels: 1, kernelsWithLaunch: 1 });
    expect([us(a.tklqt), us(a.meanKernel)]).toEqual([2, 2]);
  });

  it.each(Object.entries(FIXTURES).filter(([format]) => !WITH_SHAPES.includes(format)))(
    '%s: makes no dataset, and says so',
    async (_, content) => {
      const source = sourceOf(content);
      expect(await failure(collect(readerFor(source).read(source, {})))).toMatchObject({
        code: 'unsupported',
        hint: 'hwcast trace shows what is in it',
      });
    },
  );
});

describe('secrets of the one who profiled', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-secrets-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(Object.entries({ ...FIXTURES, ...MORE }).filter(([name]) => name !== 'nsysWithoutKernels'))(
    'of %s reach no output',
    async (name, content) => {
      const file = join(folder, name),
        svg = join(folder, `${name}.svg`);
      writeFileSync(file, content);
      const outputs: string[] = [];
      for (const flags of [['--json'], ['--csv'], [], ['--svg', svg]]) {
        const { stdout, stderr, error } = await runCommand(registerTrace, ['trace', file, ...flags]);
        outputs.push(stdout, stderr, error?.describe() ?? '');
      }
      const text = outputs.join('\n');
      expect(text.length).toBeGreaterThan(200);
      expect(SECRETS.filter((s) => text.includes(s))).toEqual([]);
    },
  );

  it.each(Object.entries(FIXTURES).filter(([format]) => WITH_SHAPES.includes(format)))(
    '%s: nothing planted reaches what datasets are made of',
    async (_, content) => {
      const source = sourceOf(content),
        text = JSON.stringify(await collect(readerFor(source).read(source, {})));
      expect(text.length).toBeGreaterThan(50);
      expect(SECRETS.filter((s) => text.includes(s))).toEqual([]);
    },
  );

  it('names of operators and layers that are secrets are struck out of what could not be used', async () => {
    const [secret] = SECRETS,
      node = {
        cat: 'Node',
        ph: 'X',
        ts: 2,
        dur: 1,
        name: 'n_kernel_time',
        args: { op_name: secret, input_type_shape: [{ float: [1] }], output_type_shape: [{ float: [1] }] },
      },
      profile = JSON.stringify([{ cat: 'Session', ph: 'X', ts: 1, dur: 9, name: 'model_run', args: {} }, node]),
      source = sourceOf(profile);
    const records = await collect(readerFor(source).read(source, {}));
    expect(JSON.stringify(records)).toContain('its attributes are in the model');
    expect(JSON.stringify(records)).not.toContain(secret);
    expect(layerOperator({ ParameterType: secret })).toBe('..: its attributes are not read');
  });
});
