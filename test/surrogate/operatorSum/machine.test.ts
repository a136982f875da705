import { describe, expect, it } from 'vitest';
import { deviceNamed } from '../../../src/device/deviceNamed.js';
import { launchOverhead } from '../../../src/device/launchOverhead.js';
import { machineOf } from '../../../src/surrogate/operatorSum/machine.js';

const H100 = { hardware: 'H100-SXM5-80GB', dtype: 'fp16', batch: 8 };

describe('machineOf', () => {
  it('lets kernels that are launched one by one wait for the host, those of a captured graph not', () => {
    const eager = machineOf({ ...H100, execution: 'eager' })!,
      captured = machineOf({ ...H100, execution: 'graph' })!;
    expect(eager.launch).toBe(launchOverhead(deviceNamed('H100-SXM5-80GB')).dispatch);
    expect(captured.launch).toBeLessThan(eager.launch / 10);
    expect({ ...eager, launch: 0 }).toEqual({ ...captured, launch: 0 });
  });
});
