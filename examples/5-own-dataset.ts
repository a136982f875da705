// Measurements of your own, from a CSV: read, looked at, put beside those that come with hwcast, and asked as a table.
import { op } from 'arquero';
import { ingest, inspectDataset, mergeDatasets, readDataset, toTable } from 'hwcast';

const { dataset: mine, report } = await ingest(['examples/my-measurements.csv'], { name: 'mine' });
console.log(`${report.rows.usable} of ${report.rows.read} rows read`);
for (const { task, measured, min, max, unit } of inspectDataset(mine).tasks)
  console.log(`${task}: ${measured} networks, ${min.toFixed(2)} to ${max.toFixed(2)} ${unit}`);

const all = mergeDatasets([mine, await readDataset('datasets/nb201-h100')]);
type Row = { device: string; target: string; value: number; mine: number };
const latency = (await toTable(all)).filter((d: Row) => d.target === 'latency');
const own = latency.filter((d: Row) => d.device === 'my-machine').select({ workload: 'workload', value: 'mine' });
const ratios = latency
  .filter((d: Row) => op.endswith(d.device, '_b1', d.device.length)) // batch 1, as measured here
  .join(own, 'workload')
  .groupby('device')
  .rollup({ least: (d: Row) => op.min(d.mine / d.value), most: (d: Row) => op.max(d.mine / d.value) });
for (const { device, least, most } of ratios.objects() as { device: string; least: number; most: number }[])
  console.log(`my machine takes ${least.toFixed(1)} to ${most.toFixed(1)} times as long as ${device}`);
