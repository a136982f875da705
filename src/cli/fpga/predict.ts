import { statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { HwcastError } from '../../core/errors.js';
import { fpgaPartNamed } from '../../device/fpgaParts.js';
import { type HlsDesign, LABEL_STAGES, type LabelStage } from '../../fpga/design/hlsDesign.js';
import { withSparsity } from '../../fpga/design/sparsity.js';
import type { FamilyPredictor } from '../../fpga/families/familyPredictor.js';
import { isFolded, withFinn } from '../../fpga/finnPredictor.js';
import type { AdaptedFpga } from '../../fpga/fpgaAdapter.js';
import type { DesignPrediction, DesignPredictor } from '../../fpga/fpgaPredictor.js';
import { fpgaModel } from '../../fpga/residual/bundledFpgaModel.js';
import { designsCsv, designsJson, designsText } from '../../present/fpga/designView.js';
import { commaList, readText } from '../options.js';
import { note } from '../progress.js';
import { designsOf } from './designs.js';
import { predictFamily } from './predictFamily.js';

interface Options {
  input?: string;
  network?: string;
  keras?: string;
  part?: string;
  clock?: string;
  sparsity?: string;
  stages: string;
  method?: 'analytical';
  model?: string;
  adapter?: string;
  family?: string;
  seed?: string;
  csynth?: string;
  csv?: boolean;
  json?: boolean;
}

/** `hwcast fpga predict DESIGN --part PART`: resources, cycles, verdict and energy, per layer and in total. */
export function registerFpgaPredict(fpga: Command): void {
  const command = fpga
    .command('predict')
    .description('predict LUT, FF, DSP, BRAM, cycles, fit and energy of HLS designs')
    .argument(
      '[design...]',
      'HLS design: hwcast or Keras JSON, .keras, .h5, ONNX or QONNX, hls4ml YAML or whole project, folding of FINN, wa-hls4ml or rule4ml records',
    )
    .option('--input <file>', 'many designs: JSON array, JSON lines or CSV, gzip too')
    .option(
      '--network <file>',
      'network that an hls4ml YAML file or a folding configuration of FINN is of: Keras, ONNX or QONNX; of FINN hwcast JSON too',
    )
    .option('--keras <file>', 'the same')
    .option('--part <name>', 'FPGA part or board instead of the one the design names, e.g. xc7z020 or pynq-z2')
    .option('--clock <ns>', 'clock period instead of the one the design names')
    .option('--sparsity <share>', 'share of zero weights, 0 to below 1, in layers whose zeros the file does not tell')
    .option('--stages <list>', `label stages: ${LABEL_STAGES.join(', ')}`, 'csynth,vsynth')
    .option(
      '--model <folder>',
      'a trained FPGA model instead of the bundled one; with a family, the model of families; a file is taken as --network',
    )
    .addOption(
      new Option(
        '--adapter <file>',
        'adapter of `fpga adapt`: counts of that family, or the later stage as that flow has it',
      ).conflicts('family'),
    )
    .option('--family <name>', "counts of hwcast's Verilog on a family that the model of families was trained on")
    .option('--csynth <report>', 'csynth report of the design, which the later stage of --adapter then follows')
    .option('--seed <n>', 'of the weights in that Verilog')
    .addOption(new Option('--method <name>', 'analytical: the rules alone, nothing learned').choices(['analytical']))
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .option('--csv', 'print CSV, one row a design and stage')
    .action(async (files: string[], given: Options) => {
      const { network, ...options } = networkApart(given);
      const paths = [...files, ...(options.input ? [options.input] : [])];
      if (!paths.length) throw new HwcastError('usage', 'which design?', { hint: 'name a file, or --input FILE for many' });
      const part = options.part === undefined ? undefined : fpgaPartNamed(options.part);
      const clockS = options.clock === undefined ? undefined : clockOf(options.clock);
      const sparsity = options.sparsity === undefined ? undefined : sparsityOf(options.sparsity);
      const read: HlsDesign[][] = [];
      for (const path of paths) read.push(await designsOf(path, network));
      const designs = read
        .flat()
        .map((d) => (sparsity === undefined ? d : withSparsity(d, sparsity)))
        .map((d): HlsDesign => ({ ...d, ...(part ? { part: part.name } : {}), ...(clockS ? { clockS } : {}) }));
      if (options.csynth !== undefined && designs.length !== 1)
        throw new HwcastError('usage', `${designs.length} designs, and one report with --csynth`);
      const adapted = await adaptedBy(options);
      if (options.csynth !== undefined && adapted?.kind !== 'fpga-stage')
        throw new HwcastError('usage', '--csynth needs an adapter of a stage', {
          hint: '`hwcast fpga adapt --stage csynth:vsynth` makes one',
        });
      if (adapted?.kind === 'fpga-family' || options.family !== undefined) {
        const stages = command.getOptionValueSource('stages') === 'cli' ? commaList(options.stages) : undefined;
        const family = adapted?.kind === 'fpga-family' ? adapted.predictor : await familyNamed(options.family!, options.model);
        predictFamily(family, designs, { ...options, stages, part });
        return;
      }
      if (options.seed !== undefined)
        throw new HwcastError('usage', '--seed is of the weights in the Verilog of a family', {
          hint: 'give --adapter or --family',
        });
      const stages = stagesOf(options.stages);
      const base = await fpgaModel({ model: options.model, analytical: options.method === 'analytical' });
      const staged = adapted ? adapted.over(options.csynth === undefined ? base : await reported(base, options.csynth)) : base;
      const model = designs.some(isFolded) ? withFinn(staged) : staged;
      const predictions = stages.map((stage) => model.predict(designs, { stage, part }));
      for (const design of designs) for (const line of design.assumptions) note(`${design.id}: assumed: ${line}`);
      for (const line of warningsOf(designs, predictions)) note(`warning: ${line}`);
      const print = options.csv ? designsCsv : options.json ? designsJson : designsText;
      process.stdout.write(`${print({ designs, predictions, part })}\n`);
    });
}

/** The network that another file configures, apart from what else is given: `--model` with a file, where a trained model is a folder, is one too. */
function networkApart(options: Options): Options {
  const { network, keras, model, ...rest } = options;
  const file = model !== undefined && statSync(model, { throwIfNoEntry: false })?.isFile() ? model : undefined;
  const named = [network, keras, file].filter((path) => path !== undefined);
  if (named.length > 1)
    throw new HwcastError('usage', `${named.length} networks are named: ${named.join(', ')}`, { hint: 'give one' });
  return { ...rest, network: named[0], ...(file === undefined && model !== undefined ? { model } : {}) };
}

// what only some predictions need is loaded for them: adapters, the model of families, readers of reports

async function adaptedBy({ adapter, model }: Options): Promise<AdaptedFpga | undefined> {
  if (adapter === undefined) return undefined;
  const { loadFpgaAdapter } = await import('../../fpga/fpgaAdapter.js');
  return loadFpgaAdapter(adapter, { model });
}

async function familyNamed(name: string, model: string | undefined): Promise<FamilyPredictor> {
  const { loadFamilyModel } = await import('../../fpga/families/familyModelFolder.js');
  const { trainedFamily } = await import('../../fpga/families/familyPredictor.js');
  return trainedFamily(await loadFamilyModel(model), name);
}

async function reported(base: DesignPredictor, file: string): Promise<DesignPredictor> {
  const { readFpgaReport } = await import('../../fpga/reports/readFpgaReport.js');
  const { reportedPredictor } = await import('../../fpga/stages/reportedPredictor.js');
  const { text, where } = readText(file, 'report');
  return reportedPredictor(base, readFpgaReport(text, where), where);
}

const clockOf = (text: string): number => {
  const ns = Number(text);
  if (!(ns > 0)) throw new HwcastError('usage', `--clock takes a period in ns, not '${text}'`);
  return ns * 1e-9;
};

const sparsityOf = (text: string): number => {
  const share = text.trim() ? Number(text) : Number.NaN;
  if (!(share >= 0 && share < 1))
    throw new HwcastError('usage', `--sparsity takes a share of zero weights from 0 to below 1, not '${text}'`, {
      hint: '0.75: three weights of four are zero',
    });
  return share;
};

function stagesOf(text: string): LabelStage[] {
  return commaList(text).map((s) => {
    if (!(LABEL_STAGES as readonly string[]).includes(s))
      throw new HwcastError('usage', `no label stage '${s}'`, { hint: `one of ${LABEL_STAGES.join(', ')}` });
    return s as LabelStage;
  });
}

function* warningsOf(designs: readonly HlsDesign[], predictions: readonly DesignPrediction[][]): Iterable<string> {
  const said = new Map<string, number>();
  for (const stage of predictions)
    stage.forEach((p, i) => {
      for (const w of new Set(p.warnings)) {
        const line = designs.length > 20 ? w : `${designs[i].id}: ${w}`;
        said.set(line, (said.get(line) ?? 0) + 1);
      }
    });
  for (const [line, times] of said) yield times > predictions.length ? `${line} (${times} times)` : line;
}
