/**
 * The roofline alone against measured latencies: `npx tsx bench/roofline-coverage.ts [../shared/data]`. First zoo-h100, nb201-h100 and ncnn by kind of
 * runtime, the ratios made without the device that is asked about; then the public latencies, none of which went into the ratios.
 */
import { join } from 'node:path';
import { kernelRatioRows } from '../datasets/collect/kernelRatioRows.js';
import { ratioRows } from '../datasets/collect/ratioRows.js';
import { kernelScores, kernelTable, rooflineScores, scoreTable } from '../datasets/collect/rooflineTable.js';
import { HwcastError } from '../src/core/errors.js';
import { createRandom } from '../src/core/random.js';
import { mean, median } from '../src/core/statistics.js';
import { importPublic } from '../src/dataset/import/importPublic.js';
import { rooflineOfDevice } from '../src/networks/rooflinePredictor.js';
import { intervalsOf } from '../src/surrogate/predictor.js';

const data = process.argv[2] ?? '../shared/data';
const rows = await ratioRows(join(data, 'zoo')),
  kernelRows = await kernelRatioRows();
console.log(scoreTable(rooflineScores(rows, kernelRows)));
console.log(kernelTable(kernelScores(kernelRows)));
const shares: number[] = [],
  widths: number[] = [];
for (const folder of ['nasbench201-latency', 'nasbench201-extra-devices', 'fbnet-latency', 'ofa-latency']) {
  const dataset = await importPublic(join(data, folder), {});
  for (const task of dataset.tasks) {
    const rows = createRandom(1).sample(task.rows.length, 100),
      workloads = rows.map((i) => dataset.workloads[task.rows[i]]);
    try {
      const predicted = intervalsOf(rooflineOfDevice(task.device, 'latency').predict(workloads), 'latency');
      const inside = mean(predicted.map((p, i) => (p.low <= task.values[rows[i]] && task.values[rows[i]] <= p.high ? 1 : 0)));
      const width = median(predicted.map((p) => p.high / p.low));
      shares.push(inside);
      widths.push(width);
      console.log(
        `${folder} ${task.device}: inside ${(100 * inside).toFixed(0)} %, high / low ${width.toFixed(0)}, predicted / measured ${median(predicted.map((p, i) => p.value / task.values[rows[i]])).toFixed(2)}`,
      );
    } catch (error) {
      if (!(error instanceof HwcastError)) throw error; // no data sheet: no roofline
    }
  }
}
console.log(
  `mean over ${shares.length} devices: ${(100 * mean(shares)).toFixed(0)} % inside, high / low ${median(widths).toFixed(0)} (median)`,
);
