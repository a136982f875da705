import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import type { OpGraph } from '../../src/graph/opGraph.js';
import { trainMultiTask } from '../../src/networks/trainMultiTask.js';
import { kernelNumbers } from '../../src/surrogate/operatorSum/kernelFeatures.js';
import { machineOf, type RunSetting } from '../../src/surrogate/operatorSum/machine.js';
import { kernelsOf } from '../../src/surrogate/operatorSum/operatorSum.js';

/** A chain of `depth` convolutions of `width` channels at `size` pixels. */
function chain(depth: number, width: number, size: number): OpGraph {
  const b = new GraphBuilder();
  let x = b.input([1, 3, size, size]);
  for (let i = 0; i < depth; i++) x = b.add('relu', [b.conv(x, width, i % 2 ? 1 : 3)]);
  return b.build([x]);
}

const H100 = { hardware: 'H100-SXM5-80GB', dtype: 'fp16', execution: 'graph', framework: 'pytorch' };
const models = Array.from({ length: 60 }, (_, i) => ({
  id: `zoo:${String.fromCharCode(97 + (i % 26))}${String.fromCharCode(97 + (i % 7))}${i}`,
  graph: chain(2 + (i % 9), 16 * (1 + (i % 6)), 32 * (1 + (i % 4))),
  facts: {},
}));
/** Kernels take three times their roofline. */
const secondsOf = (graph: OpGraph, setting: RunSetting): number =>
  kernelsOf(graph, 'captured').reduce((sum, k) => sum + 3 * kernelNumbers(k, machineOf(setting)!, setting.batch!).seconds, 0);
const taskOf = (setting: RunSetting) => ({
  id: `b${setting.batch}:latency`,
  device: `b${setting.batch}`,
  condition: '',
  target: 'latency' as const,
  runtime: 'pytorch cuda graph',
  setting,
  rows: Int32Array.from(models.keys()),
  values: Float64Array.from(models, (m) => secondsOf(m.graph, setting)),
});
const trainedOn = (...settings: RunSetting[]) => trainMultiTask(models, settings.map(taskOf), { random: createRandom(1) });
const asked = [chain(5, 40, 80), chain(3, 24, 112)];

describe('a setting that was not measured', () => {
  const learner = trainedOn({ ...H100, batch: 1 }, { ...H100, batch: 8 });

  it('at another batch is the sum as at those that were', () => {
    const setting = { ...H100, batch: 4 },
      known = learner.inSetting(setting);
    expect(known?.tasks).toEqual(['b1', 'b8']);
    expect(asked.map((graph) => Math.exp(known!.latencyOf(graph)!.log) / secondsOf(graph, setting))).toEqual([
      expect.closeTo(1, 1),
      expect.closeTo(1, 1),
    ]);
  });

  it('in another element type is less sure', () => {
    const [same, other] = ['fp16', 'fp32'].map((dtype) => learner.inSetting({ ...H100, batch: 8, dtype }));
    expect(other?.tasks).toEqual([]);
    const wider = asked.map((graph) => other!.latencyOf(graph)!.deviation - same!.latencyOf(graph)!.deviation);
    expect(Math.min(...wider)).toBeGreaterThan(0);
  });

  it('is unknown on other hardware, in other runtimes and types, and where it is not told', () => {
    const unknown = [
      { ...H100, batch: 8, hardware: 'A100-SXM4-80GB' },
      { ...H100, batch: 8, execution: 'eager' },
      { ...H100, batch: 8, dtype: 'int8' },
      { ...H100, batch: 8, execution: 'vulkan', framework: 'ncnn' },
      H100,
    ];
    expect(unknown.map((setting) => learner.inSetting(setting))).toEqual(unknown.map(() => undefined));
  });

  it('is not told from full batches, whose values are of a picture', () => {
    const full = trainedOn({ ...H100, batch: 256, fullBatch: true });
    expect(full.inSetting({ ...H100, batch: 8 })).toBeUndefined();
    expect(full.inSetting({ ...H100, batch: 8, dtype: 'fp32' })).toBeUndefined();
    // a batch of as many images that is timed as a whole
    expect(trainedOn({ ...H100, batch: 256 }).inSetting({ ...H100, batch: 8 })?.tasks).toEqual(['b256']);
  });

  it('says nothing of a graph without kernels', () => {
    const b = new GraphBuilder(),
      empty = b.build([b.input([1, 3])]);
    expect(learner.inSetting({ ...H100, batch: 4 })!.latencyOf(empty)).toBeUndefined();
    expect(learner.inSetting({ ...H100, batch: 4, dtype: 'fp32' })!.latencyOf(empty)).toBeUndefined();
  });
});
