import { type Command, Option } from 'commander';
import { csvText } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import { type FpgaPart, fpgaPartNamed } from '../../device/fpgaParts.js';
import { type HlsDesign, LABEL_STAGES, type LabelStage } from '../../fpga/design/hlsDesign.js';
import { loadFamilyModel } from '../../fpga/families/familyModelFolder.js';
import { trainedFamily } from '../../fpga/families/familyPredictor.js';
import { fits } from '../../fpga/fits.js';
import { loadFpgaAdapter } from '../../fpga/fpgaAdapter.js';
import {
  DESIGN_TARGETS,
  type DesignPrediction,
  type DesignPredictor,
  fpgaPower,
  partOfDesign,
  RESOURCES,
  utilisation,
} from '../../fpga/fpgaPredictor.js';
import { readFpgaReport } from '../../fpga/reports/readFpgaReport.js';
import { fpgaModel } from '../../fpga/residual/bundledFpgaModel.js';
import { reportedPredictor } from '../../fpga/stages/reportedPredictor.js';
import { COLUMN, CSV_HEAD, csvRow, percent, shownEstimate, span } from '../../present/fpga/predictTable.js';
import { plainTable } from '../../present/plainTable.js';
import { commaList, readText } from '../options.js';
import { note } from '../progress.js';
import { designsOf } from './designs.js';
import { predictFamily } from './predictFamily.js';

interface Options {
  input?: string;
  keras?: string;
  part?: string;
  clock?: string;
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
    .argument('[design...]', 'HLS design: hwcast or Keras JSON, ONNX or QONNX, hls4ml YAML, wa-hls4ml or rule4ml records')
    .option('--input <file>', 'many designs: JSON array, JSON lines or CSV, gzip too')
    .option('--keras <file>', 'Keras JSON or ONNX file of the network that an hls4ml YAML file configures')
    .option('--part <name>', 'FPGA part or board instead of the one the design names, e.g. xc7z020 or pynq-z2')
    .option('--clock <ns>', 'clock period instead of the one the design names')
    .option('--stages <list>', `label stages: ${LABEL_STAGES.join(', ')}`, 'csynth,vsynth')
    .option('--model <folder>', 'a trained FPGA model instead of the bundled one; with a family, the model of families')
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
    .action((files: string[], options: Options) => {
      const paths = [...files, ...(options.input ? [options.input] : [])];
      if (!paths.length) throw new HwcastError('usage', 'which design?', { hint: 'name a file, or --input FILE for many' });
      const part = options.part === undefined ? undefined : fpgaPartNamed(options.part);
      const clockS = options.clock === undefined ? undefined : clockOf(options.clock);
      const designs = paths
        .flatMap((p) => designsOf(p, options.keras))
        .map((d): HlsDesign => ({ ...d, ...(part ? { part: part.name } : {}), ...(clockS ? { clockS } : {}) }));
      if (options.csynth !== undefined && designs.length !== 1)
        throw new HwcastError('usage', `${designs.length} designs, and one report with --csynth`);
      const adapted = options.adapter === undefined ? undefined : loadFpgaAdapter(options.adapter, { model: options.model });
      if (options.csynth !== undefined && adapted?.kind !== 'fpga-stage')
        throw new HwcastError('usage', '--csynth needs an adapter of a stage', {
          hint: '`hwcast fpga adapt --stage csynth:vsynth` makes one',
        });
      if (adapted?.kind === 'fpga-family' || options.family !== undefined) {
        const given = (name: keyof Options) => command.getOptionValueSource(name) === 'cli';
        predictFamily(
          adapted?.kind === 'fpga-family' ? adapted.predictor : trainedFamily(loadFamilyModel(options.model), options.family!),
          designs,
          { ...options, stages: given('stages') ? commaList(options.stages) : undefined, part },
        );
        return;
      }
      if (options.seed !== undefined)
        throw new HwcastError('usage', '--seed is of the weights in the Verilog of a family', {
          hint: 'give --adapter or --family',
        });
      const stages = stagesOf(options.stages);
      const base = fpgaModel({ model: options.model, analytical: options.method === 'analytical' });
      const model = adapted ? adapted.over(options.csynth === undefined ? base : reported(base, options.csynth)) : base;
      const predictions = stages.map((stage) => model.predict(designs, { stage, part }));
      for (const design of designs) for (const line of design.assumptions) note(`${design.id}: assumed: ${line}`);
      for (const line of warningsOf(designs, predictions)) note(`warning: ${line}`);
      const print = options.csv ? csv : options.json ? json : tables;
      process.stdout.write(`${print(designs, predictions, part)}\n`);
    });
}

function reported(base: DesignPredictor, file: string): DesignPredictor {
  const { text, where } = readText(file, 'report');
  return reportedPredictor(base, readFpgaReport(text, where), where);
}

const clockOf = (text: string): number => {
  const ns = Number(text);
  if (!(ns > 0)) throw new HwcastError('usage', `--clock takes a period in ns, not '${text}'`);
  return ns * 1e-9;
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

const csv = (designs: readonly HlsDesign[], predictions: readonly DesignPrediction[][], part?: FpgaPart): string =>
  csvText(
    CSV_HEAD,
    designs.flatMap((d, i) => predictions.map((stage) => csvRow(d.id, stage[i], fits(stage[i], partOfDesign(d, part)).verdict))),
  );

function json(designs: readonly HlsDesign[], predictions: readonly DesignPrediction[][], part?: FpgaPart): string {
  return JSON.stringify(
    designs.flatMap((design, i) =>
      predictions.map((stage) => {
        const p = stage[i],
          on = partOfDesign(design, part),
          { verdict, reasons } = fits(p, on);
        return {
          id: design.id,
          part: on?.name ?? null,
          stage: p.stage,
          ...Object.fromEntries(DESIGN_TARGETS.map((t) => [COLUMN[t], shownEstimate(p.targets[t])])),
          feasible: verdict,
          reasons,
          utilisation: on ? utilisation(p.targets, on) : null,
          power: fpgaPower(design, p.targets, on) ?? null,
          layers: p.analysis.layers,
          warnings: p.warnings,
        };
      }),
    ),
    null,
    2,
  );
}

function tables(designs: readonly HlsDesign[], predictions: readonly DesignPrediction[][], part?: FpgaPart): string {
  if (designs.length > 8) return summary(designs, predictions, part);
  return designs
    .flatMap((design, i) => {
      const on = partOfDesign(design, part),
        { layers } = predictions[0][i].analysis;
      const numbers = ['reuse', 'multipliers', 'lut', 'ff', 'dsp', 'bram18', 'latency', 'ii'];
      const lines = [
        `${design.id}${on ? ` on ${on.name}` : ''}: ${design.ioType}, ${design.strategy}${design.clockS ? `, ${Number((design.clockS * 1e9).toPrecision(6))} ns` : ''}`,
        '',
        'Layers, by the analytical core (csynth)',
        plainTable(
          ['layer', 'kind', ...numbers],
          layers.map((l) => [
            l.name,
            l.kind,
            l.reuseFactor === undefined
              ? ''
              : l.reuseFactor === l.reuseAsked
                ? l.reuseFactor
                : `${l.reuseFactor} (asked ${l.reuseAsked})`,
            l.multipliers,
            l.lut,
            l.ff,
            l.dsp,
            l.bram18,
            l.latencyMax,
            l.ii,
          ]),
          numbers,
        ),
      ];
      const right = ['predicted', '90 % interval', '% of part'];
      for (const stage of predictions) {
        const p = stage[i],
          { verdict, reasons } = fits(p, on),
          share = on ? utilisation(p.targets, on) : undefined;
        const rows = DESIGN_TARGETS.map((t) => [
          COLUMN[t],
          Math.round(p.targets[t].value),
          span(p.targets[t]),
          share && (RESOURCES as readonly string[]).includes(t) ? percent(share[t as 'lut']) : '',
          p.targets[t].provenance,
        ]);
        lines.push('', `Whole design, ${p.stage}: ${verdict}`, ...reasons.map((r) => `  ${r}`));
        lines.push(plainTable(['target', ...right, 'from'], rows, right));
        const power = fpgaPower(design, p.targets, on);
        if (power)
          lines.push(
            `power ${power.totalW.toPrecision(3)} W (static ${power.staticW.toPrecision(3)}, dynamic ${power.dynamicW.toPrecision(3)}), ${(power.energyJ * 1e6).toPrecision(3)} uJ an inference; analytical`,
          );
      }
      return [...lines, ''];
    })
    .join('\n')
    .trimEnd();
}

function summary(designs: readonly HlsDesign[], predictions: readonly DesignPrediction[][], part?: FpgaPart): string {
  const shown = ['lut', 'ff', 'dsp', 'bram18', 'cycles', 'ii'] as const;
  return plainTable(
    ['design', 'stage', ...shown.map((t) => COLUMN[t]), 'verdict'],
    designs.flatMap((d, i) =>
      predictions.map((stage) => [
        d.id,
        stage[i].stage,
        ...shown.map((t) => Math.round(stage[i].targets[t].value)),
        fits(stage[i], partOfDesign(d, part)).verdict,
      ]),
    ),
    shown.map((t) => COLUMN[t]),
  );
}
