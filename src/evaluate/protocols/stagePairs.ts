import type { FpgaSourceRow } from '../../fpga/data/fpgaSources.js';
import type { HlsDesign } from '../../fpga/design/hlsDesign.js';
import { analyseDesign } from '../../fpga/rules/analyseDesign.js';
import type { StageCounts, StagePair } from '../../fpga/stages/stageModel.js';

export interface SourcedPair extends StagePair {
  source: string;
  modelId: string;
}

const countsOf = (row: FpgaSourceRow): StageCounts | undefined => {
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
      csynth = from && countsOf(from),
      vsynth = countsOf(row);
    return csynth && vsynth
      ? [{ source: row.source, modelId: row.modelId, design: withReuse(row, csynth.dsp), early: csynth, late: vsynth }]
      : [];
  });
}

const MOST_REUSE = 4096;

/** The design with a reuse factor: where the source does not record it, the power of two with which the rules give the DSPs that csynth reports. */
function withReuse({ design, unknown }: FpgaSourceRow, dsp: number): HlsDesign {
  if (!unknown.includes('reuseFactor') || design.strategy !== 'resource') return design;
  const distance = (d: HlsDesign) => Math.abs(Math.log((analyseDesign(d).total.dsp + 1) / (dsp + 1)));
  let best = design;
  for (let reuseFactor = 2; reuseFactor <= MOST_REUSE; reuseFactor *= 2) {
    const tried = { ...design, reuseFactor };
    if (distance(tried) < distance(best)) best = tried;
  }
  return best;
}
