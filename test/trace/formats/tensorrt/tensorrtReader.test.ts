import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { operatorOfGraph, operatorText } from '../../../../src/graph/operatorText.js';
import { layerOperator } from '../../../../src/trace/formats/tensorrt/layerOperator.js';
import { readerFor } from '../../../../src/trace/registry.js';
import { walkSources } from '../../../../src/trace/source/walkSources.js';
import type { ReadIssue, TraceRecord } from '../../../../src/trace/traceReader.js';
import { hasShared, SHARED } from '../../../shared.js';
import { collect } from '../kineto/tinyTrace.js';

const tensor = (Dimensions: number[], format: string) => ({ Dimensions, 'Format/Datatype': format });
const HALF = 'Channel major FP16 format where channel % 8 == 0';
const CONV = {
  Name: 'Conv_0 + Relu_1',
  LayerType: 'CaskConvolution',
  ParameterType: 'Convolution',
  Inputs: [tensor([8, 3, 16, 16], HALF)],
  Outputs: [tensor([8, 4, 8, 8], HALF)],
  Kernel: [3, 3],
  PrePadding: [1, 1],
  PostPadding: [1, 1],
  Stride: [2, 2],
  Dilation: [1, 1],
  OutMaps: 4,
  Groups: 1,
  Weights: { Type: 'Half', Count: 108 },
  Bias: { Type: 'Half', Count: 4 },
};
const text = (layer: object): string => {
  const made = layerOperator(layer as Record<string, unknown>);
  return typeof made === 'string' ? made : operatorText(made);
};

describe('layers of engines', () => {
  it('are operators with their attributes', () => {
    expect(text(CONV)).toBe('op:conv2d/fp16/8x3x16x16/bias=1;groups=1;kernel=[3x3];outChannels=4;padding=[1x1];stride=[2x2]');
    const int8 = {
      ...CONV,
      Inputs: [tensor([8, 3, 16, 16], 'Four wide channel vectorized row major Int8 format')],
      Weights: { Type: 'Int8', Count: 108 },
    };
    expect(text(int8)).toContain('op:conv2d/fp16/8x3x16x16.int8/bias=1;computeDtype=int8;');
    const pool = {
      ...CONV,
      ParameterType: 'Pooling',
      PoolingType: 'MAX',
      WindowSize: [3, 3],
      Outputs: [tensor([8, 3, 8, 8], HALF)],
    };
    expect(text(pool)).toBe('op:max_pool2d/fp16/8x3x16x16/kernel=[3x3];padding=[1x1];stride=[2x2]');
    const softmax = {
      ParameterType: 'SoftMax',
      Axes: 2,
      Inputs: [tensor([8, 10], 'Row major linear FP32')],
      Outputs: [tensor([8, 10], 'Row major linear FP32')],
    };
    expect(text(softmax)).toBe('op:softmax/fp32/8x10/');
  });

  it('say why they are none', () => {
    expect(text({ LayerType: 'NoOp' })).toBe('NoOp: it runs no kernel');
    expect(text({ ...CONV, Stride: [1, 1] })).toBe('Convolution: its attributes make [8,4,16,16], it gives out [8,4,8,8]');
    expect(text({ ...CONV, Inputs: [{ Dimensions: [-1, 3, 16, 16], 'Format/Datatype': HALF }] })).toBe(
      'Convolution: the shapes or types of its tensors are not listed',
    );
    expect(text({ ...CONV, ParameterType: 'Myelin' })).toBe('Myelin: its attributes are not read');
  });
});

const folder = mkdtempSync(join(tmpdir(), 'hwcast-tensorrt-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(path: string): Promise<(TraceRecord | ReadIssue)[]> {
  const all = [];
  for await (const source of walkSources([path]))
    if (!('kind' in source)) all.push(...(await collect(readerFor(source).read(source, {}))));
  return all;
}

describe('profiles of engines', () => {
  const write = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
  write('net.profile.json', [
    { count: 10 },
    { name: CONV.Name, timeMs: 20, averageMs: 2 },
    { name: 'copy', timeMs: 1, averageMs: 0.1 },
  ]);
  write('net.graph.json', { Layers: [CONV, { Name: 'copy', LayerType: 'Reformat', ParameterType: 'Reformat' }] });
  write('net.profile.metadata.json', {
    performance_summary: { Latency: [1, 9, 4, 3] },
    device_information: { 'Selected Device': 'GPU A' },
  });
  write('other.profile.json', [{ count: 1 }, { name: 'a', averageMs: 1 }]);

  it('take shapes, device and runs from the files beside them', async () => {
    const all = await read(join(folder, 'net.profile.json'));
    expect(
      all.map((r) => (r.kind === 'operator' ? [operatorText(operatorOfGraph(r.graph)), r.latency, r.device] : r.kind)),
    ).toEqual([
      ['op:conv2d/fp16/8x3x16x16/bias=1;groups=1;kernel=[3x3];outChannels=4;padding=[1x1];stride=[2x2]', 2e-3, 'GPU A'],
      'issue',
      'network',
    ]);
    expect(all[2]).toMatchObject({
      name: 'net',
      framework: 'tensorrt',
      latencies: [3e-3],
      coverage: expect.closeTo(2 / 2.1, 12),
    });
  });

  it('without a layer list are refused with what to give', async () => {
    expect(await read(join(folder, 'other.profile.json'))).toMatchObject([
      { kind: 'issue', count: 1, reason: expect.stringContaining('--exportLayerInfo') },
    ]);
    expect(await read(join(folder, 'net.graph.json'))).toMatchObject([{ kind: 'issue', what: 'file' }]);
  });
});

describe.skipIf(!hasShared)(`real engines${hasShared ? '' : ' (skipped: no shared data beside the project)'}`, () => {
  it('are convolutions and pools for most of their time', async () => {
    const all = await read(join(SHARED, 'data/traces/tensorrt'));
    expect(all.filter((r) => r.kind === 'operator')).toHaveLength(23 + 23 + 54 + 57);
    expect(all.flatMap((r) => (r.kind === 'network' ? [[r.name, Number(r.coverage.toFixed(3)), r.device]] : []))).toEqual([
      ['a100_fp16_resnet', 0.913, 'NVIDIA A100 80GB PCIe'],
      ['rtx3090_fp32_resnet', 0.946, 'NVIDIA GeForce RTX 3090'],
    ]);
  });
});
