import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

const isThere = (program: string): boolean => spawnSync(program, ['-V'], { stdio: 'ignore' }).error === undefined;

/** Tests that need programs of the synthesis flow; where one is absent they are skipped, and the title says why. */
export function describeWith(programs: readonly string[], title: string, tests: () => void): void {
  const absent = programs.filter((p) => !isThere(p));
  describe.skipIf(absent.length > 0)(absent.length ? `${title} (not installed: ${absent.join(', ')})` : title, tests);
}
