import type { Command } from 'commander';
import { roofline } from '../analytical/roofline.js';
import { csvField } from '../core/csv.js';
import { HwcastError } from '../core/errors.js';
import { DISPLAY } from '../dataset/units.js';
import { hardwareOfDevice } from '../device/hardwareOfDevice.js';
import { anyWorkload } from '../graph/anyWorkload.js';
import { DtypeSchema } from '../graph/opGraph.js';
import { type Workload, workloadGraph } from '../graph/workload.js';
import { workloadRows } from '../graph/workloadRows.js';
import { predictorFor } from '../networks/predict.js';
import { type IntervalEstimate, intervalsOf } from '../surrogate/predictor.js';
import { readText, targetOption, whole } from './options.js';
import { note } from './progress.js';

/** Column of a target in files: `latency_ms`, `energy_mj`, .. */
const column = (target: keyof typeof DISPLAY): string => {
  const { unit } = DISPLAY[target];
  return /^(ms|mJ|W|MB)$/.test(unit) ? `${target}_${unit.toLowerCase()}` : target;
};

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
      const predictions = predictor.predict(workloads),
        estimates = intervalsOf(predictions, target);
      const { scale, unit } = DISPLAY[target],
        name = column(target),
        suffix = name.slice(target.length),
        digits = (v: number) => Number((v * scale).toPrecision(7));
      const row = (p: IntervalEstimate, i: number) => ({
        workload: workloads[i].id,
        [name]: digits(p.value),
        [`low${suffix}`]: digits(p.low),
        [`high${suffix}`]: digits(p.high),
        provenance: p.provenance,
      });
      const explained = o.explain ? workloads.map((w) => explain(w, device, batch)) : undefined;
      const full = (p: IntervalEstimate, i: number) => ({
        ...row(p, i),
        device,
        warnings: predictions[i].warnings,
        ...(explained ? { operators: explained[i].operators } : {}),
      });
      let out = '';
      if (o.json) out = `${JSON.stringify(estimates.map(full), null, 1)}\n`;
      else if (o.jsonl) out = estimates.map((p, i) => `${JSON.stringify(full(p, i))}\n`).join('');
      else if (o.csv) {
        out = `workload,${name},low${suffix},high${suffix},provenance\n`;
        estimates.forEach((p, i) => {
          out += `${Object.values(row(p, i))
            .map((v) => csvField(String(v)))
            .join(',')}\n`;
        });
      } else {
        estimates.forEach((p, i) => {
          const show = (v: number) => (v * scale).toPrecision(4);
          out += `${workloads[i].id}  ${show(p.value)} ${unit}  [${show(p.low)}, ${show(p.high)}]  ${p.provenance}\n`;
          if (explained) out += `${explained[i].text}\n`;
        });
      }
      process.stdout.write(out);
      if (!o.json && !o.jsonl) for (const text of new Set(predictions.flatMap((p) => p.warnings))) note(`warning: ${text}`);
    });
}

/** The roofline of each operator under both hypotheses; of an H100 where the device itself is not in the catalogue (its shares still show what costs). */
function explain(workload: Workload, device: string, batch?: number): { operators: object[]; text: string } {
  const hardware = hardwareOfDevice(device),
    spec = (hardware ?? hardwareOfDevice('H100-SXM5-80GB'))!.spec;
  const graph = workloadGraph(workload, { batch: batch ?? hardware?.batch });
  const eager = roofline(graph, spec, { hypothesis: 'eager' }),
    compiled = roofline(graph, spec, { hypothesis: 'compiled' });
  const operators = eager.operators.map((op, i) => ({
    id: op.id,
    op: op.op,
    flops: op.flops,
    bytes: op.bytes,
    eagerUs: op.time * 1e6,
    compiledUs: compiled.operators[i].time * 1e6,
    bound: op.bound,
    live: op.live,
  }));
  const lines = operators
    .filter((op) => op.eagerUs > 0)
    .map(
      (op) =>
        `  ${op.id.padEnd(6)} ${op.op.padEnd(16)} ${(op.flops / 1e6).toFixed(3).padStart(10)} MFLOP ${(op.bytes / 1e3).toFixed(1).padStart(10)} kB ${op.eagerUs.toFixed(2).padStart(9)} us eager ${op.compiledUs.toFixed(2).padStart(9)} us compiled  ${op.bound}${op.live ? '' : ', dead'}`,
    );
  return {
    operators,
    text: [
      `  roofline of ${spec.name}${hardware ? '' : ` (no data sheet of '${device}'; shares only)`}: eager ${(eager.latency * 1e3).toFixed(4)} ms, compiled ${(compiled.latency * 1e3).toFixed(4)} ms`,
      ...lines,
    ].join('\n'),
  };
}
