import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { GraphBuilder } from '../../src/graph/graphBuilder.js';
import type { Workload } from '../../src/graph/workload.js';
import { familyOf } from '../../src/networks/tableSums.js';
import { trainMultiTask } from '../../src/networks/trainMultiTask.js';
import { kernelNumbers } from '../../src/surrogate/operatorSum/kernelFeatures.js';
import { machineOf } from '../../src/surrogate/operatorSum/machine.js';
import { kernelsOf } from '../../src/surrogate/operatorSum/operatorSum.js';
import { intervalsOf } from '../../src/surrogate/predictor.js';

/** A chain of `depth` convolutions of `width` channels at `size` pixels. */
function chain(id: string, depth: number, width: number, size: number): Workload {
  const b = new GraphBuilder();
  let x = b.input([1, 3, size, size]);
  for (let i = 0; i < depth; i++) x = b.add('relu', [b.conv(x, width, i % 2 ? 1 : 3)]);
  return { id, graph: b.build([x]), facts: {} };
}

const WORDS = ['ash', 'beech', 'cedar', 'elm', 'fir', 'larch', 'oak', 'pine', 'yew', 'lime', 'maple', 'hazel'];
const models = WORDS.flatMap((word, w) =>
  [0, 1, 2, 3, 4].map((i) =>
    chain(`zoo:${word}${i}`, 2 + ((3 * w + 2 * i) % 9), 16 * (1 + ((w + i) % 6)), 32 * (1 + ((w + 2 * i) % 4))),
  ),
);
const settings = [1, 8].map((batch) => ({ hardware: 'H100-SXM5-80GB', dtype: 'fp16', batch, execution: 'graph' }));

/** What a model takes: kernels at three times their roofline, convolutions at five times. */
const secondsOf = ({ graph }: Workload, batch: number): number => {
  const machine = machineOf(settings.find((s) => s.batch === batch)!)!;
  return kernelsOf(graph!, 'captured').reduce(
    (sum, kernel) => sum + (kernel.matrix ? 5 : 3) * kernelNumbers(kernel, machine, batch).seconds,
    0,
  );
};

const taskOf = (batch: number, of: readonly Workload[]) => ({
  ...{
    id: `h100_b${batch}:latency`,
    device: `h100_b${batch}`,
    condition: '',
    target: 'latency' as const,
    runtime: 'pytorch cuda graph',
  },
  setting: settings.find((s) => s.batch === batch),
  rows: Int32Array.from(of, (w) => models.indexOf(w)),
  values: Float64Array.from(of, (w) => secondsOf(w, batch)),
});
const isNew = (w: Workload) => /yew|lime/.test(w.id),
  known = models.filter((w) => !isNew(w)),
  asked = models.filter(isNew);
const errorsOf = (values: readonly { value: number }[], batch: number, of = asked) =>
  values.map(({ value }, i) => Math.abs(value / secondsOf(of[i], batch) - 1));

describe('models as sums over operators', () => {
  const learner = trainMultiTask(
    models,
    [1, 8].map((batch) => taskOf(batch, known)),
    { random: createRandom(1) },
  );

  it('predict new models of a known configuration, with an interval', () => {
    const predicted = intervalsOf(
      learner.trained({ device: 'h100_b8', condition: '', target: 'latency' }).predict(asked),
      'latency',
    );
    expect(predicted).toHaveLength(10);
    expect(Math.max(...errorsOf(predicted, 8))).toBeLessThan(0.05);
    expect(predicted.every((p) => p.provenance === 'surrogate' && p.low < p.value && p.value < p.high)).toBe(true);
  });

  it('predict new models of a new configuration from a few of them', () => {
    const alone = trainMultiTask(models, [taskOf(1, known)], { random: createRandom(1) });
    const support = asked.slice(0, 5).map((workload) => ({ workload, value: secondsOf(workload, 8) }));
    const adapted = alone.adapt(support, { device: 'new', condition: '', target: 'latency' }),
      left = asked.slice(5);
    expect(Math.max(...errorsOf(intervalsOf(adapted.predict(left), 'latency'), 8, left))).toBeLessThan(0.15);
    const single = left.map((w) => intervalsOf(adapted.predict([w]), 'latency')[0].value);
    expect(single).toEqual(intervalsOf(adapted.predict(left), 'latency').map((p) => p.value));
  });

  it('carry what was launched one by one to captured graphs, but not where those were measured, and know processors', () => {
    const eager = { ...taskOf(1, known), device: 'h100_eager', id: 'h100_eager:latency', runtime: 'pytorch cuda eager' };
    const drawnBy = (tasks: Parameters<typeof trainMultiTask>[1]) =>
      trainMultiTask(models, tasks, { random: createRandom(1) }).state.tables.flatMap(({ values }) => values.drawn ?? []);
    const machinesOf = (drawn: ReturnType<typeof drawnBy>) =>
      drawn.map(({ machines }) => [...new Set(machines.map((m) => `${m.lowering} ${m.machine.width}`))].sort());
    const alone = { ...eager, setting: { ...eager.setting!, execution: 'eager' } };
    // the last are like no task: the GPUs of the others, and processors
    const unlike = ['captured 2', 'captured 4', 'compiled 4', 'eager 2', 'eager 4', 'session 4'];
    expect(machinesOf(drawnBy([alone]))).toEqual([['captured 2', 'captured 4', 'eager 2', 'eager 4'], unlike]);
    expect(machinesOf(drawnBy([alone, taskOf(1, known)]))).toEqual([
      ['captured 4', 'eager 2', 'eager 4'],
      ['captured 2', 'captured 4'],
      unlike,
    ]);
    expect(drawnBy([alone]).every(({ draws }) => draws.every(Number.isFinite))).toBe(true);
  });

  it('counts names that begin alike as one family', () => {
    const ids = ['zoo:tv/resnet50', 'zoo:tv/resnet18_x', 'zoo:hf/vit-base', 'ai-hub:deepbox/VGG3DDetection/w8a16'];
    expect(ids.map(familyOf)).toEqual(['resnet', 'resnet', 'vit', 'vgg']);
  });
});
