import { describe, expect, it } from 'vitest';
import { quantityOf } from '../../src/graph/quantityOf.js';
import type { Target } from '../../src/graph/targets.js';

describe('quantityOf', () => {
  it.each<[string, Target, number]>([
    ['10ms', 'latency', 0.01],
    ['250 us', 'latency', 2.5e-4],
    ['250µs', 'latency', 2.5e-4],
    ['1.5e-2s', 'latency', 0.015],
    ['5mJ', 'energy', 5e-3],
    ['5mj', 'energy', 5e-3],
    ['0.2 J', 'energy', 0.2],
    ['3W', 'power', 3],
    ['512 MiB', 'peak_memory', 2 ** 29],
    ['512MB', 'peak_memory', 512e6],
    ['64KB', 'peak_memory', 64e3],
    ['100B', 'peak_memory', 100],
    ['200', 'lut', 200],
  ])('%s of %s', (text, target, si) => expect(quantityOf(text, target, '--budget') / si).toBeCloseTo(1, 12));

  it.each<[string, Target, string, string]>([
    ['10mJ', 'latency', "--budget '10mJ' is of energy, and latency is predicted", 'ns, us, ms, s'],
    ['10ms', 'lut', "--budget '10ms' is of latency, and lut is predicted", 'lut is a count, without a unit'],
    ['10', 'latency', "--budget '10' has no unit", 'ns, us, ms, s'],
    ['5MJ', 'energy', "--budget '5MJ': no unit 'MJ'", 'uJ, mJ, J'],
    ['3 parsecs', 'latency', "--budget '3 parsecs': no unit 'parsecs'", 'ns, us, ms, s'],
    ['0ms', 'latency', "--budget takes a positive amount, not '0ms'", 'ns, us, ms, s'],
    ['-3ms', 'latency', "--budget takes a positive amount, not '-3ms'", 'ns, us, ms, s'],
    ['1.2.3ms', 'latency', "--budget takes a positive amount, not '1.2.3ms'", 'ns, us, ms, s'],
    ['ms', 'latency', "--budget takes a positive amount, not 'ms'", 'ns, us, ms, s'],
    ['', 'peak_memory', "--budget takes a positive amount, not ''", 'B, kB, MB, GB, KiB, MiB, GiB'],
  ])('%s of %s is refused: what, and what to write', (text, target, message, hint) => {
    expect(() => quantityOf(text, target, '--budget')).toThrow(
      expect.objectContaining({ code: 'usage', message, hint: expect.stringContaining(hint) }),
    );
  });
});
