import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildRules } from '../../datasets/collect/fpga/buildRules.js';
import { FPGA_FOLDER, hasFpga, RULES_FOLDER, ruleRows } from '../fpga/rules/fpgaRows.js';

const TABLE = 'wa_hls4ml_dense1_csynth.csv.gz';
const unpacked = (files: Record<string, Uint8Array | string>): string[] => [
  gunzipSync(files[TABLE]).toString('utf8'),
  String(files['README.md']),
];
const committed = () =>
  unpacked({
    [TABLE]: readFileSync(join(RULES_FOLDER, TABLE)),
    'README.md': readFileSync(join(RULES_FOLDER, 'README.md'), 'utf8'),
  });

describe('datasets/fpga-rules', () => {
  it('holds single dense layers, sorted, with labels where synthesis succeeded', () => {
    const rows = ruleRows();
    expect(rows).toHaveLength(2273);
    expect(rows.every((r) => r.design.layers.length === 1 && r.stage === 'csynth')).toBe(true);
    expect(rows.filter((r) => r.success)).toHaveLength(829);
    expect(rows.every((r) => r.success === Object.keys(r.labels).length > 0)).toBe(true);
    expect(new Set(rows.map((r) => r.id)).size).toBe(rows.length);
    const [first] = rows;
    expect(first.id).toBe('dense_32_32_4b/latency/rf1');
  });

  it('is what its builder makes of it', () => {
    expect(unpacked(buildRules(RULES_FOLDER))).toEqual(committed());
  });

  it.skipIf(!hasFpga || !existsSync(FPGA_FOLDER))('is what its builder makes of the collected table (needs ../shared)', () => {
    expect(unpacked(buildRules(FPGA_FOLDER))).toEqual(committed());
  });

  it('says where it comes from and under which licence', () => {
    expect(readFileSync(join(RULES_FOLDER, 'README.md'), 'utf8')).toMatch(
      /^Source: \S+, commit [0-9a-f]{40}[\s\S]*^Licence: Apache-2\.0\. Copyright/m,
    );
  });
});
