import { describe, expect, it } from 'vitest';
import { parseWorkload } from '../../src/graph/workload.js';
import { checkSupport } from '../../src/networks/checkSupport.js';

const rows = (...values: number[]) => values.map((value, i) => ({ workload: parseWorkload(`nasbench201:#${i}`), value }));

describe('checkSupport', () => {
  it('lets a good support set pass', () => {
    expect(() => checkSupport(rows(1e-9, 3e-3, 1e6))).not.toThrow();
  });

  it('refuses an empty one and says how to fill it', () => {
    expect(() => checkSupport([])).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: 'the support set is empty',
        hint: expect.stringContaining('hwcast sample'),
      }),
    );
  });

  it.each([0, -1e-3, Number.NaN, Number.POSITIVE_INFINITY])('refuses the value %d and names row and network', (value) => {
    const support = rows(1, value, 2);
    expect(() => checkSupport(support, 'a.csv')).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: `measured value ${value} of '${support[1].workload.id}' is not a positive number`,
        where: 'a.csv, row 2',
      }),
    );
  });

  it('refuses a network that stands twice, however it was written', () => {
    const again = { workload: parseWorkload('nasbench201:9'), value: 2 };
    const support = [{ workload: parseWorkload('nasbench201:#9'), value: 1 }, ...rows(1), again];
    expect(() => checkSupport(support)).toThrow(
      expect.objectContaining({
        code: 'bad-input',
        message: expect.stringMatching(/^'nasbench201:\|avg_pool.*' stands in rows 1 and 3$/),
      }),
    );
  });
});
