import { type Command, Option } from 'commander';
import { closeNames, HwcastError } from '../core/errors.js';
import { type Dataset, taskId } from '../dataset/dataset.js';
import { importPublic, PUBLIC_FORMATS, type PublicFormat } from '../dataset/import/importPublic.js';
import { isShard } from '../dataset/ingest/shardFolder.js';
import { inspectDataset } from '../dataset/inspect.js';
import { mergeDatasets } from '../dataset/merge.js';
import { queryDatasets } from '../dataset/queryDatasets.js';
import { readDataset, writeDataset } from '../dataset/store.js';
import { SPACES } from '../graph/spaces/index.js';
import { queryCsv, queryJson, queryTable } from '../present/queryView.js';
import { renderInspection } from '../present/renderInspection.js';
import { folderName, readText } from './options.js';

const progress = (message: string) => process.stderr.write(`${message}\n`);
const written = (dataset: Dataset, folder: string) =>
  progress(
    `${folder}: ${dataset.workloads.length} workloads, ${dataset.tasks.length} tasks, ${dataset.tasks.reduce((n, t) => n + t.rows.length, 0)} measurements`,
  );

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new HwcastError('usage', `'${text}' is no whole number`);
  return value;
}

/** `hwcast dataset import|inspect|merge|query`. */
export function registerDataset(program: Command): void {
  const dataset = program.command('dataset').description('import, inspect, merge and query datasets');

  dataset
    .command('import')
    .description(
      'measurements that others published: HELP, HW-NAS-Bench, neutral CSV tables; real models of timm, ncnn, AI Hub, Vitis AI, LLM-Inference-Bench',
    )
    .argument('<source>', 'file or folder')
    .requiredOption('--out <dataset>', 'folder to write')
    .addOption(
      new Option('--from <format>', 'format of the source (found by its files unless told)').choices([...PUBLIC_FORMATS]),
    )
    .addOption(new Option('--space <space>', 'search space, where the source holds several').choices(Object.keys(SPACES)))
    .option('--name <name>', 'name of the dataset')
    .option('--networks <n>', "HW-NAS-Bench's FBNet tables: how many networks to draw", wholeNumber, 5000)
    .option('--seed <n>', "HW-NAS-Bench's FBNet tables: seed of the draw", wholeNumber, 0)
    .action(
      async (
        source: string,
        options: { out: string; from?: PublicFormat; space?: string; name?: string; networks: number; seed: number },
      ) => {
        const imported = await importPublic(source, { ...options, report: progress });
        await writeDataset(options.out, imported);
        written(imported, options.out);
      },
    );

  dataset
    .command('inspect')
    .description('devices, counts, ranges, missing values, ties, spread, noise')
    .argument('<dataset>', 'dataset folder')
    .option('--task <task>', 'only this task, device or target')
    .option('--json', 'JSON instead of a table')
    .action(async (folder: string, options: { task?: string; json?: boolean }) => {
      const read = await readDataset(folder),
        summary = inspectDataset(read, options.task);
      if (options.task && !summary.tasks.length) {
        const known = [...new Set(read.tasks.flatMap((t) => [taskId(t), t.device, t.target]))];
        const close = closeNames(options.task, known, 5);
        throw new HwcastError('not-found', `no task, device or target '${options.task}' in '${folder}'`, {
          hint: close.length ? `did you mean ${close.join(', ')}` : `known: ${known.join(', ')}`,
        });
      }
      process.stdout.write(`${options.json ? JSON.stringify(summary, null, 2) : renderInspection(summary)}\n`);
    });

  dataset
    .command('merge')
    .description('unite datasets, or the parts that `hwcast ingest --shard` made; two values of one measurement are refused')
    .argument('<datasets...>', 'dataset folders')
    .requiredOption('--out <dataset>', 'folder to write')
    .option('--name <name>', 'name of the merged dataset')
    .action(async (folders: string[], options: { out: string; name?: string }) => {
      const shards = folders.filter(isShard);
      if (shards.length) {
        if (shards.length < folders.length)
          throw new HwcastError('usage', 'parts of an ingest and datasets are not united at once', {
            where: folders.find((f) => !shards.includes(f)),
            hint: 'merge the parts first',
          });
        await mergeParts(folders, options.out, options.name);
        return;
      }
      const parts: Dataset[] = [];
      for (const folder of folders) parts.push(await readDataset(folder));
      const merged = mergeDatasets(parts, options.name);
      await writeDataset(options.out, merged);
      written(merged, options.out);
    });

  registerQuery(dataset);
}

/** Loaded for parts only: they bring the readers of all formats. */
async function mergeParts(folders: readonly string[], out: string, name = folderName(out)): Promise<void> {
  const [{ mergeShards }, { renderIngestReport }] = await Promise.all([
    import('../dataset/ingest/ingestShard.js'),
    import('../dataset/ingest/ingestReport.js'),
  ]);
  const { dataset, report } = mergeShards(folders, name);
  await writeDataset(out, dataset);
  progress(renderIngestReport(report));
  written(dataset, out);
}

function registerQuery(dataset: Command): void {
  dataset
    .command('query')
    .description('a query in SQL over the tables measurements and workloads of datasets (needs the package @duckdb/node-api)')
    .argument(
      '<sql>',
      'e.g. "select device, count(*), median(value) from measurements group by device"; - reads it from standard input',
    )
    .argument('[datasets...]', 'dataset folders')
    .option('--dataset <folder...>', 'dataset folders, as another way to name them')
    .addOption(new Option('--json', 'print an array of objects').conflicts('csv'))
    .option('--csv', 'print CSV')
    .action(async (sql: string, folders: string[], options: { dataset?: string[]; json?: boolean; csv?: boolean }) => {
      const text = sql === '-' ? readText('-', 'query').text : sql,
        result = await queryDatasets(text, [...folders, ...(options.dataset ?? [])]),
        print = options.json ? queryJson : options.csv ? queryCsv : queryTable;
      process.stdout.write(`${print(result)}\n`);
    });
}
