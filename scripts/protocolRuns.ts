import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ResultRow } from '../src/evaluate/resultRow.js';

export interface ProtocolRuns {
  /** arguments of `hwcast evaluate`, without --out, by the name of the run */
  runs: Readonly<Record<string, readonly string[]>>;
  /** each run writes to a folder of its name below this one */
  folder: string;
  /** runs to make; all unless told */
  only?: readonly string[];
  /** runs that are complete are not made again */
  keep: boolean;
}

/** Makes the runs and reads the rows of all that are complete; ends the process where a run ends badly. */
export function protocolRows({ runs, folder, only, keep }: ProtocolRuns): ResultRow[] {
  const resultsOf = (name: string) => join(folder, name, 'results.json');
  for (const [name, args] of Object.entries(runs)) {
    if ((only && !only.includes(name)) || (keep && existsSync(resultsOf(name)))) continue;
    const command = ['dist/cli/main.js', 'evaluate', ...args, '--out', join(folder, name)];
    const run = spawnSync(process.execPath, command, { stdio: 'inherit' });
    if (run.status !== 0) process.exit(run.status ?? 1);
  }
  return Object.keys(runs).flatMap((name): ResultRow[] =>
    existsSync(resultsOf(name)) ? JSON.parse(readFileSync(resultsOf(name), 'utf8')) : [],
  );
}
