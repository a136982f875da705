import { z } from 'zod';
import { type FpgaReport, type ReportModule, type ReportResources, ReportText } from './fpgaReport.js';

const Counts = z.looseObject({
  num_cells: z.int().nonnegative(),
  num_cells_by_type: z.record(z.string(), z.int().nonnegative()),
});
const Stat = z.looseObject({
  creator: z.string().optional(),
  invocation: z.string().optional(),
  modules: z.record(z.string(), Counts),
  design: Counts.optional(),
});

/** How many of a resource one cell takes: Xilinx, Lattice ECP5 and iCE40, Gowin, Intel. LUTs used as memory or shift registers count as LUTs. */
const CELLS: [keyof ReportResources, RegExp, number][] = [
  ['lut', /^(LUT[1-8]|\$lut|SB_LUT4|MISTRAL_ALUT[2-6]|MISTRAL_NOT|cyclone.*_lcell_comb|fiftyfivenm_lcell_comb)$/, 1],
  ['lut', /^MISTRAL_ALUT_ARITH$/, 1],
  ['lut', /^(SRL16E?|SRLC16E|SRLC32E|SRLC32|CFGLUT5)$/, 1],
  ['lut', /^(RAM32X1S|RAM64X1S|RAM32X1S_1|ROM32X1|ROM64X1)$/, 1],
  ['lut', /^(RAM32X1D|RAM64X1D|RAM128X1S|ROM128X1)$/, 2],
  ['lut', /^(RAM32M|RAM64M|RAM128X1D|RAM256X1S|ROM256X1|TRELLIS_DPR16X4)$/, 4],
  ['lut', /^(RAM32M16|RAM64M8|RAM256X1D|RAM512X1S)$/, 8],
  ['lut', /^CCU2C$/, 2],
  ['lut', /^ALU$/, 1],
  ['lut', /^RAM16S?(SDP|DP)?4$/, 4],
  ['ff', /^(FD[RSCP]E(_1)?|FD[RSCP]?|LD[CP]E|TRELLIS_FF|SB_DFF\w*|DFF[A-Z]*|MISTRAL_FF|dffeas)$/, 1],
  [
    'dsp',
    /^(DSP48E1|DSP48E2|DSP58|MULT18X18D|SB_MAC16|MISTRAL_MUL(9X9|18X18|27X27)|MULT(9X9|18X18|36X36|27X36|ADDALU18X18))$/,
    1,
  ],
  ['bram18', /^(RAMB18E[125]|FIFO18E[12]|DP16KD|PDPW16KD|SP|SPX9|SDPB|SDPX9B|DPB|DPX9B|pROM|pROMX9)$/, 1],
  ['bram18', /^(RAMB36E[125]|FIFO36E[12])$/, 2],
  ['uram', /^URAM288\w*$/, 1],
];

/** Block RAM of other sizes: bits of one block; counted by bits, rounded up. */
const BLOCKS: [RegExp, number][] = [
  [/^SB_RAM40_4K\w*$/, 4096],
  [/^MISTRAL_M10K$/, 10240],
  [/^cyclone.*_ram_block$/, 9216],
];

/** Cells by kind of resource, `carry` beside them. */
export function resourcesOfCells(cells: Readonly<Record<string, number>>): ReportResources & { carry: number } {
  const total = { lut: 0, ff: 0, dsp: 0, bram18: 0, uram: 0, carry: 0 };
  let bits = 0;
  for (const [type, count] of Object.entries(cells)) {
    const found = CELLS.find(([, pattern]) => pattern.test(type));
    if (found) total[found[0]] += found[2] * count;
    bits += (BLOCKS.find(([pattern]) => pattern.test(type))?.[1] ?? 0) * count;
    if (/^(CARRY[48]|CCU2C|SB_CARRY|ALU|MISTRAL_ALUT_ARITH)$/.test(type)) total.carry += count;
  }
  total.bram18 += Math.ceil(bits / 18432);
  return total;
}

/**
 * Reads the JSON of Yosys `stat -json` (alone or inside a log): cells of each module and of the whole hierarchy. Without `-top` the design is the module
 * that no other uses. Cell counts are compared with their sum.
 * @throws HwcastError `corrupt` for JSON that is cut, `bad-input` for other JSON.
 */
export function readYosysStat(text: string, name: string): FpgaReport {
  const report = new ReportText(text, name);
  const stat = parseStat(report);
  const names = Object.keys(stat.modules);
  if (!names.length) throw report.corrupt('the statistics list no modules');
  for (const [module, counts] of [
    ...Object.entries(stat.modules),
    ...(stat.design ? [['the design', stat.design] as const] : []),
  ])
    report.agree(
      counts.num_cells,
      Object.values(counts.num_cells_by_type).reduce((a, b) => a + b, 0),
      `cells of ${module.replace(/^\\/, '')} and their sum`,
    );
  const plain = new Map(names.map((n) => [n.replace(/^\\/, ''), stat.modules[n].num_cells_by_type]));
  const used = new Set([...plain.values()].flatMap((cells) => Object.keys(cells)));
  const roots = [...plain.keys()].filter((n) => !used.has(n));
  if (roots.length !== 1)
    report.warn(`${roots.length} modules that no other uses: '${roots[0] ?? names[0]}' is taken as the top`);
  const top = roots[0] ?? names[0].replace(/^\\/, '');
  const whole = expand(report, plain, top, []);
  if (stat.design)
    for (const type of new Set([...Object.keys(whole), ...Object.keys(stat.design.num_cells_by_type)]))
      report.agree(stat.design.num_cells_by_type[type] ?? 0, whole[type] ?? 0, `cells ${type} of the design and of its modules`);
  const { carry, ...resources } = resourcesOfCells(stat.design?.num_cells_by_type ?? whole);
  const cells = stat.design?.num_cells_by_type ?? whole;
  const unknown = Object.keys(cells).filter((type) => type.startsWith('$'));
  if (unknown.length) report.warn(`cells not mapped to the device: ${unknown.slice(0, 5).join(', ')}`);
  const modules: ReportModule[] = [...plain]
    .filter(([module]) => module !== top)
    .map(([module, own]) => ({ name: module, latency: null, ii: null, resources: withoutCarry(resourcesOfCells(own)) }));
  const toolVersion = stat.creator?.match(/Yosys (\S+)/)?.[1];
  return {
    kind: 'yosys-stat',
    stage: 'vsynth',
    top,
    tool: 'yosys',
    ...(toolVersion ? { toolVersion } : {}),
    latency: null,
    ii: null,
    resources,
    modules,
    cells: { ...cells },
    warnings: report.warnings,
  };
}

const withoutCarry = ({ carry: _, ...resources }: ReportResources & { carry: number }): ReportResources => resources;

/** The object of the statistics, out of a log where need be. */
function parseStat(report: ReportText): z.infer<typeof Stat> {
  const { text } = report;
  const mark = text.search(/\{\s*"creator"/);
  const from = mark < 0 ? text.indexOf('{') : mark;
  if (from < 0) throw report.corrupt('no JSON object');
  let value: unknown;
  const end = objectEnd(text, from);
  if (end === undefined) throw report.corrupt('the JSON of the statistics ends before its last bracket');
  try {
    value = JSON.parse(text.slice(from, end));
  } catch (cause) {
    throw report.corrupt(`the JSON of the statistics is damaged: ${(cause as Error).message}`);
  }
  const parsed = Stat.safeParse(value);
  if (!parsed.success) throw report.corrupt(`not the statistics of Yosys: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Position behind the bracket that closes the object at `from`. */
function objectEnd(text: string, from: number): number | undefined {
  let depth = 0,
    quoted = false;
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '{') depth++;
    else if (c === '}' && --depth === 0) return i + 1;
  }
  return undefined;
}

/** Cells of a module with those of the modules inside it. */
function expand(
  report: ReportText,
  modules: ReadonlyMap<string, Record<string, number>>,
  module: string,
  above: readonly string[],
): Record<string, number> {
  if (above.includes(module)) throw report.corrupt(`module '${module}' contains itself`);
  const total: Record<string, number> = {};
  for (const [type, count] of Object.entries(modules.get(module) ?? {}))
    if (modules.has(type)) {
      for (const [inner, n] of Object.entries(expand(report, modules, type, [...above, module])))
        total[inner] = (total[inner] ?? 0) + n * count;
    } else total[type] = (total[type] ?? 0) + count;
  return total;
}
