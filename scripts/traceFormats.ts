/**
 * Writes the tables of traces in docs/formats.md: every file of ../shared/data/traces, the profiles of ../shared/data/zoo and the traces of
 * ../shared/data/measured/h100 as `hwcast trace` and `hwcast ingest` read them. `npx tsx scripts/traceFormats.ts`; needs ../shared.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../src/core/errors.js';
import { readerFor } from '../src/trace/registry.js';
import { walkSources } from '../src/trace/source/walkSources.js';
import type { TraceAnalysis } from '../src/trace/traceAnalysis.js';
import type { TraceSource } from '../src/trace/traceReader.js';

const DATA = join(import.meta.dirname, '../../shared/data');
const PAGE = join(import.meta.dirname, '../docs/formats.md');
const TRACES = '\n# Traces\n';
const INTRO = `
Written by \`npx tsx scripts/traceFormats.ts\`. Operators and kernels are runs; copies and fills are no kernels, marks of steps no operators. To launch, to
operator: share of kernels whose launch call and whose operator are in the file. Usable: share of operators with device work (of a CPU's trace, with work) of which
\`hwcast ingest\` makes rows, of profiles without attributes with their model (\`--model\`). TKLQT: sum over kernels of start minus start of the launch call. A dash: the file cannot say.
`;
/** folders of what is no trace, read elsewhere or not at all */
const NO_TRACES = new Set(['device-config', 'llm-config', 'onnx', 'mlir', 'safetensors']);

const percent = (part: number | null, whole: number | null): string =>
  part === null || !whole ? '-' : `${((100 * part) / whole).toFixed(1)}`;
const micros = (seconds: number | null): string => (seconds === null ? '-' : String(Number((seconds * 1e6).toPrecision(9))));

/** Models that profiles without attributes are joined with, by folder. */
const MODELS: Readonly<Record<string, string>> = {
  'traces/onnxruntime-profile': 'traces/onnx',
  'traces/nsys-sqlite': 'model-files/legacy_resnet18_opset17.onnx',
  'zoo/profiles.tar': 'zoo/onnx.tar',
};

/** Share of operators that make rows of a dataset; a dash where the format holds no shapes. */
async function usable(open: () => Promise<TraceSource | undefined>, model?: string): Promise<string> {
  const source = await open();
  if (!source) return '-';
  let used = 0,
    left = 0;
  try {
    for await (const record of readerFor(source).read(source, { model }))
      if (record.kind === 'operator') used++;
      else if (record.kind === 'issue' && record.what === 'operator') left += record.count;
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
  }
  return percent(used, used + left);
}

const row = (name: string, a: TraceAnalysis, share: string): string =>
  `| ${[
    name,
    a.format,
    a.device ?? '-',
    a.operators ?? '-',
    a.kernels ?? '-',
    percent(a.kernelsWithLaunch, a.kernels),
    percent(a.kernelsWithOperator, a.kernels),
    share,
    micros(a.tklqt),
    micros(a.meanKernel),
    a.latency === null ? '-' : Number((a.latency * 1e3).toPrecision(9)),
  ].join(' | ')} |`;

/** Source number `index` of a path, opened anew. */
async function reopened(path: string, index: number): Promise<TraceSource | undefined> {
  let at = 0;
  for await (const source of walkSources([path]))
    if (at++ === index && !('kind' in source)) return { ...source, chunks: whole(await bytesOf(source)) };
  return undefined;
}

async function bytesOf(source: TraceSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of source.chunks) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function rowsOf(path: string, model?: string): Promise<string[]> {
  const rows: string[] = [];
  let index = 0;
  for await (const source of walkSources([path])) {
    if ('kind' in source) {
      rows.push(`| ${source.where.slice(path.length + 1)} | ${source.reason} | | | | | | | | | |`);
      continue;
    }
    const name = source.name === path ? path.split('/').at(-1)! : source.name.slice(path.length + 1),
      at = index++;
    try {
      const reader = readerFor(source);
      if (!reader.analyse) {
        for await (const _ of reader.read(source, {}));
        throw new HwcastError('unsupported', `a ${reader.format} of measurements: hwcast ingest reads it`);
      }
      const analyses = await reader.analyse(source),
        share = await usable(() => reopened(path, at), model);
      rows.push(...analyses.map((a) => row(name, a, share)));
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error;
      rows.push(`| ${name} | ${error.code}: ${error.message.replaceAll('|', '/')} | | | | | | | | | |`);
    }
  }
  return rows;
}

async function main(): Promise<void> {
  const folders = readdirSync(join(DATA, 'traces'), { withFileTypes: true })
    .filter((e) => e.isDirectory() && !NO_TRACES.has(e.name))
    .map((e) => `traces/${e.name}`)
    .sort();
  const parts = [TRACES.trimEnd(), INTRO.trimEnd()];
  for (const path of [...folders, 'zoo/profiles.tar', 'measured/h100/traces.tar.gz']) {
    parts.push(
      '',
      `## ${path}`,
      '',
      '| file | format | device | operators | kernels | to launch % | to operator % | usable % | TKLQT us | mean kernel us | latency ms |',
      '|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|',
      ...(await rowsOf(join(DATA, path), MODELS[path] && join(DATA, MODELS[path]))),
    );
  }
  const page = readFileSync(PAGE, 'utf8'),
    at = page.indexOf(TRACES);
  writeFileSync(PAGE, `${at < 0 ? page : page.slice(0, at)}${parts.join('\n')}\n`);
  process.stderr.write(`${parts.length} lines of traces in ${PAGE}\n`);
}

await main();
