import { type Command, Option } from 'commander';
import { graphSummary } from '../analytical/graphSummary.js';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { deviceNamed } from '../device/deviceNamed.js';
import { hardwareOfDevice } from '../device/hardwareOfDevice.js';
import type { ReadModel } from '../graph/readers/modelReader.js';
import { readModelFile } from '../graph/readers/readModelFile.js';
import type { Dtype } from '../graph/tensorType.js';
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
  svg?: string;
  device?: string;
}

/** Its shares colour the picture where no device is named: a common card for inference. */
const DRAWN_DEVICE = 'T4';

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
    .option('--svg <file>', 'draw the operator graph, coloured by share of the roofline of a device')
    .option('--device <name>', `of the picture, one of the catalogue (hwcast devices); ${DRAWN_DEVICE} unless told`)
    .addHelpText(
      'after',
      `
Examples:
  hwcast graph resnet50.onnx
  hwcast graph bert.onnx --batch 8 --shape sequence=128 --json
  hwcast graph resnet50.onnx --svg resnet50.svg --device Jetson-Nano`,
    )
    .action(graphCommand);
}

async function graphCommand(files: string[], options: Options): Promise<void> {
  if (options.device !== undefined && options.svg === undefined)
    throw new HwcastError('usage', '--device is of the picture', { hint: 'add --svg FILE, or see hwcast roofline' });
  const read = { ...modelOptions(options), ...(options.format === undefined ? {} : { format: options.format }) };
  const models = [];
  for (const file of files) models.push(...(await readModelFile(file, read)));
  if (options.out !== undefined) {
    writeFileAtomic(options.out, `${JSON.stringify(onlyModel('--out', models).graph)}\n`);
    note(`the graph is in ${options.out}`);
  }
  if (options.svg !== undefined) await draw(options.svg, onlyModel('--svg', models), options.device);
  const summarised = models.map(({ name, format, graph }) => ({ name, format, summary: graphSummary(graph) }));
  const print = options.json ? graphsJson : options.csv ? graphsCsv : graphsText;
  process.stdout.write(`${print(summarised).trimEnd()}\n`);
  for (const { name, warnings } of models) for (const warning of warnings) note(`warning: ${name}: ${warning}`);
}

/** @throws HwcastError `usage` for more than one, or none */
function onlyModel(flag: string, models: readonly ReadModel[]): ReadModel {
  if (models.length === 1) return models[0];
  const names = models.slice(0, 4).map((m) => m.name);
  throw new HwcastError(
    'usage',
    `${flag} takes one model, there are ${models.length}: ${names.join(', ')}${models.length > 4 ? ', ..' : ''}`,
    {
      hint: 'write them one by one',
    },
  );
}

/** Writes the picture of a model. @throws HwcastError `not-found` for an unknown device, as `roofline` */
async function draw(path: string, { name, graph }: ReadModel, device: string | undefined): Promise<void> {
  const hardware = device === undefined ? undefined : hardwareOfDevice(device);
  // pictures are loaded where one is drawn
  const { graphPicture } = await import('../present/graphPicture/graphPicture.js');
  const { svg, warnings } = graphPicture(graph, {
    name,
    device: hardware?.spec ?? deviceNamed(device ?? DRAWN_DEVICE),
    dtype: hardware?.dtype as Dtype | undefined,
    ...(device === undefined ? { note: 'unless --device says otherwise' } : {}),
  });
  writeFileAtomic(path, svg);
  for (const warning of warnings) note(`warning: ${name}: ${warning}`);
  note(`the picture is in ${path}`);
}
