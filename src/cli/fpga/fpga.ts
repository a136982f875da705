import type { Command } from 'commander';
import { registerFpgaAdapt } from './adapt.js';
import { registerFpgaExplore } from './explore.js';
import { registerFpgaParts } from './parts.js';
import { registerFpgaPredict } from './predict.js';
import { registerFpgaReport } from './report.js';
import { registerFpgaSample } from './sample.js';
import { registerFpgaSynth } from './synth.js';
import { registerFpgaTrain } from './train.js';

/** `hwcast fpga ...`: resources, cycles, fit and energy of HLS designs, without a vendor tool. */
export function registerFpga(program: Command): void {
  const fpga = program
    .command('fpga')
    .description('resources, cycles, fit and energy of HLS designs on FPGAs, without a vendor tool');
  for (const register of [
    registerFpgaPredict,
    registerFpgaExplore,
    registerFpgaSynth,
    registerFpgaSample,
    registerFpgaAdapt,
    registerFpgaReport,
    registerFpgaParts,
    registerFpgaTrain,
  ])
    register(fpga);
  for (const command of fpga.commands) command.exitOverride().showSuggestionAfterError();
}
