import { type Command, Option } from 'commander';
import { HYPOTHESES, type Hypothesis, roofline } from '../analytical/roofline.js';
import { HwcastError } from '../core/errors.js';
import { deviceNamed } from '../device/deviceNamed.js';
import { hardwareOfDevice } from '../device/hardwareOfDevice.js';
import { DTYPE_BYTES, type Dtype } from '../graph/opGraph.js';
import { workloadGraph } from '../graph/workload.js';
import { workloadsOf } from '../graph/workloadsOf.js';
import { rooflineCsv, rooflineJson, rooflineTables } from '../present/rooflineView.js';
import { collected, modelOptions, SHAPE_HELP } from './modelOptions.js';
import { whole } from './options.js';
import { note } from './progress.js';

interface Options {
  device: string;
  dtype?: string;
  batch?: string;
  shape?: string[];
  hypothesis: Hypothesis | 'both';
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
      '<workload...>',
      'space:code, one operator (op:linear/fp32/1x768/outFeatures=10), or the path of a model file (ONNX, .pt2, ..)',
    )
    .requiredOption('--device <name>', 'a device of the catalogue (hwcast devices), or a dataset id such as titan_rtx_256')
    .option('--dtype <type>', 'element type of all floating-point tensors; fp32, or what a graph file says')
    .option('--batch <n>', 'images per batch of networks of a space; 1 unless the device id says otherwise')
    .option('--shape <name=sizes>', SHAPE_HELP, collected)
    .addOption(new Option('--hypothesis <h>', 'how it runs').choices([...HYPOTHESES, 'both']).default('both'))
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .option('--csv', 'print CSV')
    .option('--explain', 'show every operator')
    .action(async (texts: string[], options: Options) => {
      const hardware = hardwareOfDevice(options.device) ?? { spec: deviceNamed(options.device) };
      const dtype = options.dtype === undefined ? (hardware.dtype as Dtype | undefined) : checkDtype(options.dtype);
      const batch = options.batch === undefined ? hardware.batch : whole('--batch', options.batch, 1);
      const hypotheses = options.hypothesis === 'both' ? HYPOTHESES : [options.hypothesis];
      const read = await workloadsOf(texts, modelOptions(options));
      for (const warning of read.flatMap((r) => r.warnings)) note(`warning: ${warning}`);
      const results = read.flatMap(({ workload, format = 'hwcast' }) => {
        if (workload.graph && format === 'hwcast' && options.batch !== undefined)
          throw new HwcastError('usage', `--batch cannot change the shapes of the graph '${workload.id}'`, {
            hint: 'leave --batch out, or write the graph with that batch',
          });
        const graph = workloadGraph(workload, { batch });
        return hypotheses.map((hypothesis) => ({
          workload: workload.id,
          result: roofline(graph, hardware.spec, { hypothesis, dtype }),
        }));
      });
      for (const warning of new Set(results.flatMap(({ workload, result }) => result.warnings.map((w) => `${workload}: ${w}`))))
        note(`warning: ${warning}`);
      const print = options.json ? rooflineJson : options.csv ? rooflineCsv : rooflineTables;
      process.stdout.write(`${print(results, hardware.spec, Boolean(options.explain))}\n`);
    });
}

function checkDtype(text: string): Dtype {
  if (!Object.hasOwn(DTYPE_BYTES, text))
    throw new HwcastError('usage', `no element type '${text}'`, { hint: `one of ${Object.keys(DTYPE_BYTES).join(', ')}` });
  return text as Dtype;
}
