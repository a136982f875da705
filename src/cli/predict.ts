import type { Command } from 'commander';
import { HwcastError } from '../core/errors.js';
import type { ReadModelOptions } from '../graph/readers/modelReader.js';
import { predictorFor } from '../networks/predict.js';
import { type PredictionFormat, predictionWriter } from '../present/predictionView.js';
import { collected, modelOptions, SHAPE_HELP } from './modelOptions.js';
import { noteUnused, type PredictorOptions, predictorOptions } from './predictorOptions.js';
import { printPredictions } from './printPredictions.js';
import { givenWorkloads, inputBatches, type PlacedWorkload } from './workloadInput.js';

interface Options extends PredictorOptions {
  input?: string;
  shape?: string[];
  csv?: boolean;
  json?: boolean;
  jsonl?: boolean;
  explain?: boolean;
}

export function registerPredict(program: Command): void {
  program
    .command('predict')
    .description('predict workloads on a device')
    .argument('[workloads...]', 'space:code, e.g. nasbench201:#4711, or the path of a model file (ONNX, .pt2, ..)')
    .option('--input <file>', 'workloads or paths of model files in CSV, JSONL or one a line, any number; - reads standard input')
    .option('--adapter <file>', 'an adapted device')
    .option('--model <folder>', 'trained model (with --device), or the model of the adapter where it has moved')
    .option('--device <id>', 'a device the model was trained on, or one of the catalogue (roofline, or operators learned on it)')
    .option(
      '--condition <key>',
      'how the device ran, where the model knows several ways; of a device without a model the kind of runtime, e.g. eager',
    )
    .option('--target <name>', 'latency unless told')
    .option('--batch <count>', 'images per batch of the roofline')
    .option('--shape <name=sizes>', SHAPE_HELP, collected)
    .option('--dtype <type>', 'element type of the roofline')
    .option('--csv', 'CSV: workload, value, low, high, provenance')
    .option('--json', 'one JSON array')
    .option('--jsonl', 'one JSON object a line')
    .option('--explain', 'also the roofline of each operator')
    .addHelpText(
      'after',
      `
Predictions are printed as the input is read. Where a row of it is wrong, those before it stand, and the error names its line.

Examples:
  hwcast predict nasbench201:#4711 --device RTX-3090
  hwcast predict --input networks.csv --adapter phone.json --csv`,
    )
    .action(predictCommand);
}

const formatOf = ({ json, jsonl, csv }: Options): PredictionFormat => (json ? 'json' : jsonl ? 'jsonl' : csv ? 'csv' : 'text');

/** The workloads of the arguments, then those of the file. */
async function* batches(
  given: PlacedWorkload[],
  input: string | undefined,
  sizes: ReadModelOptions,
): AsyncGenerator<PlacedWorkload[]> {
  if (given.length) yield given;
  if (input !== undefined) yield* inputBatches(input, sizes);
}

async function predictCommand(texts: string[], o: Options): Promise<void> {
  const sizes = modelOptions(o);
  const given = await givenWorkloads(texts, sizes);
  if (!given.length && !o.input) throw new HwcastError('usage', 'no workload given', { hint: 'name workloads, or --input FILE' });
  const options = predictorOptions(o);
  const { predictor, task } = await predictorFor(options);
  if (!o.explain) noteUnused(options, task.device, predictor.name === 'roofline');
  const format = formatOf(o);
  await printPredictions(batches(given, o.input, sizes), predictor, {
    task,
    writer: predictionWriter(format),
    explained: o.explain ? { batch: options.batch } : undefined,
    notes: format === 'text' || format === 'csv',
  });
}
