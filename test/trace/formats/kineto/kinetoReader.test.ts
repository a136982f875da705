import { describe, expect, it } from 'vitest';
import { operatorOfGraph, operatorText } from '../../../../src/graph/operatorText.js';
import type { OperatorRecord } from '../../../../src/trace/traceReader.js';
import { readTiny as read } from './readTiny.js';
import { failure, GPU, type TinyOp, tinyEvents, tinyTrace, twoSteps } from './tinyTrace.js';

const texts = (operators: OperatorRecord[]) => operators.map((o) => operatorText(operatorOfGraph(o.graph)));

describe('kinetoReader', () => {
  it('reads operators with their kernels and the network by its steps', async () => {
    const { operators, networks, issues, summary } = await read(tinyTrace(twoSteps()));
    expect(texts(operators)).toEqual([
      'op:linear/fp32/4x8/bias=1;outFeatures=16',
      'op:relu/fp32/4x16/',
      'op:linear/fp32/4x8/bias=1;outFeatures=16',
      'op:relu/fp32/4x16/',
    ]);
    expect(operators[0]).toMatchObject({ device: 'Test GPU 80GB', kernels: 1 });
    expect(operators[0].latency).toBeCloseTo(5e-6, 12);
    expect(operators[0].hostTime).toBeCloseTo(20e-6, 12);
    expect(operators[0].launchDelay).toBeCloseTo(9e-6, 12);
    expect(networks).toHaveLength(1);
    expect(networks[0]).toMatchObject({ name: 'net-b4-fp32', device: 'Test GPU 80GB', steps: 'repeat', coverage: 1 });
    expect(networks[0].latencies.map((l) => Math.round(l * 1e6))).toEqual([37, 37]);
    expect(networks[0].busy.map((l) => Math.round(l * 1e6))).toEqual([7, 7]);
    expect(networks[0].graph.nodes.map((n) => n.op)).toEqual(['input', 'linear', 'relu']);
    expect(issues).toEqual([]);
    expect(summary).toMatchObject({
      device: 'Test GPU 80GB',
      hardware: { sms: 100, memoryBytes: 8e10, compute: '9.0' },
      operators: 4,
      kernels: 4,
      kernelsWithLaunch: 4,
      kernelsWithOperator: 4,
    });
  });

  it('attributes kernels to the outermost operator it knows, not to wrappers or parts', async () => {
    const ops: TinyOp[] = [
      { name: 'mylib::block', at: 0, dur: 90 },
      { name: 'aten::linear', at: 5, dur: 50, dims: [[2, 4], [8, 4], [8]], types: ['float', 'float', 'float'] },
      {
        name: 'aten::addmm',
        at: 10,
        dur: 40,
        dims: [[8], [2, 4], [4, 8]],
        types: ['float', 'float', 'float'],
        kernels: [
          [100, 3],
          [104, 4],
        ],
      },
      { name: 'aten::pow', at: 60, dur: 10, dims: [[2, 8], []], types: ['float', 'Scalar'], kernels: [[110, 1]] },
    ];
    const { operators } = await read(tinyTrace(ops));
    expect(texts(operators)).toEqual([
      'op:linear/fp32/2x4/bias=1;outFeatures=8',
      'op:opaque/fp32/2x8/kind=aten::pow;shape=[2x8]',
    ]);
    expect(operators[0].latency).toBeCloseTo(7e-6, 12);
  });

  it('goes inward where the outer operator has no shapes', async () => {
    const { operators } = await read(
      tinyTrace([
        { name: 'aten::linear', at: 0, dur: 50 },
        {
          name: 'aten::addmm',
          at: 10,
          dur: 30,
          dims: [[8], [2, 4], [4, 8]],
          types: ['float', 'float', 'float'],
          kernels: [[60, 3]],
        },
      ]),
    );
    expect(texts(operators)).toEqual(['op:linear/fp32/2x4/bias=1;outFeatures=8']);
  });

  it('reads the schema of 2021', async () => {
    const old: Record<string, string> = { cpu_op: 'Operator', kernel: 'Kernel', cuda_runtime: 'Runtime' };
    const events = tinyEvents(twoSteps()).map((e) => {
      const { 'External id': id, ...args } = e.args as Record<string, unknown>;
      return {
        ...e,
        cat: old[e.cat as string],
        tid: e.cat === 'kernel' ? 'stream 7' : '4711',
        args: { ...args, [e.cat === 'cpu_op' ? 'External id' : 'external id']: id },
      };
    });
    const step = (n: number, ts: number) => ({
      ph: 'X',
      cat: 'Operator',
      name: `ProfilerStep#${n}`,
      pid: 1,
      tid: '4711',
      ts,
      dur: 80,
      args: {},
    });
    const { networks, operators } = await read(
      JSON.stringify({
        deviceProperties: [{ ...GPU, numSms: undefined, multiProcessorCount: 80 }],
        traceEvents: [...events, step(1, 0), step(2, 100)],
      }),
    );
    expect(operators).toHaveLength(4);
    expect(networks[0]).toMatchObject({ steps: 'annotation', latencies: { length: 2 } });
  });

  it('takes operators of a CPU with their own time', async () => {
    const ops = twoSteps().map(({ kernels, ...op }) => op);
    const { operators, networks } = await read(
      tinyTrace([...ops, { name: 'aten::view', at: 95, dur: 1, dims: [[4, 16]], types: ['float'] }], { deviceProperties: [] }),
    );
    expect(operators.map((o) => Math.round(o.latency * 1e6))).toEqual([20, 10, 20, 10]);
    expect(operators[0]).toMatchObject({ device: null, kernels: 0, launchDelay: null });
    expect(networks[0].latencies.map((l) => Math.round(l * 1e6))).toEqual([40, 40]);
  });

  it('lets nothing of the environment, of hosts, paths, stacks or annotations out', async () => {
    const secret = 'hf_SECRETsecret';
    const text = tinyTrace(
      twoSteps(),
      {
        metadata: { system: { env: { HF_TOKEN: secret, deviceProperties: [{ name: secret }] }, uname: secret } },
        host_name: secret,
        username: secret,
        traceName: `/home/${secret}/a.json`,
        distributedInfo: { backend: secret },
        deviceProperties: [{ ...GPU, serial: secret, uuid: secret }],
      },
      [
        { ph: 'M', name: 'process_name', pid: 1, tid: 0, ts: 0, args: { name: secret } },
        { ph: 'X', cat: 'python_function', name: `/home/${secret}/model.py(3): forward`, pid: 1, tid: 1, ts: 1, dur: 2 },
        { ph: 'X', cat: 'user_annotation', name: secret, pid: 1, tid: 1, ts: 1, dur: 200 },
        {
          ph: 'X',
          cat: 'cpu_op',
          name: `serve ${secret}`,
          pid: 1,
          tid: 2,
          ts: 300,
          dur: 9,
          args: { 'External id': 77, 'Input Dims': [[2]], 'Input type': ['float'], 'Call stack': secret },
        },
        {
          ph: 'X',
          cat: 'cuda_runtime',
          name: secret,
          pid: 1,
          tid: 2,
          ts: 301,
          dur: 1,
          args: { correlation: 9, 'External id': 77 },
        },
        { ph: 'X', cat: 'kernel', name: secret, pid: 0, tid: 7, ts: 305, dur: 1, args: { correlation: 9, 'External id': 77 } },
        { ph: 'X', cat: 'cpu_op', name: `load ${secret}`, pid: 1, tid: 2, ts: 400, dur: 9, args: { 'External id': 78 } },
        { ph: 'X', cat: 'kernel', name: secret, pid: 0, tid: 7, ts: 405, dur: 1, args: { 'External id': 78 } },
      ],
    );
    const { records, operators } = await read(text);
    expect(operators).toHaveLength(5);
    expect(JSON.stringify(records)).not.toContain('SECRET');
  });

  it('says what is missing', async () => {
    const kernelsOnly = JSON.stringify({
      deviceProperties: [GPU],
      traceEvents: [{ ph: 'X', cat: 'kernel', name: 'k', pid: 0, tid: 7, ts: 1, dur: 1, args: { correlation: 1 } }],
    });
    expect((await read(kernelsOnly)).issues).toMatchObject([
      { what: 'kernel', count: 1, reason: 'kernels without operators: profile with ProfilerActivity.CPU and record_shapes=True' },
    ]);
    const noKernels = await read(tinyTrace(twoSteps().map(({ kernels, ...op }) => op)));
    expect(noKernels.issues[0].reason).toContain('the trace has a device but no kernel');
    expect(noKernels.operators).toEqual([]);
    const noShapes = await read(tinyTrace(twoSteps().map(({ dims, ...op }) => op)));
    expect(noShapes.issues.map((i) => [i.what, i.count, i.reason])).toEqual([
      ['operator', 4, 'operators with no input shapes: profile with record_shapes=True'],
      ['network', 1, 'network left out: operators with shapes account for 0 % of its device time, 90 % are needed'],
    ]);
    const error = await failure(read('{"traceEvents":[{"ph":"X","cat":"gc","name":"x","ts":1,"dur":1}]}'));
    expect(error).toMatchObject({
      code: 'unsupported',
      message: 'none of the 1 events is a PyTorch operator or kernel',
      where: 'net-b4-fp32.json',
    });
  });

  it('leaves one bad event out and says where it is', async () => {
    const text = tinyTrace(twoSteps()).replace('"name":"aten::relu"', '"name":"aten::"re"lu"');
    const { issues, operators } = await read(text);
    expect(operators).toHaveLength(4 - 1);
    expect(issues.find((i) => i.what === 'event')).toMatchObject({
      count: 1,
      reason: expect.stringMatching(/^event left out: not JSON \(first: event that is no JSON at byte \d+\)$/),
    });
  });

  it('reports a graph launch of many kernels without an operator', async () => {
    const kernels = [300, 301, 302].map((ts) => ({
      ph: 'X',
      cat: 'kernel',
      name: 'k',
      pid: 0,
      tid: 7,
      ts,
      dur: 1,
      args: { correlation: 5, device: 0 },
    }));
    const { issues, operators } = await read(
      tinyTrace(twoSteps(), undefined, [
        { ph: 'X', cat: 'cuda_runtime', name: 'cudaGraphLaunch', pid: 1, tid: 1, ts: 290, dur: 2, args: { correlation: 5 } },
        ...kernels,
      ]),
    );
    expect(operators).toHaveLength(4);
    expect(issues[0]).toMatchObject({ what: 'kernel', count: 3 });
  });

  it('keeps the operators before a cut whose kernels are all there, and says what is lost', async () => {
    const text = tinyTrace(twoSteps()),
      cut = text.indexOf('"aten::relu"', text.indexOf('"aten::relu"') + 1);
    const { operators, networks, issues } = await read(text.slice(0, cut));
    expect(operators.map((o) => o.graph.nodes.at(-1)!.op)).toEqual(['linear', 'relu']);
    expect(networks).toEqual([]);
    expect(issues).toContainEqual(
      expect.objectContaining({
        what: 'event',
        count: 1,
        offset: cut,
        reason: expect.stringContaining(`at byte ${cut} (after 9 events): the rest is lost`),
      }),
    );
    expect(issues).toContainEqual(
      expect.objectContaining({ what: 'operator', reason: expect.stringContaining('the file is cut before it') }),
    );
  });

  it('is corrupt where it is cut before a kernel: what ran where is not known then', async () => {
    const text = tinyTrace(twoSteps());
    const error = await failure(read(text.slice(0, text.indexOf('"cudaLaunchKernel"'))));
    expect(error.code).toBe('corrupt');
    expect(error.describe()).toMatch(/^net-b4-fp32\.json: the trace ends in the middle, at byte \d+ \(after 1 events\)/);
  });
});
