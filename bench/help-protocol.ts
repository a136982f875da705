/**
 * HELP's own protocol on its own data: meta-train on its 9 devices, choose the episode on its 4, report Spearman on the test devices from 10
 * reference networks and 10 random support networks (20 measurements). Both pools drop the fastest and slowest 10 % of each device.
 *
 *     npx tsx bench/help-protocol.ts [--space nasbench201|fbnet|ofa] [--episodes N] [--seed N] [--draws N] [--steps N,N] [--data ../shared/data]
 *         [--save FILE] [--load FILE]      keep the trained model, evaluate a kept one
 *
 * Prints a table on stdout, progress on stderr.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { createRandom } from '../src/core/random.js';
import { mean, spearman, standardDeviation } from '../src/core/statistics.js';
import { spaceNamed } from '../src/graph/spaces/index.js';
import type { Arch } from '../src/graph/spaces/space.js';
import { adaptHelp, predictHelp } from '../src/surrogate/help/adaptHelp.js';
import { loadHelp, saveHelp } from '../src/surrogate/help/helpModel.js';
import { trainHelp } from '../src/surrogate/help/trainHelp.js';
import type { MetaTask } from '../src/surrogate/metaTraining/metaTask.js';
import { initBackend } from '../src/tensor/backend.js';

const { values: flags } = parseArgs({
  options: {
    space: { type: 'string', default: 'nasbench201' },
    episodes: { type: 'string' },
    seed: { type: 'string', default: '0' },
    draws: { type: 'string', default: '10' },
    steps: { type: 'string' },
    save: { type: 'string' },
    load: { type: 'string' },
    data: { type: 'string', default: resolve(process.env.HWCAST_SHARED ?? '../shared', 'data') },
  },
});
/** README of HayeonLee/HELP, tables 2 and 3 */
const PUBLISHED: Record<string, Record<string, number>> = {
  nasbench201: { titan_rtx_256: 0.987, gold_6226: 0.989, pixel2: 0.802, raspi4: 0.89, eyeriss: 0.94, fpga: 0.985 },
  fbnet: { raspi4: 0.887, eyeriss: 0.943, fpga: 0.892 },
  ofa: {},
};

const space = spaceNamed(flags.space),
  table = (file: string): Record<string, string>[] =>
    parse(gunzipSync(readFileSync(join(flags.data, `${space.name}-latency`, file))), { columns: true });
const splits = JSON.parse(readFileSync(join(flags.data, 'nasbench201-latency/splits.json'), 'utf8')).help[space.name];
const archs: Arch[] = table('archs.csv.gz').map(readArch);
const latency = table('latency.csv.gz'),
  references: number[] = splits.hardware_embedding_arch_index;
const seconds = (device: string, rows: number[]) => Float64Array.from(rows, (i) => Number(latency[i][device]) / 1000);

function readArch(row: Record<string, string>): Arch {
  if (space.name === 'nasbench201') return space.parse(row.arch_str);
  const [first, ...rest] = Object.values(row).slice(1);
  if (space.name === 'fbnet') return [first, ...rest].map(Number);
  return space.parse([first, rest.slice(0, 5).join(''), rest.slice(5, 25).join(''), rest.slice(25, 45).join('')].join(','));
}

/** Rows [from, to) without the fastest and slowest 10 % of the device. */
function pool(device: string, [from, to]: [number, number]): number[] {
  const rows = Array.from({ length: to - from }, (_, i) => from + i),
    time = (i: number) => Number(latency[i][device]);
  return rows.sort((a, b) => time(a) - time(b)).slice(Math.floor(rows.length * 0.1), Math.floor(rows.length * 0.9));
}
function task(device: string): MetaTask {
  const rows = pool(device, splits.train_pool);
  return {
    id: device,
    space,
    archs: rows.map((i) => archs[i]),
    values: seconds(device, rows),
    references: seconds(device, references),
  };
}
const measured = (devices: string[]) => devices.filter((d) => d in latency[0]);

const backend = await initBackend(process.env.HWCAST_BACKEND),
  begin = performance.now();
const episodes = Number(flags.episodes ?? (space.name === 'fbnet' ? 4000 : 2000)),
  perEpisode: number[] = [];
const train = () =>
  trainHelp(measured(splits.meta_train).map(task), {
    references: references.map((i) => archs[i]),
    validation: measured(splits.meta_valid).map(task),
    episodes,
    seed: flags.seed,
    onProgress: ({ episode, loss, secondsPerEpisode, validationSpearman }) => {
      perEpisode.push(secondsPerEpisode);
      if (validationSpearman !== null)
        console.error(
          `episode ${episode}: loss ${loss.toFixed(5)}, validation Spearman ${validationSpearman.toFixed(4)}, ${mean(perEpisode.slice(-50)).toFixed(3)} s an episode`,
        );
    },
  });
const model = flags.load ? loadHelp(...(deserialize(readFileSync(flags.load)) as Parameters<typeof loadHelp>)) : await train();
if (flags.save) {
  const { config, arrays } = saveHelp(model);
  writeFileSync(flags.save, serialize([config, arrays]));
}
console.log(
  `${space.name}, ${backend.name}, seed ${flags.seed}: ${flags.load ?? `${episodes} episodes in ${((performance.now() - begin) / 1000).toFixed(0)} s`}, best episode ${model.episode} (validation ${model.validationSpearman?.toFixed(4)})`,
);
const steps = flags.steps ? flags.steps.split(',').map(Number) : [...new Set([model.innerSteps, model.adaptSteps])];
console.log(`steps of adaptation: ${model.innerSteps} in training, ${model.adaptSteps} on a new device`);
for (const device of measured(splits.meta_test)) for (const n of steps) report(device, n);

/** One line: rank correlation and error on the device's query pool over draws of the support. */
function report(device: string, steps: number): void {
  const support = pool(device, splits.train_pool),
    query = pool(device, splits.query_pool),
    truth = seconds(device, query);
  const scores = Array.from({ length: Number(flags.draws) }, (_, draw) => {
    const rows = createRandom(`support ${draw}`)
      .sample(support.length, 10)
      .map((i) => support[i]);
    const adapted = adaptHelp(model, {
      references: seconds(device, references),
      support: { archs: rows.map((i) => archs[i]), values: seconds(device, rows) },
      steps,
    });
    const predicted = predictHelp(
      adapted,
      query.map((i) => archs[i]),
    );
    return { rank: spearman(predicted, truth), error: mean(Array.from(predicted, (p, i) => Math.abs(p / truth[i] - 1))) };
  });
  const rank = scores.map((s) => s.rank),
    error = (100 * mean(scores.map((s) => s.error))).toFixed(1);
  const spread = `${mean(rank).toFixed(3)} +- ${standardDeviation(rank).toFixed(3)}, lowest ${Math.min(...rank).toFixed(3)}`;
  const published = PUBLISHED[space.name][device];
  console.log(
    `${device.padEnd(14)} ${steps} steps: Spearman ${spread} (published ${published ?? 'none'}), mean error ${error} %`,
  );
}
