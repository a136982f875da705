import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { operatorOfGraph, operatorText } from '../../../../src/graph/operatorText.js';
import { benchmarkTable } from '../../../../src/trace/formats/tflite/benchmarkTable.js';
import { tfliteBenchmarkReader } from '../../../../src/trace/formats/tflite/tfliteBenchmarkReader.js';
import { classifier } from '../../../graph/readers/tflite/encodeTflite.js';
import { collect, failure } from '../kineto/tinyTrace.js';
import { sourceOf } from '../sourceOf.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-tflite-'));
afterAll(() => rmSync(folder, { recursive: true }));
const MODEL = join(folder, 'net.tflite');
writeFileSync(MODEL, classifier({}));

const HEAD = '\t[node type]\t[first]\t[avg ms]\t[%]\t[cdf%]\t[mem KB]\t[times called]\t[Name]';
const row = (type: string, ms: number, name: string) => `\t${type}\t${ms}\t${ms}\t1%\t1%\t0.000\t1\t${name}`;
const profile = (...rows: string[]): string =>
  [
    'Inference timings in us: Init: 300, First inference: 4000, Warmup (avg): 3000, Inference (avg): 900',
    'Profiling Info for Benchmark Initialization:',
    '=== Run Order ===',
    HEAD,
    row('AllocateTensors', 70, 'AllocateTensors/0'),
    '',
    'Operator-wise Profiling Info for Regular Benchmark Runs:',
    'Primary graph (name: main) profile:',
    '=== Run Order ===',
    HEAD,
    ...rows,
    '',
    'Subgraph (index: 1, name: body) profile:',
    '=== Run Order ===',
    HEAD,
    row('ADD', 9, '[inner]:0'),
    '',
    'Delegate internal: ',
    '=== Run Order ===',
    HEAD,
    row('Convolution (NHWC, F32) IGEMM', 9, 'Delegate/Convolution (NHWC, F32) IGEMM:0'),
    '',
  ].join('\n');
const WHOLE = profile(
  row('CONV_2D', 0.5, '[features]:0'),
  row('MEAN', 0.1, '[mean]:1'),
  row('FULLY_CONNECTED', 0.2, '[scores]:2'),
);

const read = (text: string, model = MODEL) => collect(tfliteBenchmarkReader.read(sourceOf(text), { model }));

describe('benchmark_model', () => {
  it('has the nodes of the regular runs, not those of the start, of called subgraphs or of delegates', () =>
    expect(benchmarkTable(WHOLE, 'a').nodes.map((n) => [n.type, n.time, n.name, n.number])).toEqual([
      ['CONV_2D', 0.0005, 'features', 0],
      ['MEAN', 0.0001, 'mean', 1],
      ['FULLY_CONNECTED', 0.0002, 'scores', 2],
    ]));

  it('joined with the model has operators with attributes, and the network', async () => {
    const records = await read(WHOLE);
    expect(
      records.map((r) =>
        r.kind === 'operator'
          ? [operatorText(operatorOfGraph(r.graph)), r.latency]
          : r.kind === 'network' && [r.name, r.latencies, r.coverage],
      ),
    ).toEqual([
      ['op:conv2d/fp32/1x3x6x8/bias=1;groups=1;kernel=[3x3];outChannels=4;padding=same;stride=[2x2]', 0.0005],
      ['op:reduce/fp32/1x4x3x4/axis=[2x3];keepDims=0;kind=mean;shape=[1x4]', 0.0001],
      ['op:linear/fp32/1x4/bias=0;outFeatures=5', 0.0002],
      ['net', [0.0009], 1],
    ]);
    const [analysis] = await tfliteBenchmarkReader.analyse!(sourceOf(WHOLE), { model: MODEL });
    expect(analysis).toMatchObject({ operators: 3, operatorsWithShapes: 3, latency: 0.0009 });
    expect(analysis.byWorkload).toHaveLength(3);
  });

  it('says what parts of delegates, other models and no model leave open', async () => {
    const delegated = profile(row('TfLiteXNNPackDelegate', 0.6, '[features, mean]:3'), row('FULLY_CONNECTED', 0.2, '[scores]:2'));
    const [linear, issue, network] = await read(delegated);
    expect([linear.kind, network]).toMatchObject(['operator', { kind: 'network', latencies: [0.0009] }]);
    expect(issue).toMatchObject({
      count: 1,
      reason: 'TfLiteXNNPackDelegate: a part of the model that a delegate runs as one',
    });
    expect(await failure(read(profile(row('CONV_2D', 1, '[else]:0'))))).toMatchObject({
      code: 'bad-input',
      message: "none of 1 nodes of the benchmark is an operator of 'net.tflite'",
    });
    expect(await collect(tfliteBenchmarkReader.read(sourceOf(WHOLE), {}))).toMatchObject([
      { kind: 'issue', count: 3, reason: expect.stringContaining('.tflite file with --model') },
    ]);
  });

  it('does not take the first run for a mean', async () => {
    const old = [
      '=== Run Order ===',
      HEAD,
      row('Conv2D', 38, 'conv'),
      '',
      'Timings (microseconds): count=405 first=38000 curr=31864 min=29642 max=45766 avg=34421.5 std=2685',
    ].join('\n');
    expect(benchmarkTable(old, 'a')).toMatchObject({ latency: 0.0344215, ofFirst: true });
    expect(benchmarkTable(old.replace('first=38000', 'first=39000'), 'a').ofFirst).toBe(false);
    expect(await read(old.replace('Conv2D', 'CONV_2D').replace('\tconv\n', '\t[features]:0\n'))).toMatchObject([
      { kind: 'issue', reason: 'the table has the times of the first run in the place of means' },
    ]);
  });
});
