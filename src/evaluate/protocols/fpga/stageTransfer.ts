import { createRandom } from '../../../core/random.js';
import { median } from '../../../core/statistics.js';
import type { FpgaSourceRow } from '../../../fpga/data/fpgaSources.js';
import type { HlsDesign } from '../../../fpga/design/hlsDesign.js';
import { ridgePredict } from '../../../fpga/families/familyBaselines.js';
import { analyseDesign } from '../../../fpga/rules/analyseDesign.js';
import { adaptStage, STAGE_TARGETS, type StageCounts, type StagePair, stageFeatures } from '../../../fpga/stages/stageModel.js';
import { type TransferRow, TransferRows } from './resourceScores.js';

export interface SourcedPair extends StagePair {
  source: string;
  modelId: string;
}

const counts = (row: FpgaSourceRow): StageCounts | undefined => {
  const { lut, ff, dsp, bram18 } = row.labels;
  return lut === undefined || ff === undefined || dsp === undefined || bram18 === undefined
    ? undefined
    : { lut, ff, dsp, bram18 };
};

/** Designs of real projects with counts after csynth and after vsynth. */
export function stagePairs(rows: readonly FpgaSourceRow[]): SourcedPair[] {
  const early = new Map(rows.filter((r) => r.stage === 'csynth').map((r) => [`${r.source} ${r.id}`, r]));
  return rows.flatMap((row) => {
    if (row.stage !== 'vsynth') return [];
    const from = early.get(`${row.source} ${row.id}`),
      a = from && counts(from),
      b = counts(row);
    return a && b ? [{ source: row.source, modelId: row.modelId, design: withReuse(row, a.dsp), early: a, late: b }] : [];
  });
}

const MOST_REUSE = 4096;

/** The design with a reuse factor: where the source does not record it, the power of two with which the rules give the DSPs that csynth reports. */
function withReuse({ design, unknown }: FpgaSourceRow, dsp: number): HlsDesign {
  if (!unknown.includes('reuseFactor') || design.strategy !== 'resource') return design;
  const off = (d: HlsDesign) => Math.abs(Math.log((analyseDesign(d).total.dsp + 1) / (dsp + 1)));
  let best = design;
  for (let reuseFactor = 2; reuseFactor <= MOST_REUSE; reuseFactor *= 2) {
    const tried = { ...design, reuseFactor };
    if (off(tried) < off(best)) best = tried;
  }
  return best;
}

/**
 * csynth to vsynth with `sizes` pairs. Settings: `model` (the designs asked about are of models none of whose variants are among the pairs; each model in turn, as many pairs as there
 * are up to k), `pair` (drawn among all pairs, so that variants of a model may stand on both sides: what a user who adapts to a project of their own has), `source` (all pairs of the other
 * sources). Methods: the head, ridge, the median ratio, csynth as it is.
 */
export function stageTransfer(
  rows: readonly FpgaSourceRow[],
  options: { sizes?: readonly number[]; draws?: number; seed?: number } = {},
): TransferRow[] {
  const { sizes = [5, 10], draws = 50, seed = 0 } = options;
  const pairs = stagePairs(rows),
    random = createRandom(seed).fork('stage transfer'),
    out = new TransferRows();
  const score = (task: string, setting: string, k: number, support: readonly SourcedPair[], query: readonly SourcedPair[]) => {
    if (support.length < 2 || !query.length) return;
    const adapted = adaptStage(support).predict(query),
      [known, asked] = [support, query].map((some) => some.map((p) => [...stageFeatures(p)]));
    for (const target of STAGE_TARGETS) {
      const add = (method: string, value: (p: SourcedPair, i: number) => { value: number; low?: number; high?: number }) =>
        out.add(
          { task, setting, target, method, k, selection: 'random' },
          query.map((p, i) => ({ ...value(p, i), truth: p.late[target] })),
        );
      const log = (p: SourcedPair) => Math.log(Math.max(1, p.late[target]) / Math.max(1, p.early[target]));
      add('stage model', (_, i) => adapted[i][target]);
      const fitted = ridgePredict(known, support.map(log), asked);
      add('ridge', (p, i) => ({ value: p.early[target] * Math.exp(fitted[i]) }));
      const ratio = Math.exp(median(support.map(log)));
      add('median ratio', (p) => ({ value: p.early[target] * ratio }));
      add('csynth', (p) => ({ value: p.early[target] }));
    }
  };
  for (const k of sizes)
    for (let draw = 0; draw < draws; draw++) {
      const r = random.fork(`${k} ${draw}`),
        order = r.shuffle([...pairs]);
      score('all pairs', 'pair', k, order.slice(0, k), order.slice(k));
    }
  for (const model of new Set(pairs.map((p) => p.modelId)))
    for (const k of sizes) {
      const others = pairs.filter((p) => p.modelId !== model);
      for (let draw = 0; draw < (others.length > k ? Math.min(draws, 10) : 1); draw++)
        score(
          model,
          'model',
          k,
          random
            .fork(`${model} ${k} ${draw}`)
            .shuffle([...others])
            .slice(0, k),
          pairs.filter((p) => p.modelId === model),
        );
    }
  for (const source of new Set(pairs.map((p) => p.source))) {
    const others = pairs.filter((p) => p.source !== source);
    score(
      source,
      'source',
      others.length,
      others,
      pairs.filter((p) => p.source === source),
    );
  }
  return out.rows();
}
