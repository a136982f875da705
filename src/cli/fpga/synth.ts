import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { closeNames, HwcastError } from '../../core/errors.js';
import { writeFolderAtomic } from '../../core/files.js';
import type { HlsDesign } from '../../fpga/design/hlsDesign.js';
import { denseDesign } from '../../fpga/synth/denseDesign.js';
import { ICE40_DEVICES, type Ice40Device } from '../../fpga/synth/nextpnrIce40.js';
import { type Synthesis, type SynthesisRow, synthesise } from '../../fpga/synth/synthesise.js';
import { isYosysFamily, YOSYS_FAMILIES, type YosysFamily } from '../../fpga/synth/yosysFamilies.js';
import { synthesisCsv, synthesisJson, synthesisText } from '../../present/fpga/synthesisView.js';
import { commaList, whole } from '../options.js';
import { note, progress } from '../progress.js';
import { designsOf } from './designs.js';
import { SynthSupport } from './synthSupport.js';

interface Options {
  dense?: string;
  bits: string;
  dataBits: string;
  reuse: string;
  strategy: 'resource' | 'latency';
  family: string;
  out?: string;
  support?: string;
  model?: string;
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
    .argument('[design]', 'HLS design, as fpga predict reads it')
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
    .option(
      '--support <file>',
      'put the counts into this support file of one family (hwcast fpga sample, adapt): of the design, or without one of all its rows not filled in',
    )
    .option('--model <folder>', 'the model of FPGA families whose designs the support file names, instead of the bundled one')
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

Examples:
  hwcast fpga synth --dense 16x16 --bits 8 --data-bits 8 --reuse 4 --family xc7,ice40
  hwcast fpga synth --support support.jsonl                          every open row of hwcast fpga sample
  hwcast fpga synth DESIGN.json --family anlogic --support mine.jsonl  one more row`,
    )
    .action(async (file: string | undefined, options: Options) => {
      if (options.support !== undefined) {
        await intoSupport(file, options, options.support, command);
        return;
      }
      const design = await designOf(file, options, command);
      const families = familiesOf(options.family);
      const device = options.place === true ? 'up5k' : options.place;
      if (device && !families.includes('ice40'))
        throw new HwcastError('usage', `--place works on the family ice40, not on ${options.family}`, {
          hint: '--family ice40 --place',
        });
      const seed = whole('--seed', options.seed),
        timeoutS = whole('--timeout', options.timeout, 1);
      if (options.out !== undefined) checkOut(options.out);
      await interruptible(options.quiet, async (signal, onProgress) => {
        const result = await synthesise(design, families, {
          seed,
          timeoutS,
          simulate: options.simulate,
          place: device,
          signal,
          onProgress,
        });
        return () => report(design, result, options);
      });
    });
}

/** Runs with a progress bar and a signal that SIGINT and its like set; what it returns is run once the bar is gone. */
async function interruptible(
  quiet: boolean | undefined,
  run: (signal: AbortSignal, onProgress: ReturnType<typeof progress>['update']) => Promise<() => void>,
): Promise<void> {
  const bar = progress('synth', quiet),
    interrupt = new AbortController();
  const onSignal = () => interrupt.abort();
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    const then = await run(interrupt.signal, (done, all, what) => bar.update(done, all, what));
    bar.stop();
    then();
  } finally {
    bar.stop();
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** Synthesises the open rows of a support file, or one design, and fills in the file after each. */
async function intoSupport(file: string | undefined, options: Options, path: string, command: Command): Promise<void> {
  if (options.out !== undefined || options.place !== undefined)
    throw new HwcastError('usage', `--support and --${options.out !== undefined ? 'out' : 'place'} are two ways to use synth`);
  const one = file !== undefined || options.dense !== undefined;
  const stray = one ? undefined : ([...DENSE_OPTIONS, 'seed'] as const).find((o) => command.getOptionValueSource(o) === 'cli');
  if (stray) throw new HwcastError('usage', `${flagOf(stray)} is of one design; the rows of ${path} say it themselves`);
  const named = command.getOptionValueSource('family') === 'cli' ? familiesOf(options.family) : [];
  if (named.length > 1)
    throw new HwcastError('usage', `${named.length} families for one support file`, { hint: 'a support file is of one family' });
  const support = new SynthSupport(path, { family: named[0], model: options.model, create: one });
  const seed = command.getOptionValueSource('seed') === 'cli' ? whole('--seed', options.seed) : undefined,
    timeoutS = whole('--timeout', options.timeout, 1);
  const designs = one ? [support.design(await designOf(file, options, command), seed)] : support.open();
  if (!designs.length) {
    note(`every design of ${path} is filled in`);
    return;
  }
  await interruptible(options.quiet, async (signal, onProgress) => {
    const rows: SynthesisRow[] = [];
    for (const [i, design] of designs.entries()) {
      onProgress(i, designs.length, design.design.id);
      const { rows: counted } = await synthesise(design.design, [support.family], {
        seed: design.seed,
        timeoutS,
        simulate: options.simulate,
        signal,
      });
      support.add(design, counted[0]);
      rows.push(counted[0]);
    }
    onProgress(designs.length, designs.length, 'done');
    return () => {
      note(`${path}: ${rows.length} designs synthesised for ${support.family}`);
      printRows(rows, options, 'design');
    };
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const DENSE_OPTIONS = ['bits', 'dataBits', 'reuse', 'strategy'] as const;
const flagOf = (option: string): string => (option === 'dataBits' ? '--data-bits' : `--${option}`);

async function designOf(file: string | undefined, options: Options, command: Command): Promise<HlsDesign> {
  if ((file === undefined) === (options.dense === undefined))
    throw new HwcastError('usage', 'fpga synth takes a design file or --dense, one of them', {
      hint: 'hwcast fpga synth --dense 16x16 --reuse 4',
    });
  if (file !== undefined) {
    const given = DENSE_OPTIONS.find((name) => command.getOptionValueSource(name) === 'cli');
    if (given) throw new HwcastError('usage', `${flagOf(given)} belongs to --dense; a design file says it itself`);
    const designs = await designsOf(file);
    if (designs.length !== 1) throw new HwcastError('usage', `'${file}' holds ${designs.length} designs; synth takes one`);
    for (const line of designs[0].assumptions) note(`${designs[0].id}: assumed: ${line}`);
    return designs[0];
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
  const allFamilies = Object.keys(YOSYS_FAMILIES) as YosysFamily[];
  if (text === 'all') return allFamilies;
  if (text === 'none') return [];
  const names = [...new Set(commaList(text))];
  if (!names.length) throw new HwcastError('usage', '--family is empty', { hint: `${allFamilies.join(', ')}, all or none` });
  for (const name of names)
    if (!isYosysFamily(name))
      throw new HwcastError('usage', `no family '${name}'`, {
        hint: `one of ${[...new Set([...closeNames(name, allFamilies), ...allFamilies])].join(', ')}, all or none`,
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
  printRows(rows, options, 'family');
  if (failures.length) {
    for (const { error } of failures) note(error.describe());
    throw new HwcastError('unsupported', `not synthesised: ${failures.map((f) => f.family).join(', ')}`, {
      where: `design '${design.id}'`,
    });
  }
}

function printRows(rows: readonly SynthesisRow[], options: Options, by: 'family' | 'design'): void {
  if (options.json) process.stdout.write(`${synthesisJson(rows)}\n`);
  else if (options.csv) process.stdout.write(`${synthesisCsv(rows)}\n`);
  else if (rows.length) process.stdout.write(`${synthesisText(rows, by)}\n`);
}
