import { HwcastError } from '../../core/errors.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { type FpgaFamilies, loadFamilyModel } from './familyModelFolder.js';
import { type SeededDesign, seededDesign } from './seededDesign.js';

export interface FpgaSampleOptions {
  /** how many designs */
  k: number;
  /** a loaded model or its folder; the bundled one unless told */
  model?: string | FpgaFamilies;
  /** designs to choose from; those of the model unless told */
  candidates?: readonly HlsDesign[];
  /** of candidates that cannot be written as Verilog: called for each, which is then left out; without it, an error */
  onIssue?: (error: HwcastError) => void;
}

/**
 * The designs to synthesise on a new family of FPGAs, most informative first.
 * @throws HwcastError `usage` for k below 1, `bad-input` with fewer different candidates than k, `unsupported` for one that is not written as Verilog
 */
export async function sampleFpgaDesigns({ k, model, candidates, onIssue }: FpgaSampleOptions): Promise<SeededDesign[]> {
  if (!(Number.isInteger(k) && k > 0))
    throw new HwcastError('usage', `the number of designs must be a positive whole number, not ${k}`);
  const families = typeof model === 'object' ? model : await loadFamilyModel(model);
  const given = candidates?.map((d) => seededDesign(families.designs, d)) ?? [...families.designs.values()];
  const unique = [...new Map(given.map((d) => [d.id, d])).values()].filter((d) => {
    try {
      families.model.parts(d);
      return true;
    } catch (error) {
      if (!onIssue || !(error instanceof HwcastError)) throw error;
      onIssue(error);
      return false;
    }
  });
  if (unique.length < k)
    throw new HwcastError('bad-input', `${unique.length} different designs to choose ${k} from`, {
      hint: 'give more designs, or choose fewer',
    });
  return families.model.choose(unique, k).map((i) => unique[i]);
}
