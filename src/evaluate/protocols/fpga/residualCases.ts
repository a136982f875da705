import { HwcastError } from '../../../core/errors.js';
import { createRandom } from '../../../core/random.js';
import { mean } from '../../../core/statistics.js';
import type { FpgaSourceRow } from '../../../fpga/data/fpgaSources.js';
import { strategyOf } from '../../../fpga/design/hlsDesign.js';
import { FpgaModel } from '../../../fpga/residual/fpgaModel.js';
import { type PreparedRow, prepareRows, type ResidualRow } from '../../../fpga/residual/residualRow.js';
import { type ResidualOptions, trainPrepared } from '../../../fpga/residual/trainResidual.js';
import { RESIDUAL_GRID, tuneResidual } from '../../../fpga/residual/tuneResidual.js';
import { type FpgaScores, fpgaScores } from './fpgaScores.js';
import { BASELINES } from './residualBaselines.js';

export const RESIDUAL_METHODS = ['analytical', 'unscaled', 'siblings', 'ridge', 'nearest', 'mlp', 'gnn'] as const;
/** analytical: the rules; unscaled: the rules' csynth value as it is, whatever the stage; siblings: `siblingReference` */
export type ResidualMethod = (typeof RESIDUAL_METHODS)[number];
/** Names of the targets in labelled rows. */
const LABELS = { lut: 'lut', ff: 'ff', dsp: 'dsp', bram18: 'bram18', cycles: 'latMax', ii: 'iiMax' } as const;
export const RESIDUAL_SCORED = ['lut', 'ff', 'dsp', 'bram18', 'cycles', 'ii'] as const;

export interface ResidualResult extends FpgaScores {
  /** models-left-out or source-left-out, and which designs */
  task: string;
  target: (typeof RESIDUAL_SCORED)[number];
  stage: string;
  source: string;
  method: ResidualMethod;
  /** seeds of the split that the scores are means of */
  draws: number;
  /** share of labels inside the 90 % interval; null for methods without one */
  coverage90: number | null;
}

export interface ResidualCaseOptions {
  methods?: readonly ResidualMethod[];
  /** folds of the split by model; 5 unless told, 0 for none */
  folds?: number;
  /** splits; [0, 1] unless told */
  seeds?: readonly number[];
  /** sources to leave out whole; those of whole hls4ml projects unless told */
  leaveOut?: readonly string[];
  /** of the trainings */
  training?: ResidualOptions;
  /** settings tried inside the training models; none of them where it has one entry */
  grid?: typeof RESIDUAL_GRID;
  onProgress?: (done: number, total: number, what: string) => void;
}

interface Row extends PreparedRow {
  source: string;
}

/** One predicted design: value, low and high by scored target; low is NaN where there is no interval. */
type Predicted = Record<(typeof RESIDUAL_SCORED)[number], readonly [number, number, number]>;

/** Rows that a residual may learn from and be judged by, and how many are left out because reuse factor or kernel are not recorded. */
export function residualRows(rows: readonly FpgaSourceRow[]): {
  rows: (ResidualRow & { source: string })[];
  unknownReuse: number;
  unknownKernel: number;
} {
  const labelled = rows.filter((r) => r.success && r.labels.lut !== undefined);
  const reuse = labelled.filter((r) => !r.unknown.includes('reuseFactor')),
    known = reuse.filter((r) => !r.unknown.includes('kernel'));
  return {
    rows: known.map(({ design, stage, labels, modelId, source }) => ({
      design,
      stage,
      labels,
      group: modelId,
      source,
      topLevel: source !== 'hls4ml_modules',
    })),
    unknownReuse: labelled.length - reuse.length,
    unknownKernel: reuse.length - known.length,
  };
}

/**
 * Scores of the rules, baselines and learned residuals on designs that were not trained on. models-left-out: folds over models of all sources, each design
 * predicted once a seed. source-left-out: no design of any model of that source is trained on, modules included. Settings are chosen inside the training
 * models, by the MLP for both encoders. Needs a ready backend.
 * @throws HwcastError `bad-input` without rows.
 */
export async function residualCases(
  source: readonly FpgaSourceRow[],
  options: ResidualCaseOptions = {},
): Promise<ResidualResult[]> {
  const { methods = RESIDUAL_METHODS, folds = 5, seeds = [0, 1] } = options;
  const rows: Row[] = prepareRows(residualRows(source).rows) as Row[];
  if (!rows.length) throw new HwcastError('bad-input', 'no labelled designs with a known reuse factor');
  const left =
    options.leaveOut ?? [...new Set(rows.map((r) => r.source))].filter((s) => s.includes('/') || s === 'wa_hls4ml_dense3');
  const out: ResidualResult[] = [];
  const total = seeds.length * (folds + left.length);
  let done = 0;

  const predictions = seeds.map(() => new Map<ResidualMethod, Map<Row, Predicted>>());
  for (const [s, seed] of seeds.entries()) {
    const models = createRandom(`${seed}/split`).shuffle([...new Set(rows.map((r) => r.group))].sort());
    const fold = new Map(models.map((m, i) => [m, i % folds]));
    for (let f = 0; f < folds; f++) {
      options.onProgress?.(done++, total, `seed ${seed}, fold ${f}`);
      const test = rows.filter((r) => fold.get(r.group) === f);
      await predictAll(
        rows.filter((r) => fold.get(r.group) !== f),
        test,
        methods,
        `${seed}/${f}`,
        options,
        predictions[s],
      );
    }
  }
  for (const { task, source: name, stage, members } of folds > 0 ? casesOf(rows) : [])
    out.push(...scoresOf(`models-left-out${task}`, name, stage, members, predictions));

  for (const name of left) {
    const models = new Set(rows.filter((r) => r.source === name).map((r) => r.group)),
      test = rows.filter((r) => r.source === name);
    const found = seeds.map(() => new Map<ResidualMethod, Map<Row, Predicted>>());
    for (const [s, seed] of seeds.entries()) {
      options.onProgress?.(done++, total, `seed ${seed}, without ${name}`);
      await predictAll(
        rows.filter((r) => !models.has(r.group)),
        test,
        methods,
        `${seed}/${name}`,
        options,
        found[s],
      );
    }
    for (const stage of [...new Set(test.map((r) => r.stage))])
      out.push(
        ...scoresOf(
          'source-left-out',
          name,
          stage,
          test.filter((r) => r.stage === stage),
          found,
        ),
      );
  }
  return out;
}

async function predictAll(
  train: readonly Row[],
  test: readonly Row[],
  methods: readonly ResidualMethod[],
  seed: string,
  options: ResidualCaseOptions,
  into: Map<ResidualMethod, Map<Row, Predicted>>,
): Promise<void> {
  const put = (method: ResidualMethod, row: Row, predicted: Predicted) => {
    if (!into.has(method)) into.set(method, new Map());
    into.get(method)!.set(row, predicted);
  };
  const learned = methods.filter((m): m is 'mlp' | 'gnn' => m === 'mlp' || m === 'gnn');
  const training = { ...options.training, seed };
  const grid = options.grid ?? RESIDUAL_GRID;
  const settings = learned.length && grid.length > 1 ? (await tuneResidual(train, training, grid)).settings : grid[0];
  for (const method of methods) {
    if (method === 'mlp' || method === 'gnn') {
      const model = new FpgaModel(await trainPrepared(train, { ...training, ...settings, encoder: method }));
      for (const row of test) {
        const { targets } = model.predict([row.design], { stage: row.stage, topLevel: row.topLevel })[0];
        put(
          method,
          row,
          Object.fromEntries(
            RESIDUAL_SCORED.map((t) => [t, [targets[t].value, targets[t].low ?? Number.NaN, targets[t].high ?? Number.NaN]]),
          ) as never,
        );
      }
      continue;
    }
    const values = BASELINES[method]?.(train, test);
    test.forEach((row, i) => {
      const { total } = row.analysis;
      const of =
        values?.[i] ??
        (method === 'analytical'
          ? Array.from(row.features.totals, Math.round)
          : [total.lut, total.ff, total.dsp, total.bram18, total.latencyMax]);
      const [lut, ff, dsp, bram18, cycles] = of.map((v) => [v, Number.NaN, Number.NaN] as const);
      put(method, row, { lut, ff, dsp, bram18, cycles, ii: [total.iiMax, Number.NaN, Number.NaN] });
    });
  }
}

/** What is scored together: each source and stage; dense layers by strategy; all whole projects. */
function casesOf(rows: readonly Row[]): { task: string; source: string; stage: string; members: Row[] }[] {
  const out: { task: string; source: string; stage: string; members: Row[] }[] = [];
  for (const source of [...new Set(rows.map((r) => r.source))])
    for (const stage of ['csynth', 'vsynth']) {
      const members = rows.filter((r) => r.source === source && r.stage === stage);
      if (members.length) out.push({ task: '', source, stage, members });
      const strategies = [...new Set(members.map((r) => strategyOf(r.design, r.design.layers[0])))].sort();
      if (source === 'wa_hls4ml_dense1')
        for (const strategy of strategies)
          out.push({
            task: `, ${strategy}`,
            source,
            stage,
            members: members.filter((r) => strategyOf(r.design, r.design.layers[0]) === strategy),
          });
    }
  for (const stage of ['csynth', 'vsynth']) {
    const projects = rows.filter((r) => r.source.includes('/') && r.stage === stage),
      networks = rows.filter((r) => (r.source.includes('/') || r.source === 'wa_hls4ml_dense3') && r.stage === stage);
    if (projects.length) out.push({ task: '', source: 'all hls4ml projects', stage, members: projects });
    if (networks.length > projects.length) out.push({ task: '', source: 'all whole networks', stage, members: networks });
  }
  return out;
}

function scoresOf(
  task: string,
  source: string,
  stage: string,
  members: readonly Row[],
  predictions: readonly Map<ResidualMethod, Map<Row, Predicted>>[],
): ResidualResult[] {
  const out: ResidualResult[] = [];
  for (const target of RESIDUAL_SCORED) {
    const label = LABELS[target],
      known = members.filter((r) => r.labels[label] !== undefined);
    if (!known.length) continue;
    const y = known.map((r) => r.labels[label]!);
    for (const method of predictions[0].keys()) {
      if (target === 'ii' && method in BASELINES) continue;
      const drawn = predictions.map((p) => known.map((r) => p.get(method)!.get(r)![target]));
      const scores = drawn.map((list) =>
        fpgaScores(
          y,
          list.map(([v]) => v),
        ),
      );
      const covered = drawn.map((list) =>
        list.some(([, low]) => Number.isNaN(low))
          ? Number.NaN
          : mean(list.map(([, low, high], i) => (low <= y[i] && y[i] <= high ? 1 : 0))),
      );
      const averaged = Object.fromEntries(
        Object.keys(scores[0]).map((k) => [k, mean(scores.map((s) => s[k as keyof FpgaScores]))]),
      ) as never as FpgaScores;
      const coverage = mean(covered);
      out.push({
        task,
        target,
        stage,
        source,
        method,
        draws: predictions.length,
        ...averaged,
        coverage90: Number.isNaN(coverage) ? null : coverage,
      });
    }
  }
  return out;
}

/** One line a source and target: SMAPE of each method, coverage of the learned ones. */
export function renderResidualResults(rows: readonly ResidualResult[]): string {
  const lines: string[] = [];
  const methods = [...new Set(rows.map((r) => r.method))];
  lines.push(`task | source | stage | target | n | ${methods.map((m) => `${m} SMAPE (R2, within 10 %)`).join(' | ')} | coverage`);
  const keys = [...new Set(rows.map((r) => `${r.task}|${r.source}|${r.stage}|${r.target}`))];
  for (const key of keys) {
    const same = rows.filter((r) => `${r.task}|${r.source}|${r.stage}|${r.target}` === key);
    const cells = methods.map((m) => {
      const r = same.find((row) => row.method === m);
      return r ? `${r.smape.toFixed(1)} (${Number.isNaN(r.r2) ? '-' : r.r2.toFixed(2)}, ${(100 * r.within10).toFixed(0)})` : '-';
    });
    const coverage = same.filter((r) => r.coverage90 !== null).map((r) => `${r.method} ${(100 * r.coverage90!).toFixed(0)}`);
    lines.push([...key.split('|'), String(same[0].n), ...cells, coverage.join(', ') || '-'].join(' | '));
  }
  return lines.join('\n');
}
