import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { HwcastError } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import { parseBudget } from '../../fpga/explore/budget.js';
import { explore, explorePart } from '../../fpga/explore/explore.js';
import { isFolded } from '../../fpga/finnPredictor.js';
import { fpgaModel } from '../../fpga/residual/bundledFpgaModel.js';
import { explorationJson, explorationText, settingsCsv } from '../../present/fpga/explorationView.js';
import { commaList, whole } from '../options.js';
import { note } from '../progress.js';
import { designsOf } from './designs.js';

interface Options {
  keras?: string;
  part?: string;
  budget?: string;
  bits?: string;
  reuse?: string;
  maxSettings: string;
  stage: 'csynth' | 'vsynth';
  seed: string;
  method?: 'analytical';
  model?: string;
  out?: string;
  csv?: boolean;
  json?: boolean;
}

/** `hwcast fpga explore DESIGN --part PART --budget dsp=200,lut=50%`: reuse factor and precision of every layer, and the Pareto front. */
export function registerFpgaExplore(fpga: Command): void {
  fpga
    .command('explore')
    .description('sweep reuse factor and weight width of every layer; print the Pareto front of latency, II, area and width')
    .argument('<design>', 'HLS design, as fpga predict reads it')
    .option('--keras <file>', 'Keras JSON or ONNX file of the network that an hls4ml YAML file configures')
    .option('--part <name>', 'FPGA part or board instead of the one the design names')
    .option('--budget <limits>', 'e.g. dsp=200,lut=50%,latency=1000 (percent of the part; latency and ii in cycles)')
    .option('--bits <list>', 'weight widths to try, e.g. 4,8,16; those of the design without it')
    .option('--reuse <list>', 'reuse factors to try, snapped to valid ones; up to 12 of the valid ones without it')
    .option('--max-settings <n>', 'settings evaluated at most', '10000')
    .addOption(new Option('--stage <stage>', 'label stage').choices(['csynth', 'vsynth']).default('csynth'))
    .option('--seed <n>', 'of the settings drawn where the grid is larger', '0')
    .option('--model <folder>', 'a trained FPGA model instead of the bundled one')
    .addOption(new Option('--method <name>', 'analytical: the rules alone, nothing learned').choices(['analytical']))
    .option('--out <folder>', 'write settings.csv, front.csv and front.svg, front.png')
    .addOption(new Option('--json', 'print the front as JSON').conflicts('csv'))
    .option('--csv', 'print the front as CSV')
    .action(async (file: string, options: Options) => {
      const designs = await designsOf(file, options.keras);
      if (designs.length !== 1)
        throw new HwcastError('usage', `'${file}' holds ${designs.length} designs; explore takes one`, {
          hint: 'write the one to explore into a file of its own',
        });
      if (isFolded(designs[0]))
        throw new HwcastError('unsupported', 'a design of FINN: explore sweeps reuse factors and widths of hls4ml', {
          where: file,
          hint: 'predict takes other foldings',
        });
      const [design] = designs,
        part = explorePart(design, options.part);
      for (const line of design.assumptions) note(`${design.id}: assumed: ${line}`);
      const numbers = (flag: string, text?: string) =>
        text === undefined ? undefined : commaList(text).map((t) => whole(flag, t, 1));
      const model = await fpgaModel({ model: options.model, analytical: options.method === 'analytical' });
      const begun = performance.now();
      const exploration = explore({ ...design, part: part.name }, model, {
        part,
        budget: options.budget === undefined ? undefined : parseBudget(options.budget, part),
        bits: numbers('--bits', options.bits),
        reuse: numbers('--reuse', options.reuse),
        limit: whole('--max-settings', options.maxSettings, 1),
        seed: whole('--seed', options.seed),
        stage: options.stage,
      });
      note(`${exploration.settings.length} settings in ${((performance.now() - begun) / 1000).toFixed(2)} s`);
      for (const line of exploration.warnings) note(`warning: ${line}`);
      const { settings, front } = exploration;
      if (options.out) {
        const { writeExplorationFigure } = await import('../../evaluate/report/explorationFigure.js');
        writeFileAtomic(join(options.out, 'settings.csv'), `${settingsCsv(exploration, settings)}\n`);
        writeFileAtomic(join(options.out, 'front.csv'), `${settingsCsv(exploration, front)}\n`);
        writeExplorationFigure(options.out, exploration, `${design.id} on ${part.name}, ${options.stage}`);
        note(`written to ${options.out}`);
      }
      const print = options.csv
        ? settingsCsv(exploration, front)
        : options.json
          ? explorationJson(exploration)
          : explorationText(exploration, part.name);
      process.stdout.write(`${print}\n`);
    });
}
