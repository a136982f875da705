import { describe, expect, it } from 'vitest';
import { readDataset } from '../../src/dataset/store.js';
import '../../src/index.js';
import { median } from '../../src/core/statistics.js';
import { measuredOperators, operatorsWithout } from '../../src/networks/measuredOperators.js';
import { kernelNumbers } from '../../src/surrogate/operatorSum/kernelFeatures.js';
import { machineOf } from '../../src/surrogate/operatorSum/machine.js';

const data = await readDataset('datasets/zoo-h100-operators');

describe('measuredOperators', () => {
  it('are times of kernels, without the eager host that launched them', () => {
    const [{ setting, kernels }] = measuredOperators(data);
    expect(setting).toMatchObject({ hardware: 'H100-SXM5-80GB', dtype: 'fp16', batch: 8, execution: 'graph' });
    expect(kernels.length).toBeGreaterThan(5000);
    // near their rooflines: with the host's 40 us each they would be at a tenth of them
    const machine = machineOf(setting)!,
      ratio = median(kernels.map(({ kernel, seconds }) => seconds / kernelNumbers(kernel, machine, 1).seconds));
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it('leaves out those of left-out models alone', () => {
    const [all] = measuredOperators(data),
      model = Object.keys(data.splits)[0];
    const [rest] = measuredOperators(
      data,
      operatorsWithout(data, (m) => m === model),
    );
    expect(rest.kernels.length).toBeLessThan(all.kernels.length);
    expect(rest.kernels.length).toBeGreaterThan(0.9 * all.kernels.length);
  });
});
