import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { readYosysFpga, type YosysFpgaRow } from '../../../src/fpga/data/yosysFpga.js';
import {
  type FamilyModelInfo,
  type FpgaFamilies,
  loadFamilyModel,
  saveFamilyModel,
} from '../../../src/fpga/families/familyModelFolder.js';
import { trainFamilyModel } from '../../../src/fpga/families/trainFamilyModel.js';

export const TRAINED = ['xc7', 'ecp5', 'gowin', 'cyclonev'];
export const INFO: FamilyModelInfo = {
  source: { name: 'yosys-fpga', licence: 'Apache-2.0', sha256: '0'.repeat(64) },
  tools: ['Yosys 0.23'],
  families: TRAINED.map((name) => ({ name, designs: 1 })),
  scores: [{ setting: 'seen', target: 'lut', k: 10, smape: 12.34, exact: 0.01, coverage90: null }],
  seed: 1,
  command: 'a test',
};

/** A folder that is gone after the tests of a file. */
export function temporaryFolder(): (...path: string[]) => string {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-families-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (...path) => join(folder, ...path);
}

/** A model of four families in `folder`, and the rows of a fifth that it has not seen. */
export async function smallFamilies(folder: string, every = 2): Promise<{ families: FpgaFamilies; own: YosysFpgaRow[] }> {
  const rows = readYosysFpga('datasets/yosys-fpga'),
    ids = new Set([...new Set(rows.map((r) => r.id))].filter((_, i) => i % every === 0)),
    kept = rows.filter((r) => ids.has(r.id));
  const trained = kept.filter((r) => TRAINED.includes(r.family));
  saveFamilyModel(folder, { model: trainFamilyModel(trained, { trials: 1 }), designs: trained, info: INFO });
  return { families: await loadFamilyModel(folder), own: kept.filter((r) => r.family === 'nexus') };
}
