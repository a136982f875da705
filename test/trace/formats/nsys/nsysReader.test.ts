import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { operatorOfGraph, operatorText } from '../../../../src/graph/operatorText.js';
import { kernelDtype, kernelTile } from '../../../../src/trace/formats/nsys/kernelFacts.js';
import { readerFor } from '../../../../src/trace/registry.js';
import { walkSources } from '../../../../src/trace/source/walkSources.js';
import type { ReadIssue, TraceRecord } from '../../../../src/trace/traceReader.js';
import { encodeOnnx } from '../../../graph/readers/onnx/encodeOnnx.js';
import { hasShared, SHARED } from '../../../shared.js';
import { tinyDatabase } from '../../sqlite/tinyDatabase.js';
import { collect, failure } from '../kineto/tinyTrace.js';
import { sourceOf } from '../sourceOf.js';

const folder = mkdtempSync(join(tmpdir(), 'hwcast-nsys-'));
afterAll(() => rmSync(folder, { recursive: true }));
const MODEL = join(folder, 'net.onnx');
writeFileSync(
  MODEL,
  encodeOnnx({
    nodes: [
      { op: 'Conv', name: '/c/Conv', in: ['x', 'w'], out: ['c'], attributes: { pads: [1, 1, 1, 1] } },
      { op: 'Relu', name: '/r/Relu', in: ['c'], out: ['y'] },
    ],
    inputs: { x: [1, 3, 8, 8] },
    outputs: { y: undefined },
    constants: { w: { dims: [16, 3, 3, 3], external: true } },
    opset: 17,
  }),
);

/** Kernels by name, blocks and the range around their launch; copies by the kernel whose call made them; marks around some kernels, by number. */
function database(
  kernels: readonly { name: string; blocks: number; range: string }[],
  copies: readonly number[] = [],
  marks: readonly (readonly [text: string, from: number, to: number])[] = [],
): Buffer {
  const texts = ['cudaLaunchKernel', ...kernels.flatMap((k) => [k.name, k.range])];
  return tinyDatabase({
    StringIds: { columns: 'id INTEGER NOT NULL PRIMARY KEY, value TEXT', rows: texts.map((t) => [null, t]) },
    CUPTI_ACTIVITY_KIND_KERNEL: {
      columns:
        'start INTEGER, end INTEGER, deviceId INTEGER, streamId INTEGER, correlationId INTEGER, demangledName INTEGER, gridX INTEGER, gridY INTEGER, gridZ INTEGER',
      rows: kernels.map((k, i) => [1000 * i + 600, 1000 * i + 900, 0, 7, i + 1, 2 + 2 * i, 1, k.blocks, 1]),
    },
    ...(copies.length && {
      CUPTI_ACTIVITY_KIND_MEMCPY: {
        columns: 'start INTEGER, end INTEGER, deviceId INTEGER, streamId INTEGER, correlationId INTEGER',
        rows: copies.map((i) => [1000 * i + 920, 1000 * i + 950, 0, 7, i + 1]),
      },
    }),
    CUPTI_ACTIVITY_KIND_RUNTIME: {
      columns: 'start INTEGER, end INTEGER, globalTid INTEGER, correlationId INTEGER, nameId INTEGER',
      rows: kernels.map((_, i) => [1000 * i + 200, 1000 * i + 300, 16777216 * 3 + 9, i + 1, 1]),
    },
    NVTX_EVENTS: {
      columns: 'start INTEGER, end INTEGER, eventType INTEGER, globalTid INTEGER, text TEXT, textId INTEGER',
      rows: [
        ...kernels.map((_, i) => [1000 * i + 100, 1000 * i + 400, 59, 16777216 * 3 + 9, null, 3 + 2 * i]),
        ...marks.map(([text, from, to]) => [1000 * from + 50, 1000 * to + 450, 59, 16777216 * 3 + 9, text, null]),
      ],
    },
    TARGET_INFO_GPU: { columns: 'id INTEGER, name TEXT', rows: [[0, 'GPU A']] },
  });
}
const GEMM = 'sm80_xmma_fprop_implicit_gemm_f16f16_f16f16_f16_nhwckrsc_nhwc_tilesize64x16x32_stage3';
const read = (content: Buffer, options: { model?: string; batch?: number }): Promise<(TraceRecord | ReadIssue)[]> =>
  collect(readerFor(sourceOf(content)).read(sourceOf(content), options));
const operators = (all: readonly (TraceRecord | ReadIssue)[]) =>
  all.flatMap((r) => (r.kind === 'operator' ? [[operatorText(operatorOfGraph(r.graph)), Math.round(r.latency * 1e9)]] : []));
const reasons = (all: readonly (TraceRecord | ReadIssue)[]) =>
  all.flatMap((r) => (r.kind === 'issue' ? [[r.count, r.reason]] : []));

describe('kernels of Nsight Systems with their model', () => {
  const FUSED = { name: GEMM, blocks: 4, range: '/c/Conv + /r/Relu' };

  it('are operators at the batch that their tiles cover, in the type that their names tell', async () => {
    const all = await read(
      database([{ ...FUSED, name: 'reformat', range: 'Reformatting CopyNode for /c/Conv + /r/Relu' }, FUSED]),
      { model: MODEL },
    );
    expect(operators(all)).toEqual([
      ['op:conv2d/fp16/4x3x8x8/bias=0;groups=1;kernel=[3x3];outChannels=16;padding=[1x1];stride=[1x1]', 300],
    ]);
    expect(reasons(all)).toEqual([
      [1, 'range that is called after no node of the model'],
      [1, 'network left out: operators with shapes account for 50 % of its device time, 90 % are needed'],
    ]);
  });

  it('need the batch where nothing tells it, and a model whose nodes name ranges', async () => {
    const plain = database([{ name: 'hgemm', blocks: 4, range: '/r/Relu' }]);
    expect(await failure(read(plain, { model: MODEL }))).toMatchObject({ code: 'bad-input', hint: 'say it: --batch N' });
    expect(operators(await read(plain, { model: MODEL, batch: 2 }))).toEqual([['op:relu/fp16/2x16x8x8/', 300]]);
    const other = database([{ ...FUSED, range: 'something' }]);
    expect(await failure(read(other, { model: MODEL }))).toMatchObject({
      message: 'none of 1 NVTX ranges with kernels is called after a node of the model',
    });
    expect(reasons(await read(other, {}))).toEqual([[1, expect.stringContaining('give the ONNX file with --model')]]);
  });

  it('are a network by the ranges around its runs', async () => {
    const run = [FUSED, { ...FUSED, name: 'relu_fp16', range: '/r/Relu' }],
      marks = [0, 1, 2].map((k) => [k < 2 ? `iteration ${k}` : 'ExecutionContext::enqueue', 2 * k, 2 * k + 1] as const),
      all = await read(database([...run, ...run, ...run], [], marks), { model: MODEL });
    expect(operators(all)).toHaveLength(6);
    const network = all.find((r) => r.kind === 'network')!;
    expect(network).toMatchObject({ framework: 'cuda', device: 'GPU A', steps: 'annotation', coverage: 1 });
    expect(network.kind === 'network' && network.latencies.map((l) => Math.round(l * 1e9))).toEqual([1850, 1850, 1850]);
    expect(network.kind === 'network' && network.busy.map((l) => Math.round(l * 1e9))).toEqual([600, 600, 600]);
    const [analysis] = await readerFor(sourceOf(database(run, [], [marks[0]]))).analyse!(sourceOf(database(run, [], [marks[0]])));
    expect([analysis.steps, analysis.byOperator.map((o) => o.name)]).toEqual([1, ['/c/Conv + /r/Relu', '/r/Relu']]);
  });

  it('are queued from their call to their start, copies are not', async () => {
    const [summary, ...rest] = await read(database([FUSED, FUSED], [0]), { model: MODEL, batch: 4 });
    expect(summary).toMatchObject({ kind: 'summary', kernels: 3, kernelsWithLaunch: 3 });
    expect(summary.kind === 'summary' && summary.launchDelaySum).toBeCloseTo(2 * 0.4e-6, 12);
    expect(rest.flatMap((r) => (r.kind === 'operator' ? [r.launchDelay! * 1e6] : []))).toEqual([
      expect.closeTo(0.4, 9),
      expect.closeTo(0.4, 9),
    ]);
  });

  it.each([
    ['sm80_xmma_fprop_implicit_gemm_i8i8_i8i32_f32_tilesize128x64x64', 'int8', { rows: 128, columns: 64 }],
    ['ampere_bf16_s16816gemm_bf16_128x64', 'bf16', undefined],
    ['trt_ampere_h16816gemm_64x64_ldg8', 'fp16', undefined],
    ['volta_sgemm_128x64_nn', 'fp32', undefined],
    ['cutlass_tensorop_tf32_gemm', 'tf32', undefined],
    ['someKernel', undefined, undefined],
  ])('%s', (name, dtype, tile) => expect([kernelDtype(name), kernelTile(name)]).toEqual([dtype, tile]));
});

describe.skipIf(!hasShared)(`a real export${hasShared ? '' : ' (skipped: no shared data beside the project)'}`, () => {
  it('is a ResNet-18 of 128 images', async () => {
    const path = join(SHARED, 'data/traces/nsys-sqlite/memfusion_report1.sqlite'),
      all: (TraceRecord | ReadIssue)[] = [];
    for await (const source of walkSources([path]))
      if (!('kind' in source))
        all.push(
          ...(await collect(
            readerFor(source).read(source, { model: join(SHARED, 'data/model-files/legacy_resnet18_opset17.onnx') }),
          )),
        );
    expect(operators(all)).toHaveLength(22);
    const network = all.find((r) => r.kind === 'network');
    expect(network?.kind === 'network' && network.latencies.map((l) => l.toFixed(9))).toEqual(['0.006835525']);
    expect(operators(all)[0][0]).toMatch(/^op:conv2d\/fp16\/128x3x224x224\//);
  });
});
