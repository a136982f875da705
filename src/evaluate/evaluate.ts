import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { readDataset } from '../dataset/store.js';
import type { EvaluationCase } from './evaluationCase.js';
import { helpCases, leaveOneOutCases, nasflatCases } from './protocols/protocols.js';
import { renderFpgaResults } from './report/renderFpgaResults.js';
import { renderResults } from './report/renderResults.js';
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

export const PROTOCOLS = ['help', 'nasflat', 'leave-one-out', 'fpga'] as const;

/** Runs a protocol and writes `results.json`, `results.md` and the figure to `out` after every case, so that an interruption keeps what is complete. */
export async function evaluate(options: EvaluateOptions): Promise<ResultRow[]> {
  if (options.protocol === 'fpga') return evaluateFpga(options);
  const cases = await casesOf(options),
    rows: ResultRow[] = [];
  for (const c of cases) {
    const test = options.devices ? c.test.filter((t) => options.devices!.includes(t.device)) : c.test;
    rows.push(...(await runCase({ ...c, test }, options)));
    writeResults(options.out, rows);
    // drawing libraries are loaded where something is drawn
    (await import('./report/figure.js')).writeFigure(options.out, rows);
  }
  if (!rows.length)
    throw new HwcastError('bad-input', 'nothing was evaluated: no test device of the protocol is in the data', {
      where: options.data ?? options.dataset,
    });
  return rows;
}

async function evaluateFpga(o: EvaluateOptions): Promise<ResultRow[]> {
  const { fpgaProtocol } = await import('./protocols/fpga/fpgaProtocol.js');
  // the folder itself, or the one above it, where the data of all protocols lies
  const below = o.data === undefined ? undefined : join(o.data, 'fpga');
  return fpgaProtocol({
    ...o,
    data: below !== undefined && existsSync(below) ? below : o.data,
    methods: o.methods.length ? o.methods : undefined,
    onProgress: o.onProgress,
    onRows: (rows) => {
      writeFileAtomic(join(o.out, 'results.json'), resultsJson(rows));
      writeFileAtomic(join(o.out, 'results.md'), renderFpgaResults(rows));
    },
  });
}

/** Numbers that are not finite are written as null. */
const resultsJson = (rows: readonly ResultRow[]): string =>
  `${JSON.stringify(rows, (_, v: unknown) => (typeof v === 'number' && !Number.isFinite(v) ? null : v), 1)}\n`;

export function writeResults(folder: string, rows: readonly ResultRow[]): void {
  writeFileAtomic(join(folder, 'results.json'), resultsJson(rows));
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
