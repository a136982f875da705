import { join } from 'node:path';
import { readDataset } from '../dataset/store.js';
import { HwcastError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import type { EvaluationCase } from './evaluationCase.js';
import { helpCases, leaveOneOutCases, nasflatCases } from './protocols.js';
import { renderResults } from './renderResults.js';
import type { ResultRow } from './resultRow.js';
import { type RunOptions, runCase } from './runCase.js';

export interface EvaluateOptions extends RunOptions {
  protocol: string;
  /** folder of public data (help, nasflat) */
  data?: string;
  /** dataset folder (leave-one-out) */
  dataset?: string;
  spaces?: readonly string[];
  tasks?: readonly string[];
  devices?: readonly string[];
  /** folder for results.json, results.md and the figure; written after every case */
  out: string;
}

export const PROTOCOLS = ['help', 'nasflat', 'leave-one-out'] as const;

/** Runs a protocol and writes `results.json`, `results.md` and the figure to `out` after every case, so that an interruption keeps what is complete. */
export async function evaluate(options: EvaluateOptions): Promise<ResultRow[]> {
  const cases = await casesOf(options),
    rows: ResultRow[] = [];
  for (const c of cases) {
    const test = options.devices ? c.test.filter((t) => options.devices!.includes(t.device)) : c.test;
    rows.push(...(await runCase({ ...c, test }, options)));
    writeResults(options.out, rows);
    // drawing libraries are loaded where something is drawn
    (await import('./figure.js')).writeFigure(options.out, rows);
  }
  if (!rows.length)
    throw new HwcastError('bad-input', 'nothing was evaluated: no test device of the protocol is in the data', {
      where: options.data ?? options.dataset,
    });
  return rows;
}

export function writeResults(folder: string, rows: readonly ResultRow[]): void {
  const finite = (_: string, v: unknown) => (typeof v === 'number' && !Number.isFinite(v) ? null : v);
  writeFileAtomic(join(folder, 'results.json'), `${JSON.stringify(rows, finite, 1)}\n`);
  writeFileAtomic(join(folder, 'results.md'), renderResults(rows));
}

async function casesOf(o: EvaluateOptions): Promise<EvaluationCase[]> {
  const data = () => {
    if (!o.data)
      throw new HwcastError('usage', `--protocol ${o.protocol} needs --data FOLDER with the public measurements`, {
        hint: 'the folder that holds nasbench201-latency, fbnet-latency, ofa-latency',
      });
    return o.data;
  };
  switch (o.protocol) {
    case 'help':
      return helpCases(data(), o.spaces ?? ['nasbench201', 'fbnet', 'ofa']);
    case 'nasflat':
      return nasflatCases(data(), o.tasks);
    case 'leave-one-out': {
      if (!o.dataset) throw new HwcastError('usage', '--protocol leave-one-out needs --dataset FOLDER');
      return leaveOneOutCases(await readDataset(o.dataset), o.devices);
    }
    default:
      throw new HwcastError('usage', `no protocol '${o.protocol}'; one of ${PROTOCOLS.join(', ')}`);
  }
}
