/**
 * How fast and in how much memory large traces are read: `npx tsx bench/trace.ts [--gb 2] [--ingest] [FOLDER]`. The events of three real traces
 * are repeated, each time later and under ids of their own, until a file is as large as asked; `hwcast trace` (with `--ingest` then `hwcast
 * ingest`) of the build in dist/ reads it in a process of its own. FOLDER holds the traces, ../shared/data/traces/kineto-chrome unless told;
 * files are made in a temporary folder and removed. Goals: 100 MB/s and 300 MB each.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';

const TRACES = ['tracelens_b200_eager', 'kineto_resnet50_nw0_a', 'tracelens_sglang_qwen3_8b_decode'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { gb: { type: 'string', default: '2' }, ingest: { type: 'boolean' } },
});
const [from = '../shared/data/traces/kineto-chrome'] = positionals;
const folder = mkdtempSync(join(tmpdir(), 'hwcast-bench-trace-'));
/** Tells on file descriptor 3 what the process used. */
const METER = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs'; process.on('exit', () => { const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage(); writeSync(3, [maxRSS / 1024, (userCPUTime + systemCPUTime) / 1e6].join(' ')); });`,
)}`;

/** Writes the repeated trace; returns its size in bytes. */
function repeated(trace: string, path: string, bytes: number): number {
  const text = gunzipSync(readFileSync(join(from, `${trace}.json.gz`))).toString('utf8'),
    begin = text.indexOf('[', text.indexOf('"traceEvents"')) + 1,
    end = text.lastIndexOf(']');
  const file = openSync(path, 'w'),
    events = text.slice(begin, end),
    times = [...events.matchAll(/"ts": ?(\d+)/g)].map((m) => Number(m[1])).filter((t) => t > 0);
  const span = Math.ceil(times.reduce((m, t) => Math.max(m, t)) - times.reduce((m, t) => Math.min(m, t))) + 10_000_000;
  let size = writeSync(file, text.slice(0, begin));
  for (let k = 0; size < bytes; k++) {
    const shifted = events
      .replace(/"ts": ?(\d+)/g, (_, t) => `"ts": ${Number(t) + k * span}`)
      .replace(/"(correlation|[Ee]xternal id)": ?(\d+)/g, (_, key, id) => `"${key}": ${Number(id) + k * 10_000_000}`);
    size += writeSync(file, k ? `,${shifted}` : shifted);
  }
  size += writeSync(file, text.slice(end));
  closeSync(file);
  return size;
}

function measure(args: readonly string[], size: number): string {
  const begin = performance.now();
  const { status, output, stderr } = spawnSync(process.execPath, ['--import', METER, resolve('dist/cli/main.js'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  const seconds = (performance.now() - begin) / 1000;
  if (status !== 0) throw new Error(stderr.slice(0, 1000));
  const [peak, cpu] = output[3]!.split(' ').map(Number);
  return `${(size / 1e6 / seconds).toFixed(0)} MB/s (${(size / 1e6 / cpu).toFixed(0)} a second of processor time), peak ${peak.toFixed(0)} MB`;
}

try {
  for (const trace of TRACES) {
    const path = join(folder, 'trace.json'),
      size = repeated(trace, path, Number(values.gb) * 1e9);
    console.log(`${trace}, ${(size / 1e9).toFixed(2)} GB: trace ${measure(['trace', path, '--csv'], size)}`);
    if (values.ingest) console.log(`  ingest ${measure(['ingest', path, '--out', join(folder, 'dataset')], size)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
