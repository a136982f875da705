// Results of the synthesis sweep -> datasets/yosys-fpga; the same results give the same bytes:
//   npx tsx datasets/collect/fpga/collect.ts out/synth-kit out/synth-results/*.jsonl
// or, from the counts kept with the dataset:
//   npx tsx datasets/collect/fpga/collect.ts datasets/yosys-fpga datasets/yosys-fpga/cells.jsonl.gz
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'fflate';
import { z } from 'zod';
import { csvField } from '../../../src/core/csv.js';
import { HwcastError } from '../../../src/core/errors.js';
import { writeFolderAtomic } from '../../../src/core/files.js';
import { median } from '../../../src/core/statistics.js';
import { type HlsDesign, parseHlsDesign } from '../../../src/fpga/design/hlsDesign.js';
import { type CellCounts, cellCounts, otherText } from '../../../src/fpga/synth/cellCounts.js';
import { CELL_TABLES } from '../../../src/fpga/synth/cellTables.js';
import { YOSYS_FAMILIES, type YosysFamily } from '../../../src/fpga/synth/yosysFamilies.js';

const DesignSchema = z.object({
  id: z.string(),
  design: z.unknown(),
  seed: z.int(),
  lat: z.int().positive(),
  ii: z.int().positive(),
});
const ResultSchema = z
  .object({
    id: z.string(),
    family: z.enum(Object.keys(YOSYS_FAMILIES) as [YosysFamily]),
    tool: z.string().regex(/^Yosys \S+$/),
    cells: z.record(z.string(), z.int().positive()).optional(),
    failure: z.string().optional(),
    /** `equal`, or how its results differ from the exact ones; absent where the netlist was not simulated */
    netlist: z.string().optional(),
  })
  .refine((r) => (r.cells === undefined) !== (r.failure === undefined), 'cells or failure, one of them');

type Result = z.infer<typeof ResultSchema>;
export interface Source {
  name: string;
  text: string;
}
interface SweptDesign {
  id: string;
  design: HlsDesign;
  seed: number;
  lat: number;
  ii: number;
}
interface Row extends CellCounts {
  id: string;
  family: YosysFamily;
  tool: string;
}

/** Objects of a JSONL text. A last line without its line break was cut by an interruption, and is left out with a warning. */
function records<T>(source: Source, schema: z.ZodType<T>, warn: (text: string) => void): T[] {
  const lines = source.text.split('\n');
  const cut = lines.pop();
  if (cut?.trim()) warn(`${source.name}: the last line has no end, left out`);
  return lines.flatMap((line, i) => {
    if (!line.trim()) return [];
    const where = `${source.name}, line ${i + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new HwcastError('bad-input', `not JSON: ${(cause as Error).message}`, { where, cause });
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new HwcastError('bad-input', z.prettifyError(parsed.error), { where, cause: parsed.error });
    return [parsed.data];
  });
}

/** Reasons of failures name files of the machine they come from: their folders are taken out. */
const withoutFolders = (text: string) => text.replace(/(?:\/[\w.+-]+)+\//g, '').replace(/\s+/g, ' ');

/** One result a design and family: counts before failures (a run with more time), equal counts once. */
function merged(sources: readonly Source[], known: ReadonlySet<string>, warn: (text: string) => void): Map<string, Result> {
  const results = new Map<string, Result>();
  for (const source of sources)
    for (const found of records(source, ResultSchema, warn)) {
      if (!known.has(found.id))
        throw new HwcastError('bad-input', `no design '${found.id}' in the sweep`, { where: source.name });
      const result: Result = found.cells
        ? { ...found, cells: Object.fromEntries(Object.entries(found.cells).sort(([a], [b]) => (a < b ? -1 : 1))) }
        : { ...found, failure: withoutFolders(found.failure!) };
      const key = `${result.id} ${result.family}`,
        before = results.get(key);
      result.netlist ??= before?.netlist;
      if (
        before?.cells &&
        result.cells &&
        JSON.stringify([before.tool, before.cells]) !== JSON.stringify([result.tool, result.cells])
      )
        throw new HwcastError('bad-input', `two results of ${key} differ: ${before.tool} and ${result.tool}`, {
          where: source.name,
          hint: 'name only the results of one Yosys version',
        });
      if (!before || (!before.cells && result.cells) || (!before.netlist && result.netlist)) results.set(key, result);
    }
  return results;
}

const jsonl = (values: readonly unknown[]) => values.map((v) => `${JSON.stringify(v)}\n`).join('');
const gzip = (text: string) => gzipSync(new TextEncoder().encode(text), { level: 9, mtime: 0 });
const csv = (head: string, rows: readonly (string | number)[][]) =>
  [head, ...rows.map((row) => row.map((v) => csvField(`${v}`)).join(','))].join('\n').concat('\n');

/** The files of the dataset. */
export function collect(
  designText: Source,
  sources: readonly Source[],
  warn: (text: string) => void = () => {},
): Record<string, Uint8Array | string> {
  const designs: SweptDesign[] = records(designText, DesignSchema, warn).map(({ id, design, seed, lat, ii }) => ({
    id,
    design: parseHlsDesign(design, `${designText.name}, ${id}`),
    seed,
    lat,
    ii,
  }));
  const results = merged(sources, new Set(designs.map((d) => d.id)), warn);
  const present = (Object.keys(YOSYS_FAMILIES) as YosysFamily[]).filter((f) => [...results.values()].some((r) => r.family === f));
  const ordered = designs.flatMap((d) => present.flatMap((f) => results.get(`${d.id} ${f}`) ?? []));
  const wrong = (r: Result) => r.netlist !== undefined && r.netlist !== 'equal';
  const rows: Row[] = ordered.flatMap((r) => {
    const { id, family, tool, cells } = r;
    return cells && !wrong(r) ? [{ id, family, tool, ...cellCounts(family, cells, `${id}, ${family}`) }] : [];
  });
  const failures = ordered.flatMap((r) =>
    wrong(r) ? [{ ...r, failure: `the netlist is wrong: simulated, ${r.netlist}` }] : r.failure !== undefined ? [r] : [],
  );
  const missing = designs.length * present.length - ordered.length;
  if (missing) warn(`${missing} of ${designs.length * present.length} jobs have no result`);
  return {
    'designs.jsonl.gz': gzip(jsonl(designs)),
    'results.csv.gz': gzip(
      csv(
        'id,family,tool_version,lut,ff,carry,dsp,bram,bram_bits,lutram,other',
        rows.map((r) => [r.id, r.family, r.tool, r.lut, r.ff, r.carry, r.dsp, r.bram, r.bramBits, r.lutram, otherText(r.other)]),
      ),
    ),
    'failures.csv': csv(
      'id,family,tool_version,reason',
      failures.map((r) => [r.id, r.family, r.tool, r.failure!]),
    ),
    'cells.jsonl.gz': gzip(
      jsonl(
        ordered.map(({ id, family, tool, cells, failure, netlist }) =>
          cells ? { id, family, tool, cells, ...(netlist === undefined ? {} : { netlist }) } : { id, family, tool, failure },
        ),
      ),
    ),
    'README.md': card(designs, present, rows, failures, missing, ordered),
  };
}

/** Kinds of designs, by the layers they have. */
function kindOf({ design }: SweptDesign): string {
  const kinds = design.layers.map((l) => l.kind).filter((k) => k !== 'activation' && k !== 'reshape');
  if (kinds.length > 1) return kinds[0] === 'dense' ? 'chains of dense layers' : 'convolution, relu, flatten, dense';
  return kinds[0] === 'dense' ? `dense, ${design.layers[0].strategy} strategy` : kinds[0];
}

const percent = (part: number, all: number) => `${((100 * part) / all).toFixed(0)} %`;

function card(
  designs: readonly SweptDesign[],
  families: readonly YosysFamily[],
  rows: readonly Row[],
  failures: readonly Result[],
  missing: number,
  results: readonly Result[],
): string {
  const kinds = new Map<string, number>();
  for (const d of designs) kinds.set(kindOf(d), (kinds.get(kindOf(d)) ?? 0) + 1);
  const versions = [...new Set(rows.map((r) => r.tool))].join(', ');
  const table = families.map((family) => {
    const own = rows.filter((r) => r.family === family),
      failed = failures.filter((r) => r.family === family).length;
    const spread = (of: (r: Row) => number) => {
      const values = own.map(of);
      return values.length ? `${Math.min(...values)} / ${median(values)} / ${Math.max(...values)}` : '';
    };
    const share = (of: (r: Row) => number) => (own.length ? percent(own.filter((r) => of(r) > 0).length, own.length) : '');
    const simulated = results.filter((r) => r.family === family && r.netlist !== undefined).length;
    return `| ${family} | ${YOSYS_FAMILIES[family].name} | ${own.length} | ${failed} | ${simulated} | ${spread((r) => r.lut)} | ${spread((r) => r.ff)} | ${share((r) => r.dsp)} | ${share((r) => r.bram)} | ${share((r) => r.lutram)} |`;
  });
  const units = families.map((family) => {
    const u = CELL_TABLES[family].units;
    return `| ${family} | ${[u.lut, u.ff, u.carry, u.dsp, u.bram, u.lutram].map((text) => text ?? 'none').join(' | ')} |`;
  });
  const scripts = families.map((family) => `| ${family} | \`${YOSYS_FAMILIES[family].synth} -top top\` |`);
  return `# yosys-fpga

Source: synthesised for hwcast, November 2026, with ${versions}; datasets/collect/fpga

Licence: Apache-2.0

${designs.length} designs on ${families.length} FPGA families, ${rows.length} rows, ${failures.length} failed${missing ? `, ${missing} not run` : ''}. Each design is Verilog that hwcast wrote from an HLS design (layers, bits, reuse factor, strategy), was simulated with Icarus Verilog equal to the exact integer result, and was synthesised with Yosys.

${[...kinds].map(([kind, n]) => `- ${n} ${kind}`).join('\n')}

| family | name | rows | failed | netlists simulated | LUT least / median / most | FF least / median / most | with DSP | with BRAM | with LUT RAM |
|---|---|---|---|---|---|---|---|---|---|
${table.join('\n')}

## Files

| file | columns |
|---|---|
| \`designs.jsonl.gz\` | \`id\`, \`design\` (an \`HlsDesign\`), \`seed\` (of its weights), \`lat\` and \`ii\`: simulated cycles from the first beat offered to the result, and between two results, the same on every family |
| \`results.csv.gz\` | \`id\`, \`family\`, \`tool_version\`, \`lut\`, \`ff\`, \`carry\`, \`dsp\`, \`bram\`, \`bram_bits\` (capacity of the blocks used), \`lutram\`, \`other\` (cells counted as none of these, \`type:count\` by semicolons) |
| \`failures.csv\` | jobs without counts and why |
| \`cells.jsonl.gz\` | cells by type as Yosys reports them, from which \`results.csv.gz\` is counted (\`src/fpga/synth/cellTables.ts\`) |

## Units

| family | lut | ff | carry | dsp | bram | lutram |
|---|---|---|---|---|---|---|
${units.join('\n')}

## How it was made

1. \`datasets/collect/fpga/sweep.ts\` draws the designs (seeded): every reuse factor of three matrices at 8 bits, one matrix over weight bits, seeded dense layers of both strategies, convolutions, chains. Weights are uniform integers, a given share of them zero.
2. \`npx tsx datasets/collect/fpga/prepareKit.ts out/synth-kit\` writes and simulates them: at least 12 inputs each, extremes first, at full rate and again element by element with gaps on both sides.
3. \`python3 out/synth-kit/run.py --out FOLDER\` synthesises all (design, family) pairs, and simulates the netlists of the families whose cells Icarus Verilog has models of.
4. \`npx tsx datasets/collect/fpga/collect.ts out/synth-kit FOLDER/results.jsonl\` writes this folder; \`npx tsx datasets/collect/fpga/collect.ts datasets/yosys-fpga datasets/yosys-fpga/cells.jsonl.gz\` writes it again, byte for byte.

One row anew: \`hwcast fpga synth DESIGN.json --seed SEED --family xc7 --csv\`, the design and seed from \`designs.jsonl.gz\`.

| family | Yosys command |
|---|---|
${scripts.join('\n')}

## What to know

- These are counts of Yosys, not of a vendor's tool, before placement: nothing is packed into slices, and Vivado, Quartus or Radiant give other numbers for the same Verilog. Differences between designs on one family are what the rows are for.
- The Verilog is hwcast's own, in the manner of hls4ml (reuse factor, strategies), not what hls4ml or an HLS tool writes.
- \`top\` feeds the network one element a cycle, for thousands of pins fit no part: its two shift registers (input and output width times data bits, in flip-flops) and their counters are part of every row.
- Sizes are bounded by synthesis time: multipliers x weight bits x data bits of a layer at most 8192, weights x bits of a fully unrolled layer at most 2600; data and weights have 2 to 16 bits.
- Whether a multiplier becomes a DSP cell is Yosys' choice by operand widths; \`gowin\` and \`efinix\` have none in this version, so that multipliers are LUTs and adders. \`gatemate\` has multiplier macros that are later built of logic, under \`dsp\`.
- Yosys 0.23 can pack sums into the multipliers of \`xc7\` and \`ice40\` wrongly, most of all where the reuse factor is 1: their netlists were simulated where the design has multipliers, and rows whose netlist does not give the exact results are failures. A netlist of another family was simulated where the table says so; of the largest designs some were not, for want of time.
- Initialised memories: \`cyclonev\` builds weight ROMs of logic; elsewhere small ROMs are logic or LUT RAM and larger ones block RAM.
- Cycles and resources of one design are exact and repeatable: the same Yosys version gives the same cells.
`;
}

const readText = (path: string): Source => {
  const bytes = readFileSync(path);
  return { name: path, text: new TextDecoder().decode(path.endsWith('.gz') ? gunzipSync(bytes) : bytes) };
};

if (process.argv[1] === import.meta.filename) {
  const [kit, ...files] = process.argv.slice(2);
  if (!kit || files.length === 0) {
    console.error('usage: npx tsx datasets/collect/fpga/collect.ts FOLDER-OF-DESIGNS RESULTS.jsonl...');
    process.exit(2);
  }
  const out = resolve(import.meta.dirname, '../../yosys-fpga');
  const made = collect(readText(join(kit, 'designs.jsonl.gz')), files.map(readText), (text) => console.error(`warning: ${text}`));
  writeFolderAtomic(out, made);
  for (const [name, data] of Object.entries(made)) console.error(`${name}: ${data.length} bytes`);
}
