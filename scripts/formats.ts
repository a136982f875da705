/**
 * Writes the table of docs/formats.md: every model file of ../shared/data as hwcast reads it. `npx tsx scripts/formats.ts`; needs ../shared.
 * Files inside .tar archives are read from the archive, so nothing is unpacked to disk.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { graphSummary } from '../src/analytical/graphSummary.js';
import { HwcastError } from '../src/core/errors.js';
import type { ModelReader } from '../src/graph/readers/modelReader.js';
import { MODEL_READERS } from '../src/graph/readers/registry.js';

const DATA = join(import.meta.dirname, '../../shared/data');
const PAGE = join(import.meta.dirname, '../docs/formats.md');
const BLOCK = 512;

interface File {
  name: string;
  bytes: Uint8Array;
}

const unzipped = ({ name, bytes }: File): File =>
  bytes[0] === 0x1f && bytes[1] === 0x8b ? { name: name.replace(/\.gz$/, ''), bytes: gunzipSync(bytes) } : { name, bytes };

function* folder(path: string, wanted: RegExp): Generator<File> {
  for (const name of readdirSync(path).sort())
    if (wanted.test(name)) yield unzipped({ name, bytes: readFileSync(join(path, name)) });
}

/** Members of a tar archive. */
function* archive(path: string): Generator<File> {
  const { bytes } = unzipped({ name: path, bytes: readFileSync(path) });
  const text = (from: number, length: number) =>
    Buffer.from(bytes.subarray(from, from + length))
      .toString('latin1')
      .replace(/\0.*$/s, '');
  for (let offset = 0; offset + BLOCK <= bytes.length; ) {
    const name = text(offset, 100);
    if (!name) return;
    const size = Number.parseInt(text(offset + 124, 12), 8);
    const isFile = ['0', ''].includes(text(offset + 156, 1));
    if (isFile) yield unzipped({ name: basename(name), bytes: bytes.subarray(offset + BLOCK, offset + BLOCK + size) });
    offset += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

const SOURCES: readonly (readonly [title: string, files: () => Iterable<File>])[] = [
  ['model-files', () => folder(join(DATA, 'model-files'), /\.(onnx|pt2)$/)],
  ['traces/onnx', () => folder(join(DATA, 'traces/onnx'), /\.onnx$/)],
  ['traces/mlir', () => folder(join(DATA, 'traces/mlir'), /\.mlir/)],
  ['zoo/onnx.tar', () => archive(join(DATA, 'zoo/onnx.tar'))],
  ['zoo/programs.tar', () => archive(join(DATA, 'zoo/programs.tar'))],
  ['model-tables/ncnn_graphs.tar.gz', () => archive(join(DATA, 'model-tables/ncnn_graphs.tar.gz'))],
];

function readerOf({ name, bytes }: File): ModelReader | undefined {
  const found = MODEL_READERS.map((reader) => ({ reader, sure: reader.detect(bytes.subarray(0, 65_536), name) }));
  return (found.find((f) => f.sure === 'certain') ?? found.find((f) => f.sure === 'likely'))?.reader;
}

async function rows(file: File): Promise<string[]> {
  const reader = readerOf(file);
  if (!reader) return [`| ${file.name} | not read yet | | | | |`];
  try {
    const models = await reader.read(file, {});
    return models.map(({ name, graph }) => {
      const s = graphSummary(graph);
      const opaque = 100 * s.opaque.reduce((sum, o) => sum + o.shareOfBytes, 0);
      const share = opaque === 0 ? '0' : opaque < 0.01 ? '< 0.01' : opaque.toFixed(2);
      return `| ${models.length > 1 ? `${file.name}: ${name}` : file.name} | ${reader.format} | ${s.operators} | ${s.params} | ${(s.macs / 1e6).toPrecision(5)} | ${share} |`;
    });
  } catch (error) {
    if (!(error instanceof HwcastError)) throw error;
    return [`| ${file.name} | ${reader.format} | ${error.code}: ${error.message.replaceAll('|', '/')} | | | |`];
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
  for (const [title, files] of SOURCES) {
    parts.push(
      '',
      `## ${title}`,
      '',
      '| file | format | operators | parameters | MMACs | opaque % |',
      '|---|---|---:|---:|---:|---:|',
    );
    for (const file of files()) parts.push(...(await rows(file)));
  }
  writeFileSync(PAGE, `${parts.join('\n')}\n`);
  process.stderr.write(`${parts.length} lines in ${PAGE}\n`);
}

await main();
