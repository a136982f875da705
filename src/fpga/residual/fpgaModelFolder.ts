import { join } from 'node:path';
import { z } from 'zod';
import { type FolderKind, folderCache, type OpenFolder, openModelFolder, writeModelFolder } from '../../surrogate/modelFolder.js';
import { readSafetensors, writeSafetensors } from '../../surrogate/safetensors.js';
import { FpgaModel, residualFromParts, residualToParts } from './fpgaModel.js';

/** What a trained FPGA model was trained on. */
export interface FpgaModelInfo {
  /** sources of the rows, with their licence and number of designs */
  sources: { name: string; licence: string; designs: number }[];
  /** scores of each target on models of the training sources left out of training; fractions */
  scores: {
    source: string;
    stage: string;
    target: string;
    n: number;
    smape: number;
    within10: number;
    coverage90: number | null;
  }[];
  command: string;
}

const InfoSchema = z.strictObject({
  sources: z.array(z.strictObject({ name: z.string(), licence: z.string(), designs: z.int() })),
  scores: z.array(
    z.strictObject({
      source: z.string(),
      stage: z.string(),
      target: z.string(),
      n: z.int(),
      smape: z.number(),
      within10: z.number(),
      coverage90: z.number().nullable(),
    }),
  ),
  command: z.string(),
});
const FIELDS = { info: InfoSchema, parts: z.unknown() };
const FOLDER: FolderKind<typeof FIELDS> = {
  kind: 'fpga-residual',
  what: 'FPGA model',
  version: 1,
  fields: z.object(FIELDS),
  hint: 'hwcast fpga train --out FOLDER makes one',
};

/** Writes the model as a folder (config.json, weights.safetensors, scaler.json, README.md) as a whole: same model, same bytes. */
export function saveFpgaModel(folder: string, model: FpgaModel, info: FpgaModelInfo): void {
  const { parts, scaler, tensors } = residualToParts(model.residual);
  const files = {
    'weights.safetensors': writeSafetensors(tensors),
    'scaler.json': scaler as object,
    'README.md': card(model, info),
  };
  writeModelFolder(folder, FOLDER, { info, parts }, files);
}

const loaded = folderCache<{ model: FpgaModel; info: FpgaModelInfo }>();

/**
 * Reads the model of a folder, once while none of its files changes.
 * @throws HwcastError `not-found`, `newer-format`, `corrupt` (checksum, schema).
 */
export function loadFpgaModel(folder: string): { model: FpgaModel; info: FpgaModelInfo } {
  const open = openModelFolder(folder, FOLDER);
  return loaded(folder, open.state, () => readModel(folder, open));
}

function readModel(
  folder: string,
  { fields, bytes, json }: OpenFolder<typeof FIELDS>,
): { model: FpgaModel; info: FpgaModelInfo } {
  const tensors = readSafetensors(bytes('weights.safetensors'), join(folder, 'weights.safetensors'));
  const residual = residualFromParts({ parts: fields.parts, scaler: json('scaler.json'), tensors }, folder);
  return { model: new FpgaModel(residual), info: fields.info };
}

function card(model: FpgaModel, { sources, scores, command }: FpgaModelInfo): string {
  return `---
license: ${[...new Set(sources.map((s) => s.licence))].join(', ')}
tags: [hwcast, fpga, hls4ml]
---
# Predictor of LUT, FF, DSP, BRAM and cycles of hls4ml-style designs

Analytical core with a learned residual (\`${model.residual.config.encoder}\`, ${model.residual.members.length} networks, seed ${model.residual.seed}), trained on ${sources.map((s) => `${s.designs} designs of ${s.name} (${s.licence})`).join(', ')}. What no such design was in training is predicted by the rules alone and labelled \`analytical\`; its interval is how far the rules were off on other collected designs of the kind (widths only; none of those was learned from), and there is none where no such design was collected.

Use: \`hwcast fpga predict DESIGN --part PART\`. Made by \`${command}\`.

Scores on models left out of training:

| source | stage | target | designs | SMAPE | within 10 % | interval coverage |
|---|---|---|---|---|---|---|
${scores
  .map(
    (s) =>
      `| ${s.source} | ${s.stage} | ${s.target} | ${s.n} | ${s.smape.toFixed(1)} % | ${(100 * s.within10).toFixed(0)} % | ${s.coverage90 === null ? '' : `${(100 * s.coverage90).toFixed(0)} %`} |`,
  )
  .join('\n')}
`;
}
