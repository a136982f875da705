/**
 * Fits the constants of the analytical rules to the measured kernels of llm-ops and prints their errors, each device predicted by constants that were
 * fitted without it; writes `src/analytical/rules/fittedEfficiencies.ts`.
 *
 *     npx tsx scripts/fitRoofline.ts DATA [--only gemm,conv,power] [--write]
 *
 * DATA: the folder that holds `llm-ops`. The constants that are written are fitted to all its devices; with
 * `--only` the others stay as they are.
 */
import { parseArgs } from 'node:util';
import {
  errorOf,
  fitEfficiency,
  PLAIN_START as PLAIN,
  REPEATED_START,
  SERIAL_START as SERIAL,
  TILED_START as TILED,
} from '../src/analytical/fit/fitEfficiency.js';
import type { Efficiency } from '../src/analytical/rules/efficiencies.js';
import { FITTED, POWER } from '../src/analytical/rules/fittedEfficiencies.js';
import { writeFileAtomic } from '../src/core/files.js';
import { median } from '../src/core/statistics.js';
import { markdownTable, percent } from './markdown.js';
import { fitAllPower } from './rooflinePower.js';
import {
  blackwellWidenedExpertRows,
  blockExpertRows,
  convRows,
  decodeRows,
  expertRows,
  gemmRows,
  layerRows,
  type MeasuredFamily,
  mxfp8ExpertRows,
  networkRows,
  prefillRows,
  rowwiseRows,
  scanRows,
  thinned,
  tritonWidenedExpertRows,
  trtllmGenExpertRows,
  trtllmGenWidenedExpertRows,
  widenedExpertRows,
} from './rooflineRows.js';

const { values: flags, positionals } = parseArgs({
  options: { only: { type: 'string' }, write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const data = positionals[0];
if (!data) throw new Error('usage: npx tsx scripts/fitRoofline.ts DATA [--only NAMES] [--write]');

/** Products whose traffic is known: what they write counts on its own, and tables of repeated ones show the cache. */
const PRODUCTS: Efficiency = { ...TILED, ...REPEATED_START };
const LINKED: Efficiency = { ...PLAIN, hop: 3e-6, bulk: 5e-6, inSwitch: 0.6, hostShare: 0.6 };
/** The same with max(): the bar. */
const BAR: Efficiency = { ...PLAIN, sharpness: 1e3 };
/** Rows of a family, where the search for its constants begins, and the family whose others it keeps where only some are its own. */
interface Fit {
  rows: (data: string) => MeasuredFamily;
  start: Efficiency;
  base?: { rows: (data: string) => MeasuredFamily; own: (keyof Efficiency)[] };
}
const fit = (rows: Fit['rows'], start: Efficiency, base?: Fit['base']): Fit => ({ rows, start, base });
const FAMILIES: Record<string, Fit> = {
  gemm: fit(gemmRows, PRODUCTS),
  'gemm-fp8': fit((d) => gemmRows(d, 'fp8', 'fp8', 1), TILED),
  attention: fit(prefillRows, PLAIN),
  decodeAttention: fit(decodeRows, PLAIN),
  experts: fit(expertRows, PLAIN),
  blockExperts: fit(blockExpertRows, PLAIN),
  trtllmGenExperts: fit(trtllmGenExpertRows, PLAIN),
  // widening takes arithmetic; what is read and launched is as of other experts
  widenedExperts: fit(widenedExpertRows, PLAIN, { rows: expertRows, own: ['compute'] }),
  blackwellWidenedExperts: fit(blackwellWidenedExpertRows, PLAIN),
  trtllmGenWidenedExperts: fit(trtllmGenWidenedExpertRows, PLAIN),
  mxfp8Experts: fit(mxfp8ExpertRows, PLAIN),
  tritonWidenedExperts: fit(tritonWidenedExpertRows, PLAIN),
  rowwise: fit(layerRows, PLAIN),
  vector: fit(rowwiseRows, PLAIN),
  conv: fit(convRows, TILED),
  'gemm-fp4': fit((d) => gemmRows(d, 'nvfp4', 'fp4', 0.5625), TILED),
  scan: fit((d) => scanRows(d, 'context'), SERIAL),
  decodeScan: fit((d) => scanRows(d, 'generation'), PLAIN),
  network: fit(networkRows, LINKED),
};
const MOST_FITTED = 1500;
/** Families whose errors are printed only: no rule takes their constants. */
const PRINTED_ONLY = /^gemm-/;

/** 5 % and 95 % quantiles of measured / predicted over devices left out in turn. */
const band = (ratios: number[]): [number, number] => {
  const sorted = ratios.sort((a, b) => a - b);
  const at = (q: number) => Number(sorted[Math.floor(q * (sorted.length - 1))].toPrecision(3));
  return [at(0.05), at(0.95)];
};

const fitted: Record<string, Efficiency & { band: [number, number] }> = {};
for (const [name, { rows: read, start, base }] of Object.entries(FAMILIES)) {
  if (flags.only && !flags.only.split(',').includes(name)) continue;
  const measured = read(data),
    some = thinned(measured.kernels, MOST_FITTED),
    devices = [...measured.kernels.keys()];
  const others = base && thinned(base.rows(data).kernels, MOST_FITTED);
  /** constants fitted to all devices but one */
  const constantsWithout = (left?: string): Efficiency => {
    const kept = <T>(kernels: ReadonlyMap<string, T>) =>
      [...kernels].flatMap(([device, rows]) => (device === left ? [] : [rows]));
    return fitEfficiency(kept(some), others ? fitEfficiency(kept(others), start) : start, { free: base?.own });
  };
  const all = constantsWithout();
  const ratios: number[] = [];
  const table = devices.map((device) => {
    const kernels = measured.kernels.get(device)!;
    const without = constantsWithout(device);
    const each = some.get(device)!.map((k) => k.measured / k.predict(without));
    ratios.push(...each);
    const plain = BAR;
    return [
      device,
      String(kernels.length),
      percent(errorOf(kernels, plain)),
      percent(errorOf(kernels, without)),
      percent(median(kernels.map((k) => Math.abs(k.predict(without) / k.measured - 1)))),
      percent(errorOf(kernels, all)),
    ];
  });
  fitted[name] = { ...all, band: band(ratios) };
  process.stdout.write(`\n${measured.label} (${measured.source})\n\n`);
  process.stdout.write(
    `${markdownTable(['device', 'rows', 'fixed constants', 'fitted without it', 'its median', 'fitted with it'], table)}\n`,
  );
}
const power = !flags.only || flags.only.split(',').includes('power') ? fitAllPower(data) : undefined;
if (flags.write) writeConstants();

function writeConstants(): void {
  const written = Object.fromEntries(Object.entries({ ...FITTED, ...fitted }).filter(([name]) => !PRINTED_ONLY.test(name)));
  const brief = (v: unknown) => JSON.stringify(v, (_, x) => (typeof x === 'number' ? Number(x.toPrecision(4)) : x), 2);
  writeFileAtomic(
    'src/analytical/rules/fittedEfficiencies.ts',
    `// Written by \`npx tsx scripts/fitRoofline.ts DATA --write\` from the measured kernels of llm-ops (aiconfigurator 095f58a, NeuSight 6945927).
import type { FittedEfficiency } from './efficiencies.js';
import type { PowerConstants } from './power.js';

/** By family; \`band\`: 5 % and 95 % quantiles of measured over predicted, each device predicted by constants fitted without it. */
export const FITTED: Readonly<Record<string, FittedEfficiency>> = ${brief(written)};

export const POWER: PowerConstants & { readonly band: readonly [number, number] } = ${brief(power ?? POWER)};
`,
  );
}
