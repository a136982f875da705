import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { registerFpgaSynth } from '../../../src/cli/fpga/synth.js';
import { denseDesign } from '../../../src/fpga/synth/denseDesign.js';
import { describeWith } from '../../fpga/synth/tools.js';
import { runCommand } from '../runCommand.js';

const synth = (...args: string[]) =>
  runCommand((program) => registerFpgaSynth(program.command('fpga')), ['fpga', 'synth', ...args]);
const folder = mkdtempSync(join(tmpdir(), 'hwcast-fpga-synth-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('hwcast fpga synth', () => {
  it('writes the Verilog alone, without any tool', async () => {
    const out = join(folder, 'verilog');
    const { stdout, stderr, error } = await synth(
      '--dense',
      '4x6',
      '--reuse',
      '10',
      '--family',
      'none',
      '--no-simulate',
      '--out',
      out,
    );
    expect(error).toBeUndefined();
    expect(stdout).toBe('');
    expect(stderr).toMatch(/dense: reuse factor 10 snapped to 8\nnot simulated: latency and interval by rule\nwrote .*design\.v/);
    expect(readdirSync(out).sort()).toEqual(['design.json', 'design.v', 'results.csv']);
    expect(readFileSync(join(out, 'design.v'), 'utf8')).toMatch(/^module top \(/m);
    // what it wrote is read again, and replaced
    const again = await synth(join(out, 'design.json'), '--family', 'none', '--no-simulate', '--out', out);
    expect(again.error).toBeUndefined();
  });

  it('names the package of an absent tool, and writes nothing', async () => {
    const path = process.env.PATH,
      out = join(folder, 'absent');
    process.env.PATH = folder;
    try {
      const { error, stdout } = await synth('--dense', '4x4', '--out', out);
      expect(error).toMatchObject({ code: 'not-found', message: 'iverilog is not installed, or not in PATH' });
      expect((await synth('--dense', '4x4', '--no-simulate')).error?.hint).toMatch(/apt install yosys/);
      expect([stdout, existsSync(out)]).toEqual(['', false]);
    } finally {
      process.env.PATH = path;
    }
  });

  const design = join(folder, 'design.json');
  writeFileSync(
    design,
    JSON.stringify(denseDesign({ nIn: 4, nOut: 4, weightBits: 4, dataBits: 4, reuseFactor: 4, strategy: 'resource' })),
  );
  writeFileSync(join(folder, 'cut.json'), '{"id": "x", "layers": [');
  const taken = join(folder, 'taken');
  mkdirSync(taken);
  writeFileSync(join(taken, 'thesis.tex'), 'years of work');
  for (const [args, code, message] of [
    [[], 'usage', /a design file or --dense/],
    [[design, '--dense', '4x4'], 'usage', /a design file or --dense/],
    [[design, '--data-bits', '6'], 'usage', /--data-bits belongs to --dense/],
    [['--dense', '4'], 'usage', /such as 16x16, not '4'/],
    [['--dense', '0x4'], 'usage', /not '0x4'/],
    [['--dense', '4x4', '--bits', 'eight'], 'usage', /--bits takes a whole number/],
    [['--dense', '4x4', '--reuse', '0'], 'usage', /--reuse takes a whole number of at least 1/],
    [['--dense', '4x4', '--bits', '40'], 'unsupported', /40 bits for the weights\n {2}2 to 16 bits/],
    [['--dense', '4x4', '--strategy', 'latency', '--reuse', '2'], 'unsupported', /layer 'dense': the latency strategy/],
    [['--dense', '4x4', '--family', 'xc8'], 'usage', /no family 'xc8'\n.*xc7/],
    [['--dense', '4x4', '--place'], 'usage', /--place works on the family ice40, not on xc7/],
    [['--dense', '4x4', '--out', taken], 'usage', /holds 'thesis.tex'/],
    [[join(folder, 'none.json')], 'not-found', /no such design file/],
    [[join(folder, 'cut.json')], 'bad-input', /cut\.json: not whole JSON/],
  ] as const)
    it(`refuses ${args.join(' ').replaceAll(folder, '') || 'nothing'}`, async () => {
      const { error, stdout } = await synth(...args);
      expect([error?.code, stdout]).toEqual([code, '']);
      expect(error?.describe()).toMatch(message);
    });
});

describeWith(['iverilog', 'yosys'], 'hwcast fpga synth with its tools', () => {
  it('prints CSV on stdout alone, and the simulation on stderr', async () => {
    const out = join(folder, 'result');
    const { stdout, stderr } = await synth(
      '--dense',
      '4x4',
      '--bits',
      '4',
      '--data-bits',
      '4',
      '--reuse',
      '4',
      '--family',
      'gowin',
      '--csv',
      '--out',
      out,
    );
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe(
      'id,family,tool_version,lut,ff,carry,dsp,bram,bram_bits,lutram,other,latency_cycles,ii_cycles,fmax_mhz,placed_on,logic_cells',
    );
    expect(lines.slice(1)).toEqual([expect.stringMatching(/^dense-4x4-d4w4-rf4-res,gowin,Yosys .*,8,4,,,$/)]);
    expect(stderr).toMatch(/simulated \d+ inputs, equal to the integer reference: latency 8, interval 4 cycles/);
    expect(readFileSync(join(out, 'results.csv'), 'utf8')).toBe(stdout);
  });

  it('leaves nothing behind when interrupted', async () => {
    const out = join(folder, 'interrupted');
    const before = process.listenerCount('SIGINT');
    const running = synth('--dense', '16x16', '--reuse', '4', '--no-simulate', '--csv', '--out', out);
    setTimeout(() => process.emit('SIGINT'), 300);
    const { error, stdout } = await running;
    expect(error).toMatchObject({ code: 'interrupted', exitCode: 130 });
    expect([stdout, existsSync(out)]).toEqual(['', false]);
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
