import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../src/core/version.js';
import { temporaryFolder } from '../networks/smallModel.js';
import { runMain } from './runMain.js';

const { path, remove } = temporaryFolder();
afterAll(remove);
const root = resolve(import.meta.dirname, '../..');
const COMMAND = [process.execPath, ['--import', 'tsx', 'src/cli/main.ts']] as const;
const CELL = 'nasbench201:#9';

describe('help', () => {
  it('lists every command and the exit codes, on stdout', async () => {
    const { code, stdout, stderr } = await runMain('--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      'Exit codes: 0 done, 1 unexpected, 2 usage, 3 bad input, 4 not found, 5 quality gate, 130 interrupted.',
    );
    const commands = [...stdout.matchAll(/^ {2}([a-z]+)(?: \[| +[a-z])/gm)].map((m) => m[1]);
    for (const name of 'ingest dataset train sample adapt predict evaluate baselines roofline devices measure doctor'.split(' '))
      expect(commands).toContain(name);
    for (const name of commands.filter((n) => n !== 'help')) {
      const help = await runMain(name, '--help');
      expect([name, help.code, help.stderr]).toEqual([name, 0, '']);
      expect(help.stdout).toMatch(new RegExp(`^Usage: hwcast ${name} `));
      expect(help.stdout).toMatch('-h, --help');
    }
  });

  it.each(['import', 'inspect', 'merge'])('of dataset %s', async (name) => {
    const { code, stdout } = await runMain('dataset', name, '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(`Usage: hwcast dataset ${name} `);
  });

  it('version', async () => {
    expect(await runMain('--version')).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });
});

describe('exit codes, with nothing on stdout', () => {
  it.each<[number, string[], RegExp]>([
    [2, ['predcit'], /unknown command 'predcit'\n\(Did you mean predict\?\)/],
    [2, ['predict', CELL, '--modle', 'x'], /unknown option '--modle'\n\(Did you mean --model\?\)/],
    [2, ['dataset', 'insepct'], /\(Did you mean inspect\?\)/],
    [2, ['predict', CELL], /^error: which device\? give --adapter ADAPTER or --device ID$/m],
    [2, ['predict', '--device', 'T4'], /^error: no workload given\n {2}name workloads, or --input FILE$/m],
    [2, ['predict', CELL, '--device', 'T4', '--target', 'latencyy'], /no target 'latencyy'\n {2}one of latency/],
    [2, ['predict', CELL, '--device', 'T4', '--batch', '0'], /--batch takes a whole number of at least 1, not '0'/],
    [2, ['predict', CELL, '--device', 'T4', '--dtype', 'fp31'], /no element type 'fp31'; one of fp64, fp32/],
    [2, ['train', '--out', 'x'], /required option '--dataset <folder...>' not specified/],
    [2, ['sample', '--model', 'x', '--n', 'ten'], /--n takes a whole number of at least 1, not 'ten'/],
    [2, ['evaluate', '--protocol', 'guess', '--out', 'x'], /no protocol 'guess'; one of help, nasflat, leave-one-out/],
    [2, ['evaluate', '--protocol', 'help', '--selection', 'best', '--out', 'x'], /no selection 'best'; random or chosen/],
    [3, ['predict', 'nasbench201:|a~0|', '--device', 'T4'], /not a NAS-Bench-201 cell: '\|a~0\|'/],
    [
      3,
      ['predict', 'resnet50', '--device', 'T4'],
      /'resnet50' is no workload of a known space\n {2}write space:code with one of/,
    ],
    [4, ['predict', CELL, '--device', 'T44'], /unknown device 'T44'.*\n {2}close names: .*T4/],
    [4, ['predict', 'nasbench2:#1', '--device', 'T4'], /no space 'nasbench2'; known: nasbench201/],
    [4, ['predict', CELL, '--adapter', '/nowhere.json'], /no such adapter: '\/nowhere.json'/],
    [4, ['predict', '--input', '/nowhere.csv', '--device', 'T4'], /no such workload file: '\/nowhere.csv'/],
    [4, ['predict', CELL, '--model', '/nowhere', '--device', 'T4'], /no model in '\/nowhere'/],
    [4, ['train', '--dataset', '/nowhere', '--out', 'x'], /\/nowhere/],
    [4, ['sample', '--model', '/nowhere', '--n', '3'], /no model in '\/nowhere'\n {2}a model is a folder with config.json/],
    [4, ['adapt', '--model', '/nowhere', '--device', 'd', '--support', '/nowhere.csv', '--out', 'x'], /no such support file/],
    [4, ['devices', 'T44'], /no device 'T44' in the catalogue/],
  ])('%i: hwcast %j', async (code, args, message) => {
    const ended = await runMain(...args);
    expect(ended.stderr).toMatch(message);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).not.toMatch(/unexpected|\n {4}at /);
  });
});

describe('the process', () => {
  it('reads standard input, prints data alone, and ends well', () => {
    const input = `workload\n${CELL}\nnasbench201:#10\n`;
    const { status, stdout, stderr } = spawnSync(
      COMMAND[0],
      [...COMMAND[1], 'predict', '--input', '-', '--device', 'T4', '--csv'],
      {
        cwd: root,
        input,
        encoding: 'utf8',
      },
    );
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('workload,latency_ms,low_ms,high_ms,provenance');
    expect(lines).toHaveLength(3);
    expect(stderr).toMatch(/^warning: no measurement of this device/);
  });

  it('names standard input where it is wrong, with the exit code of bad input', () => {
    const { status, stdout, stderr } = spawnSync(COMMAND[0], [...COMMAND[1], 'predict', '--input', '-', '--device', 'T4'], {
      cwd: root,
      input: `${CELL}\nnasbench201:oops\n`,
      encoding: 'utf8',
    });
    expect(status).toBe(3);
    expect(stdout).toMatch(/^nasbench201:\S+ {2}\S+ ms .* analytical\n$/);
    expect(stderr).toMatch(/^error: standard input:2: not a NAS-Bench-201 cell: 'oops'/m);
  });

  it('ends quietly where its reader has gone away', async () => {
    writeFileSync(path('many.txt'), Array.from({ length: 800 }, (_, i) => `nasbench201:#${i}`).join('\n'));
    const child = spawn(COMMAND[0], [...COMMAND[1], 'predict', '--input', path('many.txt'), '--device', 'T4', '--jsonl'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (d) => (stderr += d));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((done) => child.once('close', done));
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });
});
