import type { Command } from 'commander';
import { registerFpgaAdapt } from './fpgaAdapt.js';
import { registerFpgaExplore } from './fpgaExplore.js';
import { registerFpgaParts } from './fpgaParts.js';
import { registerFpgaPredict } from './fpgaPredict.js';
import { registerFpgaReport } from './fpgaReport.js';
import { registerFpgaSample } from './fpgaSample.js';
import { registerFpgaSynth } from './fpgaSynth.js';
import { registerFpgaTrain } from './fpgaTrain.js';

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
