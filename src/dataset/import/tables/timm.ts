import { basename } from 'node:path';
import { readCsv } from '../../../core/csv.js';
import { HwcastError } from '../../../core/errors.js';
import { type ModelFacts, modelId } from '../../../graph/namedModel.js';
import type { Condition } from '../../dataset.js';
import { addCondition, type ModelTable, type ModelTableFormat, positive, type TableFile } from './modelTable.js';

/** `benchmark-infer-amp-nhwc-pt240-cu124-rtx4090[-dynamo].csv`: how it ran stands in the name. */
const FILE = /^benchmark-infer-(amp(?:_bf16)?|bf16|fp16|fp32)-(nchw|nhwc)-pt(\d+)-(cu\d+|cpu)-(.+?)(?:-(dynamo|compile))?\.csv$/;

/** What the source calls devices of the catalogue. */
const HARDWARE: ReadonlyMap<string, string> = new Map([
  ['rtx3090', 'RTX-3090'],
  ['rtx4090', 'RTX-4090'],
  ['4090', 'RTX-4090'],
  ['pro6000maxq', 'RTX-PRO-6000-MaxQ'],
]);

interface Run {
  device: string;
  precision: string;
  layout: string;
  torch: string;
  cuda: string;
  execution: string;
  /** images, as the row says */
  batch?: string | undefined;
}

/** Results of PyTorch Image Models: `results/benchmark-infer-*.csv`, or the same in one table with a column a run. */
export const timm: ModelTableFormat = {
  name: 'timm',
  about: "PyTorch Image Models' benchmark-infer-*.csv",
  source: 'huggingface/pytorch-image-models, results/benchmark-infer-*.csv and model sizes',
  licence: 'Apache-2.0',
  notice: 'Figures of PyTorch Image Models, copyright of its authors, Apache License 2.0.',
  detect({ name, text }) {
    const head = text.slice(0, 400).split('\n', 1)[0];
    return (
      head.includes('infer_samples_per_sec') ||
      /^device,amp,layout,torch/.test(head) ||
      (/^model,img_size,gmacs/.test(head) && /timm/.test(name))
    );
  },
  read(file, into) {
    const rows = readCsv(file.text, file.name),
      columns = Object.keys(rows[0]?.fields ?? {});
    if (columns.includes('infer_samples_per_sec')) {
      const run = runOfName(file);
      for (const { fields: f, where } of rows) {
        const id = modelId('timm', `${f.model}@${f.infer_img_size}`);
        addFacts(into, id, f.infer_img_size, f.infer_gmacs, f.infer_macts, f.param_count);
        addRow(into, { ...run, batch: f.infer_batch_size }, id, f.infer_samples_per_sec, where);
      }
    } else if (columns.includes('samples_per_sec')) {
      for (const { fields: f, where } of rows) {
        const { device, amp: precision, layout, torch, cuda, compile: execution, batch } = f,
          run = { device, precision, layout, torch, cuda, execution, batch };
        addRow(into, run, modelId('timm', `${f.model}@${f.img_size}`), f.samples_per_sec, where);
      }
    } else
      for (const { fields: f } of rows)
        addFacts(into, modelId('timm', `${f.model}@${f.img_size}`), f.img_size, f.gmacs, f.macts, f.mparams);
  },
};

function runOfName({ name }: TableFile): Run {
  const parts = FILE.exec(basename(name));
  if (!parts)
    throw new HwcastError('bad-input', 'the name does not say how it ran', {
      where: name,
      hint: 'keep the name of the source, e.g. benchmark-infer-amp-nhwc-pt240-cu124-rtx4090.csv',
    });
  const [, precision, layout, torch, cuda, device, compiled] = parts;
  return { device, precision, layout, torch: `pt${torch}`, cuda, execution: compiled ? 'dynamo' : 'eager' };
}

function addRow(into: ModelTable, run: Run, workload: string, samplesPerSecond: string, where: string): void {
  const { device, precision, layout, torch, cuda, execution } = run,
    condition = [precision, layout, torch, cuda, execution].join('-');
  // the largest models of a run may have fitted one by one
  const known = into.conditions.get(device)?.get(condition);
  addCondition(into, device, condition, describe(run, known?.fullBatch === true || run.batch !== '1'));
  const hardware = HARDWARE.get(device);
  if (hardware) into.hardware.set(device, hardware);
  into.measurements.push({
    workload,
    device,
    condition,
    target: 'latency',
    value: 1 / positive(samplesPerSecond, 'samples per second', where),
    where,
  });
}

/** Cores of the processors of the source (Intel's data sheets): PyTorch runs a thread on each. */
const CORES: ReadonlyMap<string, number> = new Map([['i9_10940x', 14]]);

const describe = ({ device, precision, layout, torch, cuda, execution }: Run, fullBatch: boolean): Condition => ({
  ...(fullBatch ? { fullBatch } : { batch: 1 }),
  ...(cuda === 'cpu' && CORES.has(device) ? { threads: CORES.get(device)! } : {}),
  dtype: precision,
  framework: 'pytorch',
  frameworkVersion: torch.replace(/^pt(\d)(\d+)$/, '$1.$2'),
  backend: cuda,
  execution,
  note: fullBatch ? `${layout}; seconds a picture of a full batch` : layout,
});

/** Giga and mega as the source writes them. */
function addFacts(into: ModelTable, id: string, size: string, gmacs: string, macts: string, mparams: string): void {
  const scaled = (text: string | undefined, scale: number) => (Number(text) > 0 ? Math.round(Number(text) * scale) : undefined);
  const facts: ModelFacts = {
    macs: scaled(gmacs, 1e9),
    activations: scaled(macts, 1e6),
    params: scaled(mparams, 1e6),
    inputSize: Number(size) > 0 ? [3, Number(size), Number(size)] : undefined,
  };
  into.facts.set(id, JSON.parse(JSON.stringify(facts)));
}
