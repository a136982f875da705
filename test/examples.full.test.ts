import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { outputPath, runExample } from '../scripts/runExamples.js';

describe('examples that train', () => {
  it.each(['2-adapt-a-new-device'])(
    '%s prints what stands beside it: after a change, npx tsx scripts/runExamples.ts',
    async (name) => {
      expect(await runExample(name)).toBe(readFileSync(outputPath(name), 'utf8'));
    },
  );
});
