import { describe, expect, it } from 'vitest';
import { operatorTime } from '../../src/analytical/operatorTime.js';
import { FITTED } from '../../src/analytical/rules/fittedEfficiencies.js';
import { deviceNamed } from '../../src/device/deviceNamed.js';
import { parseOperatorText } from '../../src/graph/operatorText.js';

const device = deviceNamed('H100-SXM5-80GB');
const time = (text: string): number => operatorTime(parseOperatorText(text), device, device.bandwidth!);

describe('operatorTime', () => {
  it('is that of the traffic of what is no product', () => {
    // 4 Mi elements of 4 bytes read and written
    expect(time('op:relu/fp32/4x1048576/')).toBeCloseTo((2 * 4 * 4 * 1048576) / (FITTED.rowwise.memory * device.bandwidth!), 7);
  });

  it('of a product is that of its waves: what leaves processors idle takes as long as more of it', () => {
    const linear = (rows: number) => time(`op:linear/bf16/${rows}x4096/bias=0;outFeatures=128`);
    expect(linear(1024) / linear(128)).toBeLessThan(1.5);
    const large = (rows: number) => time(`op:linear/bf16/${rows}x4096/bias=0;outFeatures=4096`);
    expect(large(65536) / large(8192)).toBeGreaterThan(7);
  });

  it('has nothing of what a kernel takes before it works', () => expect(time('op:relu/fp32/4x1/')).toBeLessThan(1e-9));
});
