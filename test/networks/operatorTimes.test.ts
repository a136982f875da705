import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { parseOperatorText } from '../../src/graph/operatorText.js';
import { kernelOf } from '../../src/networks/measuredOperators.js';
import { bundledOperatorTimes, operatorTimes } from '../../src/networks/operatorTimes.js';
import { machineOf } from '../../src/surrogate/operatorSum/machine.js';
import { nearOperators } from '../../src/surrogate/operatorSum/nearOperators.js';
import { measuredPrior } from '../../src/surrogate/operatorSum/utilisationPrior.js';

const H100 = deviceNamed('H100-SXM5-80GB'),
  T4 = deviceNamed('T4'),
  op = parseOperatorText,
  LINEAR = op('op:linear/fp16/4096x1024/bias=1;outFeatures=4096'),
  CONV = op('op:conv2d/fp32/8x64x56x56/bias=0;groups=1;kernel=[3x3];outChannels=64;padding=[1x1];stride=[1x1]');

describe('operatorTimes', () => {
  /** one product and one convolution, each measured at 1 ms, in a type */
  const known = (dtype: string) => {
    const machine = machineOf({ hardware: H100.name, dtype, batch: 1, execution: 'graph' })!,
      kernels = [LINEAR, CONV].map((o) => ({ kernel: kernelOf({ ...o, dtype: dtype as 'fp16' }), seconds: 1e-3, machine })),
      prior = measuredPrior(kernels);
    return { machine, level: 0, weights: prior.mean, near: nearOperators(kernels, prior.mean) };
  };
  const times = operatorTimes([known('fp16'), known('fp32')]);

  it('are nearly what like operators took on the device, in both types of 16 bits', () => {
    expect(times(LINEAR, H100)).toBeCloseTo(1e-3, 4);
    expect(times({ ...LINEAR, dtype: 'bf16' }, H100)).toBe(times(LINEAR, H100));
  });

  it('are none of other sizes, devices and types, and of convolutions in fp32, which were measured without TF32', () => {
    expect(times(op('op:linear/fp16/8x16/bias=1;outFeatures=8'), H100)).toBeUndefined();
    expect(times(LINEAR, T4)).toBeUndefined();
    expect(times({ ...LINEAR, dtype: 'tf32' }, H100)).toBeUndefined();
    expect(times({ ...CONV, dtype: 'fp16' }, H100)).toBeGreaterThan(0);
    expect(times(CONV, H100)).toBeUndefined();
  });

  it('come with hwcast for an H100', async () => {
    const bundled = await bundledOperatorTimes();
    expect(bundled(LINEAR, H100)! * 1e6).toBeGreaterThan(30);
    expect(bundled(LINEAR, H100)! * 1e6).toBeLessThan(200);
    expect(bundled(LINEAR, T4)).toBeUndefined();
  });
});
