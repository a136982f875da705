import { type Command, Option } from 'commander';
import { graphSummary } from '../analytical/graphSummary.js';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { readModelFile } from '../graph/readers/readModelFile.js';
import { graphsCsv, graphsJson, graphsText } from '../present/graphView.js';
import { collected, modelOptions, SHAPE_HELP } from './modelOptions.js';
import { note } from './progress.js';

interface Options {
  batch?: string;
  shape?: string[];
  format?: string;
  json?: boolean;
  csv?: boolean;
  out?: string;
}

/** `hwcast graph FILE...`: operators of model files with their costs, whatever the format. */
export function registerGraph(program: Command): void {
  program
    .command('graph')
    .description('operators, MACs, parameters and memory of model files; formats are found by content')
    .argument('<files...>', 'model files, gzipped or not; - reads standard input')
    .option('--batch <count>', 'inputs at a time, where the file leaves it open; 1 unless told')
    .option('--shape <name=sizes>', SHAPE_HELP, collected)
    .option('--format <name>', 'reader of the files; by their content unless told')
    .addOption(new Option('--json', 'print a JSON array').conflicts('csv'))
    .option('--csv', 'print one row for each kind of operator')
    .option('--out <file>', 'write the operator graph as JSON, which every command takes')
    .addHelpText(
      'after',
      `
Examples:
  hwcast graph resnet50.onnx
  hwcast graph bert.onnx --batch 8 --shape sequence=128 --json`,
    )
    .action(graphCommand);
}

async function graphCommand(files: string[], options: Options): Promise<void> {
  const read = { ...modelOptions(options), ...(options.format === undefined ? {} : { format: options.format }) };
  const models = [];
  for (const file of files) models.push(...(await readModelFile(file, read)));
  if (options.out !== undefined) {
    if (models.length !== 1)
      throw new HwcastError('usage', `--out takes one model, there are ${models.length}`, { hint: 'write them one by one' });
    writeFileAtomic(options.out, `${JSON.stringify(models[0].graph)}\n`);
    note(`the graph is in ${options.out}`);
  }
  const summarised = models.map(({ name, format, graph }) => ({ name, format, summary: graphSummary(graph) }));
  const print = options.json ? graphsJson : options.csv ? graphsCsv : graphsText;
  process.stdout.write(`${print(summarised).trimEnd()}\n`);
  for (const { name, warnings } of models) for (const warning of warnings) note(`warning: ${name}: ${warning}`);
}
