import { describe, expect, it } from 'vitest';
import { parseWorkload, workloadGraph } from '../../src/graph/workload.js';
import { measureWorkloads } from '../../src/measure/measureWorkloads.js';
import { tfjsRuntime } from '../../src/measure/tfjsRuntime.js';
import { tf } from '../../src/tensor/tf.js';

describe('tfjsRuntime', () => {
  it('says what ran, runs networks and leaves no tensor behind', async () => {
    const runtime = await tfjsRuntime('wasm');
    expect(runtime.describe()).toMatchObject({ runtime: 'tfjs', backend: 'wasm', tfjs: '4.22.0', node: process.versions.node });
    const before = tf.memory().numTensors;
    const cells = ['skip_connect', 'nor_conv_3x3'].map((op) =>
      parseWorkload(`nasbench201:|${op}~0|+|${op}~0|${op}~1|+|${op}~0|${op}~1|${op}~2|`),
    );
    const { rows } = await measureWorkloads(cells, runtime, { passes: 2, repeats: 3, batch: 2 });
    expect(tf.memory().numTensors).toBe(before);
    // 90 convolutions of 3x3 take longer than none
    expect(rows[1].latency).toBeGreaterThan(rows[0].latency);
  });

  it('leaves no tensor behind where a graph has an operator it cannot run', async () => {
    const runtime = await tfjsRuntime('wasm');
    const graph = workloadGraph(parseWorkload('nasbench201:#0'));
    const before = tf.memory().numTensors;
    const opaque = { ...graph.nodes[20], op: 'opaque' as const, attrs: { kind: 'custom' } };
    const broken = { ...graph, nodes: graph.nodes.with(20, opaque) };
    await expect(runtime.prepare(broken, 0)).rejects.toMatchObject({ code: 'unsupported', where: `node ${opaque.id}` });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses an unknown backend', async () => {
    await expect(tfjsRuntime('cuda')).rejects.toMatchObject({ code: 'usage' });
  });
});
