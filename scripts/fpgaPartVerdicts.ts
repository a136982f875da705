import { FPGA_PARTS, type FpgaPart, fpgaPartNamed } from '../src/device/fpgaParts.js';
import type { FpgaSourceRow } from '../src/fpga/data/fpgaSources.js';
import { RESOURCES } from '../src/fpga/designTargets.js';
import { fits } from '../src/fpga/fits.js';
import type { FpgaModel } from '../src/fpga/residual/fpgaModel.js';
import type { Verdict } from '../src/fpga/rules/feasibility.js';
import { markdownTable, percent } from './markdown.js';

/** A design on a part, what became of it and what was said. */
interface Case {
  row: FpgaSourceRow;
  part: FpgaPart;
  fits: boolean;
  verdict: Verdict;
  /** how full the part is, of what it has least of: 1 is full */
  share: number;
}

/** Fabric of a part: those of one fabric differ in size. */
const fabricOf = ({ family, dspGeneration }: FpgaPart): string =>
  family === 'alveo' || family.endsWith('+')
    ? 'UltraScale+'
    : `${dspGeneration} ${family.includes('ultrascale') ? 'UltraScale' : ''}`;

/** Halvings of the smallest part of a fabric: what other designs may leave of it. */
const HALVINGS = 7;

/** Parts of a fabric, and shares of its smallest. */
function partsOf(fabric: string): FpgaPart[] {
  const parts = FPGA_PARTS.filter((part) => fabricOf(part) === fabric);
  const smallest = parts.reduce((a, b) => (b.lut < a.lut ? b : a));
  const shares = Array.from({ length: HALVINGS }, (_, i): FpgaPart => {
    const by = 2 ** (i + 1);
    const of = (count: number) => Math.floor(count / by);
    return {
      ...smallest,
      name: `1/${by} of ${smallest.name}`,
      ...{
        lut: of(smallest.lut),
        ff: of(smallest.ff),
        dsp: of(smallest.dsp),
        bram18: of(smallest.bram18),
        uram: of(smallest.uram),
      },
    };
  });
  return [...parts, ...shares];
}

/** The least that logic synthesis left of csynth's counts in any pair of the collected rows. */
export type LeastLeft = Partial<Record<(typeof RESOURCES)[number], number>>;

export function leastLeft(rows: readonly FpgaSourceRow[]): LeastLeft {
  const first = new Map(rows.filter((r) => r.stage === 'csynth').map((r) => [`${r.source} ${r.id}`, r.labels]));
  const out: LeastLeft = {};
  for (const row of rows.filter((r) => r.stage === 'vsynth')) {
    const before = first.get(`${row.source} ${row.id}`);
    for (const key of ['lut', 'ff', 'bram18'] as const) {
      const from = before?.[key],
        to = row.labels[key];
      if (from && to !== undefined) out[key] = Math.min(out[key] ?? 1, to / from);
    }
  }
  return out;
}

/**
 * Whether the counts of a row fit a part, and how full it is. Counts of logic synthesis tell. csynth's tell where they fit, and where they do not even as far as logic synthesis has ever
 * lowered such counts. Products beyond the DSPs can be made of LUTs: where only they exceed, nothing is known. Undefined: not known.
 */
function outcome(row: FpgaSourceRow, part: FpgaPart, least: LeastLeft): { fits: boolean; share: number } | undefined {
  const shares = RESOURCES.map((key) => ({ key, share: (row.labels[key] ?? 0) / Math.max(part[key], 1e-9) }));
  const most = Math.max(...shares.map((s) => s.share));
  if (most <= 1) return { fits: true, share: most };
  const left = shares
    .filter(({ key }) => key !== 'dsp')
    .map(({ key, share }) => (row.stage === 'csynth' ? share * (least[key] ?? 1) : share));
  return Math.max(...left) > 1 ? { fits: false, share: Math.max(...left) } : undefined;
}

/** Every row with counts beside every part of its fabric, and shares of the smallest. */
function casesOf(rows: readonly FpgaSourceRow[], modelOf: (row: FpgaSourceRow) => FpgaModel, least: LeastLeft): Case[] {
  return rows.flatMap((row) => {
    const own = row.part ? fpgaPartNamed(row.part) : undefined;
    if (!own || !row.success || row.labels.lut === undefined) return [];
    const model = modelOf(row);
    return partsOf(fabricOf(own)).flatMap((part): Case[] => {
      const found = outcome(row, part, least);
      if (!found) return [];
      const [prediction] = model.predict([row.design], { stage: row.stage, part });
      return [{ row, part, ...found, verdict: fits(prediction, part).verdict }];
    });
  });
}

const share = (of: number, all: number): string => (all ? percent(of / all, 1) : '-');

function line(name: string, of: readonly Case[]): string[] {
  const real = of.filter((c) => !c.fits).length;
  const said = (...verdicts: Verdict[]) => of.filter((c) => verdicts.includes(c.verdict));
  const scores = (verdicts: Verdict[], fitting: boolean, all: number): string => {
    const flagged = said(...verdicts),
      right = flagged.filter((c) => c.fits === fitting).length;
    return `${flagged.length}, ${share(right, flagged.length)}, ${share(right, all)}`;
  };
  return [
    name,
    String(of.length),
    String(real),
    scores(['does-not-fit'], false, real),
    scores(['does-not-fit', 'likely-does-not-fit'], false, real),
    scores(['fits'], true, of.length - real),
    scores(['fits', 'likely-fits'], true, of.length - real),
    String(said('unknown').length),
  ];
}

const HEAD = ['rows of', 'cases', 'do not fit', 'does-not-fit', 'or likely', 'fits', 'or likely', 'unknown'];

/** The table, and what was said wrongly without "likely". */
export function partVerdicts(
  groups: readonly { name: string; rows: readonly FpgaSourceRow[]; modelOf: (row: FpgaSourceRow) => FpgaModel }[],
  least: LeastLeft,
): string {
  const all = groups.map(({ name, rows, modelOf }) => ({ name, cases: casesOf(rows, modelOf, least) }));
  const wrong = all.flatMap(({ cases }) =>
    cases.filter((c) => (c.verdict === 'does-not-fit' && c.fits) || (c.verdict === 'fits' && !c.fits)),
  );
  const listed = wrong.map(
    ({ row, part, verdict, share }) =>
      `${row.source} ${row.id} (${row.stage}) on ${part.name}: ${verdict}, in truth ${percent(share, 0)} full`,
  );
  const table = markdownTable(
    HEAD,
    all.map(({ name, cases }) => line(name, cases)),
  );
  return `${table}\n\nFalse alarms and false promises without "likely": ${listed.length ? `${listed.length}: ${listed.join('; ')}` : 'none'}.`;
}
