import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readmeScript, runReadmeScript } from '../scripts/readmeScript.js';

const README = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8');

describe('script of the README', () => {
  it('is at most ten lines', () => {
    expect(readmeScript(README).trim().split('\n').length).toBeLessThanOrEqual(10);
  });

  it('measures ten networks here and predicts another one', async () => {
    const printed = await runReadmeScript(README);
    expect(printed).toMatch(/measurements: 10/);
    expect(printed).toMatch(/value: 0\.\d+,\s+low: 0\.\d+,\s+high: 0\.\d+,\s+unit: 's',\s+provenance: 'adapted'/);
  });
});
