import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it } from 'vitest';
import { readUnpacked } from '../../src/core/files.js';
import { runMain } from '../cli/runMain.js';
import { temporaryFolder } from '../networks/smallModel.js';
import { hasShared, SHARED } from '../shared.js';

// What the embedded models predict and the protocols score, to the last digit, as committed in `expected`. After a change that is meant to change values:
//   npx vitest run --mode full test/golden -u
// and the differences of `expected` are part of that change.

const ROOT = resolve(import.meta.dirname, '../..');
const { path, remove } = temporaryFolder();
afterAll(remove);

const NETWORKS = ['#0', '#1', '#4711', '#6121', '#15000', '#15624'].map((code) => `nasbench201:${code}`);
const LATENCY_DEVICES = ['graph_tf32_b256', 'graph_bf16_b1', 'ort_t1_b1', 'ort_t4_b16'];
const ENERGY_DEVICES = ['graph_tf32_b256', 'graph_fp32_b256'];

/** Standard output of the command line; it must end well. */
async function hwcast(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runMain(...args);
  expect(stderr, args.join(' ')).not.toMatch(/^hwcast: /m);
  expect(code, `${args.join(' ')}\n${stderr}`).toBe(0);
  return stdout;
}

type Row = Record<string, string>;
const rowsOf = (csv: string): Row[] => parse(csv, { columns: true, skip_empty_lines: true, relax_quotes: true }) as Row[];
/** Rows as CSV with these columns; others may come and go. */
const table = (rows: readonly Row[], columns: readonly string[]): string =>
  [columns, ...rows.map((row) => columns.map((c) => row[c] ?? '-'))].map((fields) => `${fields.join(',')}\n`).join('');
const linesOf = (path: string): string[] => readUnpacked(path).toString().trim().split('\n');
const expected = (name: string) => join('expected', `${name}.csv`);

describe('predictions of models/nb201', () => {
  it.each([
    ['latency', LATENCY_DEVICES, 'latency_ms'],
    ['energy', ENERGY_DEVICES, 'energy_mj'],
  ] as const)('%s of devices it was trained on', async (target, devices, column) => {
    const rows: Row[] = [];
    for (const device of devices) {
      const csv = await hwcast('predict', ...NETWORKS, '--device', device, '--target', target, '--csv');
      rows.push(...rowsOf(csv).map((row, i) => ({ ...row, network: NETWORKS[i], device })));
    }
    expect(rows).toHaveLength(devices.length * NETWORKS.length);
    await expect(
      table(rows, ['device', 'network', column, column.replace(/^\w+_/, 'low_'), column.replace(/^\w+_/, 'high_'), 'provenance']),
    ).toMatchFileSnapshot(expected(`nb201-${target}`));
  });

  it('networks it wants measured, and predictions of a device adapted from them', async () => {
    const chosen = (await hwcast('sample', '--model', join(ROOT, 'models/nb201'), '--n', '10')).trim().split('\n');
    expect(chosen).toHaveLength(10);
    writeFileSync(
      path('support.csv'),
      ['workload,latency_ms', ...chosen.map((w, i) => `${w},${i + 3}.${i + 1}`)].map((l) => `${l}\n`).join(''),
    );
    await hwcast(
      'adapt',
      '--model',
      join(ROOT, 'models/nb201'),
      '--device',
      'mine',
      '--support',
      path('support.csv'),
      '--out',
      path('mine.json'),
    );
    const rows = rowsOf(await hwcast('predict', ...NETWORKS, '--adapter', path('mine.json'), '--csv'));
    expect(rows).toHaveLength(NETWORKS.length);
    const lines = rows.map((row, i) => ({ ...row, network: NETWORKS[i] }));
    await expect(
      `${table(lines, ['network', 'latency_ms', 'low_ms', 'high_ms', 'provenance'])}${chosen.map((w) => `chosen,${w}\n`).join('')}`,
    ).toMatchFileSnapshot(expected('nb201-adapted'));
  });

  it('the roofline of a device that it does not know', async () => {
    const rows = rowsOf(
      await hwcast('predict', 'nasbench201:#4711', 'fbnet:0123456780123456780123', '--device', 'RTX-4090', '--csv'),
    );
    expect(rows).toHaveLength(2);
    await expect(table(rows, ['workload', 'latency_ms', 'low_ms', 'high_ms', 'provenance'])).toMatchFileSnapshot(
      expected('roofline'),
    );
  });
});

describe('predictions of FPGA designs', () => {
  const JET = join(ROOT, 'docs/examples/jet-tagger.json');
  const COUNTS = ['lut', 'ff', 'dsp', 'bram18'].flatMap((c) => [c, `${c}_low`, `${c}_high`]);
  const CYCLES = ['lat_min', 'lat_max', 'ii_min', 'ii_max'];

  it('models/fpga: designs near its training data, and one far away', async () => {
    // every 150th layer that was synthesised
    const [head, ...lines] = linesOf(join(ROOT, 'datasets/fpga-rules/wa_hls4ml_dense1_csynth.csv.gz'));
    const synthesised = lines.filter((line) => line.split(',')[head.split(',').indexOf('synth_success')] === '1');
    writeFileSync(path('layers.csv'), [head, ...synthesised.filter((_, i) => i % 150 === 0)].map((l) => `${l}\n`).join(''));
    const rows = [
      ...rowsOf(await hwcast('fpga', 'predict', path('layers.csv'), '--csv')),
      ...rowsOf(await hwcast('fpga', 'predict', JET, '--part', 'pynq-z2', '--csv')),
    ];
    expect(rows.length).toBeGreaterThanOrEqual(8);
    await expect(table(rows, ['id', 'stage', ...COUNTS, ...CYCLES, 'feasible', 'provenance'])).toMatchFileSnapshot(
      expected('fpga'),
    );
  });

  it('models/fpga-families: two families, and designs it wants synthesised', async () => {
    const rows: Row[] = [];
    for (const family of ['ecp5', 'xc7'])
      rows.push(...rowsOf(await hwcast('fpga', 'predict', JET, '--family', family, '--csv')).map((r) => ({ ...r, family })));
    expect(rows).toHaveLength(2);
    await hwcast('fpga', 'sample', '--k', '5', '--family', 'mine', '--out', path('open.jsonl'));
    const chosen = readFileSync(path('open.jsonl'), 'utf8').trim().split('\n');
    expect(chosen).toHaveLength(5);
    await expect(
      `${table(rows, ['id', 'family', ...COUNTS, ...CYCLES, 'provenance'])}${chosen.map((l) => `chosen,${JSON.parse(l).id}\n`).join('')}`,
    ).toMatchFileSnapshot(expected('fpga-families'));
  });
});

describe('rows of the protocols', () => {
  const KEYS = ['task', 'device', 'target', 'method', 'k', 'selection'];
  const TARGETS = ['latency', 'energy', 'lut', 'dsp', 'cycles'];
  const SCORES = ['spearman', 'spearmanSd', 'kendall', 'mape', 'medianApe', 'within5', 'within10', 'coverage90', 'ceiling'];
  const FPGA_SCORES = ['smape', 'r2', 'within10', 'coverage90'];

  async function expectScores(name: string, scores: readonly string[], ...args: string[]): Promise<void> {
    const out = path(name);
    mkdirSync(out);
    await hwcast('evaluate', ...args, '--out', out);
    const all = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as Record<string, string | number | null>[];
    const rows = all.filter((row) => TARGETS.includes(String(row.target)));
    expect(rows.length).toBeGreaterThan(3);
    const printed = (v: string | number | null) => (typeof v === 'number' ? String(Number(v.toPrecision(6))) : String(v ?? ''));
    const lines = rows.map((row) =>
      Object.fromEntries([...KEYS, ...scores].map((key) => [key, printed(row[key]).replaceAll(',', ';')])),
    );
    await expect(table(lines, [...KEYS, ...scores])).toMatchFileSnapshot(expected(`protocol-${name}`));
  }
  const FEW = ['--k', '10', '--draws', '2', '--queries', '500'];
  const DATA = ['--data', join(SHARED, 'data')];

  it('leave-one-out on the embedded dataset', async () => {
    const methods = 'flops,roofline,device-ridge,nearest-device,additive-mixture,closed-form';
    const dataset = join(ROOT, 'datasets/nb201-h100');
    await expectScores(
      'leave-one-out',
      SCORES,
      '--protocol',
      'leave-one-out',
      '--dataset',
      dataset,
      '--devices',
      'graph_tf32_b256',
      '--methods',
      methods,
      ...FEW,
    );
  });

  it.skipIf(!hasShared)('help (needs ../shared)', async () => {
    await expectScores(
      'help',
      SCORES,
      '--protocol',
      'help',
      ...DATA,
      '--space',
      'nasbench201',
      '--methods',
      'flops,additive-mixture,closed-form',
      ...FEW,
    );
  });

  it.skipIf(!hasShared)('nasflat (needs ../shared)', async () => {
    await expectScores(
      'nasflat',
      SCORES,
      '--protocol',
      'nasflat',
      ...DATA,
      '--tasks',
      'N4',
      '--methods',
      'additive-mixture,closed-form',
      ...FEW,
    );
  });

  it.skipIf(!hasShared)('fpga: residual, without training, and stage (needs ../shared)', async () => {
    await expectScores(
      'fpga-residual',
      FPGA_SCORES,
      '--protocol',
      'fpga',
      ...DATA,
      '--tasks',
      'residual',
      '--methods',
      'analytical,unscaled,siblings,ridge,nearest',
    );
    await expectScores('fpga-stage', FPGA_SCORES, '--protocol', 'fpga', ...DATA, '--tasks', 'stage', '--draws', '1');
  });

  it('fpga: family, on four of the embedded families', async () => {
    const FOUR = ['xc7', 'ecp5', 'ice40', 'nexus'],
      embedded = join(ROOT, 'datasets/yosys-fpga'),
      dataset = path('four-families');
    mkdirSync(dataset);
    for (const name of ['designs.jsonl.gz', 'results.csv.gz']) {
      const [head, ...lines] = linesOf(join(embedded, name));
      const kept = lines.filter((line) => name.startsWith('designs') || FOUR.includes(line.split(',')[1]));
      writeFileSync(join(dataset, name), gzipSync([head, ...kept].map((l) => `${l}\n`).join('')));
    }
    await expectScores(
      'fpga-family',
      FPGA_SCORES,
      '--protocol',
      'fpga',
      '--dataset',
      dataset,
      '--tasks',
      'family',
      '--k',
      '5',
      '--draws',
      '1',
    );
  });
});
