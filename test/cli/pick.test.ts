import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAdapt } from '../../src/cli/adapt.js';
import { registerPick } from '../../src/cli/pick.js';
import { registerPredict } from '../../src/cli/predict.js';
import { parseWorkload } from '../../src/graph/workload.js';
import { temporaryFolder } from '../networks/smallModel.js';
import { runCommand } from './runCommand.js';
import { runMain } from './runMain.js';

const { path, remove } = temporaryFolder();
const CANDIDATES = 'docs/examples/board-candidates.csv',
  MEASURED = 'docs/examples/board-measured.csv';
/** Milliseconds of the candidates that the board was not told, measured as docs/examples/board-measured.csv was. */
const TRUTH: Readonly<Record<string, number>> = {
  'nasbench201:#6790': 0.410442,
  'nasbench201:#699': 0.844422,
  'nasbench201:#9267': 0.541635,
  'nasbench201:#4684': 0.622582,
  'nasbench201:#3025': 0.535974,
  'nasbench201:#12880': 0.91496,
  'nasbench201:#14284': 0.792346,
  'nasbench201:#13039': 0.907875,
  'nasbench201:#2088': 0.755706,
  'nasbench201:#10010': 0.835853,
  'nasbench201:#14619': 0.78224,
  'nasbench201:#14335': 0.63601,
};
const ids = readFileSync(CANDIDATES, 'utf8').trim().split('\n').slice(1);
const measured = new Set(
  readFileSync(MEASURED, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => parseWorkload(line.split(',')[0]).id),
);
beforeAll(async () => {
  const { error } = await runCommand(registerAdapt, [
    ...['adapt', '--model', 'models/nb201', '--device', 'board', '--support', MEASURED, '--out', path('board.json')],
  ]);
  expect(error).toBeUndefined();
  // an accuracy in percent that grows with the number of the network
  writeFileSync(path('accuracy.csv'), `workload,accuracy\n${ids.map((id, i) => `${id},${60 + i}\n`).join('')}`);
});
afterAll(remove);
const pick = (...args: string[]) => runCommand(registerPick, ['pick', ...args]);
const onBoard = (budget: string, ...args: string[]) => pick('--adapter', path('board.json'), '--budget', budget, ...args);
const rows = (csv: string) => parse(csv, { columns: true }) as Record<string, string>[];

describe('hwcast pick with models/nb201', () => {
  it('--csv has the published columns; measured workloads have their value, others their prediction', async () => {
    const { stdout, stderr, error } = await onBoard('0.7ms', '--input', CANDIDATES, '--csv');
    expect(error).toBeUndefined();
    expect(stdout.split('\n')[0]).toBe('workload,latency_ms,low_ms,high_ms,p_meets,verdict,next');
    const found = rows(stdout);
    expect(found.map((r) => r.workload)).toEqual(ids.map((id) => parseWorkload(id).id));
    const predicted = rows(
      (await runCommand(registerPredict, ['predict', '--input', CANDIDATES, '--adapter', path('board.json'), '--csv'])).stdout,
    );
    const others = found.filter((r) => !measured.has(r.workload));
    expect(others).toHaveLength(12);
    expect(others.map((r) => [r.latency_ms, r.low_ms, r.high_ms])).toEqual(
      predicted.filter((r) => !measured.has(r.workload)).map((r) => [r.latency_ms, r.low_ms, r.high_ms]),
    );
    expect(found.find((r) => measured.has(r.workload))).toMatchObject({ latency_ms: '1.108762', p_meets: '0', verdict: 'no' });
    expect(others.filter((r) => r.verdict === 'maybe').every((r) => r.next !== '')).toBe(true);
    expect(found.filter((r) => measured.has(r.workload)).every((r) => r.next === '')).toBe(true);
    expect(stderr).toMatch(/^budget 0\.7 ms on 'board', risk 5 %: \d+ yes, \d+ maybe, \d+ no\n/);
  });

  it('is right on every network that was measured but not told, where it is sure', async () => {
    const found = rows((await onBoard('0.7ms', '--input', CANDIDATES, '--csv')).stdout);
    const sure = found.filter((r) => !measured.has(r.workload) && r.verdict !== 'maybe');
    expect(sure.length).toBeGreaterThanOrEqual(7);
    expect(sure.map((r) => r.verdict)).toEqual(sure.map((r) => (TRUTH[ids[found.indexOf(r)]] <= 0.7 ? 'yes' : 'no')));
  });

  it('prints what docs/command-line.md shows', async () => {
    const { stdout } = await onBoard('0.7ms', '--input', CANDIDATES);
    const shown = stdout.replaceAll(path('board.json'), 'out/board.json');
    expect(readFileSync('docs/command-line.md', 'utf8')).toContain(`\`\`\`text\n${shown.trim()}\n\`\`\``);
  });

  it('--json tells also the front, --svg draws it', async () => {
    const { stdout, stderr, error } = await onBoard(
      ...(['0.7ms', '--input', path('accuracy.csv'), '--against', 'accuracy', '--svg', path('pick.svg'), '--json'] as const),
    );
    expect(error).toBeUndefined();
    const list = JSON.parse(stdout) as { against: number; front: boolean; verdict: string }[];
    expect(list.map((r) => r.against)).toEqual(ids.map((_, i) => 60 + i));
    expect(list.filter((r) => r.front).length).toBeGreaterThan(0);
    expect(list.every((r) => !r.front || r.verdict === 'yes')).toBe(true);
    expect(readFileSync(path('pick.svg'), 'utf8')).toMatch(/^<svg /);
    expect(stderr).toContain(`written to ${path('pick.svg')}`);
  });

  it('ends with 5 where nothing surely meets the budget, and prints all the same', async () => {
    const ended = await runMain(
      ...['pick', '--adapter', path('board.json'), '--budget', '100us', '--input', CANDIDATES, '--csv'],
    );
    expect(ended.code).toBe(5);
    expect(rows(ended.stdout)).toHaveLength(22);
    expect(ended.stderr).toContain('error: of 22 workloads none surely meets 100us\n');
  });

  it('a device of the catalogue: what to measure first, and the command that learns from it', async () => {
    writeFileSync(path('few.txt'), 'nasbench201:#1\nnasbench201:#2\n');
    const { stdout, error } = await pick('--device', 'T4', '--budget', '3ms', '--input', path('few.txt'));
    expect(error?.code ?? 'quality-gate').toBe('quality-gate');
    expect(stdout).toContain("on 'T4', risk 5 %");
    expect(stdout).toMatch(/measure next:\n {2}nasbench201:#\d+\n/);
    expect(stdout).toMatch(
      /write what you measure to a file, then: hwcast adapt --model MODEL --device T4 --support SUPPORT --out ADAPTER\n$/,
    );
  });
});

describe('hwcast pick refuses', () => {
  it.each<[string, string[], Record<string, unknown>]>([
    [
      'a budget of another quantity',
      ['5mJ', '--input', CANDIDATES],
      { message: expect.stringContaining('is of energy, and latency') },
    ],
    ['a budget without unit', ['10', '--input', CANDIDATES], { message: "the budget '10' has no unit" }],
    [
      'a risk that is no number',
      ['1ms', '--input', CANDIDATES, '--risk', 'low'],
      { message: expect.stringContaining('the risk must be') },
    ],
    ['no input', ['1ms'], { hint: expect.stringContaining('`hwcast sample` draws some') }],
    ['a model file', ['1ms', '--input', 'net.onnx'], { message: '--input takes a file of workloads, not a model' }],
    ['a picture of nothing', ['1ms', '--input', CANDIDATES, '--svg', 'never.svg'], { message: '--svg needs --against COLUMN' }],
    [
      'a column that is not there',
      ['1ms', '--input', 'accuracy.csv', '--against', 'acuracy'],
      { message: '--against acuracy: no such column', hint: 'there are accuracy' },
    ],
    ['another target', ['1ms', '--input', CANDIDATES, '--target', 'energy'], { code: 'bad-input' }],
  ])('%s', async (_, args, expected) => {
    const given = args.map((a) => (a === 'accuracy.csv' ? path(a) : a));
    const { error, stdout } = await onBoard(given[0], ...given.slice(1));
    expect(error).toMatchObject({ code: 'usage', ...expected });
    expect(stdout).toBe('');
    expect(existsSync('never.svg')).toBe(false);
  });

  it.each<[string, string, string]>([
    ['a cell that is no number', 'nasbench201:#1,n/a', "accuracy is 'n/a', not a number"],
    ['an empty cell', 'nasbench201:#1,', "accuracy is '', not a number"],
    ['two numbers of one workload', 'nasbench201:#1,70\nnasbench201:1,71', 'is 71 here and 70 before'],
  ])('%s', async (_, lines, message) => {
    writeFileSync(path('bad.csv'), `workload,accuracy\n${lines}\n`);
    const { error, stdout } = await onBoard('1ms', '--input', path('bad.csv'), '--against', 'accuracy');
    expect(error).toMatchObject({ code: 'bad-input', message: expect.stringContaining(message) });
    expect(error?.where).toMatch(/bad\.csv:[23]$/);
    expect(stdout).toBe('');
  });
});
