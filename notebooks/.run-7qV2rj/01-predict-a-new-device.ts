process.stdout.write("\u0001cell\n");
import { readDataset, taskId } from 'hwcast';

const dataset = await readDataset('../datasets/nb201-h100');
for (const task of dataset.tasks) console.log(taskId(task).padEnd(46), task.rows.length, 'networks');
process.stdout.write("\u0001cell\n");
import { train } from 'hwcast';

const device = 'graph_tf32_b256';
const folder = '../out/notebook-01/model';
const model = await train({ dataset, excludeDevices: [device], seed: 1, out: folder });
__show(console.log(model.info.method, 'on', model.info.tasks.length, 'tasks of', model.info.domain));
process.stdout.write("\u0001cell\n");
import { sample } from 'hwcast';

const tasks = dataset.tasks.filter((t) => t.device === device);
const candidates = Array.from(tasks[0].rows, (row) => dataset.workloads[row]);
const ten = await sample({ model, n: 10, candidates });
for (const workload of ten) console.log(workload.id);
process.stdout.write("\u0001cell\n");
import type { SupportRow, Target } from 'hwcast';

const measured = (target: Target): Map<string, number> => {
  const task = tasks.find((t) => t.target === target)!;
  return new Map(Array.from(task.rows, (row, i) => [dataset.workloads[row].id, task.values[i]]));
};
const latency = measured('latency');
const support: SupportRow[] = ten.map((workload) => ({ workload, value: latency.get(workload.id)! }));
for (const { workload, value } of support) console.log((value * 1e3).toFixed(3), 'ms', workload.id);
process.stdout.write("\u0001cell\n");
import { adapt } from 'hwcast';

const { predictor } = await adapt({ model: folder, device, support, target: 'latency' });
const others = candidates.filter((w) => !ten.includes(w));
const predictions = predictor.predict(others);
for (const i of [0, 200, 400, 600, 800, 1000]) {
  const { value, low, high, provenance } = predictions[i];
  const ms = (seconds: number) => (seconds * 1e3).toFixed(3);
  console.log(`${ms(value)} ms [${ms(low)}, ${ms(high)}] ${provenance}; measured ${ms(latency.get(others[i].id)!)}`);
}
process.stdout.write("\u0001cell\n");
import { checkAdapted, type Scores } from 'hwcast';

const rows = (values: Map<string, number>): SupportRow[] => others.map((workload) => ({ workload, value: values.get(workload.id)! }));
const checked = checkAdapted(predictor, support, rows(latency), { device, target: 'latency' });
const line = (name: string, s: Scores) =>
  console.log(
    `${name.padEnd(18)} Spearman ${s.spearman.toFixed(3)}, median error ${(100 * s.medianApe).toFixed(1)} %, ` +
      `within 10 %: ${(100 * s.within10).toFixed(0)} %, in the interval: ${(100 * s.coverage90).toFixed(0)} %`,
  );
line('latency', checked.scores);
__show(line('latency by FLOPs', checked.flops));
process.stdout.write("\u0001cell\n");
import { renderPng, renderScatter } from 'hwcast';

const figure = renderScatter(checked.predictions, checked.truth, { title: `latency of ${device}`, target: 'latency', support });
__show(({ [Symbol.for('Jupyter.display')]: () => ({ 'image/png': renderPng(figure).toString('base64') }) }));
process.stdout.write("\u0001cell\n");
const energy = measured('energy');
const energySupport = ten.map((workload) => ({ workload, value: energy.get(workload.id)! }));
const forEnergy = await adapt({ model: folder, device, support: energySupport, target: 'energy' });
__show(line('energy', checkAdapted(forEnergy.predictor, energySupport, rows(energy), { device, target: 'energy' }).scores));
process.stdout.write("\u0001cell\n");
for (const n of [3, 5, 10, 20, 50]) {
  const chosen = (await sample({ model, n, candidates })).map((workload) => ({ workload, value: latency.get(workload.id)! }));
  const adapted = await adapt({ model: folder, device, support: chosen, target: 'latency' });
  const known = new Set(chosen.map((s) => s.workload.id));
  const rest = candidates.filter((w) => !known.has(w.id)).map((workload) => ({ workload, value: latency.get(workload.id)! }));
  line(`${n} measured`, checkAdapted(adapted.predictor, chosen, rest, { device, target: 'latency' }).scores);
}
function __show(value: unknown): void {
  const display = (value as Record<symbol, unknown> | null | undefined)?.[Symbol.for('Jupyter.display')];
  if (typeof display === 'function') process.stdout.write("\u0001show" + JSON.stringify(display.call(value)) + "\u0001\n");
}
