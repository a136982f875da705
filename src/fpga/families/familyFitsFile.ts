import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { HwcastError } from '../../core/errors.js';
import { readTextChecked, sha256 } from '../../core/files.js';
import { DESIGN_FEATURES } from './designFeatures.js';
import type { FamilyFits } from './familyModel.js';
import { FittedNumbersSchema, numbersFit } from './fittedReferences.js';

/** Beside the files of a family model: what is fitted to its designs. It follows from them and only saves the time to fit it again. */
export const FITS_FILE = 'fits.json';

/** What fits belong to. */
export interface FitsOf {
  /** sha256 of designs.jsonl */
  designs: string;
  families: readonly string[];
}

const Schema = z.strictObject({
  designs: z.string(),
  families: z.array(z.string()),
  /** names of the quantities that costs are of; of another version of hwcast they may be others */
  features: z.array(z.string()),
  model: FittedNumbersSchema,
  without: z.record(z.string(), FittedNumbersSchema),
});

const checksum = (content: object): string => sha256(JSON.stringify(content));

export function fitsText({ model, without }: FamilyFits, { designs, families }: FitsOf): string {
  const content = { designs, families, features: DESIGN_FEATURES, model, without };
  return `${JSON.stringify({ sha256: checksum(content), ...content })}\n`;
}

/**
 * The fits beside a family model; undefined where there are none, or those of a version of hwcast that looks at other quantities.
 * @throws HwcastError `corrupt` for a file that is cut, changed or of other designs
 */
export function readFits(folder: string, of: FitsOf): FamilyFits | undefined {
  const where = join(folder, FITS_FILE);
  if (!existsSync(where)) return undefined;
  const corrupt = (message: string, cause?: unknown) =>
    new HwcastError('corrupt', message, {
      where,
      cause,
      hint: `restore it or delete it: without ${FITS_FILE} reading takes seconds`,
    });
  let raw: Record<string, unknown>;
  try {
    raw = z.record(z.string(), z.unknown()).parse(JSON.parse(readTextChecked(where)));
  } catch (cause) {
    throw corrupt(`${FITS_FILE} is no whole JSON object`, cause);
  }
  const { sha256: written, ...content } = raw;
  if (checksum(content) !== written) throw corrupt(`${FITS_FILE} is not the file that was written (sha256 differs)`);
  if (JSON.stringify(content.features) !== JSON.stringify(DESIGN_FEATURES)) return undefined;
  const parsed = Schema.safeParse(content);
  if (!parsed.success) throw corrupt(`${FITS_FILE} does not fit the format: ${z.prettifyError(parsed.error)}`, parsed.error);
  const { designs, families, model, without } = parsed.data;
  const whole =
    numbersFit(model, families.length) && families.every((f) => without[f] && numbersFit(without[f], families.length - 1));
  if (designs !== of.designs || families.join() !== of.families.join() || !whole)
    throw corrupt(`${FITS_FILE} belongs to other designs or families`);
  return { model, without };
}
