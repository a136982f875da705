import { describe, expect, it } from 'vitest';
import { HwcastError } from '../../src/core/errors.js';
import { UNITS } from '../../src/graph/targets.js';
import {
  type Estimate,
  estimateOf,
  intervalsOf,
  type Prediction,
  type Predictor,
  singleTarget,
} from '../../src/surrogate/predictor.js';
import { checkPredictor } from './checkPredictor.js';

const latency: Estimate = { value: 2, low: 1, high: 3, unit: 's', provenance: 'adapted' };
const energy: Estimate = { value: 5, low: null, high: null, unit: 'J', provenance: 'analytical' };
const both: Prediction = { targets: { latency, energy }, warnings: [], assumptions: [] };
const thrown = (message: string) => expect.objectContaining({ name: 'HwcastError', code: 'unsupported', message });

describe('singleTarget', () => {
  it('is a prediction of that target, which shares no list with its caller', () => {
    const warnings = ['far'],
      prediction = singleTarget('latency', latency, warnings);
    expect(prediction).toEqual({ targets: { latency }, warnings: ['far'], assumptions: [] });
    prediction.warnings.push('later');
    expect(warnings).toEqual(['far']);
    expect(singleTarget('energy', energy)).toEqual({ targets: { energy }, warnings: [], assumptions: [] });
  });
});

describe('estimateOf', () => {
  it('gives the estimate of a target, its interval known or not', () => {
    expect(estimateOf(both, 'latency')).toEqual(latency);
    expect(estimateOf(both, 'energy')).toEqual(energy);
  });

  it('refuses a target that is not predicted, naming those that are', () => {
    expect(() => estimateOf(both, 'power')).toThrow(thrown('no power is predicted, only latency, energy'));
    expect(() => estimateOf({ ...both, targets: {} }, 'power')).toThrow(thrown('no power is predicted, only nothing'));
  });
});

describe('intervalsOf', () => {
  it('gives the estimates of one target in the order of the predictions', () => {
    const second = singleTarget('latency', { ...latency, value: 2.5 });
    expect(intervalsOf([both, second], 'latency')).toEqual([latency, { ...latency, value: 2.5 }]);
    expect(intervalsOf([], 'latency')).toEqual([]);
  });

  it('refuses a target whose error is not known, and one that a prediction lacks', () => {
    expect(() => intervalsOf([both], 'energy')).toThrow(thrown('nothing is known of the error of this energy'));
    const half = singleTarget('energy', { ...energy, low: 1 });
    expect(() => intervalsOf([half], 'energy')).toThrow(thrown('nothing is known of the error of this energy'));
    expect(() => intervalsOf([both, half], 'latency')).toThrow(thrown('no latency is predicted, only energy'));
  });
});

/** A kind of workload of its own, to show that a predictor need not predict networks. */
interface Task {
  id: string;
  size: number;
}
const tasks = Array.from({ length: 6 }, (_, i): Task => ({ id: `task ${i}`, size: 2 ** i }));
const twoTargets: Predictor<Task> = {
  name: 'two targets',
  predict: (list) =>
    list.map(({ id, size }): Prediction => {
      if (!(size > 0)) throw new HwcastError('unsupported', `'${id}' has no size`, { hint: 'give it one' });
      return {
        targets: {
          cycles: { value: size, low: size / 2, high: size * 2, unit: UNITS.cycles, provenance: 'analytical' },
          lut: { value: 3 * size, low: null, high: null, unit: UNITS.lut, provenance: 'analytical' },
        },
        warnings: size > 8 ? ['large'] : [],
        assumptions: ['one clock'],
      };
    }),
};
checkPredictor('one of several targets and a workload of its own', () => twoTargets, {
  targets: ['cycles', 'lut'],
  unknownError: ['lut'],
  provenance: 'analytical',
  workloads: () => tasks,
  unsupported: { id: 'nothing', size: 0 },
  reload: async () => twoTargets,
});
