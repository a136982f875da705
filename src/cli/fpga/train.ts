import { type Command, Option } from 'commander';
import { HwcastError } from '../../core/errors.js';
import { ofModelsLeftOut, residualGroup, residualRows } from '../../evaluate/protocols/fpgaResidual.js';
import { runGroup } from '../../evaluate/run.js';
import { readFpgaSources } from '../../fpga/data/fpgaSources.js';
import { readMoreFpgaRows } from '../../fpga/data/moreFpgaRows.js';
import { FpgaModel } from '../../fpga/residual/fpgaModel.js';
import { saveFpgaModel } from '../../fpga/residual/fpgaModelFolder.js';
import { trainResidual } from '../../fpga/residual/trainResidual.js';
import { RESIDUAL_GRID } from '../../fpga/residual/tuneResidual.js';
import { initBackend } from '../../tensor/backend.js';
import { commaList, whole } from '../options.js';
import { note, progress } from '../progress.js';
import { trainFamilies } from './trainFamilies.js';

interface Options {
  families?: boolean;
  dataset?: string;
  data?: string;
  sources?: string;
  encoder: 'mlp' | 'gnn';
  seed: string;
  folds?: string;
  out: string;
}

/** Licences of the sources, as their collection states them. */
const LICENCES: Record<string, string> = { wa_hls4ml_dense1: 'Apache-2.0' };

/**
 * `hwcast fpga train --data FOLDER --sources wa_hls4ml_dense1 --out FOLDER`: the learned residual of the analytical core;
 * `hwcast fpga train --families --dataset FOLDER --out FOLDER`: the model of FPGA families.
 */
export function registerFpgaTrain(fpga: Command): void {
  fpga
    .command('train')
    .description('train the learned residual, or the model of FPGA families, on synthesised designs; writes a model folder')
    .option('--data <folder>', 'residual: wa_hls4ml_*.csv.gz, hls4ml_projects.jsonl.gz, hls4ml_modules.jsonl.gz')
    .addOption(new Option('--families', 'the model of FPGA families, from --dataset').conflicts(['data', 'sources']))
    .option('--dataset <folder>', 'families: designs.jsonl.gz and results.csv.gz, such as datasets/yosys-fpga')
    .option('--sources <names>', 'only these sources, separated by commas')
    .addOption(new Option('--encoder <name>', 'network of the residual').choices(['mlp', 'gnn']).default('mlp'))
    .option(
      '--folds <n>',
      'models, or with --families designs, are left out in that many folds for the scores on the card; 0 for none (5; families 2)',
    )
    .option('--seed <n>', 'of everything random', '1')
    .requiredOption('--out <folder>', 'folder for the model')
    .action(async (o: Options) => {
      if (o.families) {
        await trainFamilies(o);
        return;
      }
      if (o.data === undefined)
        throw new HwcastError('usage', 'train on what?', {
          hint: '--data FOLDER for the residual of the rules, or --families --dataset FOLDER for FPGA families',
        });
      if (o.dataset !== undefined) throw new HwcastError('usage', '--dataset belongs to --families; the residual takes --data');
      await trainOnSources(o, o.data);
    });
}

/** Trains the residual on the wanted sources of a folder, scores it on models left out, and writes its folder. */
async function trainOnSources(o: Options, data: string): Promise<void> {
  await initBackend(process.env.HWCAST_BACKEND);
  const wanted = o.sources === undefined ? undefined : commaList(o.sources);
  const all = readFpgaSources(data, {
    onIssue: ({ source, id, error }) => note(`left out: '${id}' of ${source}: ${error.describe()}`),
  });
  const names = [...new Set(all.map((r) => r.source))];
  for (const w of wanted ?? [])
    if (!names.includes(w))
      throw new HwcastError('not-found', `no source '${w}' in '${data}'`, { hint: `it has ${names.join(', ')}` });
  const source = wanted ? all.filter((r) => wanted.includes(r.source)) : all;
  const { rows, unknownReuse, unknownKernel } = residualRows(source);
  note(`${rows.length} designs; ${unknownReuse} without recorded reuse factor and ${unknownKernel} without kernel left out`);
  if (!rows.length) throw new HwcastError('bad-input', 'no labelled design to train on', { where: data });
  const seed = whole('--seed', o.seed),
    folds = whole('--folds', o.folds ?? '5');
  // kinds that the wanted sources lack get their intervals from how far the rules were off on the others
  const others = residualRows([...all.filter((r) => !source.includes(r)), ...readMoreFpgaRows(data)]).rows;
  const bar = progress('training');
  const residual = await trainResidual(rows, {
    encoder: o.encoder,
    seed,
    intervalRows: others,
    onProgress: (p) =>
      bar.update((p.member - 1) * p.epochs + p.epoch, p.members * p.epochs, `network ${p.member} of ${p.members}`),
  });
  bar.stop();
  const command = `hwcast fpga train${o.sources ? ` --sources ${o.sources}` : ''} --encoder ${o.encoder} --seed ${seed} --folds ${folds}`;
  const scored =
    folds < 2
      ? []
      : await runGroup(
          residualGroup(source, {
            methods: [o.encoder],
            folds,
            seeds: [seed],
            leaveOut: [],
            grid: RESIDUAL_GRID.slice(0, 1),
            onProgress: (done, total, what) => note(`scores ${done + 1} of ${total}: ${what}`),
          }),
          { command, measuredAt: '' },
        );
  saveFpgaModel(o.out, new FpgaModel(residual), {
    sources: [...new Set(rows.map((r) => r.source))].map((name) => ({
      name,
      licence: LICENCES[name] ?? 'none stated',
      designs: rows.filter((r) => r.source === name).length,
    })),
    scores: scored.filter(ofModelsLeftOut).map(({ space, device, target, n, smape, within10, coverage90 }) => ({
      source: space,
      stage: device,
      target,
      n: n!,
      smape: smape!,
      within10: within10!,
      coverage90,
    })),
    command,
  });
  note(`written to ${o.out}`);
}
