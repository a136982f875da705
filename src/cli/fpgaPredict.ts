import { type Command, Option } from 'commander';
import { type FpgaPart, fpgaPartNamed } from '../device/fpgaParts.js';
import { HwcastError } from '../errors.js';
import { type HlsDesign, LABEL_STAGES, type LabelStage } from '../graph/hls/hlsDesign.js';
import { fpgaModel } from '../surrogate/fpga/bundledFpgaModel.js';
import {
  FPGA_RESOURCES,
  FPGA_TARGETS,
  type FpgaPrediction,
  type FpgaTarget,
  type FpgaValue,
  fpgaPower,
  partOfDesign,
  utilisation,
} from '../surrogate/fpga/fpgaPredictor.js';
import { csvTable } from './csvTable.js';
import { designsOf } from './fpgaDesigns.js';
import { commaList } from './options.js';
import { plainTable } from './plainTable.js';
import { note } from './progress.js';

interface Options {
  input?: string;
  keras?: string;
  part?: string;
  clock?: string;
  stages: string;
  method?: 'analytical';
  model?: string;
  csv?: boolean;
  json?: boolean;
}

/** `hwcast fpga predict DESIGN --part PART`: resources, cycles, verdict and energy, per layer and in total. */
export function registerFpgaPredict(fpga: Command): void {
  fpga
    .command('predict')
    .description('predict LUT, FF, DSP, BRAM, cycles, fit and energy of HLS designs')
    .argument('[design...]', 'HLS design: hwcast or Keras JSON, hls4ml YAML, wa-hls4ml or rule4ml records')
    .option('--input <file>', 'many designs: JSON array, JSON lines or CSV, gzip too')
    .option('--keras <file>', 'Keras JSON of the network that an hls4ml YAML file configures')
    .option('--part <name>', 'FPGA part or board instead of the one the design names, e.g. xc7z020 or pynq-z2')
    .option('--clock <ns>', 'clock period instead of the one the design names')
    .option('--stages <list>', `label stages: ${LABEL_STAGES.join(', ')}`, 'csynth,vsynth')
    .option('--model <folder>', 'a trained FPGA model instead of the bundled one')
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
      const stages = stagesOf(options.stages);
      const model = fpgaModel({ model: options.model, analytical: options.method === 'analytical' });
      const predictions = stages.map((stage) => model.predict(designs, { stage, part }));
      for (const design of designs) for (const line of design.assumptions) note(`${design.id}: assumed: ${line}`);
      for (const line of warningsOf(designs, predictions)) note(`warning: ${line}`);
      const print = options.csv ? csv : options.json ? json : tables;
      process.stdout.write(`${print(designs, predictions, part)}\n`);
    });
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

function* warningsOf(designs: readonly HlsDesign[], predictions: readonly FpgaPrediction[][]): Iterable<string> {
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

const COLUMN: Record<FpgaTarget, string> = {
  lut: 'lut',
  ff: 'ff',
  dsp: 'dsp',
  bram18: 'bram18',
  uram: 'uram',
  latMin: 'lat_min',
  latMax: 'lat_max',
  iiMin: 'ii_min',
  iiMax: 'ii_max',
};
const rounded = (v: number | null): number | '' => (v === null ? '' : Math.round(v));

/** Columns `id,stage,lut,..,ii_max,feasible`, then an interval and the provenance per target. `feasible` is the verdict. */
function csv(designs: readonly HlsDesign[], predictions: readonly FpgaPrediction[][]): string {
  const head = [
    'id',
    'stage',
    ...FPGA_TARGETS.map((t) => COLUMN[t]),
    'feasible',
    ...FPGA_TARGETS.flatMap((t) => [`${COLUMN[t]}_low`, `${COLUMN[t]}_high`]),
    'provenance',
  ];
  const rows = designs.flatMap((d, i) =>
    predictions.map((stage) => {
      const p = stage[i];
      return [
        d.id,
        p.stage,
        ...FPGA_TARGETS.map((t) => rounded(p.targets[t].value)),
        p.verdict,
        ...FPGA_TARGETS.flatMap((t) => [rounded(p.targets[t].low), rounded(p.targets[t].high)]),
        [...new Set(FPGA_TARGETS.map((t) => p.targets[t].provenance))].join('+'),
      ];
    }),
  );
  return csvTable(head, rows);
}

function json(designs: readonly HlsDesign[], predictions: readonly FpgaPrediction[][], part?: FpgaPart): string {
  return JSON.stringify(
    designs.flatMap((design, i) =>
      predictions.map((stage) => {
        const p = stage[i],
          on = partOfDesign(design, part);
        return {
          id: design.id,
          part: on?.name ?? null,
          stage: p.stage,
          ...Object.fromEntries(FPGA_TARGETS.map((t) => [COLUMN[t], p.targets[t]])),
          feasible: p.verdict,
          reasons: p.reasons,
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

const span = (v: FpgaValue): string =>
  v.low === null || v.high === null ? '' : v.low === v.high ? 'exact' : `${Math.round(v.low)}-${Math.round(v.high)}`;

function tables(designs: readonly HlsDesign[], predictions: readonly FpgaPrediction[][], part?: FpgaPart): string {
  if (designs.length > 8) return summary(designs, predictions);
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
          share = on ? utilisation(p.targets, on) : undefined;
        const rows = FPGA_TARGETS.map((t) => [
          COLUMN[t],
          Math.round(p.targets[t].value),
          span(p.targets[t]),
          share && (FPGA_RESOURCES as readonly string[]).includes(t) ? percent(share[t as 'lut']) : '',
          p.targets[t].provenance,
        ]);
        lines.push('', `Whole design, ${p.stage}: ${p.verdict}`, ...p.reasons.map((r) => `  ${r}`));
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

const percent = (v: number): string => (Number.isFinite(v) ? `${v < 10 ? v.toFixed(1) : v.toFixed(0)} %` : 'none there');

function summary(designs: readonly HlsDesign[], predictions: readonly FpgaPrediction[][]): string {
  const shown = ['lut', 'ff', 'dsp', 'bram18', 'latMax', 'iiMax'] as const;
  return plainTable(
    ['design', 'stage', ...shown.map((t) => COLUMN[t]), 'verdict'],
    designs.flatMap((d, i) =>
      predictions.map((stage) => [
        d.id,
        stage[i].stage,
        ...shown.map((t) => Math.round(stage[i].targets[t].value)),
        stage[i].verdict,
      ]),
    ),
    shown.map((t) => COLUMN[t]),
  );
}
