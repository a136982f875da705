import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exampleNames, outputPath, runExample } from '../scripts/runExamples.js';

/** They train; examples.full.test.ts runs them. */
const SLOW = ['2-adapt-a-new-device'];
const QUICK = exampleNames().filter((name) => !SLOW.includes(name));

describe('examples', () => {
  it('are five', () => {
    expect(exampleNames()).toEqual([
      '1-catalogue-device',
      '2-adapt-a-new-device',
      '3-own-graph',
      '4-fpga-design',
      '5-own-dataset',
    ]);
  });

  it.each(QUICK)('%s prints what stands beside it: after a change, npx tsx scripts/runExamples.ts', async (name) => {
    expect(await runExample(name)).toBe(readFileSync(outputPath(name), 'utf8'));
  });
});
