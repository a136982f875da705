import type { Command } from 'commander';
import { HwcastError } from '../core/errors.js';
import { anyWorkload } from '../graph/anyWorkload.js';
import { DtypeSchema } from '../graph/opGraph.js';
import type { Workload } from '../graph/workload.js';
import { workloadRows } from '../graph/workloadRows.js';
import '../operators/operatorKind.js';
import { predictorFor } from '../networks/predict.js';
import { explain } from '../present/explain.js';
import { predictionsCsv, predictionsJson, predictionsJsonl, predictionsText } from '../present/predictionView.js';
import { readText, targetOption, whole } from './options.js';
import { note } from './progress.js';

export function registerPredict(program: Command): void {
  program
    .command('predict')
    .description('predict workloads on a device')
    .argument('[workloads...]', 'space:code, e.g. nasbench201:#4711, or the path of an operator graph in JSON')
    .option('--input <file>', 'workloads in CSV, JSONL or one a line; - reads standard input')
    .option('--adapter <file>', 'an adapted device')
    .option('--model <folder>', 'trained model (with --device), or the model of the adapter where it has moved')
    .option('--device <id>', 'a device the model was trained on, or one of the catalogue (roofline)')
    .option('--condition <key>', 'how the device ran, where the model knows several ways')
    .option('--target <name>', 'latency unless told')
    .option('--batch <count>', 'images per batch of the roofline')
    .option('--dtype <type>', 'element type of the roofline')
    .option('--csv', 'CSV: workload, value, low, high, provenance')
    .option('--json', 'one JSON array')
    .option('--jsonl', 'one JSON object a line')
    .option('--explain', 'also the roofline of each operator')
    .addHelpText(
      'after',
      `
Examples:
  hwcast predict nasbench201:#4711 --device RTX-3090
  hwcast predict --input networks.csv --adapter phone.json --csv`,
    )
    .action(async (texts: string[], o) => {
      const workloads: Workload[] = texts.map(anyWorkload);
      if (o.input) {
        const { text, where } = readText(o.input, 'workload file');
        workloads.push(...workloadRows(text, where).map((r) => r.workload));
      }
      if (!workloads.length) throw new HwcastError('usage', 'no workload given', { hint: 'name workloads, or --input FILE' });
      const batch = o.batch ? whole('--batch', o.batch, 1) : undefined;
      const dtype = o.dtype === undefined ? undefined : DtypeSchema.safeParse(o.dtype);
      if (dtype && !dtype.success)
        throw new HwcastError('usage', `no element type '${o.dtype}'; one of ${DtypeSchema.options.join(', ')}`);
      const {
        predictor,
        task: { target, device },
      } = await predictorFor({
        adapter: o.adapter,
        model: o.model,
        device: o.device,
        condition: o.condition,
        target: o.target && targetOption(o.target),
        batch,
        dtype: dtype?.data,
      });
      const predictions = predictor.predict(workloads);
      const predicted = {
        workloads,
        predictions,
        target,
        device,
        explained: o.explain ? workloads.map((w) => explain(w, device, batch)) : undefined,
      };
      const print = o.json ? predictionsJson : o.jsonl ? predictionsJsonl : o.csv ? predictionsCsv : predictionsText;
      process.stdout.write(print(predicted));
      if (!o.json && !o.jsonl) for (const text of new Set(predictions.flatMap((p) => p.warnings))) note(`warning: ${text}`);
    });
}
