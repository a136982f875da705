import { defineConfig } from 'vitest/config';

const FULL = 'test/**/*.full.test.ts';

/** `vitest run`: what guards behaviour, in minutes. `vitest run --mode full`: the rest, `*.full.test.ts`. */
export default defineConfig(({ mode }) => ({
  test: {
    ...(mode === 'full' ? { include: [FULL] } : { include: ['test/**/*.test.ts'], exclude: [FULL] }),
    // wide: a limit of time is for what hangs, and machines are busy
    testTimeout: mode === 'full' ? 900_000 : 180_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    pool: 'forks',
  },
}));
