import { createRequire } from 'node:module';

/** Whether the optional peer `@duckdb/node-api` is installed; tests that run it are skipped where it is not. */
export const hasDuckdb = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve('@duckdb/node-api');
    return true;
  } catch {
    return false;
  }
})();
