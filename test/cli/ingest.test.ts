import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerIngest } from '../../src/cli/ingest.js';
import { readDataset } from '../../src/dataset/store.js';
import { failure } from '../trace/formats/kineto/tinyTrace.js';

let folder: string, out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hwcast-cli-'));
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const run = (...args: string[]) => {
  const program = new Command().exitOverride();
  registerIngest(program);
  for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => {} });
  return program.parseAsync(['node', 'hwcast', 'ingest', ...args]);
};

describe('hwcast ingest', () => {
  it('writes a dataset and prints one JSON summary', async () => {
    const table = file('p.csv', 'arch,config,ms,e\n0,a,1,7\n1,a,2,8\n'),
      target = join(folder, 'data');
    const devices = file('devices.json', '{"a": {"conditions": {"": {"batch": 4}}}}');
    await run(
      table,
      '--out',
      target,
      '--map',
      'workload=nasbench201:#{arch},device=config',
      '--map',
      'latency_ms=ms,energy_mj=e',
      '--devices',
      devices,
      '--licence',
      'CC0',
      '--json',
    );
    const summary = JSON.parse(out);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(summary).toMatchObject({ out: target, models: 2, rows: { read: 4, usable: 4 } });
    const dataset = await readDataset(target);
    expect(dataset.card).toMatchObject({ name: 'data', licence: 'CC0', devices: { a: { conditions: { '': { batch: 4 } } } } });
    expect(dataset.tasks.map((t) => [t.target, [...t.values].sort()])).toEqual([
      ['energy', [0.007, 0.008]],
      ['latency', [0.001, 0.002]],
    ]);
  });

  it('prints nothing on stdout without --json', async () => {
    await run(file('p.csv', 'workload,latency_ms\nnasbench201:#1,1\n'), '--out', join(folder, 'data'), '--device', 'd');
    expect(out).toBe('');
  });

  it('leaves nothing behind when it fails', async () => {
    const bad = file('p.csv', 'workload,latency_ms\nnasbench201:#1,1\nnasbench201:#1,2\n');
    expect(await failure(run(bad, '--out', join(folder, 'data'), '--device', 'd'))).toMatchObject({ code: 'bad-input' });
    expect(existsSync(join(folder, 'data'))).toBe(false);
    expect(readdirSync(folder)).toEqual(['p.csv']);
  });

  it('explains wrong flags', async () => {
    const table = file('p.csv', 'workload,latency_ms\n#1,1\n'),
      target = join(folder, 'data');
    expect(await failure(run(table, '--out', target, '--map', 'workload'))).toMatchObject({
      code: 'usage',
      message: "--map: 'workload' is no name=column",
    });
    expect(await failure(run(table, '--out', target, '--min-agreement', '1.5'))).toMatchObject({ code: 'usage' });
    expect(await failure(run(table, '--out', target, '--devices', file('d.json', '{"a": 1}')))).toMatchObject({
      code: 'bad-input',
      where: join(folder, 'd.json'),
    });
    expect(await failure(run(table, '--out', target, '--devices', file('d.json', '{')))).toMatchObject({ code: 'bad-input' });
    expect(await failure(run(table))).toMatchObject({ code: 'commander.missingMandatoryOptionValue' });
  });
});
