import { describe, expect, it } from 'vitest';
import { roofline } from '../../../src/analytical/roofline.js';
import { createRandom } from '../../../src/core/random.js';
import { median, spearman } from '../../../src/core/statistics.js';
import { deviceNamed } from '../../../src/device/deviceNamed.js';
import { additiveMixture } from '../../../src/evaluate/baselines/additiveMixture.js';
import type { BaselineInput } from '../../../src/evaluate/baselines/baseline.js';
import { deviceRidge } from '../../../src/evaluate/baselines/deviceRidge.js';
import { flopsBaseline, networkFlops } from '../../../src/evaluate/baselines/flops.js';
import { nearestDevice } from '../../../src/evaluate/baselines/nearestDevice.js';
import { rooflineBaseline } from '../../../src/evaluate/baselines/rooflineScaled.js';
import { trainedFunctions } from '../../../src/evaluate/baselines/trainedFunctions.js';
import { encodeArch } from '../../../src/graph/spaces/space.js';
import { parseWorkload, type Workload, workloadGraph } from '../../../src/graph/workload.js';
import { fitFeatureMap, population } from '../../../src/networks/featureMap.js';
import { type FewShot, intervalsOf, type SupportRow } from '../../../src/surrogate/predictor.js';
import { lawValue, SMALL_DEVICES, type SmallDevice, smallDataset, trainingTasks } from '../../networks/smallDataset.js';
import { measurements, unseenNetworks } from '../../networks/smallModel.js';

const map = fitFeatureMap('nasbench201', population('nasbench201', createRandom(2), 300));
const input = (networks = 150, devices: readonly SmallDevice[] = SMALL_DEVICES): BaselineInput => {
  const data = smallDataset(networks, devices);
  return { map, workloads: data.workloads, tasks: trainingTasks(data).filter((t) => t.target === 'latency') };
};
const networks = unseenNetworks(140),
  query = networks.slice(100),
  task = { device: 'new', condition: '', target: 'latency' } as const;
/** Latencies of some networks after adaptation. */
const latencies = (method: FewShot, support: readonly SupportRow[], workloads: readonly Workload[], device = 'new') =>
  intervalsOf(method.adapt(support, { ...task, device }).predict(workloads), 'latency').map((p) => p.value);
const values = (method: FewShot, support: SupportRow[]) => latencies(method, support, query);
const truth = (device: SmallDevice) => query.map((w) => lawValue(device, 'latency', w));
const error = (a: number[], b: number[]) => median(a.map((v, i) => Math.abs(v / b[i] - 1)));

describe('flops', () => {
  it('is proportional to the FLOPs of the network, which count two for a multiply-accumulate', () => {
    expect(networkFlops(parseWorkload('nasbench201:|none~0|+|none~0|none~1|+|none~0|none~1|none~2|'))).toBeGreaterThan(
      2 * 7_783_040,
    );
    const [a, b] = networks;
    const [p, q] = latencies(flopsBaseline(), [{ workload: a, value: 3e-3 }], [a, b]);
    expect(p).toBeCloseTo(3e-3, 12);
    expect(q / p).toBeCloseTo(networkFlops(b) / networkFlops(a), 9);
  });

  it('its rank needs no measurement of the device', () => {
    const rank = (support: SupportRow[]) => spearman(values(flopsBaseline(), support), query.map(networkFlops));
    expect(rank(measurements(networks.slice(0, 1)))).toBeCloseTo(1, 12);
    expect(rank(measurements(networks.slice(0, 9), 'phone'))).toBeCloseTo(1, 12);
  });
});

describe('roofline with a factor', () => {
  const time = (w: Workload, name: string, batch?: number) =>
    roofline(workloadGraph(w, { batch }), deviceNamed(name), { hypothesis: 'eager' }).latency;
  const ratio = (device: string) => {
    const [p, q] = latencies(rooflineBaseline(), [{ workload: networks[0], value: 1 }], [networks[0], query[0]], device);
    return q / p;
  };

  it.each([
    ['titan_rtx_256', 'Titan-RTX', 256],
    ['gold_6226', 'Xeon-Gold-6226', undefined],
    ['nobody knows', 'RTX-2080Ti', undefined],
    ['eyeriss', 'RTX-2080Ti', undefined],
  ])('of %s is that of %s at batch %s', (device, name, batch) => {
    expect(ratio(device)).toBeCloseTo(time(query[0], name, batch) / time(networks[0], name, batch), 9);
  });
});

describe('device ridge', () => {
  it('finds an additive law from many measurements, without any other device', () => {
    const support = measurements(networks.slice(0, 100), 'cpu_a');
    expect(error(values(deviceRidge(input(10, ['gpu_b'])), support), truth('cpu_a'))).toBeLessThan(0.02);
    expect(values(deviceRidge(input(10, ['gpu_b'])), support)).toEqual(values(deviceRidge(input(10, ['phone'])), support));
  });
});

describe('functions of the training devices', () => {
  it('are relative to the mean of the device', () => {
    const all = input(),
      functions = trainedFunctions(all, (w) => ({ X: map.of(w), width: map.width }))(query);
    expect(functions).toHaveLength(SMALL_DEVICES.length);
    SMALL_DEVICES.forEach((device, t) => {
      const level = all.tasks[t].values.reduce((a, b) => a + b, 0) / 150;
      expect(
        error(
          [...functions[t]].map((v) => level * v),
          truth(device),
        ),
      ).toBeLessThan(0.05);
    });
  });
});

describe('nearest device', () => {
  it.each(SMALL_DEVICES)('a device three times as slow as %s is found to be that one', (device) => {
    const support = measurements(networks.slice(0, 12), device).map((s) => ({ ...s, value: 3 * s.value }));
    expect(
      error(
        values(nearestDevice(input()), support),
        truth(device).map((v) => 3 * v),
      ),
    ).toBeLessThan(0.05);
  });
});

describe('additive mixture', () => {
  it('finds a mixture of training devices', () => {
    const mixed = (w: Workload) => 0.4 * lawValue('gpu_a', 'latency', w) + 0.1 * lawValue('cpu_a', 'latency', w);
    const support = networks.slice(0, 12).map((workload) => ({ workload, value: mixed(workload) }));
    expect(error(values(additiveMixture(input()), support), query.map(mixed))).toBeLessThan(0.03);
  });

  it('works on the choices alone: whatever the feature map', () => {
    const other = { ...input(), map: undefined as unknown as BaselineInput['map'] };
    const support = measurements(networks.slice(0, 10));
    expect(values(additiveMixture(other), support)).toEqual(values(additiveMixture(input()), support));
    expect(encodeArch(query[0].space!, query[0].arch!)).toHaveLength(30);
  });
});
