import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { spearman } from '../../src/core/statistics.js';
import { workloadsOf } from '../../src/graph/workloadsOf.js';
import { measureWorkloads } from '../../src/measure/measureWorkloads.js';
import { onnxRuntime } from '../../src/measure/onnxRuntime.js';
import { hasOnnxRuntime } from '../onnxRuntimeHere.js';
import { hasShared, SHARED } from '../shared.js';

/** Of torchvision, 1 to 30 ms on a processor of 2020; their weights are not in the files. */
const SMALL = ['mobilenet_v3_small', 'shufflenet_v2_x1_0', 'mobilenet_v2', 'squeezenet1_0', 'resnet18'];

const folder = mkdtempSync(join(tmpdir(), 'hwcast-zoo-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!hasOnnxRuntime || !hasShared)('small models of the zoo (needs onnxruntime-node and ../shared)', () => {
  it('two measurements order them alike', async () => {
    const names = SMALL.map((name) => `tv__${name}.onnx.gz`);
    execFileSync('tar', ['xf', join(SHARED, 'data/zoo/onnx.tar'), '-C', folder, ...names]);
    const workloads = (await workloadsOf(names.map((name) => join(folder, name)))).map((w) => w.workload);
    const runtime = await onnxRuntime({ threads: 1 });
    const [first, second] = [
      await measureWorkloads(workloads, runtime, { seed: 1 }),
      await measureWorkloads(workloads, runtime, { seed: 2 }),
    ];
    const latencies = [first, second].map(({ rows }) => rows.map((r) => r.latency));
    console.log(latencies.map((list) => list.map((s, i) => `${SMALL[i]} ${(1000 * s).toFixed(2)} ms`).join(', ')).join('\n'));
    expect(spearman(latencies[0], latencies[1])).toBeGreaterThanOrEqual(0.9);
    expect(first.assumptions).toHaveLength(SMALL.length);
  });
});
