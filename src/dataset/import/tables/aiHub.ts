import { basename, dirname } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { readCsv } from '../../../core/csv.js';
import { HwcastError } from '../../../core/errors.js';
import { type ModelFacts, modelId } from '../../../graph/namedModel.js';
import { addCondition, type ModelTable, type ModelTableFormat, measuredNumber, type TableFile } from './modelTable.js';

const Metrics = z.object({
  inference_time_milliseconds: z.number().optional(),
  estimated_peak_memory_range_mb: z.object({ min: z.number(), max: z.number() }).optional(),
  primary_compute_unit: z.string().optional(),
  tool_versions: z.record(z.string(), z.string()).optional(),
});
const Perf = z.object({
  precisions: z.record(
    z.string(),
    z.object({
      components: z.record(z.string(), z.object({ performance_metrics: z.record(z.string(), z.record(z.string(), Metrics)) })),
    }),
  ),
});

/** `perf.yaml` and `info.yaml` of Qualcomm AI Hub's models, or the same figures as tables. */
export const aiHub: ModelTableFormat = {
  name: 'ai-hub',
  about: "perf.yaml of Qualcomm AI Hub's models",
  source: 'qualcomm/ai-hub-models, */perf.yaml',
  licence: 'BSD-3-Clause',
  notice: 'Figures of AI Hub Models, copyright (c) Qualcomm Technologies, BSD 3-Clause License.',
  detect: ({ text }) =>
    /^model,component,precision,device,runtime/.test(text) ||
    /^model,name,domain,use_case/.test(text) ||
    /^precisions:\s*$/m.test(text),
  read(file, into) {
    if (/^model,component,/.test(file.text)) readTable(file, into);
    else if (/^model,name,/.test(file.text)) readModels(file, into);
    else readYaml(file, into);
  },
};

function readTable({ text, name }: TableFile, into: ModelTable): void {
  for (const { fields: f, where } of readCsv(text, name))
    add(into, {
      workload: modelId('ai-hub', `${f.model}/${f.component}/${f.precision}`),
      precision: f.precision,
      device: f.device,
      runtime: f.runtime,
      milliseconds: f.inference_ms,
      megabytes: f.peak_mem_max_mb,
      unit: f.primary_unit,
      tools: (f.tool_versions ?? '').replaceAll(';', ', '),
      where,
    });
}

function readYaml({ text, name }: TableFile, into: ModelTable): void {
  const parsed = Perf.safeParse(yamlOf(text, name));
  if (!parsed.success)
    throw new HwcastError('bad-input', `no perf.yaml of AI Hub: ${z.prettifyError(parsed.error)}`, { where: name });
  const model = modelOfFile(name);
  for (const [precision, { components }] of Object.entries(parsed.data.precisions))
    for (const [component, { performance_metrics: metrics }] of Object.entries(components))
      for (const [device, runtimes] of Object.entries(metrics))
        for (const [runtime, m] of Object.entries(runtimes))
          add(into, {
            workload: modelId('ai-hub', `${model}/${component}/${precision}`),
            precision,
            device,
            runtime,
            milliseconds: m.inference_time_milliseconds?.toString(),
            megabytes: m.estimated_peak_memory_range_mb?.max.toString(),
            unit: m.primary_compute_unit ?? '',
            tools: Object.entries(m.tool_versions ?? {})
              .map(([tool, version]) => `${tool}=${version}`)
              .join(', '),
            where: `${name}: ${precision}, ${component}, ${device}, ${runtime}`,
          });
}

function yamlOf(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new HwcastError('bad-input', `no whole YAML: ${(cause as Error).message}`, { where, cause });
  }
}

/** The model's folder (`mobilenet_v2/perf.yaml`), or the file's own name where it was renamed (`ai_hub_mobilenet_v2_perf.yaml`). */
function modelOfFile(path: string): string {
  const file = basename(path).replace(/\.ya?ml$/, '');
  return file === 'perf' ? basename(dirname(path)) : file.replace(/^ai_hub_/, '').replace(/_perf$/, '');
}

interface Row {
  workload: string;
  precision: string;
  device: string;
  runtime: string;
  /** cells as the source gives them */
  milliseconds: string | undefined;
  megabytes: string | undefined;
  unit: string;
  tools: string;
  where: string;
}

function add(into: ModelTable, { workload, precision, device, runtime, milliseconds, megabytes, unit, tools, where }: Row): void {
  const common = { workload, device, condition: runtime, where },
    time = measuredNumber(milliseconds, 'latency', where, into),
    memory = measuredNumber(megabytes, 'peak memory', where, into);
  if (time !== undefined) into.measurements.push({ ...common, target: 'latency', value: time * 1e-3 });
  if (memory !== undefined) into.measurements.push({ ...common, target: 'peak_memory', value: memory * 1e6 });
  if (time === undefined && memory === undefined) return;
  if (!into.conditions.get(device)?.has(runtime))
    addCondition(into, device, runtime, {
      batch: 1,
      framework: runtime,
      ...(tools ? { note: tools.replace(/=(\d[\d.]*)\.\d{12}_\d+/g, '=$1') } : {}),
    });
  into.facts.set(workload, { ...into.facts.get(workload), precision });
  if (unit && unit !== 'NPU')
    into.notes.push(
      'Some models run on the processor or GPU of the device, where the NPU does not take them; the source says which.',
    );
}

/** Sizes of the models; components share those of their model. */
function readModels({ text, name }: TableFile, into: ModelTable): void {
  const known = new Map(readCsv(text, name).map(({ fields: f }) => [f.model, factsOf(f.params, f.input_resolution, f.use_case)]));
  for (const [id, facts] of into.facts) {
    const of = known.get(id.slice('ai-hub:'.length).split('/')[0]);
    if (of) into.facts.set(id, { ...of, ...facts });
  }
}

function factsOf(params = '', resolution = '', useCase = ''): ModelFacts {
  const [, count, unit] = /^([\d.]+)\s*([KMB])$/.exec(params.trim()) ?? [];
  const size = resolution.split('x').map(Number);
  return {
    ...(count ? { params: Math.round(Number(count) * { K: 1e3, M: 1e6, B: 1e9 }[unit as 'K']) } : {}),
    ...(size.length && size.every((n) => Number.isInteger(n) && n > 0) ? { inputSize: size } : {}),
    ...(useCase ? { family: useCase } : {}),
  };
}
