// Learn from many devices, then adapt to a new one from ten measurements. A left-out configuration plays the new device: its values come from the dataset.
import { adapt, median, readDataset, sample, train } from 'hwcast';

const device = 'graph_tf32_b256';
const dataset = await readDataset('datasets/nb201-h100');
const model = await train({ dataset, excludeDevices: [device], seed: 1 });

// what you would do with a stopwatch
const { rows, values } = dataset.tasks.find((t) => t.device === device && t.target === 'latency')!;
const measured = new Map(Array.from(rows, (row, i) => [dataset.workloads[row].id, values[i]]));
const candidates = Array.from(rows, (row) => dataset.workloads[row]);

const ten = await sample({ model, n: 10, candidates });
const support = ten.map((workload) => ({ workload, value: measured.get(workload.id)! })); // seconds
const { predictor, metrics } = await adapt({ model, device, support });
console.log(`each of the ten from the other nine: median error ${(100 * metrics.leaveOneOutMedianApe!).toFixed(1)} %`);

const others = candidates.filter((w) => !ten.includes(w));
const predictions = predictor.predict(others).map((p) => p.targets.latency!);
const errors = predictions.map((p, i) => Math.abs(p.value / measured.get(others[i].id)! - 1));
const inside = predictions.filter((p, i) => p.low! <= measured.get(others[i].id)! && measured.get(others[i].id)! <= p.high!);
console.log(`${others.length} other networks: median error ${(100 * median(errors)).toFixed(1)} %`);
console.log(`in their 90 % interval: ${((100 * inside.length) / others.length).toFixed(0)} %`);
