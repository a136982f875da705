import { defineConfig } from 'vitest/config';

const FULL = 'test/**/*.full.test.ts';

/** `vitest run`: what guards behaviour, in minutes. `vitest run --mode full`: the rest, `*.full.test.ts`. */
export default defineConfig(({ mode }) => ({
  test: {
    ...(mode === 'full' ? { include: [FULL] } : { include: ['test/**/*.test.ts'], exclude: [FULL] }),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    pool: 'forks',
  },
}));
