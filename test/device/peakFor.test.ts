import { describe, expect, it } from 'vitest';
import type { DeviceSpec } from '../../src/device/deviceSpec.js';
import { launchOverhead } from '../../src/device/launchOverhead.js';
import { peakFor } from '../../src/device/peakFor.js';

const device = (peak: DeviceSpec['peak'], kind: DeviceSpec['kind'] = 'gpu'): DeviceSpec => ({
  name: 'D',
  vendor: 'V',
  kind,
  peak,
  source: 'test',
});

describe('peakFor', () => {
  it('takes the peak of the type, else that of the next known one', () => {
    expect(peakFor(device({ fp32: 1e12, fp16: 4e12 }), 'fp16')).toEqual({ rate: 4e12, dtype: 'fp16', exact: true });
    expect(peakFor(device({ fp32: 1e12, int8: 8e12 }), 'fp16')).toEqual({ rate: 1e12, dtype: 'fp32', exact: false });
    expect(peakFor(device({ bf16: 2e12 }), 'fp32')).toEqual({ rate: 2e12, dtype: 'bf16', exact: false });
    expect(peakFor(device({ int8: 8e12 }), 'uint8').exact).toBe(true);
    expect(peakFor(device({ fp32: 1e12 }), 'int64').exact).toBe(true);
  });

  it('refuses a device without any peak and an unknown type', () => {
    expect(() => peakFor(device({}), 'fp32')).toThrow(
      expect.objectContaining({ code: 'unsupported', message: "device 'D' has no published peak rate in the catalogue (test)" }),
    );
    expect(() => peakFor(device({ fp32: 1 }), 'fp7')).toThrow(
      expect.objectContaining({ code: 'bad-input', message: "no element type 'fp7'" }),
    );
  });
});

describe('launchOverhead', () => {
  it('lies within its stated range for every kind, and a device may have its own', () => {
    for (const kind of ['gpu', 'cpu', 'tpu', 'npu', 'edge'] as const) {
      const { kernel, dispatch, range } = launchOverhead(device({}, kind));
      expect(kernel).toBeGreaterThanOrEqual(range.kernel[0]);
      expect(kernel).toBeLessThanOrEqual(range.kernel[1]);
      expect(dispatch).toBeGreaterThanOrEqual(range.dispatch[0]);
      expect(dispatch).toBeLessThanOrEqual(range.dispatch[1]);
    }
    expect(launchOverhead({ ...device({}), launch: { kernel: 1e-6, dispatch: 2e-6 } })).toMatchObject({
      kernel: 1e-6,
      dispatch: 2e-6,
    });
    expect(() => launchOverhead(device({}, 'fpga'))).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });
});
