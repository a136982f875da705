import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkDataset } from '../../../src/dataset/checkDataset.js';
import { ingest } from '../../../src/dataset/ingest/ingest.js';
import { graphCosts } from '../../../src/graph/operatorCost.js';
import { parseOpGraph } from '../../../src/graph/opGraph.js';
import { parseWorkload } from '../../../src/graph/workload.js';
import { hasShared, SHARED } from '../../shared.js';

const why = hasShared ? '' : ' (skipped: no shared data beside the project)';
const lines = (path: string) => {
  const bytes = readFileSync(join(SHARED, path));
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes)
    .toString()
    .trim()
    .split('\n')
    .slice(1)
    .map((l) => l.split(','));
};
const KINETO = join(SHARED, 'data/traces/kineto-chrome');
/** Traces that the card of the collection lists; more may lie beside them. */
const listedTraces = () =>
  readFileSync(join(SHARED, 'data/traces/README.md'), 'utf8')
    .split('\n')
    .flatMap((line) => line.match(/^\| kineto-chrome\/(\S+) /)?.[1] ?? [])
    .sort();

describe.skipIf(!hasShared)(`ingest of real files${why}`, () => {
  it('aggregates the raw passes to the published values and noise', async () => {
    const { dataset, report } = await ingest([join(SHARED, 'data/measured/nb201/passes.csv.gz')], {
      map: { workload: 'arch_str', device: 'config', latency_ms: 'median_ms' },
      minAgreement: 0.95,
    });
    checkDataset(dataset);
    const position = new Map(dataset.workloads.map((w, i) => [w.id, i])),
      found = new Map<string, [value: number, spread: number, repeats: number]>();
    for (const t of dataset.tasks)
      t.rows.forEach((row, i) => {
        found.set(`${t.device} ${t.target} ${row}`, [t.values[i], t.spread[i], t.repeats[i]]);
      });
    let checked = 0;
    for (const [arch, config, latency, spread, passes, energy] of lines('data/measured/nb201/networks.csv.gz')) {
      const row = position.get(parseWorkload(arch).id),
        [value, own, repeats] = found.get(`${config} latency ${row}`)!;
      if (
        Math.abs((value * 1e3) / Number(latency) - 1) > 1e-5 ||
        Math.abs(own - Number(spread)) > 1e-5 ||
        repeats !== Number(passes)
      )
        expect([config, arch, value * 1e3, own, repeats]).toEqual([config, arch, latency, spread, passes]);
      if (energy && Math.abs((found.get(`${config} energy ${row}`)![0] * 1e3) / Number(energy) - 1) > 1e-5)
        expect(`${config} ${arch}`).toBe(energy);
      checked += energy ? 2 : 1;
    }
    expect(checked).toBe(dataset.tasks.reduce((n, t) => n + t.rows.length, 0));
    // the table of the README there; its last digits are rounded
    const agreement = Object.fromEntries(report.tasks.map((t) => [t.task, [t.noise!.halves, t.noise!.ofMean]]));
    for (const [task, halves, ofMean] of [
      ['graph_fp32_b1', 0.9999, 0.9999],
      ['ort_t1_b1', 0.92, 0.958],
      ['ort_t1_b1_unoptimised', 0.92, 0.96],
      ['ort_t1_b1_pruned', 0.96, 0.979],
      ['ort_t4_b16', 0.933, 0.965],
    ] as const) {
      expect(agreement[`${task}:latency`][0]).toBeCloseTo(halves, 2);
      expect(agreement[`${task}:latency`][1]).toBeCloseTo(ofMean, 2.5);
    }
  });

  it('reads the 21 traces: operators, networks, and their latency beside the one measured without the profiler', async () => {
    const { dataset, report } = await ingest([join(SHARED, 'data/measured/h100/traces.tar.gz')]);
    checkDataset(dataset);
    for (const w of dataset.workloads) graphCosts(parseOpGraph(w.graph));
    expect(report.sources).toHaveLength(21);
    expect(report.models).toBe(21);
    expect(report.share).toBeGreaterThan(0.99);
    expect(report.traces.every((t) => t.kernels === t.kernelsWithLaunch && t.kernels === t.kernelsWithOperator)).toBe(true);
    const measured = new Map(
      lines('data/measured/h100/models.csv').map(([model, size, dtype, ms]) => [`trace:${model}-${size}-${dtype}`, Number(ms)]),
    );
    const table = report.networks.map((n) => ({
      network: n.workload,
      ms: n.latency_ms,
      busy: n.busy_ms,
      plain: measured.get(n.workload)!,
      ratio: n.latency_ms / measured.get(n.workload)!,
    }));
    process.stderr.write(
      `trace / without profiler:\n${table.map((r) => `  ${r.network} ${r.ms.toFixed(2)} / ${r.plain.toFixed(2)} ms = ${r.ratio.toFixed(2)} (device busy ${r.busy.toFixed(2)} ms)`).join('\n')}\n`,
    );
    for (const { ratio, busy, plain, ms } of table) {
      expect(ratio).toBeGreaterThan(0.9);
      expect(ratio).toBeLessThan(3);
      expect(busy).toBeLessThan(ms);
      expect(busy).toBeLessThan(1.1 * plain);
    }
    // bound by the device: the profiler costs nothing
    expect(table.find((r) => r.network === 'trace:llama_8l-b1s1024-fp32')!.ratio).toBeCloseTo(1, 1);
  });

  it('reads every Kineto trace, or says why not', async () => {
    const names = listedTraces();
    const { report } = await ingest(names.map((name) => join(KINETO, name)));
    expect(report.sources.map((s) => basename(s.name))).toEqual(names);
    expect(report.sources).toHaveLength(23);
    for (const { name, format, usable, skipped } of report.sources)
      expect(format === 'kineto' && usable + skipped > 0, name).toBe(true);
    const trace = (file: string) => report.traces.find((t) => t.source.endsWith(file))!;
    const network = (file: string) => report.networks.find((n) => n.workload === `trace:${file.split('.')[0]}`);
    const reasons = (file: string) => report.skipped.filter((s) => s.examples.some((e) => e.includes(file))).map((s) => s.reason);
    // sums of launch delays (TKLQT) and link rates noted for these files
    const us = (file: string) => trace(file).launch_delay_ms! * 1e3;
    expect(us('tracelens_h100_bert_small.json.gz')).toBeCloseTo(422.4, 1);
    expect(us('tracelens_mi300_bert_small.json.gz')).toBeCloseTo(1137.9, 1);
    expect(us('tracelens_b200_eager.json.gz')).toBeCloseTo(15434.6, 1);
    expect(us('kineto_resnet50_nw0_a.json.gz')).toBeCloseTo(97235296, -1);
    expect(trace('hta_sampled_rank0.json.gz').kernelsWithOperator).toBeGreaterThan(1150);
    expect(reasons('tracelens_mi210_gpu_only.json.gz')).toEqual([
      'kernels without operators: profile with ProfilerActivity.CPU and record_shapes=True',
    ]);
    for (const file of [
      'tracelens_h100_bert_small',
      'tracelens_h100_vit_nsfw',
      'tracelens_mi300_bert_small',
      'tracelens_mi300_vit_nsfw',
    ])
      expect(network(file)?.coverage).toBeGreaterThan(0.99);
  });

  it('lets no value of the environment in those traces into the dataset', async () => {
    const files = ['tracelens_h100_bert_small', 'tracelens_mi300_vit_nsfw'].map((f) => join(KINETO, `${f}.json.gz`));
    const { dataset, report } = await ingest(files);
    const text = JSON.stringify([
      dataset.card,
      dataset.workloads,
      dataset.splits,
      { ...report, sources: [], traces: [], skipped: [] },
    ]);
    let checked = 0;
    for (const file of files) {
      const { metadata, traceName } = JSON.parse(gunzipSync(readFileSync(file)).toString());
      const { env, uname } = metadata.system;
      for (const [key, value] of [
        ...Object.entries(env),
        ['uname', String(uname)],
        ['traceName', traceName],
        ['started_by', metadata.started_by],
        ['image', metadata.base_image],
      ] as [string, string][]) {
        if (String(value).length < 6) continue;
        expect(text.includes(value), key).toBe(false);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(40);
  });

  it('reads a table with a column per device', async () => {
    const { dataset } = await ingest([join(SHARED, 'data/nasbench201-latency/latency.csv.gz')], {
      map: { workload: 'nasbench201:#{arch_index}' },
      wideDevices: true,
    });
    expect(dataset.workloads).toHaveLength(15625);
    expect(dataset.tasks).toHaveLength(25);
    const task = dataset.tasks.find((t) => t.device === 'titan_rtx_256')!,
      first = dataset.workloads.findIndex((w) => w.id === parseWorkload('nasbench201:#0').id);
    expect(task.values[task.rows.indexOf(first)]).toBeCloseTo(10.65186e-3, 9);
    expect(dataset.card.devices.titan_rtx_256.hardware).toBeDefined();
  });
});
