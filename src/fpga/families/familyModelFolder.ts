import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { sha256 } from '../../core/files.js';
import { type FolderKind, folderCache, type OpenFolder, openModelFolder, writeModelFolder } from '../../surrogate/modelFolder.js';
import { type HlsDesign, parseHlsDesign } from '../design/hlsDesign.js';
import { designParts } from './designParts.js';
import { FAMILY_TARGETS, type FamilyCounts, type KnownDesign } from './familyCounts.js';
import { FITS_FILE, fitsText, readFits } from './familyFitsFile.js';
import { FamilyModel, parseFamilyModelState } from './familyModel.js';
import type { KnownDesigns, SeededDesign } from './seededDesign.js';
import { designGroup } from './trainFamilyModel.js';

/** Folder of the family model that comes with hwcast. */
export const BUNDLED_FAMILY_MODEL = fileURLToPath(new URL('../../../models/fpga-families', import.meta.url));

const InfoSchema = z.strictObject({
  source: z.strictObject({ name: z.string(), licence: z.string(), sha256: z.string() }),
  tools: z.array(z.string()),
  families: z.array(z.strictObject({ name: z.string(), designs: z.int() })),
  scores: z.array(
    z.strictObject({
      setting: z.string(),
      target: z.string(),
      k: z.int(),
      smape: z.number(),
      exact: z.number(),
      coverage90: z.number().nullable(),
    }),
  ),
  seed: z.int(),
  command: z.string(),
});
/**
 * What a family model was trained on, and its scores on families left out of training (means over the families): `smape` in percent, `exact` and `coverage90` as
 * shares.
 */
export type FamilyModelInfo = z.infer<typeof InfoSchema>;

const FIELDS = {
  info: InfoSchema,
  /** columns of the counts in designs.jsonl */
  counts: z.array(z.string()).refine((c) => FAMILY_TARGETS.every((t) => c.includes(t)), 'lacks a count'),
};
const FOLDER: FolderKind<typeof FIELDS> = {
  kind: 'fpga-families',
  what: 'model of FPGA families',
  version: 1,
  fields: z.object(FIELDS),
  hint: 'hwcast fpga train --families --dataset datasets/yosys-fpga --out FOLDER makes one',
};
const DesignLine = z.strictObject({
  id: z.string().min(1),
  seed: z.int(),
  design: z.unknown(),
  counts: z.record(z.string(), z.array(z.int().nonnegative())),
});

/** A family model with the designs it was trained on. */
export interface FpgaFamilies {
  /** folder it was read from */
  folder: string;
  /** sha256 of its config.json, which lists those of the other files */
  sha256: string;
  info: FamilyModelInfo;
  designs: KnownDesigns;
  model: FamilyModel;
}

/**
 * Writes a family model as a folder, as a whole: config.json, designs.jsonl (a design a line with its seed and counts on each family), state.json (what was
 * tuned), README.md, and fits.json (what is fitted to the designs for the model and for the model without each family, which would follow from the rest in seconds).
 * The parts of the datapaths are not stored: they follow from the designs. Same model, same bytes.
 */
export function saveFamilyModel(
  folder: string,
  families: { model: FamilyModel; designs: Iterable<{ id: string; design: HlsDesign; seed: number }>; info: FamilyModelInfo },
): void {
  const { model, info } = families,
    { designs: known, ...state } = model.toJSON();
  const given = new Map([...families.designs].map((d) => [d.id, d]));
  const columns = [...new Set(known.flatMap((d) => Object.values(d.counts).flatMap((c) => Object.keys(c))))].sort();
  const lines = known.map(({ id, counts }) => {
    const { design, seed } = given.get(id)!;
    const values = Object.entries(counts).map(([family, c]) => [family, columns.map((t) => c[t as keyof FamilyCounts] ?? 0)]);
    return JSON.stringify({ id, seed, design, counts: Object.fromEntries(values) });
  });
  const designsText = `${lines.join('\n')}\n`;
  const files = {
    'designs.jsonl': designsText,
    'state.json': `${JSON.stringify(state)}\n`,
    'README.md': card(info, known.length),
  };
  writeModelFolder(folder, FOLDER, { info, counts: columns }, files, {
    [FITS_FILE]: fitsText(model.fitted(), { designs: sha256(designsText), families: model.families }),
  });
}

/** The designs of a family model, without the work of the model itself. @throws HwcastError as `loadFamilyModel` */
export function readFamilyDesigns(folder = BUNDLED_FAMILY_MODEL): KnownDesigns {
  return readDesigns(folder, openModelFolder(folder, FOLDER)).designs;
}

const loaded = folderCache<FpgaFamilies>();

/**
 * Reads a family model, the bundled one unless told. A folder that did not change is read once. Folders without fits.json, as earlier versions wrote them, take
 * seconds: what the families cost by part is fitted again.
 * @throws HwcastError `not-found`, `newer-format`, `corrupt` (checksum, schema)
 */
export async function loadFamilyModel(folder = BUNDLED_FAMILY_MODEL): Promise<FpgaFamilies> {
  const open = openModelFolder(folder, FOLDER);
  return loaded(folder, open.state, () => {
    const { designs, counts, sha256: ofDesigns } = readDesigns(folder, open);
    const known = [...designs.values()].map(
      ({ id, design, seed }): KnownDesign => ({
        id,
        group: designGroup(design),
        parts: designParts(design, seed),
        counts: counts.get(id)!,
      }),
    );
    const state = parseFamilyModelState({ ...(open.json('state.json') as object), designs: known }, join(folder, 'state.json'));
    const fits = readFits(folder, { designs: ofDesigns, families: state.families });
    return { folder, sha256: open.sha256, info: open.fields.info, designs, model: new FamilyModel(state, fits) };
  });
}

/** The designs of an open folder by id, and their counts by family. */
function readDesigns(folder: string, open: OpenFolder<typeof FIELDS>) {
  const columns = open.fields.counts,
    bytes = open.bytes('designs.jsonl');
  const designs = new Map<string, SeededDesign>(),
    counts = new Map<string, KnownDesign['counts']>();
  for (const [i, line] of bytes.toString().trimEnd().split('\n').entries()) {
    const parsed = DesignLine.safeParse(JSON.parse(line));
    if (!parsed.success)
      throw open.corrupt('designs.jsonl', `line ${i + 1} is not a design: ${z.prettifyError(parsed.error)}`, parsed.error);
    const { id, seed } = parsed.data,
      byFamily = Object.entries(parsed.data.counts);
    if (byFamily.some(([, values]) => values.length !== columns.length))
      throw open.corrupt('designs.jsonl', `line ${i + 1} has not the counts ${columns.join(', ')}`);
    const design = parseHlsDesign(parsed.data.design, `${join(folder, 'designs.jsonl')}:${i + 1}`);
    designs.set(id, { id, design, seed });
    const named = (values: readonly number[]) =>
      Object.fromEntries(columns.map((t, j) => [t, values[j]])) as unknown as FamilyCounts;
    counts.set(id, Object.fromEntries(byFamily.map(([family, values]) => [family, named(values)])));
  }
  return { designs, counts, sha256: sha256(bytes) };
}

/** Whether a folder is that of the bundled model. */
export const isBundledFamilyModel = (folder: string): boolean => resolve(folder) === resolve(BUNDLED_FAMILY_MODEL);

const NAMES: Record<string, string> = { lut: 'LUT', ff: 'FF', dsp: 'DSP', bram: 'block RAM' };

function card({ source, tools, families, scores, seed, command }: FamilyModelInfo, designs: number): string {
  const percent = (share: number | null) => (share === null ? '' : `${(100 * share).toFixed(0)} %`);
  const rows = scores.map(
    (s) =>
      `| ${s.setting} | ${NAMES[s.target] ?? s.target} | ${s.k} | ${s.smape.toFixed(1)} % | ${percent(s.exact)} | ${percent(s.coverage90)} |`,
  );
  return `---
license: ${source.licence}
tags: [hwcast, fpga, yosys]
---
# Predictor of LUT, FF, DSP and block RAM on a family of FPGAs, from a few designs synthesised for it

A hierarchical Bayesian model of ${families.length} families (${families.map((f) => f.name).join(', ')}), trained on ${designs} designs of ${source.name} (${source.licence}; ${families.reduce((s, f) => s + f.designs, 0)} rows of ${tools.join(', ')}), seed ${seed}. The designs are Verilog that hwcast writes. A new family is learned from about ten of them, whatever tool synthesises them.

Use:

    hwcast fpga sample --k 10 --family NAME --out support.jsonl --verilog FOLDER
    hwcast fpga adapt --support support.jsonl --out NAME.json
    hwcast fpga predict DESIGN --adapter NAME.json

Made by \`${command}\`.
${
  rows.length
    ? `
Scores on families left out of training, k designs chosen and measured; mean over the families. \`seen\`: the other families synthesised the designs asked about; \`unseen\`: none did.

| setting | target | k | SMAPE | exact | interval coverage |
|---|---|---|---|---|---|
${rows.join('\n')}
`
    : ''
}
Counts are those of the tool that synthesised the support. What is predicted is hwcast's Verilog of a design (dense, conv1d, conv2d, relu), not what hls4ml or an HLS tool writes.
`;
}
