import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { closeNames, HwcastError } from '../errors.js';
import { readFileChecked, writeFolderAtomic } from '../files.js';
import { type HlsDesign, parseHlsDesign } from '../graph/hls/hlsDesign.js';
import { otherText } from '../trace/synth/cellCounts.js';
import { denseDesign } from '../trace/synth/denseDesign.js';
import { ICE40_DEVICES, type Ice40Device } from '../trace/synth/nextpnrIce40.js';
import { type Synthesis, type SynthesisRow, synthesise } from '../trace/synth/synthesise.js';
import { synthesisCsv } from '../trace/synth/synthesisTable.js';
import { YOSYS_FAMILIES, type YosysFamily } from '../trace/synth/yosysFamilies.js';
import { commaList, whole } from './options.js';
import { plainTable } from './plainTable.js';
import { note, progress } from './progress.js';

interface Options {
  dense?: string;
  bits: string;
  dataBits: string;
  reuse: string;
  strategy: 'resource' | 'latency';
  family: string;
  out?: string;
  simulate: boolean;
  place?: Ice40Device | true;
  seed: string;
  timeout: string;
  csv?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** `hwcast fpga synth DESIGN.json | --dense 16x16`: Verilog of a design, simulated, synthesised and counted with free tools. */
export function registerFpgaSynth(fpga: Command): void {
  const command = fpga
    .command('synth')
    .description(
      'write a network of dense and convolution layers as Verilog, simulate it, synthesise it with Yosys and count LUT, FF, DSP, BRAM',
    )
    .argument('[design]', 'HLS design in JSON')
    .option('--dense <n_in x n_out>', 'one dense layer in place of a file, e.g. 16x16')
    .option('--bits <n>', 'bits of its weights', '8')
    .option('--data-bits <n>', 'bits of its input and result', '8')
    .option('--reuse <n>', 'its reuse factor', '1')
    .addOption(new Option('--strategy <name>', 'its strategy').choices(['resource', 'latency']).default('resource'))
    .option(
      '--family <names>',
      `${Object.keys(YOSYS_FAMILIES).join(', ')}; several by commas, all, or none (Verilog only)`,
      'xc7',
    )
    .option('--out <folder>', 'write design.json, design.v and results.csv')
    .option('--no-simulate', 'skip the comparison with the exact integer result')
    .addOption(
      new Option('--place [device]', 'place and route the family ice40 with nextpnr')
        .choices(Object.keys(ICE40_DEVICES))
        .preset('up5k'),
    )
    .option('--seed <n>', 'of weights, test inputs and placement', '0')
    .option('--timeout <seconds>', 'of every run of a tool', '600')
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      `
Needs yosys, iverilog and, for --place, nextpnr-ice40 (Debian and Ubuntu: apt install yosys iverilog nextpnr-ice40).

Example:
  hwcast fpga synth --dense 16x16 --bits 8 --data-bits 8 --reuse 4 --family xc7,ice40`,
    )
    .action(async (file: string | undefined, options: Options) => {
      const design = designOf(file, options, command);
      const families = familiesOf(options.family);
      const device = options.place === true ? 'up5k' : options.place;
      if (device && !families.includes('ice40'))
        throw new HwcastError('usage', `--place works on the family ice40, not on ${options.family}`, {
          hint: '--family ice40 --place',
        });
      const seed = whole('--seed', options.seed),
        timeoutS = whole('--timeout', options.timeout, 1);
      if (options.out !== undefined) checkOut(options.out);
      const bar = progress('synth', options.quiet),
        interrupt = new AbortController();
      const onSignal = () => interrupt.abort();
      for (const signal of SIGNALS) process.once(signal, onSignal);
      try {
        const result = await synthesise(design, families, {
          seed,
          timeoutS,
          simulate: options.simulate,
          place: device,
          signal: interrupt.signal,
          onProgress: (done, all, what) => bar.update(done, all, what),
        });
        bar.stop();
        report(design, result, options);
      } finally {
        bar.stop();
        for (const signal of SIGNALS) process.off(signal, onSignal);
      }
    });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const DENSE_OPTIONS = ['bits', 'dataBits', 'reuse', 'strategy'] as const;

function designOf(file: string | undefined, options: Options, command: Command): HlsDesign {
  if ((file === undefined) === (options.dense === undefined))
    throw new HwcastError('usage', 'fpga synth takes a design file or --dense, one of them', {
      hint: 'hwcast fpga synth --dense 16x16 --reuse 4',
    });
  if (file !== undefined) {
    const given = DENSE_OPTIONS.find((name) => command.getOptionValueSource(name) === 'cli');
    if (given)
      throw new HwcastError(
        'usage',
        `--${given === 'dataBits' ? 'data-bits' : given} belongs to --dense; a design file says it itself`,
      );
    let value: unknown;
    try {
      value = JSON.parse(readFileChecked(file, 'design file').toString('utf8'));
    } catch (cause) {
      if (cause instanceof HwcastError) throw cause;
      throw new HwcastError('bad-input', `not JSON: ${(cause as Error).message}`, { where: file, cause });
    }
    return parseHlsDesign(value, file);
  }
  const size = /^(\d+)x(\d+)$/.exec(options.dense!.trim());
  if (!size || Number(size[1]) < 1 || Number(size[2]) < 1)
    throw new HwcastError('usage', `--dense takes inputs x outputs, such as 16x16, not '${options.dense}'`);
  return denseDesign({
    nIn: Number(size[1]),
    nOut: Number(size[2]),
    weightBits: whole('--bits', options.bits, 1),
    dataBits: whole('--data-bits', options.dataBits, 1),
    reuseFactor: whole('--reuse', options.reuse, 1),
    strategy: options.strategy,
  });
}

function familiesOf(text: string): YosysFamily[] {
  const known = Object.keys(YOSYS_FAMILIES) as YosysFamily[];
  if (text === 'all') return known;
  if (text === 'none') return [];
  const names = [...new Set(commaList(text))];
  if (!names.length) throw new HwcastError('usage', '--family is empty', { hint: `${known.join(', ')}, all or none` });
  for (const name of names)
    if (!(known as string[]).includes(name))
      throw new HwcastError('usage', `no family '${name}'`, {
        hint: `one of ${[...new Set([...closeNames(name, known), ...known])].join(', ')}, all or none`,
      });
  return names as YosysFamily[];
}

/** A folder is replaced as a whole: one that holds anything else is left alone. @throws HwcastError `usage` */
function checkOut(folder: string): void {
  if (!existsSync(folder)) return;
  const strangers = readdirSync(folder).filter((name) => !['design.json', 'design.v', 'results.csv'].includes(name));
  if (strangers.length)
    throw new HwcastError('usage', `--out ${folder} would be replaced, and holds '${strangers[0]}'`, {
      hint: 'name a new folder',
    });
}

function report(design: HlsDesign, result: Synthesis, options: Options): void {
  const { simulation: s, rows, network, failures } = result;
  for (const text of network.assumptions) note(text);
  if (s)
    note(`simulated ${s.inputs} inputs, equal to the integer reference: latency ${s.latency}, interval ${s.interval} cycles`);
  else note(`not simulated: latency and interval by rule${result.verilog.latency === null ? ', unknown for this design' : ''}`);
  for (const row of rows) for (const warning of row.warnings) note(`warning: ${row.family}: ${warning}`);
  if (options.out !== undefined) {
    writeFolderAtomic(resolve(options.out), {
      'design.json': `${JSON.stringify(design, null, 2)}\n`,
      'design.v': result.verilog.text,
      'results.csv': `${synthesisCsv(rows)}\n`,
    });
    note(`wrote ${['design.json', 'design.v', 'results.csv'].map((f) => join(options.out!, f)).join(', ')}`);
  }
  if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (options.csv) process.stdout.write(`${synthesisCsv(rows)}\n`);
  else if (rows.length) process.stdout.write(`${table(rows)}\n`);
  if (failures.length) {
    for (const { error } of failures) note(error.describe());
    throw new HwcastError('unsupported', `not synthesised: ${failures.map((f) => f.family).join(', ')}`, {
      where: `design '${design.id}'`,
    });
  }
}

function table(rows: readonly SynthesisRow[]): string {
  const placed = rows.some((r) => r.placement !== undefined);
  const numbers = [
    'LUT',
    'FF',
    'carry',
    'DSP',
    'BRAM',
    'BRAM bits',
    'LUT RAM',
    'latency',
    'II',
    ...(placed ? ['MHz', 'cells'] : []),
  ];
  return plainTable(
    ['family', ...numbers, 'other', 'tool'],
    rows.map((r) => [
      r.family,
      r.lut,
      r.ff,
      r.carry,
      r.dsp,
      r.bram,
      r.bramBits,
      r.lutram,
      r.latency ?? '?',
      r.ii ?? '?',
      ...(placed ? [r.placement?.fmaxMhz.toFixed(1) ?? '', r.placement?.logicCells ?? ''] : []),
      otherText(r.other),
      r.toolVersion,
    ]),
    numbers,
  );
}
