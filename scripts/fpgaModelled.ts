// What is modelled of FPGA designs, with its error: hls4ml's own test designs and networks of wa-hls4ml after logic synthesis, none of which any model learned from.
// `npx tsx scripts/fpgaModelled.ts [FOLDER]` prints the table of docs/fpga.md, `--page` puts it there. FOLDER is that of the collected tables, ../shared/data/fpga unless told.
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ridge } from '../src/core/cholesky.js';
import { mean, median } from '../src/core/statistics.js';
import { type FpgaSourceRow, readFpgaSources } from '../src/fpga/data/fpgaSources.js';
import { readMoreFpgaRows } from '../src/fpga/data/moreFpgaRows.js';
import type { FpgaModel } from '../src/fpga/residual/fpgaModel.js';
import { loadFpgaModel } from '../src/fpga/residual/fpgaModelFolder.js';
import { analyseDesign } from '../src/fpga/rules/analyseDesign.js';
import { coverageTable, type Held, widthTable } from './fpgaCoverage.js';
import { withIntervalsOf } from './fpgaLeftOut.js';
import { markdownTable, percent } from './markdown.js';
import { replaceBlock } from './replaceBlock.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const TARGETS = ['lut', 'ff', 'dsp', 'bram18', 'cycles', 'ii'] as const;
type Target = (typeof TARGETS)[number];

/** A row with what was predicted of it by a model whose intervals know nothing of its group. */
interface Scored {
  row: FpgaSourceRow;
  kind: string;
  error: Partial<Record<Target, number>>;
  off: Partial<Record<Target, number>>;
  value: Partial<Record<Target, number>>;
  held: Partial<Record<Target, Held>>;
  /** relative error of LUT and FF where the constants of the rules know nothing of the design (`unread`) */
  unread: Partial<Record<Target, number>>;
}

function scored(row: FpgaSourceRow, model: FpgaModel): Scored {
  const [{ targets }] = model.predict([row.design], { stage: row.stage });
  const { layers, ioType } = row.design;
  const last = [...layers].reverse().find((l) => l.kind !== 'reshape')!;
  const kind = layers.length > 1 && layers.every((l) => l.kind === 'dense') ? 'dense networks' : (last.activation ?? last.kind);
  const of: Scored = {
    row,
    kind: `${kind} | ${ioType} | ${row.tool} ${row.toolVersion} | ${row.stage}`,
    error: {},
    off: {},
    value: {},
    held: {},
    unread: {},
  };
  for (const target of TARGETS) {
    const label = row.labels[target],
      { value, low, high } = targets[target];
    if (label === undefined) continue;
    of.value[target] = value;
    of.error[target] = Math.abs(value - label) / Math.max(1, label);
    of.off[target] = Math.abs(value - label);
    if (low !== null && high !== null) of.held[target] = { value, low, high, label };
  }
  return of;
}

/** A version of Vitis HLS beside each that has test designs, itself without any, whose rules are those of its year. */
const BESIDE: Readonly<Record<string, string>> = { '2020.1': '2023.2', '2023.1': '2024.2', '2024.1': '2023.2' };

/** The row as if its version of Vitis HLS had never been seen: by the rules of the version beside it; undefined for other tools. */
const asVersionBeside = (row: FpgaSourceRow): FpgaSourceRow | undefined =>
  row.tool === 'vitis_hls' && row.toolVersion !== null && row.toolVersion in BESIDE
    ? { ...row, design: { ...row.design, toolVersion: BESIDE[row.toolVersion] } }
    : undefined;

/**
 * Relative errors of LUT and FF with constants that were not read off the design: those of other designs of its kind, io type, tool and version, as what its label is of the rule's value
 * in their median; where there are none, those of the version beside.
 */
function addUnread(all: readonly Scored[], beside: ReadonlyMap<FpgaSourceRow, Scored>): void {
  for (const of of all)
    for (const target of ['lut', 'ff'] as const) {
      const label = of.row.labels[target],
        ratios = all
          .filter((o) => o.kind === of.kind && o.row.modelId !== of.row.modelId && o.row.labels[target])
          .map((o) => o.row.labels[target]! / Math.max(1, o.value[target]!));
      if (label && ratios.length) of.unread[target] = Math.abs((of.value[target]! * median(ratios)) / label - 1);
      else of.unread[target] = beside.get(of.row)?.error[target];
    }
}

const known = <T>(values: readonly (T | undefined)[]): T[] => values.filter((v): v is T => v !== undefined);
const share = (values: readonly boolean[]): string => (values.length ? percent(mean(values.map(Number)), 0) : '-');
const medianOf = (of: readonly Scored[], target: Target, as: 'error' | 'unread' = 'error'): string => {
  const errors = known(of.map((s) => s[as][target]));
  return errors.length ? percent(median(errors), 0) : '-';
};
const largestOff = (of: readonly Scored[], target: Target): string => {
  const off = known(of.map((s) => s.off[target]));
  return off.length ? String(Math.max(...off)) : '-';
};

const NAMES: Readonly<Record<Target, string>> = { lut: 'LUT', ff: 'FF', dsp: 'DSP', bram18: 'BRAM', cycles: 'cycles', ii: 'II' };

/** The four tables. */
function tables(all: readonly Scored[], covers: readonly [string, readonly Scored[]][]): string {
  const kinds = [...new Set(all.map((s) => s.kind))].sort();
  const body = kinds.map((kind) => {
    const of = all.filter((s) => s.kind === kind);
    return [
      ...kind.split(' | '),
      String(of.length),
      medianOf(of, 'lut'),
      medianOf(of, 'ff'),
      medianOf(of, 'lut', 'unread'),
      medianOf(of, 'ff', 'unread'),
      ...(['dsp', 'bram18', 'cycles', 'ii'] as const).map((t) => largestOff(of, t)),
    ];
  });
  const head = ['layer', 'io', 'tool', 'stage', 'designs', 'LUT', 'FF', 'LUT unread', 'FF unread', 'DSP', 'BRAM', 'cycles', 'II'];
  const covered = covers.map(([name, of]) => [
    name,
    String(of.length),
    ...(['lut', 'ff'] as const).map((t) => share(known(of.map((s) => s.error[t])).map((e) => e <= 0.1))),
    share(known(of.map((s) => s.off.dsp)).map((o) => o === 0)),
  ]);
  const coveredHead = ['designs of', 'designs', 'LUT within 10 %', 'FF within 10 %', 'DSP exact'];
  const heldOf = (of: readonly Scored[]) => Object.fromEntries(TARGETS.map((t) => [NAMES[t], known(of.map((s) => s.held[t]))]));
  const held = covers.map(([name, of]) => [name, heldOf(of)] as const);
  const layerOf = ({ kind }: Scored): string => kind.split(' | ')[0];
  const layers = [...new Set(all.map(layerOf))].sort(),
    widths = [...layers.map((layer) => [layer, all.filter((s) => layerOf(s) === layer)] as const), ['all', all] as const];
  return `${markdownTable(head, body)}\n\n${markdownTable(coveredHead, covered)}\n\n${coverageTable(held)}\n\n${widthTable(widths.map(([layer, of]) => [layer, heldOf(of)]))}`;
}

/** What the rules of sums that a table selects are linear in: of LUT inputs, sums, places and reach, of FF layers, inputs, sums that are read and others (words of 16 bits). */
function selectedTerms(row: FpgaSourceRow): { lut: number[]; ff: number[]; known: { lut: number; ff: number } } {
  const { layers, kept } = analyseDesign(row.design);
  const sizes = row.design.layers.map((l, i) => ({ nIn: l.inShape[0], nOut: l.outShape[0], n: layers[i].multipliers }));
  const sum = (of: (s: (typeof sizes)[number]) => number) => sizes.reduce((total, s) => total + of(s), 0);
  const last = sizes[sizes.length - 1].nOut;
  return {
    lut: [sum((s) => s.nIn), sum((s) => s.nOut), sum((s) => 2 ** Math.ceil(Math.log2(s.nOut))), sum((s) => (s.n * s.nOut) / 16)],
    ff: [sizes.length, sizes[0].nIn, sum((s) => s.nOut) - last, last],
    // LUTs of weights have no constant
    known: { lut: kept.romLut ?? 0, ff: 0 },
  };
}

/** What is left out of the networks after synthesis that constants are fitted to: what the row asked about has of it. */
const LEFT_OUT: Readonly<Record<string, (row: FpgaSourceRow) => string>> = {
  'each network, of all widths': ({ design: { layers } }) =>
    [...layers.map((l) => l.inShape[0]), layers[layers.length - 1].outShape[0]].join('-'),
  'each network, with others of all but its last size': ({ design: { layers } }) => layers.map((l) => l.inShape[0]).join('-'),
  'each width of weights': ({ design: { layers } }) => layers.map((l) => l.weight?.bits ?? 0).join('-'),
};

/** Share of networks within 10 %, and median error, with the constants of these rules fitted to rows that have something else of what `groupOf` tells. */
function refitted(
  of: readonly FpgaSourceRow[],
  target: 'lut' | 'ff',
  groupOf: (row: FpgaSourceRow) => string,
  withRoms = true,
): string[] {
  const terms = new Map(
    of.map((row) => {
      const own = selectedTerms(row);
      return [row, withRoms ? own : { ...own, known: { lut: 0, ff: 0 } }];
    }),
  );
  const errors = of.map((row) => {
    const others = of.filter((r) => groupOf(r) !== groupOf(row));
    // relative errors: each row over its count
    const a = Float64Array.from(others.flatMap((r) => terms.get(r)![target].map((x) => x / r.labels[target]!)));
    const left = Float64Array.from(others, (r) => 1 - terms.get(r)!.known[target] / r.labels[target]!);
    const c = ridge(a, left, others.length, 4, 1e-12);
    const own = terms.get(row)!,
      value = own[target].reduce((total, x, i) => total + x * c[i], own.known[target]);
    return Math.abs(value / row.labels[target]! - 1);
  });
  return [percent(mean(errors.map((e) => (e <= 0.1 ? 1 : 0))), 0), percent(median(errors), 1), percent(mean(errors), 1)];
}

/** Networks after synthesis, a line for each thing left out of what the constants are fitted to. */
const refittedTable = (of: readonly FpgaSourceRow[]): string =>
  markdownTable(
    ['left out', 'groups', 'LUT within 10 %', 'median', 'mean', 'without weights as LUTs', 'FF within 10 %', 'median', 'mean'],
    Object.entries(LEFT_OUT).map(([what, groupOf]) => [
      what,
      String(new Set(of.map(groupOf)).size),
      ...refitted(of, 'lut', groupOf),
      `mean ${refitted(of, 'lut', groupOf, false)[2]}`,
      ...refitted(of, 'ff', groupOf),
    ]),
  );

const { values, page } = {
  values: process.argv.slice(2).filter((a) => !a.startsWith('--')),
  page: process.argv.includes('--page'),
};
const folder = values[0] ?? join(ROOT, '..', 'shared', 'data', 'fpga');
const { model } = loadFpgaModel(join(ROOT, 'models', 'fpga')) as { model: FpgaModel };
const collected = readFpgaSources(folder, { onIssue: () => {} }).filter((r) => r.source !== 'wa_hls4ml_dense1'),
  more = readMoreFpgaRows(folder);
const rows = [...collected, ...more];
const asked = [...more, ...collected.filter((r) => r.source === 'wa_hls4ml_dense3')];
const projects = collected.filter(
  (r) => r.source.includes('/') && !r.unknown.includes('reuseFactor') && !r.unknown.includes('kernel'),
);
const models = new Map(
  [...new Set([...asked, ...projects].map((r) => r.modelId))].map((group) => [
    group,
    withIntervalsOf(model, rows, (r) => r.modelId !== group),
  ]),
);
const scoredOf = (of: readonly FpgaSourceRow[]): Scored[] => of.map((row) => scored(row, models.get(row.modelId)!));
const networks = asked.filter((r) => r.source === 'wa_hls4ml_dense3'),
  tests = asked.filter((r) => r.source === 'hls4ml_baselines');
const lastKind = (row: FpgaSourceRow): string => scored(row, model).kind.split(' | ')[0];
const kindOf = new Map(tests.map((row) => [row, lastKind(row)]));
const withoutKind = new Map(
  [...new Set(kindOf.values())].map((kind) => [kind, withIntervalsOf(model, rows, (r) => kindOf.get(r) !== kind)]),
);
const withoutVersion = new Map(
  Object.keys(BESIDE).map((version) => [version, withIntervalsOf(model, rows, (r) => r.toolVersion !== version)]),
);
const all = scoredOf(asked),
  scoredProjects = scoredOf(projects);
const beside = new Map(
  tests.flatMap((row) => {
    const other = asVersionBeside(row);
    return other ? [[row, scored(other, withoutVersion.get(row.toolVersion!)!)] as const] : [];
  }),
);
addUnread(all, beside);
const ofStage = (stage: string) => scoredProjects.filter((s) => s.row.stage === stage);
const text = `${tables(all, [
  ['test designs of hls4ml, csynth', all.filter((s) => s.row.source === 'hls4ml_baselines')],
  ["the same, intervals without the last layer's kind", tests.map((row) => scored(row, withoutKind.get(kindOf.get(row)!)!))],
  ['those of Vitis HLS, rules and intervals without their version', [...beside.values()]],
  ['networks of wa-hls4ml, vsynth', all.filter((s) => s.row.source === 'wa_hls4ml_dense3')],
  ['projects of hls4ml, csynth', ofStage('csynth')],
  ['projects of hls4ml, vsynth', ofStage('vsynth')],
])}

Networks after logic synthesis, constants of the rules fitted without what is left out:

${refittedTable(networks)}`;
console.log(text);
if (page) replaceBlock(join('docs', 'fpga.md'), 'fpga-modelled', `\n${text}\n`);
