import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { csvText } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import { writeFileAtomic } from '../../core/files.js';
import { writeExplorationFigure } from '../../evaluate/report/explorationFigure.js';
import { parseBudget } from '../../fpga/explore/budget.js';
import { type Exploration, explore, explorePart, type Setting, type Step } from '../../fpga/explore/explore.js';
import { fpgaModel } from '../../fpga/residual/bundledFpgaModel.js';
import { shownEstimate } from '../../present/fpga/predictTable.js';
import { plainTable } from '../../present/plainTable.js';
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
    .action((file: string, options: Options) => {
      const designs = designsOf(file, options.keras);
      if (designs.length !== 1)
        throw new HwcastError('usage', `'${file}' holds ${designs.length} designs; explore takes one`, {
          hint: 'write the one to explore into a file of its own',
        });
      const [design] = designs,
        part = explorePart(design, options.part);
      for (const line of design.assumptions) note(`${design.id}: assumed: ${line}`);
      const numbers = (flag: string, text?: string) =>
        text === undefined ? undefined : commaList(text).map((t) => whole(flag, t, 1));
      const begun = performance.now();
      const found = explore(
        { ...design, part: part.name },
        fpgaModel({ model: options.model, analytical: options.method === 'analytical' }),
        {
          part,
          budget: options.budget === undefined ? undefined : parseBudget(options.budget, part),
          bits: numbers('--bits', options.bits),
          reuse: numbers('--reuse', options.reuse),
          limit: whole('--max-settings', options.maxSettings, 1),
          seed: whole('--seed', options.seed),
          stage: options.stage,
        },
      );
      note(`${found.settings.length} settings in ${((performance.now() - begun) / 1000).toFixed(2)} s`);
      for (const line of found.warnings) note(`warning: ${line}`);
      if (options.out) {
        writeFileAtomic(join(options.out, 'settings.csv'), `${table(found, found.settings)}\n`);
        writeFileAtomic(join(options.out, 'front.csv'), `${table(found, found.front)}\n`);
        writeExplorationFigure(options.out, found, `${design.id} on ${part.name}, ${options.stage}`);
        note(`written to ${options.out}`);
      }
      const print = options.csv ? table(found, found.front) : options.json ? json(found) : text(found, part.name);
      process.stdout.write(`${print}\n`);
    });
}

const setting = (s: Setting, key: 'reuse' | 'bits') => s[key].join('/');
const SHOWN = ['lut', 'ff', 'dsp', 'bram18', 'cycles', 'ii'] as const;
const NAMES = ['lut', 'ff', 'dsp', 'bram18', 'lat_max', 'ii_max'];
const JSON_NAMES = ['lut', 'ff', 'dsp', 'bram18', 'latMax', 'iiMax'];

function table(found: Exploration, settings: readonly Setting[]): string {
  return csvText(
    [
      ...found.layers.flatMap((l) => [`${l}.reuse`, `${l}.bits`]),
      ...NAMES,
      'tightest_percent',
      'feasible',
      'within_budget',
      'front',
    ],
    settings.map((s) => [
      ...s.reuse.flatMap((r, l) => [r, s.bits[l]]),
      ...SHOWN.map((t) => Math.round(s.prediction.targets[t].value)),
      s.tightest.toPrecision(4),
      s.verdict,
      s.fits,
      s.front,
    ]),
  );
}

function json(found: Exploration): string {
  return JSON.stringify(
    {
      layers: found.layers,
      grid: found.grid,
      evaluated: found.settings.length,
      front: found.front.map((s) => ({
        reuse: s.reuse,
        bits: s.bits,
        tightestPercent: s.tightest,
        ...Object.fromEntries(SHOWN.map((t, i) => [JSON_NAMES[i], shownEstimate(s.prediction.targets[t])])),
      })),
      steps: found.steps,
      warnings: found.warnings,
    },
    null,
    2,
  );
}

const ROWS = 25;

function text(found: Exploration, part: string): string {
  const every = Math.max(1, Math.ceil(found.front.length / ROWS)),
    shown = found.front.filter((_, i) => i % every === 0 || i === found.front.length - 1);
  const parts = [
    `Pareto front on ${part}: ${found.front.length} of ${found.settings.filter((s) => s.fits).length} settings that fit, ${found.settings.length} evaluated, grid of ${found.grid}${every > 1 ? `; ${shown.length} shown, --out FOLDER or --csv gives all` : ''}`,
    `reuse and bits: ${found.layers.join('/')}`,
    plainTable(
      ['reuse', 'bits', ...NAMES, 'tightest %'],
      shown.map((s) => [
        setting(s, 'reuse'),
        setting(s, 'bits'),
        ...SHOWN.map((t) => Math.round(s.prediction.targets[t].value)),
        s.tightest.toPrecision(3),
      ]),
      [...NAMES, 'tightest %'],
    ),
  ];
  const steps = merged(found.steps);
  if (steps.length) {
    parts.push('', 'Steps where more reuse costs more:');
    for (const { layer, from, to, changes, why } of steps.slice(0, ROWS))
      parts.push(`  ${layer}, reuse ${from} -> ${to}: ${changes.join('; ')}`, `      ${why}`);
    if (steps.length > ROWS) parts.push(`  and ${steps.length - ROWS} more (--json)`);
  }
  return parts.join('\n');
}

/** The steps of one layer and one change of reuse as one entry; widths that change alike share a line. */
function merged(steps: readonly Step[]): { layer: string; from: number; to: number; changes: string[]; why: string }[] {
  const out = new Map<string, { layer: string; from: number; to: number; changes: string[]; why: string }>();
  for (const s of steps) {
    const key = `${s.layer} ${s.from} ${s.to} ${s.why}`,
      entry = out.get(key) ?? { layer: s.layer, from: s.from, to: s.to, changes: [], why: s.why };
    entry.changes.push(`${s.resource} ${Math.round(s.before)} -> ${Math.round(s.after)} at ${s.bits} bits`);
    out.set(key, entry);
  }
  return [...out.values()];
}
