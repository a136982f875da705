import { type Command, Option } from 'commander';
import { DATAFLOWS, type Dataflow } from '../analytical/rules/systolic.js';
import type { ArrayDtype, SystolicChip } from '../analytical/rules/systolicCost.js';
import { systolicNetwork } from '../analytical/systolicNetwork.js';
import { HwcastError } from '../core/errors.js';
import { workloadGraph } from '../graph/workload.js';
import { systolicJson, systolicTables } from '../present/systolicView.js';
import { collected, modelOptions, SHAPE_HELP } from './modelOptions.js';
import { amount, whole } from './options.js';
import { givenWorkloads } from './workloadInput.js';

interface Options {
  array: string;
  dataflow: Dataflow | 'both';
  dtype: ArrayDtype;
  clock: string;
  buffer: string;
  bandwidth: string;
  batch?: string;
  shape?: string[];
  json?: boolean;
  explain?: boolean;
}

/** `hwcast systolic WORKLOAD... --array 32x32`: latency, energy and area on a systolic array that one describes. */
export function registerSystolic(program: Command): void {
  program
    .command('systolic')
    .description('cycles, latency, energy and area of workloads on a systolic array, outputs or weights in place')
    .argument('<workloads...>', 'space:code, one operator, or the path of a model file (ONNX, .pt2, ..)')
    .requiredOption('--array <rows x columns>', 'processing elements, e.g. 32x32')
    .addOption(new Option('--dataflow <what stays>', 'in the elements').choices([...DATAFLOWS, 'both']).default('both'))
    .addOption(new Option('--dtype <type>', 'what is multiplied').choices(['int8', 'fp16', 'bf16', 'fp32']).default('int8'))
    .option('--clock <MHz>', 'of the array', '700')
    .option('--buffer <KiB>', 'of each of the three buffers (inputs, weights, outputs)', '256')
    .option('--bandwidth <GB/s>', 'of the memory', '34')
    .option('--batch <n>', 'images per batch of networks of a space; 1 unless told')
    .option('--shape <name=sizes>', SHAPE_HELP, collected)
    .option('--json', 'print JSON')
    .option('--explain', 'show every operator')
    .action(async (texts: string[], options: Options) => {
      const chip = chipOf(options),
        dataflows = options.dataflow === 'both' ? DATAFLOWS : [options.dataflow],
        batch = options.batch === undefined ? undefined : whole('--batch', options.batch, 1);
      const results = (await givenWorkloads(texts, modelOptions(options))).flatMap(({ workload }) => {
        const graph = workloadGraph(workload, { batch });
        return dataflows.map((dataflow) => ({
          workload: workload.id,
          result: systolicNetwork(graph, dataflow, chip, options.dtype),
        }));
      });
      process.stdout.write(`${(options.json ? systolicJson : systolicTables)(results, chip, Boolean(options.explain))}\n`);
    });
}

/** @throws HwcastError `usage` */
function chipOf({ array, clock, buffer, bandwidth }: Options): SystolicChip {
  const [, rows, columns] = /^\s*(\d+)\s*x\s*(\d+)\s*$/.exec(array) ?? [];
  if (!(Number(rows) > 0 && Number(columns) > 0))
    throw new HwcastError('usage', `--array takes rows x columns, not '${array}'`, { hint: 'e.g. --array 32x32' });
  const positive = (flag: string, text: string, unit: string) => amount(flag, text, unit, { isAboveZero: true });
  return {
    rows: Number(rows),
    columns: Number(columns),
    clock: positive('--clock', clock, 'megahertz') * 1e6,
    buffer: positive('--buffer', buffer, 'KiB') * 1024,
    bandwidth: positive('--bandwidth', bandwidth, 'gigabytes a second') * 1e9,
  };
}
