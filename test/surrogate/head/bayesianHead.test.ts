import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { networkSettings } from '../../../src/networks/networkSettings.js';
import { FEATURE_GROUPS } from '../../../src/surrogate/featureGroups.js';
import { adaptHead, type Posterior, predictHead } from '../../../src/surrogate/head/bayesianHead.js';
import { fitSettings } from '../../../src/surrogate/head/fitSettings.js';
import { OFFSET_VARIANCE, type Setting } from '../../../src/surrogate/head/settings.js';
import { type TaskPrior, taskPrior } from '../../../src/surrogate/head/taskPrior.js';
import { columnOf, diagonal, invert, type Matrix, multiply, outer, plus, scaled, transpose } from './dense.js';

const WIDTH = 4,
  TASKS = 3;
const group = Uint8Array.of(0, 0, 1, 3);
const random = createRandom('bayesian head');
const normals = (n: number) => Float64Array.from({ length: n }, () => random.normal());
const prior = taskPrior(
  Array.from({ length: TASKS }, () => normals(WIDTH).map((v) => 0.3 * v)),
  WIDTH,
);
const support = { X: normals(6 * WIDTH), values: Float64Array.of(2.1e-3, 1.4e-3, 2.9e-3, 2.2e-3, 1.1e-3, 3.1e-3) };
const setting = (over: Partial<Setting> = {}): Setting => ({
  device: 0.7,
  group: Float64Array.from(FEATURE_GROUPS, (_, g) => [0.05, 0.02, 0, 0.004, 0][g]),
  noise: 3e-3,
  mean: 1,
  ...over,
});
const rowsOf = (X: Float64Array): Matrix =>
  Array.from({ length: X.length / WIDTH }, (_, i) => [...X.subarray(i * WIDTH, (i + 1) * WIDTH)]);

/** Prior mean of weight j: that of a setting, or the weights of training task `task`. */
const priorMean = (p: TaskPrior, s: Setting, v: number, j: number, task = 0): number =>
  s.mean === 'tasks' ? v + Math.sqrt(p.tasks) * p.deviations[task * p.width + j] : s.mean * v;

/** Textbook Bayesian linear regression in its information form: C = (P^-1 + A^T R^-1 A)^-1, w = C (P^-1 m + A^T R^-1 y); evidence N(y; A m, A P A^T + R). */
function textbook(
  p: TaskPrior,
  s: Setting,
  data: { X: Float64Array; values: Float64Array; noiseScale?: Float64Array },
  task = 0,
) {
  const scale = data.values.reduce((a, b) => a + b, 0) / data.values.length;
  return {
    ...textbookAt(
      p,
      s,
      data.X,
      Array.from(data.values, (v) => v / scale - 1),
      data.noiseScale,
      task,
    ),
    scale,
  };
}

function textbookAt(
  p: TaskPrior,
  s: Setting,
  X: Float64Array,
  residual: number[],
  noiseScale?: Float64Array,
  task = 0,
  times = 1,
) {
  const D = Array.from({ length: p.tasks }, (_, t) => [...p.deviations.subarray(t * WIDTH, (t + 1) * WIDTH)]);
  const weights = plus(
    scaled(plus(multiply(transpose(D), D), scaled(outer(p.mean), 0.5)), s.device),
    diagonal(Array.from(group, (g) => s.group[g])),
  );
  const P = scaled([...weights.map((row) => [...row, 0]), [...Array(WIDTH).fill(0), OFFSET_VARIANCE]], times);
  const m = columnOf([...Array.from(p.mean, (v, j) => priorMean(p, s, v, j, task)), 0]);
  const A = rowsOf(X).map((row) => [...row, 1]);
  const y = columnOf(residual);
  const R = diagonal(residual.map((_, i) => times * s.noise * (noiseScale?.[i] ?? 1)));
  const Pi = invert(P).inverse,
    Ri = invert(R).inverse;
  const C = invert(plus(Pi, multiply(multiply(transpose(A), Ri), A))).inverse;
  const w = multiply(C, plus(multiply(Pi, m), multiply(multiply(transpose(A), Ri), y)));
  const K = invert(plus(multiply(multiply(A, P), transpose(A)), R)),
    r = plus(y, scaled(multiply(A, m), -1));
  const logEvidence = -0.5 * Math.log(K.determinant) - 0.5 * multiply(multiply(transpose(r), K.inverse), r)[0][0];
  return { w: w.map(([v]) => v), C, logEvidence };
}

function expectPosterior(actual: Posterior, w: number[], C: Matrix, scale: number): void {
  const n = WIDTH + 1;
  expect(actual.scale).toBeCloseTo(scale, 15);
  [...actual.weights, actual.offset].forEach((v, j) => {
    expect(v).toBeCloseTo(w[j], 9);
  });
  for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) expect(actual.covariance[a * n + b]).toBeCloseTo(C[a][b], 9);
}

/** A support without measurement i: its rows and relative values, and the row that was left out with a one for the offset. */
function without(i: number, level: number) {
  const rest = Array.from(support.values.keys()).filter((j) => j !== i),
    row = (j: number) => [...support.X.subarray(j * WIDTH, (j + 1) * WIDTH)];
  return { X: Float64Array.from(rest.flatMap(row)), values: rest.map((j) => support.values[j] / level - 1), A: [[...row(i), 1]] };
}

describe('adaptHead with one setting', () => {
  it.each<[string, Setting]>([
    ['prior mean and covariance of the devices', setting()],
    ['prior mean zero', setting({ mean: 0 })],
    ['no device at all', setting({ device: 0, mean: 0 })],
    ['large noise', setting({ noise: 0.5 })],
    ['hardly any noise', setting({ noise: 1e-6 })],
  ])('is the textbook posterior: %s', (_, s) => {
    const { w, C, scale } = textbook(prior, s, support);
    const posterior = adaptHead(prior, group, support, [s], [0]);
    expectPosterior(posterior, w, C, scale);
    expect(posterior.noise).toBe(s.noise);
    expect([...posterior.probability]).toEqual([1]);
  });

  it('centred on the training tasks: averaged over them by how each explains the support', () => {
    const s = setting({ mean: 'tasks', device: 0.1 }),
      each = Array.from({ length: TASKS }, (_, t) => textbook(prior, s, support, t));
    const top = Math.max(...each.map((e) => e.logEvidence)),
      raw = each.map((e) => Math.exp(e.logEvidence - top)),
      total = raw.reduce((a, b) => a + b);
    const p = raw.map((r) => r / total),
      w = each[0].w.map((_, j) => each.reduce((sum, e, t) => sum + p[t] * e.w[j], 0));
    const C = plus(...each.map((e, t) => scaled(plus(e.C, outer(e.w.map((v, j) => v - w[j]))), p[t])));
    const posterior = adaptHead(prior, group, support, [s], [0]);
    expectPosterior(posterior, w, C, each[0].scale);
    expect(Math.max(...p)).toBeLessThan(0.999);
    const whole = (q: Setting) => adaptHead(prior, group, support, [q], [0]).logEvidence;
    expect(whole(s) - whole(setting())).toBeCloseTo(
      top + Math.log(total / TASKS) - textbook(prior, setting(), support).logEvidence,
      9,
    );
  });

  it('gives each measurement its own noise', () => {
    const noisy = { ...support, noiseScale: Float64Array.of(1, 40, 1, 0.1, 5, 1) };
    const { w, C, scale } = textbook(prior, setting(), noisy);
    expectPosterior(adaptHead(prior, group, noisy, [setting()], [0]), w, C, scale);
    const moved = adaptHead(prior, group, support, [setting()], [0]).weights;
    expect(w.slice(0, WIDTH).some((v, j) => Math.abs(v - moved[j]) > 1e-3)).toBe(true);
  });

  it('looSquare is the mean of squared leave-one-out residuals over their variance, refitted without each', () => {
    const s = setting(),
      k = support.values.length;
    const scale = support.values.reduce((a, b) => a + b, 0) / k;
    let sum = 0;
    for (let i = 0; i < k; i++) {
      // relative to the scale of the whole support
      const { X, values, A } = without(i, scale),
        fit = textbookAt(prior, s, X, values);
      const mean = multiply(A, columnOf(fit.w))[0][0],
        variance = multiply(multiply(A, fit.C), transpose(A))[0][0] + s.noise;
      sum += (support.values[i] / scale - 1 - mean) ** 2 / variance / k;
    }
    expect(adaptHead(prior, group, support, [s], [0]).looSquare).toBeCloseTo(sum, 6);
  });

  it('scales of a setting: evidence decides between them, the covariance is their mean', () => {
    const scales = [0.6, 1, 1.6],
      s = setting({ noise: 0.1, scales }),
      scale = support.values.reduce((a, b) => a + b, 0) / support.values.length,
      residual = Array.from(support.values, (v) => v / scale - 1);
    const each = scales.map((v) => textbookAt(prior, s, support.X, residual, undefined, 0, v)),
      p = each.map((e) => Math.exp(e.logEvidence - each[0].logEvidence)),
      total = p.reduce((a, b) => a + b);
    const posterior = adaptHead(prior, group, support, [s], [0]);
    expectPosterior(posterior, each[1].w, plus(...each.map((e, j) => scaled(e.C, p[j] / total))), scale);
    expect(posterior.noise).toBeCloseTo((s.noise * scales.reduce((a, v, j) => a + p[j] * v, 0)) / total, 12);
    const alone = adaptHead(prior, group, support, [setting({ noise: 0.1 })], [0]).logEvidence;
    expect(posterior.logEvidence - alone).toBeCloseTo(
      each[0].logEvidence + Math.log(total / scales.length) - each[1].logEvidence,
      9,
    );
    for (const share of p) expect(share / total).toBeGreaterThan(0.01);
  });

  it('from one measurement too', () => {
    const one = { X: support.X.slice(0, WIDTH), values: support.values.slice(0, 1) };
    const { w, C, scale } = textbook(prior, setting(), one);
    expectPosterior(adaptHead(prior, group, one, [setting()], [0]), w, C, scale);
  });
});

describe('averaging over settings', () => {
  const settings = [setting(), setting({ device: 0.1, noise: 2e-2 }), setting({ mean: 0, noise: 1e-2 })];
  const each = settings.map((s) => textbook(prior, s, support));
  // prior probabilities that make up for most of the evidence, so that all three count
  const logPrior = each.map((e, i) => [0, 0.7, -0.4][i] - Math.round(e.logEvidence));
  const p = each.map((e, i) => Math.exp(e.logEvidence + logPrior[i]));
  const total = p.reduce((a, b) => a + b);

  it('weighs them by evidence and prior probability', () => {
    const { probability } = adaptHead(prior, group, support, settings, logPrior);
    expect(probability).toHaveLength(3);
    probability.forEach((v, i) => {
      expect(v).toBeCloseTo(p[i] / total, 9);
      expect(v).toBeGreaterThan(0.05);
    });
  });

  it('adds the spread between settings to the spread within', () => {
    const n = WIDTH + 1,
      w = Array.from({ length: n }, (_, j) => each.reduce((s, e, i) => s + (p[i] / total) * e.w[j], 0));
    const C = plus(...each.map((e, i) => scaled(plus(e.C, outer(e.w.map((v, j) => v - w[j]))), p[i] / total)));
    const posterior = adaptHead(prior, group, support, settings, logPrior);
    expectPosterior(posterior, w, C, each[0].scale);
    expect(posterior.noise).toBeCloseTo(
      settings.reduce((s, q, i) => s + (p[i] / total) * q.noise, 0),
      12,
    );
  });

  it('looSquare leaves each measurement out of the evidence too', () => {
    const scales = [0.3, 1, 2.5],
      some = settings.map((q) => ({ ...q, scales }));
    const k = support.values.length,
      level = support.values.reduce((a, b) => a + b, 0) / k;
    let sum = 0;
    for (let i = 0; i < k; i++) {
      const { X, values, A } = without(i, level);
      const parts = some.flatMap((q, n) =>
        scales.map((v) => {
          const fit = textbookAt(prior, q, X, values, undefined, 0, v);
          return {
            p: Math.exp(fit.logEvidence + logPrior[n]),
            mean: multiply(A, columnOf(fit.w))[0][0],
            variance: multiply(multiply(A, fit.C), transpose(A))[0][0] + v * q.noise,
          };
        }),
      );
      const all = parts.reduce((a, c) => a + c.p, 0),
        mean = parts.reduce((a, c) => a + (c.p / all) * c.mean, 0),
        variance = parts.reduce((a, c) => a + (c.p / all) * (c.variance + (c.mean - mean) ** 2), 0);
      sum += (support.values[i] / level - 1 - mean) ** 2 / variance / k;
    }
    expect(adaptHead(prior, group, support, some, logPrior).looSquare).toBeCloseTo(sum, 6);
  });

  it('the evidence of the whole is the average over the prior probabilities, so that heads compare', () => {
    const prior2 = [Math.log(0.3), Math.log(0.2), Math.log(0.5)];
    const whole = (scale: number) => {
      const other = taskPrior(
        [0, 1, 2].map((t) =>
          prior.deviations.slice(t * WIDTH, (t + 1) * WIDTH).map((v, j) => scale * (Math.sqrt(TASKS) * v + prior.mean[j])),
        ),
        WIDTH,
      );
      const average = settings.reduce(
        (s, q, i) => s + Math.exp(prior2[i]) * Math.exp(textbook(other, q, support).logEvidence),
        0,
      );
      return { actual: adaptHead(other, group, support, settings, prior2).logEvidence, expected: Math.log(average) };
    };
    const [a, b] = [whole(1), whole(0.2)];
    expect(a.actual - b.actual).toBeCloseTo(a.expected - b.expected, 9);
    expect(Math.abs(a.expected - b.expected)).toBeGreaterThan(0.1);
  });

  it('fitSettings gives the evidence and weights of each', () => {
    const fit = fitSettings(prior, group, support, settings);
    expect(fit.logEvidence).toHaveLength(3);
    const expected = each.flatMap((e) => [...e.w]);
    expect(fit.weights).toHaveLength(expected.length);
    for (let i = 1; i < settings.length; i++)
      expect(fit.logEvidence[i] - fit.logEvidence[0]).toBeCloseTo(each[i].logEvidence - each[0].logEvidence, 9);
    fit.weights.forEach((v, j) => {
      expect(v).toBeCloseTo(expected[j], 9);
    });
  });
});

describe('the posterior', () => {
  const settings = networkSettings({ runtime: [0, 1e-3] }),
    flat = new Float64Array(settings.length);
  const law = (x: ArrayLike<number>) => 2e-3 * (1 + 0.3 * x[0] - 0.1 * x[1] + 0.05 * x[2]);
  const measured = (k: number, noise = 0.02) => {
    const source = createRandom('measured'),
      X = Float64Array.from({ length: k * WIDTH }, () => source.normal());
    return { X, values: Float64Array.from(rowsOf(X), (x) => law(x) * (1 + noise * source.normal())) };
  };

  it('has a symmetric covariance without negative variances', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 5, maxLength: 5 }),
        (k, v) => {
          const { covariance } = adaptHead(prior, group, measured(k), settings, flat),
            n = WIDTH + 1;
          let along = 0;
          for (let a = 0; a < n; a++)
            for (let b = 0; b < n; b++) {
              expect(covariance[a * n + b]).toBeCloseTo(covariance[b * n + a], 12);
              along += v[a] * covariance[a * n + b] * v[b];
            }
          expect(along).toBeGreaterThanOrEqual(-1e-12);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('is the same for seconds and milliseconds, but for the scale', () => {
    const s = adaptHead(prior, group, support, settings, flat),
      ms = adaptHead(prior, group, { ...support, values: support.values.map((v) => v * 1e3) }, settings, flat);
    expect(ms.scale / s.scale).toBeCloseTo(1e3, 9);
    ms.weights.forEach((v, j) => {
      expect(v).toBeCloseTo(s.weights[j], 9);
    });
  });

  it('more measurements give narrower intervals and a smaller error', () => {
    const X = normals(50 * WIDTH);
    const [few, some, many] = [3, 10, 40].map((k) => {
      const { mean, deviation } = predictHead(adaptHead(prior, group, measured(k), settings, flat), X);
      const error = rowsOf(X).reduce((s, x, i) => s + Math.abs(mean[i] - law(x)) / 50, 0);
      return { width: deviation.reduce((a, b) => a + b) / 50, error };
    });
    expect(some.width).toBeLessThan(few.width);
    expect(many.width).toBeLessThan(some.width);
    expect(some.error).toBeLessThan(few.error);
    expect(many.error).toBeLessThan(some.error);
  });

  it('finds the noise: more of it, wider intervals', () => {
    const X = normals(20 * WIDTH);
    const width = (noise: number) =>
      predictHead(adaptHead(prior, group, measured(30, noise), settings, flat), X).deviation.reduce((a, b) => a + b);
    expect(width(0.15)).toBeGreaterThan(3 * width(0.01));
  });

  it('is certain near what was measured and not far from it', () => {
    const posterior = adaptHead(prior, group, measured(8), settings, flat);
    const [near, far] = predictHead(posterior, Float64Array.of(0.1, 0, 0, 0, 30, -30, 30, 30)).deviation;
    expect(far).toBeGreaterThan(5 * near);
  });
});

describe('predictHead', () => {
  it('by hand: scale (1 + offset + x w), variance x C x + noise', () => {
    const posterior: Posterior = {
      width: 2,
      scale: 10,
      weights: Float64Array.of(0.5, -0.2),
      offset: 0.1,
      covariance: Float64Array.of(0.04, 0.01, 0.02, 0.01, 0.09, 0, 0.02, 0, 0.01),
      noise: 0.03,
      looSquare: 1,
      logEvidence: 0,
      probability: Float64Array.of(1),
    };
    const { mean, deviation } = predictHead(posterior, Float64Array.of(1, 2, 0, 0));
    expect(mean[0]).toBeCloseTo(10 * (1 + 0.1 + 0.5 - 0.4), 12);
    expect(mean[1]).toBeCloseTo(11, 12);
    // (1, 2, 1) C (1, 2, 1) = .04 + .36 + .01 + 2 (.02 + .02 + 0)
    expect(deviation[0]).toBeCloseTo(Math.sqrt(0.49 + 0.03), 12);
    expect(deviation[1]).toBeCloseTo(Math.sqrt(0.01 + 0.03), 12);
    expect(predictHead(posterior, Float64Array.of(1, 2), false).deviation).toHaveLength(0);
  });
});
