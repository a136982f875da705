import { ridge } from '../../core/cholesky.js';
import { kept } from '../../core/kept.js';
import { mean, standardDeviation } from '../../core/statistics.js';
import { LAYER_COLUMNS, LAYER_NUMBERS } from '../../fpga/residual/layerColumns.js';
import { RESIDUAL_TARGETS } from '../../fpga/residual/layerFeatures.js';
import type { PreparedRow } from '../../fpga/residual/residualRow.js';
import { smape } from '../countScores.js';

const F = LAYER_COLUMNS.length,
  N = LAYER_NUMBERS.length;
const LAMBDAS = [0.1, 1, 10, 100, 1000];
const FOLDS = 4;

/** A design as one row: context, logs of the analytical totals, counts of each kind of layer, mean and largest of each number of its layers. */
function designRow({ features: d, analysis }: PreparedRow): number[] {
  const { total } = analysis;
  const out = [...d.context, ...Array.from(d.totals, Math.log1p), Math.log1p(total.iiMax), Math.log1p(d.nodes)];
  for (let k = 0; k < F; k++) {
    let sum = 0,
      most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < d.nodes; i++) {
      sum += d.layers[i * F + k];
      most = Math.max(most, d.layers[i * F + k]);
    }
    if (k < N) out.push(sum / d.nodes, most);
    else out.push(Math.log1p(sum));
  }
  return out;
}

/** Rows of designs, centred and in units of their spread over the training designs; held within what training saw. */
function tableOf(train: readonly PreparedRow[]) {
  const rows = train.map(designRow),
    columns = rows[0].map((_, k) => rows.map((r) => r[k]));
  const centre = columns.map(mean),
    spread = columns.map(standardDeviation),
    low = columns.map((c) => c.reduce((a, b) => Math.min(a, b))),
    high = columns.map((c) => c.reduce((a, b) => Math.max(a, b)));
  const scale = (row: readonly number[]) =>
    row.map((v, k) => (spread[k] > 1e-9 ? (Math.min(high[k], Math.max(low[k], v)) - centre[k]) / spread[k] : 0));
  return { rows: rows.map(scale), of: (row: PreparedRow) => scale(designRow(row)) };
}

/** Values of RESIDUAL_TARGETS, and of II where it knows, [test][target] by a baseline that is trained on `train`. */
export type Baseline = (train: readonly PreparedRow[], test: readonly PreparedRow[]) => number[][];

/** Ridge regression of log(y + 1) on design features, the penalty by left-out groups of the training designs. */
export const ridgeBaseline: Baseline = (train, test) => {
  const table = tableOf(train),
    queries = test.map(table.of);
  const groups = [...new Set(train.map((r) => r.group))].sort();
  const fold = new Map(groups.map((g, i) => [g, i % FOLDS]));
  const out = test.map(() => [] as number[]);
  RESIDUAL_TARGETS.forEach((_, t) => {
    const known = train.map((_, i) => i).filter((i) => !Number.isNaN(train[i].targets[t]));
    const fit = (rows: readonly number[], lambda: number) => {
      const center = mean(rows.map((i) => Math.log1p(train[i].targets[t]))),
        columns = table.rows[0].length;
      const A = new Float64Array(rows.length * columns);
      rows.forEach((i, r) => A.set(table.rows[i], r * columns));
      const b = Float64Array.from(rows, (i) => Math.log1p(train[i].targets[t]) - center);
      const w = ridge(A, b, rows.length, columns, lambda);
      return (x: readonly number[]) => Math.max(0, Math.round(Math.expm1(x.reduce((s, v, k) => s + v * w[k], center))));
    };
    const errors = LAMBDAS.map((lambda) => {
      const y: number[] = [],
        p: number[] = [];
      for (let f = 0; f < FOLDS; f++) {
        const inside = known.filter((i) => fold.get(train[i].group) !== f),
          outside = known.filter((i) => fold.get(train[i].group) === f);
        if (!inside.length || !outside.length) continue;
        const predict = fit(inside, lambda);
        for (const i of outside) {
          y.push(train[i].targets[t]);
          p.push(predict(table.rows[i]));
        }
      }
      return smape(y, p);
    });
    const predict = fit(known, LAMBDAS[errors.indexOf(Math.min(...errors))]);
    queries.forEach((x, i) => {
      out[i][t] = predict(x);
    });
  });
  return out;
};

/** The value of the most similar training design of the same stage (Euclidean over the same features), of any stage where there is none. */
export const nearestBaseline: Baseline = (train, test) => {
  const table = tableOf(train);
  return test.map((row) => {
    const x = table.of(row);
    const distance = table.rows.map((r) => r.reduce((s, v, k) => s + (v - x[k]) ** 2, 0));
    return RESIDUAL_TARGETS.map((_, t) => {
      const known = train.map((_, i) => i).filter((i) => !Number.isNaN(train[i].targets[t]));
      const same = known.filter((i) => train[i].stage === row.stage);
      const nearest = (same.length ? same : known).reduce((a, b) => (distance[b] < distance[a] ? b : a));
      return train[nearest].targets[t];
    });
  });
};

/**
 * A reference, no prediction of a new model: the rules times the ratio that they were off by on the other variants of the same model and stage, mean of logs shrunk by n / (n + 1); the
 * rules where there is no other variant. It knows what a design does not tell, the weights, by their effect. The other variants of a module are the
 * other modules of its network. Values of RESIDUAL_TARGETS [test][target].
 */
export const siblingReference: Baseline = (_, test) => {
  const variants = new Map<string, number[]>();
  const modelOf = (row: PreparedRow) => `${row.stage}|${row.topLevel}|${row.group}`;
  test.forEach((row, i) => {
    kept(variants, modelOf(row), () => []).push(i);
  });
  const off = test.map(({ targets, features }) =>
    RESIDUAL_TARGETS.map((_, t) => Math.log1p(targets[t]) - Math.log1p(features.totals[t])),
  );
  return test.map((row, i) =>
    RESIDUAL_TARGETS.map((_, t) => {
      const others = variants
        .get(modelOf(row))!
        .filter((j) => j !== i && !Number.isNaN(off[j][t]))
        .map((j) => off[j][t]);
      const shift = others.reduce((a, b) => a + b, 0) / (others.length + 1);
      return Math.round(Math.expm1(Math.log1p(row.features.totals[t]) + shift));
    }),
  );
};

/** The rules, with what logic synthesis is expected to leave of them at the stage of the design. */
export const rulesBaseline: Baseline = (_, test) =>
  test.map(({ features, analysis }) => [...Array.from(features.totals, Math.round), analysis.total.iiMax]);

/** The rules' csynth value as it is, whatever the stage. */
export const unscaledRules: Baseline = (_, test) =>
  test.map(({ analysis: { total } }) => [total.lut, total.ff, total.dsp, total.bram18, total.latencyMax, total.iiMax]);

/** By name, as the protocol shows them. */
export const RESIDUAL_BASELINES = {
  analytical: rulesBaseline,
  unscaled: unscaledRules,
  siblings: siblingReference,
  ridge: ridgeBaseline,
  nearest: nearestBaseline,
} as const satisfies Record<string, Baseline>;
