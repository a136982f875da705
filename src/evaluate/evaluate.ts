import { join } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import type { Protocol, ProtocolOptions } from './protocols/protocol.js';
import { protocolsNamed } from './protocols/registry.js';
import { renderFpgaResults } from './report/renderFpgaResults.js';
import { renderResults } from './report/renderResults.js';
import type { ResultRow } from './resultRow.js';
import { runGroup } from './run.js';

export interface EvaluateOptions extends ProtocolOptions {
  /** folder for results.json, results.md and the figure; written after every group of cases */
  out: string;
}

/**
 * Runs a protocol and writes `results.json`, `results.md` and, of networks, the figure to `out` after every group of cases, so that an interruption
 * keeps what is complete.
 */
export async function evaluate(options: EvaluateOptions): Promise<ResultRow[]> {
  const rows: ResultRow[] = [];
  for (const protocol of protocolsNamed(options.protocol, options.tasks)) {
    if (protocol.part) options.onProgress?.(`task ${protocol.part}`);
    for await (const group of protocol.groups(options)) {
      rows.push(...(await runGroup(group, options)));
      if (rows.length) await writeResults(options.out, rows, protocol.report);
    }
  }
  if (!rows.length)
    throw new HwcastError('bad-input', 'nothing was evaluated: no test device of the protocol is in the data', {
      where: options.data ?? options.dataset,
    });
  return rows;
}

/** Numbers that are not finite are written as null. */
const resultsJson = (rows: readonly ResultRow[]): string =>
  `${JSON.stringify(rows, (_, v: unknown) => (typeof v === 'number' && !Number.isFinite(v) ? null : v), 1)}\n`;

export async function writeResults(folder: string, rows: readonly ResultRow[], report: Protocol['report']): Promise<void> {
  writeFileAtomic(join(folder, 'results.json'), resultsJson(rows));
  writeFileAtomic(join(folder, 'results.md'), report === 'counts' ? renderFpgaResults(rows) : renderResults(rows));
  // drawing libraries are loaded where something is drawn
  if (report === 'networks') (await import('./report/figure.js')).writeFigure(folder, rows);
}
