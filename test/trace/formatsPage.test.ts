import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasShared, SHARED } from '../shared.js';

/** Rows of the tables of traces in docs/formats.md, by folder and file. */
function page(): Map<string, string[]> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/formats.md'), 'utf8'),
    rows = new Map<string, string[]>();
  let folder = '';
  for (const line of text.slice(text.indexOf('\n# Traces\n')).split('\n')) {
    if (line.startsWith('## ')) folder = line.slice(3).replace('traces/', '');
    else if (line.startsWith('| ')) {
      const cells = line.slice(2, -2).split(' | ');
      rows.set(`${folder}/${cells[0]}`, cells);
    }
  }
  return rows;
}

const OPERATORS = 3,
  KERNELS = 4,
  TO_LAUNCH = 5,
  TKLQT = 8,
  MEAN = 9,
  LATENCY = 10;
/** marks of steps, which traces of 2021 write as operators */
const MARKS: Readonly<Record<string, number>> = {
  'kineto-chrome/kineto_resnet50_nw0_a.json.gz': 6,
  'kineto-chrome/kineto_gpu_metrics_input.json': 1,
};

describe.skipIf(!hasShared)(`docs/formats.md${hasShared ? '' : ' (skipped: no shared data beside the project)'}`, () => {
  const readme = (name: string) => readFileSync(join(SHARED, 'data/traces', name), 'utf8').split('\n');
  const rows = page();

  it('has the operators and kernels of the first collection', () => {
    const lines = readme('README.md').flatMap((l) => {
      const [, file, ops, kernels] = /^\| (kineto-chrome\/\S+) .*events, (\d+) ops .*?, (\d+) kernels/.exec(l) ?? [];
      const row = file ? rows.get(file) : undefined;
      return row?.[1] === 'kineto' ? [{ file, row, ops: Number(ops) - (MARKS[file] ?? 0), kernels: Number(kernels) }] : [];
    });
    expect(lines.length).toBeGreaterThan(19);
    expect(lines.map((l) => [l.file, Number(l.row[OPERATORS]), Number(l.row[KERNELS])])).toEqual(
      lines.map((l) => [l.file, l.ops, l.kernels]),
    );
  });

  it('has the values of the second, computed apart from the project', () => {
    const lines = readme('README-new.md').flatMap((l) => {
      const [, file, ops, kernels, tklqt, mean, latency] =
        /^\| (kineto-chrome\/\S+) .*?(\d+) ops .*\((\d+) kernels\).*TKLQT ([\d.]+) us, AKD ([\d.]+) us.*first op to last kernel ([\d.]+) us/.exec(
          l,
        ) ?? [];
      return file ? [{ file, row: rows.get(file)!, values: [ops, kernels, tklqt, mean, latency].map(Number) }] : [];
    });
    expect(lines).toHaveLength(5);
    expect(
      lines.map(({ row }) => [
        Number(row[OPERATORS]),
        Number(row[KERNELS]),
        Number(Number(row[TKLQT]).toFixed(1)),
        Number(Number(row[MEAN]).toFixed(3)),
        Number((Number(row[LATENCY]) * 1000).toFixed(1)),
      ]),
    ).toEqual(lines.map((l) => l.values));
  });

  it('has their latencies of CPU traces', () => {
    const lines = readme('README-new.md').flatMap((l) => {
      const [, file, latency] = /^\| (kineto-chrome\/\S+) .*first op to last op end ([\d.]+) us/.exec(l) ?? [];
      const row = file ? rows.get(file) : undefined;
      return row?.[1] === 'kineto' ? [[Number((Number(row[LATENCY]) * 1000).toFixed(1)), Number(latency)]] : [];
    });
    expect(lines).toHaveLength(7);
    expect(lines.map(([ours]) => ours)).toEqual(lines.map(([, theirs]) => theirs));
  });

  it('has TKLQT as SKIP defines it, and every launch', () => {
    const of = (name: string, column: number) => Number(rows.get(`kineto-chrome/${name}`)![column]);
    expect(of('tracelens_h100_bert_small.json.gz', TKLQT)).toBeCloseTo(422.4, 1);
    expect(of('tracelens_mi300_bert_small.json.gz', TKLQT)).toBeCloseTo(1137.9, 0);
    expect(of('tracelens_b200_eager.json.gz', TKLQT)).toBeCloseTo(15434.6, 1);
    expect(of('kineto_resnet50_nw0_a.json.gz', TKLQT)).toBe(97235296);
    expect(of('tracelens_mi210_gpu_only.json.gz', TO_LAUNCH)).toBe(100);
  });

  it('has the values of other profilers', () => {
    const of = (file: string, column: number) => Number(rows.get(file)![column]);
    const total = (file: string) => of(file, KERNELS) * of(file, MEAN);
    expect(total('rocprof/gunrock_results.csv')).toBeCloseTo(9025.354, 3);
    expect(total('rocprof/gunrock_results.db')).toBeCloseTo(9025.354, 3);
    expect(total('rocprof/gunrock_results.stats.csv')).toBeCloseTo(9025.354, 3);
    expect(total('proton-hatchet/tritonbench_proton.hatchet')).toBeCloseTo(91.711, 3);
    expect(total('nsys-sqlite/p4arth_report1.sqlite')).toBeCloseTo(38.912, 3);
    expect(of('nsys-sqlite/memfusion_report1.sqlite', KERNELS)).toBe(36);
    expect(of('tflite-benchmark/lenet_pseudo_csv.csv', LATENCY)).toBeCloseTo(0.207, 3);
    expect(of('onnxruntime-profile/ort1.30_light_resnet50_cpu.json.gz', OPERATORS)).toBe(236);
    expect(of('onnxruntime-profile/ort1.30_light_squeezenet_cpu.json.gz', OPERATORS)).toBe(240);
    expect(of('tvm-autotvm-log/tophub_amd_apu_v0.01.log', OPERATORS)).toBe(109);
  });
});
