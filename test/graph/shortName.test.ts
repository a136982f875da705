import { expect, it } from 'vitest';
import { shortName } from '../../src/graph/shortName.js';
import { parseWorkload } from '../../src/graph/workload.js';

it('names a network by its index where its space has an order, others by their id', () => {
  const network = parseWorkload('nasbench201:#4711');
  expect(shortName(network)).toBe('nasbench201:#4711');
  expect(parseWorkload(shortName(network)).id).toBe(network.id);
  expect(shortName(parseWorkload('timm:resnet50@224'))).toBe('timm:resnet50@224');
});
