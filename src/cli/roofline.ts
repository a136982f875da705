import { type Command, Option } from 'commander';
import { HYPOTHESES, type Hypothesis, roofline } from '../analytical/roofline.js';
import { patchInference } from '../analytical/rules/patchInference.js';
import { HwcastError } from '../core/errors.js';
import { deviceNamed } from '../device/deviceNamed.js';
import { hardwareOfDevice } from '../device/hardwareOfDevice.js';
import type { Dtype, OpGraph } from '../graph/opGraph.js';
import { withDtype } from '../graph/withDtype.js';
import { workloadGraph } from '../graph/workload.js';
import { rooflineCsv, rooflineJson, rooflineTables } from '../present/rooflineView.js';
import { collected, modelOptions, SHAPE_HELP } from './modelOptions.js';
import { dtypeOption, whole } from './options.js';
import { note } from './progress.js';
import { givenWorkloads, inputBatches, type PlacedWorkload, placedError } from './workloadInput.js';

interface Options {
  device: string;
  input?: string;
  dtype?: string;
  batch?: string;
  shape?: string[];
  hypothesis: Hypothesis | 'both';
  patches?: string;
  json?: boolean;
  csv?: boolean;
  explain?: boolean;
}

/** `hwcast roofline WORKLOAD... --device NAME`: the analytical latency, energy bound and memory, eager and compiled. */
export function registerRoofline(program: Command): void {
  program
    .command('roofline')
    .description('analytical latency, energy bound and peak memory of workloads on a device of the catalogue')
    .argument(
      '[workloads...]',
      'space:code, one operator (op:linear/fp32/1x768/outFeatures=10), or the path of a model file (ONNX, .pt2, ..)',
    )
    .option('--input <file>', 'workloads or paths of model files in CSV, JSONL or one a line; - reads standard input')
    .requiredOption('--device <name>', 'a device of the catalogue (hwcast devices), or a dataset id such as titan_rtx_256')
    .option('--dtype <type>', 'element type of all floating-point tensors; fp32, or what a graph file says')
    .option('--batch <n>', 'images per batch of networks of a space; 1 unless the device id says otherwise')
    .option('--shape <name=sizes>', SHAPE_HELP, collected)
    .addOption(new Option('--hypothesis <h>', 'how it runs').choices([...HYPOTHESES, 'both']).default('both'))
    .option('--patches <n>', 'also run the first layers in n x n parts (MCUNetV2): what memory that saves, what it costs')
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('--explain', 'show every operator')
    .action(async (texts: string[], options: Options) => {
      const hardware = hardwareOfDevice(options.device) ?? { spec: deviceNamed(options.device) };
      const dtype = options.dtype === undefined ? (hardware.dtype as Dtype | undefined) : dtypeOption(options.dtype);
      const batch = options.batch === undefined ? hardware.batch : whole('--batch', options.batch, 1);
      const patches = options.patches === undefined ? undefined : whole('--patches', options.patches, 1);
      const hypotheses = options.hypothesis === 'both' ? HYPOTHESES : [options.hypothesis];
      if (!texts.length && options.input === undefined)
        throw new HwcastError('usage', 'no workload given', { hint: 'name workloads, or --input FILE' });
      const sizes = modelOptions(options);
      const read = await givenWorkloads(texts, sizes);
      if (options.input !== undefined) for await (const batch of inputBatches(options.input, sizes)) read.push(...batch);
      const results = read.flatMap((placed) => {
        const graph = graphOf(placed, batch, options.batch !== undefined);
        const parts = patches === undefined ? {} : { patches: patchInference(dtype ? withDtype(graph, dtype) : graph, patches) };
        return hypotheses.map((hypothesis) => ({
          workload: placed.workload.id,
          result: roofline(graph, hardware.spec, { hypothesis, dtype }),
          ...parts,
        }));
      });
      for (const warning of new Set(results.flatMap(({ workload, result }) => result.warnings.map((w) => `${workload}: ${w}`))))
        note(`warning: ${warning}`);
      const print = options.json ? rooflineJson : options.csv ? rooflineCsv : rooflineTables;
      process.stdout.write(`${print(results, hardware.spec, Boolean(options.explain))}\n`);
    });
}

/** @throws HwcastError naming the place of the workload: `usage` where a batch is asked of a graph with shapes of its own, `bad-input` without graph */
function graphOf({ workload, format = 'hwcast', where }: PlacedWorkload, batch: number | undefined, isAsked: boolean): OpGraph {
  try {
    if (workload.graph && format === 'hwcast' && isAsked)
      throw new HwcastError('usage', `--batch cannot change the shapes of the graph '${workload.id}'`, {
        hint: 'leave --batch out, or write the graph with that batch',
      });
    return workloadGraph(workload, { batch });
  } catch (error) {
    throw error instanceof HwcastError ? placedError(error, where) : error;
  }
}
