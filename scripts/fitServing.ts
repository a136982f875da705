/**
 * Fits what frameworks add to kernels (src/llm/servingConstants.ts) to public measurements of served models, prints the error of each accelerator by
 * constants fitted without it, and writes `src/llm/fittedServing.ts`.
 *
 *     npx tsx scripts/fitServing.ts DATA [--write]
 *
 * DATA holds model-tables/llm_inference_bench*.csv.gz (Argonne), llm-ops/aic_e2e_silicon.csv.gz (aiconfigurator) and model-files/config_*.json, the configurations
 * of datasets/llm-passes.
 */
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../src/core/files.js';
import { kept } from '../src/core/kept.js';
import { createRandom } from '../src/core/random.js';
import { MEDIAN_TO_DEVIATION, median } from '../src/core/statistics.js';
import { phaseFactor } from '../src/llm/correction.js';
import { byAccelerator, fitServing } from '../src/llm/fitServing.js';
import { PASSES, type ServedRow, type ServingForm } from '../src/llm/servedModel.js';
import { type Band, type ElsewhereRatios, FRAMEWORKS, type Framework, SERVED_MAKERS } from '../src/llm/servingConstants.js';
import { markdownTable, percent } from './markdown.js';
import { band, newAcceleratorBand, newModelBand, wider } from './servedBands.js';
import { benchRows, passRows, powerRows, requestRows, siliconRows, ttftRows } from './servedRows.js';

const { values: flags, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const data = positionals[0];
if (!data) throw new Error('usage: npx tsx scripts/fitServing.ts DATA [--write]');

type Numbers = Record<string, number>;
/** Own prompt, some steps of the others, and prompts of those that came at the same time. */
const QUEUE: ServingForm = {
  start: { prompt: 1, step: 2, share: 0.05 },
  value: ({ phases: [prompt, step], batch }, c) => c.prompt * prompt.time + c.step * step.time + c.share * batch * prompt.time,
};
const KERNELS: Numbers = { kernels: 1, step: 0, layer: 0, request: 0 };

/** Models of one device stand in place of accelerators, too; those are of a served maker. */
const makerOf = ({ accelerator }: ServedRow): string => /^(AMD|Intel)\b/.exec(accelerator)?.[1] ?? 'NVIDIA';
const isOfServedMaker = (row: ServedRow): boolean => SERVED_MAKERS.includes(makerOf(row));

const errorOf = (rows: readonly ServedRow[], of: (row: ServedRow) => number) =>
  median(rows.map((r) => Math.abs(of(r) / r.measured - 1)));
/** Measured over predicted, by accelerator. */
const ratiosOf = (all: Fitted['without']): number[][] =>
  [...byAccelerator(all.map((a) => a.row)).keys()].map((name) =>
    all.flatMap(({ row, predicted }) => (row.accelerator === name ? [row.measured / predicted] : [])),
  );

interface Fitted {
  constants: Numbers;
  band: Band;
  /** as `ServingConstants.spread` */
  spread: number;
  /** rows of each accelerator with what constants fitted without it say */
  without: { row: ServedRow; predicted: number }[];
}

/** Median absolute deviation of log ratios from their median on each accelerator, as a standard deviation. */
function spreadOf(all: Fitted['without']): number {
  const groups = [...byAccelerator(all.map((a) => a.row)).keys()].map((name) => all.filter((a) => a.row.accelerator === name));
  const deviations = groups.flatMap((own) => {
    const logs = own.map((a) => Math.log(a.row.measured / a.predicted)),
      middle = median(logs);
    return logs.map((v) => Math.abs(v - middle));
  });
  return MEDIAN_TO_DEVIATION * median(deviations);
}

/** How a framework's interval is found from rows that constants were not fitted to, its own and those of all frameworks. */
type BandRule = (own: Fitted['without'], all: readonly Fitted['without'][]) => Band;
const byAcceleratorOnly: BandRule = (own) => newAcceleratorBand(ratiosOf(own));
/** By accelerator, and by model on it: servers were measured with a few models each. */
const byModelToo: BandRule = (own, all) => wider(byAcceleratorOnly(own, all), newModelBand(cellsOf(own), all.map(cellsOf)));

/** Measured over predicted, by model and accelerator. */
function cellsOf(rows: Fitted['without']): number[][] {
  const cells = new Map<string, number[]>();
  for (const { row, predicted } of rows) kept(cells, `${row.accelerator} ${row.model}`, () => []).push(row.measured / predicted);
  return [...cells.values()];
}

/** Share of an accelerator's rows inside the 90 % interval that the other accelerators' left-out rows give; `-` where there is no other. */
function coverage(own: Fitted['without'], all: readonly Fitted['without'][], accelerator: string, rule: BandRule): string {
  const others = (rows: Fitted['without']) => rows.filter((a) => a.row.accelerator !== accelerator && isOfServedMaker(a.row));
  if (!others(own).length) return '-';
  const [low, high] = rule(others(own), all.map(others)),
    ratios = own.flatMap(({ row, predicted }) => (row.accelerator === accelerator ? [row.measured / predicted] : []));
  return percent(ratios.filter((r) => r >= Math.min(1, low) && r <= Math.max(1, high)).length / ratios.length, 0);
}

/** One accelerator left out: the cells of its line, and its rows with what the constants of the others say. */
function withoutOne(own: readonly ServedRow[], rows: readonly ServedRow[], form: ServingForm, accelerator: string) {
  const served = own.filter(isOfServedMaker),
    left = own.filter((r) => r.accelerator === accelerator),
    // a framework that ran on one accelerator only is fitted to the others' frameworks
    others = served.filter((r) => r.accelerator !== accelerator),
    elsewhere = rows.filter((r) => isOfServedMaker(r) && r.accelerator !== accelerator);
  const without = fitServing(others.length ? others : elsewhere, form);
  const own90 = band(left.map((r) => r.measured / form.value(r, without)));
  const kernels = form === PASSES ? percent(errorOf(left, (r) => form.value(r, KERNELS))) : '-';
  const with_ = fitServing(isOfServedMaker(left[0]) ? served : [...served, ...left], form),
    [leftOut, known] = [without, with_].map((c) => percent(errorOf(left, (r) => form.value(r, c))));
  return {
    cells: [accelerator, String(left.length), kernels, leftOut, known, own90.join(' to ')],
    without: left.map((row) => ({ row, predicted: form.value(row, without) })),
  };
}

/** Prints the error of each accelerator and framework; @returns constants fitted to all, and the band of those that were left out. */
function leaveOut(
  title: string,
  rows: readonly ServedRow[],
  form: ServingForm,
  rule: BandRule = byAcceleratorOnly,
): Map<Framework, Fitted> {
  const runs = FRAMEWORKS.flatMap((framework) => {
    const own = rows.filter((r) => r.framework === framework);
    if (!own.length) return [];
    const lines = [...byAccelerator(own).keys()].map((accelerator) => ({
      accelerator,
      ...withoutOne(own, rows, form, accelerator),
    }));
    const constants = fitServing(own.filter(isOfServedMaker), form);
    return [{ framework, lines, constants, without: lines.flatMap((l) => l.without) }];
  });
  const all = runs.map((r) => r.without),
    ofMakers = all.map((own) => own.filter((a) => isOfServedMaker(a.row)));
  const table = runs.flatMap(({ framework, lines, without }) =>
    lines.map(({ accelerator, cells }) => [framework, ...cells, coverage(without, all, accelerator, rule)]),
  );
  const head = [
    'framework',
    'accelerator',
    'rows',
    'kernels alone',
    'fitted without it',
    'with it',
    'measured over predicted, 90 %',
    'in the interval of the others',
  ];
  process.stdout.write(`${title}: median error\n\n${markdownTable(head, table)}\n\n`);
  return new Map(
    runs.map(({ framework, constants, without }, i) => [
      framework,
      { constants, band: rule(ofMakers[i], ofMakers), spread: spreadOf(without), without },
    ]),
  );
}

/** Prints the errors of values that nothing was fitted to. */
function tested(
  title: string,
  rows: readonly ServedRow[],
  of: (row: ServedRow) => number,
): (keep: (r: ServedRow) => boolean) => Band {
  const lines = [...byAccelerator(rows)].map(([accelerator, own]) => {
    const own90 = band(own.map((r) => r.measured / of(r)));
    return [accelerator, String(own.length), percent(errorOf(own, of)), own90.join(' to ')];
  });
  process.stdout.write(
    `${title}: median error\n\n${markdownTable(['accelerator', 'rows', 'error', 'measured over predicted, 90 %'], lines)}\n\n`,
  );
  return (keep) => newAcceleratorBand(ratiosOf(rows.filter(keep).map((row) => ({ row, predicted: of(row) }))));
}

const silicon = siliconRows(data);
const requests = leaveOut('LLM-Inference-Bench, whole requests, nothing measured on the accelerator', benchRows(data), PASSES);
const tokens = leaveOut('aiconfigurator silicon rows, time between tokens in steady state', silicon.tpot, PASSES, byModelToo);
const queues = leaveOut('aiconfigurator silicon rows, time to the first token in steady state', silicon.ttft, QUEUE);
const first = tested('LLM-Inference-Bench, time to the first token, by the constants of whole requests', ttftRows(data), (r) =>
  PASSES.value(r, requests.get(r.framework)!.constants),
);
const passes = passRows(data);
const eager = leaveOut(
  'Passes of transformers on an H100 (datasets/llm-passes), by model in place of the accelerator',
  [...passes.prompts, ...passes.tokens],
  PASSES,
);
/** Measured over predicted of some of these passes by constants fitted without their model. */
const eagerBand = (rows: readonly ServedRow[]): Band =>
  newAcceleratorBand(ratiosOf(eager.get('transformers')!.without.filter(({ row }) => rows.includes(row))));
tested('LLMServingSim, requests of vLLM 0.19, time between tokens, nothing of them fitted', requestRows(data), (r) =>
  PASSES.value(r, tokens.get(r.framework)!.constants),
);
tested('Passes of transformers on an H100, power', passes.power, (r) => r.phases[0].time);
const energy = tested('LLM-Inference-Bench, power of a device', powerRows(data), (r) => r.phases[0].time)(() => true);

/** Measured over predicted of requests on devices of each other maker. */
function elsewhereRatios(): Record<string, ElsewhereRatios> {
  const left = [...requests.values()].flatMap((f) => f.without).filter(({ row }) => !isOfServedMaker(row)),
    makers = [...new Set(left.map(({ row }) => makerOf(row)))];
  return Object.fromEntries(
    makers.map((maker) => {
      const own = left.filter(({ row }) => makerOf(row) === maker),
        bandOf = (keep: (row: ServedRow) => boolean): Band =>
          band(own.flatMap(({ row, predicted }) => (keep(row) ? [row.measured / predicted] : []))),
        frameworks = [...new Set(own.map(({ row }) => row.framework))];
      return [
        maker,
        { any: bandOf(() => true), ...Object.fromEntries(frameworks.map((f) => [f, bandOf((row) => row.framework === f)])) },
      ];
    }),
  );
}

/** Runs that are taken as the one that was measured, of each accelerator. */
const RUNS = 40;

/** One run of one model corrects all other models on its accelerator: errors before and after. */
function oneRun(title: string, fitted: ReadonlyMap<Framework, Fitted>): void {
  const table: string[][] = [];
  for (const [
    framework,
    {
      without,
      band: [low, high],
      spread,
    },
  ] of fitted)
    for (const name of byAccelerator(without.map((a) => a.row)).keys()) {
      const own = without.filter((a) => a.row.accelerator === name),
        models = new Set(own.map((a) => a.row.model));
      if (models.size < 2) continue;
      const runs = createRandom('one run')
        .shuffle([...own])
        .slice(0, RUNS);
      const width = isOfServedMaker(own[0].row) ? { low, high } : { low: null, high: null };
      const errors = runs.map(({ row, predicted }) => {
        const { factor } = phaseFactor([Math.log(row.measured / predicted)], width, spread);
        const others = own.filter((a) => a.row.model !== row.model);
        return median(others.map((a) => Math.abs((factor * a.predicted) / a.row.measured - 1)));
      });
      const before = median(own.map((a) => Math.abs(a.predicted / a.row.measured - 1)));
      table.push([framework, name, String(own.length), String(models.size), percent(before), percent(median(errors))]);
    }
  const head = ['framework', 'accelerator', 'rows', 'models', 'without a run', 'one run of another model'];
  process.stdout.write(`${title}: median error\n\n${markdownTable(head, table)}\n\n`);
}
oneRun('LLM-Inference-Bench, whole requests', requests);
oneRun('aiconfigurator silicon rows, time between tokens', tokens);

if (flags.write) {
  const known = FRAMEWORKS.map((framework) => {
    const own = requests.get(framework) ?? tokens.get(framework) ?? eager.get(framework)!,
      queue = queues.get(framework);
    const [ttftBand, tpotBand] =
      framework === 'transformers' ? [eagerBand(passes.prompts), eagerBand(passes.tokens)] : [first(isOfServedMaker), own.band];
    const bands = { ttftBand, tpotBand, requestBand: own.band, energyBand: energy };
    return [
      framework,
      { ...own.constants, spread: own.spread, ...(queue ? { queue: { ...queue.constants, band: queue.band } } : {}), ...bands },
    ];
  });
  const text = (value: unknown) => JSON.stringify(value, (_, x) => (typeof x === 'number' ? Number(x.toPrecision(4)) : x), 2);
  writeFileAtomic(
    'src/llm/fittedServing.ts',
    `// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: fitted numbers
// Written by \`npx tsx scripts/fitServing.ts DATA --write\` from LLM-Inference-Bench (Argonne, 4211f5d), aiconfigurator's silicon rows (095f58a) and datasets/llm-passes.
import type { ElsewhereRatios, Framework, ServingConstants } from './servingConstants.js';

/** Fitted to devices of \`SERVED_MAKERS\`. */
export const SERVING: Readonly<Record<Framework, ServingConstants>> = ${text(Object.fromEntries(known))};

/** On devices of other makers: measured over predicted by the constants above, by maker. */
export const ELSEWHERE: Readonly<Record<string, ElsewhereRatios>> = ${text(elsewhereRatios())};
`,
  );
}
