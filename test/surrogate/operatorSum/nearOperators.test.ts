import { describe, expect, it } from 'vitest';
import type { KernelWork } from '../../../src/analytical/kernelWork.js';
import { GraphBuilder } from '../../../src/graph/graphBuilder.js';
import { kernelNumbers, WEIGHTS } from '../../../src/surrogate/operatorSum/kernelFeatures.js';
import type { Machine } from '../../../src/surrogate/operatorSum/machine.js';
import { nearOperators, residualNear } from '../../../src/surrogate/operatorSum/nearOperators.js';
import { type OperatorSum, sumGraph } from '../../../src/surrogate/operatorSum/operatorSum.js';

const MACHINE: Machine = {
  kind: 'processor',
  peak: 1e12,
  single: 1e12,
  bandwidth: 1e11,
  launch: 1e-6,
  units: 4,
  tile: 128,
  width: 4,
  batch: 1,
};
const pass = (elements: number): KernelWork => ({
  kind: 'activation',
  flops: elements,
  bytes: 8 * elements,
  weightBytes: 0,
  row: 64,
});
const measuredAt = (kernel: KernelWork, factor: number) => ({
  kernel,
  seconds: factor * kernelNumbers(kernel, MACHINE, 1).seconds,
  machine: MACHINE,
});
const near = nearOperators([measuredAt(pass(1024), 3), measuredAt(pass(2 ** 16), 0.5)], new Float64Array(WEIGHTS));

describe('residualNear', () => {
  it('takes what a measured operator of the same sizes differs, nearly whole', () => {
    const { log, isNear } = residualNear(near, pass(1024), 1);
    expect(isNear).toBe(true);
    expect(log).toBeLessThan(Math.log(3));
    expect(log).toBeGreaterThan(0.9 * Math.log(3));
    expect(residualNear(near, pass(2 ** 16), 1).log).toBeLessThan(0.9 * Math.log(0.5));
  });

  it('counts images per batch as the operator was measured with its own', () => {
    expect(residualNear(near, pass(128), 8).log).toBeCloseTo(residualNear(near, pass(1024), 1).log, 12);
  });

  it('says nothing of what is unlike all that was measured', () => {
    expect(residualNear(near, pass(2 ** 24), 1)).toEqual({ log: 0, isNear: false });
    expect(residualNear(near, { ...pass(1024), kind: 'norm' }, 1)).toEqual({ log: 0, isNear: false });
  });
});

describe('sumGraph', () => {
  const b = new GraphBuilder();
  const graph = b.build([b.add('softmax', [b.add('relu', [b.input([16, 64])])], { axis: -1 })]);
  const sum: OperatorSum = {
    ...{ machine: MACHINE, lowering: 'captured', near, weights: new Float64Array(WEIGHTS), level: 0, deviation: 0.1 },
  };

  it('tells which kinds of operators none like them was measured for, and what share of the time they take', () => {
    const { share, kinds } = sumGraph(sum, graph)!.unmeasured;
    expect(kinds).toEqual(['softmax']);
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.9);
  });

  it('says nothing where no operators were measured at all', () => {
    expect(sumGraph({ ...sum, near: undefined }, graph)!.unmeasured).toEqual({ share: 0, kinds: [] });
  });
});
