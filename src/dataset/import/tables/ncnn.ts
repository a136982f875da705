import { readCsv } from '../../../core/csv.js';
import { HwcastError } from '../../../core/errors.js';
import { modelId } from '../../../graph/namedModel.js';
import type { Condition } from '../../dataset.js';
import { addCondition, type ModelTable, type ModelTableFormat, positive, type TableFile } from './modelTable.js';

const RESULT = /^\s*(\S+)\s+min\s*=\s*([\d.]+)\s+max\s*=\s*([\d.]+)\s+avg\s*=\s*([\d.]+)/;
const SETTING = /^(loop_count|num_threads|powersave|gpu_device|cooling_down)\s*=\s*(-?\d+)/;

/** ncnn's `benchmark/README.md` (a heading a device), the text that benchncnn prints, or the same figures as a table. */
export const ncnn: ModelTableFormat = {
  name: 'ncnn',
  about: "ncnn's benchmark README, or what benchncnn prints",
  source: 'Tencent/ncnn, benchmark/README.md',
  licence: 'BSD-3-Clause',
  notice: 'Figures of the ncnn benchmark, copyright (c) Tencent, BSD 3-Clause License.',
  detect: ({ text }) => /^device,run,num_threads,powersave/.test(text) || text.split('\n').some((line) => RESULT.test(line)),
  read(file, into) {
    if (/^device,run,/.test(file.text)) readTable(file, into);
    else readText(file, into);
  },
};

function readTable({ text, name }: TableFile, into: ModelTable): void {
  for (const { fields: f, where } of readCsv(text, name))
    add(into, {
      device: f.device,
      run: f.run,
      settings: { loop_count: f.loop_count, num_threads: f.num_threads, powersave: f.powersave, gpu_device: f.gpu_device },
      model: f.model,
      least: f.min_ms,
      most: f.max_ms,
      where,
    });
}

/** A heading names the device; every block of settings under it is a run. */
function readText({ text, name }: TableFile, into: ModelTable): void {
  const runs = new Map<string, number>();
  let device = '',
    settings: Record<string, string> = {},
    fresh = true;
  text.split('\n').forEach((line, i) => {
    const heading = /^#{2,4}\s+(.+?)\s*$/.exec(line)?.[1];
    if (heading) {
      device = heading;
      fresh = true;
      settings = {};
      return;
    }
    const setting = SETTING.exec(line);
    if (setting) {
      if (!fresh && setting[1] === 'loop_count') {
        fresh = true;
        settings = {};
      }
      settings[setting[1]] = setting[2];
      return;
    }
    const result = RESULT.exec(line);
    if (!result) return;
    const where = `${name}:${i + 1}`;
    if (!device)
      throw new HwcastError('bad-input', 'a result before any device is named', {
        where,
        hint: 'put a line `### DEVICE` above the output of benchncnn',
      });
    if (fresh) runs.set(device, (runs.get(device) ?? 0) + 1);
    fresh = false;
    add(into, { device, run: String(runs.get(device)), settings, model: result[1], least: result[2], most: result[3], where });
  });
}

interface Result {
  device: string;
  run: string;
  settings: Record<string, string | undefined>;
  model: string;
  /** ms */
  least: string;
  most: string;
  where: string;
}

/** The least of the loops is the cleanest figure; the spread to the most is that of a shared machine. */
function add(into: ModelTable, { device, run, settings, model, least, most, where }: Result): void {
  const value = Number(least);
  if (value === 0) {
    into.notes.push(`Results of 0.00 ms are below the clock of benchncnn and left out, e.g. ${where}.`);
    return;
  }
  const condition = `run${run}`,
    workload = modelId('ncnn', model);
  addCondition(into, device, condition, describe(settings));
  const loops = Number(settings.loop_count);
  into.measurements.push({
    workload,
    device,
    condition,
    target: 'latency',
    value: positive(least, 'min', where) * 1e-3,
    spread: (positive(most, 'max', where) - value) / 2 / value,
    repeats: loops > 0 ? loops : undefined,
    where,
  });
  into.facts.set(workload, { precision: model.endsWith('_int8') ? 'int8' : 'float' });
}

function describe(settings: Record<string, string | undefined>): Condition {
  const threads = Number(settings.num_threads),
    gpu = Number(settings.gpu_device ?? -1);
  return {
    batch: 1,
    framework: 'ncnn',
    backend: gpu >= 0 ? `vulkan, device ${gpu}` : 'cpu',
    ...(threads > 0 ? { threads } : {}),
    ...(settings.powersave === undefined ? {} : { note: `powersave ${settings.powersave}` }),
  };
}
