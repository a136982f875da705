import type { Command } from 'commander';
import { addCommands, type CommandEntry, type Words } from '../lazyCommands.js';

/** The commands of `hwcast fpga` in the order of its `--help`. */
export const FPGA_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'predict',
    usage: '[options] [design...]',
    description: 'predict LUT, FF, DSP, BRAM, cycles, fit and energy of HLS designs',
    load: async () => (await import('./predict.js')).registerFpgaPredict,
  },
  {
    name: 'explore',
    usage: '[options] <design>',
    description: 'sweep reuse factor and weight width of every layer; print the Pareto front of latency, II, area and width',
    load: async () => (await import('./explore.js')).registerFpgaExplore,
  },
  {
    name: 'synth',
    usage: '[options] [design]',
    description:
      'write a network of dense and convolution layers as Verilog, simulate it, synthesise it with Yosys and count LUT, FF, DSP, BRAM',
    load: async () => (await import('./synth.js')).registerFpgaSynth,
  },
  {
    name: 'sample',
    usage: '[options]',
    description: 'the designs to synthesise on a new family of FPGAs, most informative first: a support file to fill in',
    load: async () => (await import('./sample.js')).registerFpgaSample,
  },
  {
    name: 'adapt',
    usage: '[options]',
    description: 'learn a new family of FPGAs, or the way of a flow from csynth to a later stage, from a few synthesised designs',
    load: async () => (await import('./adapt.js')).registerFpgaAdapt,
  },
  {
    name: 'report',
    usage: '[options] <file...>',
    description: 'read csynth, synthesis, implementation, timing and power reports of Xilinx tools, and stat -json of Yosys',
    load: async () => (await import('./report.js')).registerFpgaReport,
  },
  {
    name: 'parts',
    usage: '[options] [name...]',
    description: 'list FPGA parts and what they hold',
    load: async () => (await import('./parts.js')).registerFpgaParts,
  },
  {
    name: 'train',
    usage: '[options]',
    description: 'train the learned residual, or the model of FPGA families, on synthesised designs; writes a model folder',
    load: async () => (await import('./train.js')).registerFpgaTrain,
  },
];

/** `hwcast fpga ...`: resources, cycles, fit and energy of HLS designs, without a vendor tool. */
export async function registerFpga(program: Command, words: Words = 'all'): Promise<void> {
  const fpga = program
    .command('fpga')
    .description('resources, cycles, fit and energy of HLS designs on FPGAs, without a vendor tool');
  await addCommands(fpga, FPGA_COMMANDS, words);
  for (const command of fpga.commands) command.exitOverride().showSuggestionAfterError();
}
