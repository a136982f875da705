/**
 * Writes the tables of model files in docs/formats.md: every one of ../shared/data as hwcast reads it. `npx tsx scripts/formats.ts`; needs ../shared.
 * What `scripts/traceFormats.ts` wrote after them stays.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelFiles } from '../datasets/collect/modelFiles.js';
import { graphSummary } from '../src/analytical/graphSummary.js';
import { HwcastError } from '../src/core/errors.js';
import type { ModelSource } from '../src/graph/readers/modelReader.js';
import { readerOf } from '../src/graph/readers/readModelFile.js';
import { MODEL_READERS } from '../src/graph/readers/registry.js';

const DATA = join(import.meta.dirname, '../../shared/data');
const PAGE = join(import.meta.dirname, '../docs/formats.md');
/** begins the part of scripts/traceFormats.ts */
const TRACES = '\n# Traces\n';

const SOURCES: readonly (readonly [path: string, wanted?: RegExp])[] = [
  ['model-files', /\.(onnx|pt2)$/],
  ['traces/onnx', /\.onnx$/],
  ['traces/mlir', /\.mlir/],
  ['traces/nn-meter', /ir_.*\.json$/],
  ['fpga/cases', /\.(keras|h5)$/],
  ['zoo/onnx.tar'],
  ['zoo/programs.tar'],
  ['model-tables/ncnn_graphs.tar.gz'],
];

async function rows(file: ModelSource): Promise<string[]> {
  let format = '';
  try {
    const reader = readerOf(file);
    format = reader.format;
    const models = await reader.read(file, {});
    return models.map(({ name, graph }) => {
      const s = graphSummary(graph);
      const opaque = 100 * s.opaque.reduce((sum, o) => sum + o.shareOfBytes, 0);
      const share = opaque === 0 ? '0' : opaque < 0.01 ? '< 0.01' : opaque.toFixed(2);
      return `| ${models.length > 1 ? `${file.name}: ${name}` : file.name} | ${format} | ${s.operators} | ${s.params} | ${(s.macs / 1e6).toPrecision(5)} | ${share} |`;
    });
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    return [`| ${file.name} | ${format} | ${error.code}: ${error.message.replaceAll('|', '/')} | | | |`];
  }
}

async function main(): Promise<void> {
  const parts = [
    '# Model files',
    '',
    'Written by `npx tsx scripts/formats.ts`. MACs are of one pass at the sizes the file fixes (batch 1 where it is open); FLOPs = 2 x MACs. Opaque: share of',
    'all bytes read and written by operators that hwcast does not know.',
    '',
    `Formats: ${MODEL_READERS.map((r) => `\`${r.format}\` (${r.about})`).join(', ')}.`,
  ];
  for (const [path, wanted] of SOURCES) {
    parts.push(
      '',
      `## ${path}`,
      '',
      '| file | format | operators | parameters | MMACs | opaque % |',
      '|---|---|---:|---:|---:|---:|',
    );
    for await (const file of modelFiles([join(DATA, path)], wanted)) parts.push(...(await rows(file)));
  }
  const page = readFileSync(PAGE, 'utf8'),
    traces = page.indexOf(TRACES);
  writeFileSync(PAGE, `${parts.join('\n')}\n${traces < 0 ? '' : page.slice(traces)}`);
  process.stderr.write(`${parts.length} lines in ${PAGE}\n`);
}

await main();
