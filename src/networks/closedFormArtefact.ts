import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { TARGETS } from '../graph/targets.js';
import type { NamedTensor } from '../surrogate/safetensors.js';
import { ClosedForm, settingsOf } from './closedForm.js';
import { featureMap, type LearnedFeatures } from './featureMap.js';

const ScalerSchema = z.strictObject({
  columns: z.array(z.int().nonnegative()),
  names: z.array(z.string()),
  group: z.array(z.int().nonnegative()),
  mean: z.array(z.number()),
  scale: z.array(z.number()),
});
const HeadSchema = z.strictObject({
  name: z.string(),
  link: z.enum(['linear', 'log']),
  learnedVariances: z.array(z.number()),
  tasks: z.array(
    z.strictObject({
      id: z.string(),
      device: z.string(),
      condition: z.string().default(''),
      target: z.enum(TARGETS),
      level: z.number(),
      offset: z.number(),
      residual: z.number(),
    }),
  ),
  tuning: z.array(
    z.strictObject({ size: z.number(), interval: z.number(), intervals: z.partialRecord(z.enum(TARGETS), z.number()) }),
  ),
});

/** A closed-form model as plain data: JSON parts and tensors (weights [tasks, width], logPrior [sizes, settings]). */
export function closedFormToParts(model: ClosedForm): { head: unknown; scaler: unknown; tensors: Record<string, NamedTensor> } {
  const { map, tasks, tuning, name, link, learnedVariances } = model.state,
    { scaler } = map;
  const stack = (rows: Float64Array[]): NamedTensor => {
    const data = new Float64Array(rows.length * (rows[0]?.length ?? 0));
    rows.forEach((r, i) => data.set(r, i * r.length));
    return { shape: [rows.length, rows[0]?.length ?? 0], data };
  };
  return {
    head: {
      name,
      link,
      learnedVariances,
      tasks: tasks.map(({ weights: _, ...rest }) => rest),
      tuning: tuning.map(({ size, interval, intervals }) => ({ size, interval, intervals })),
    },
    scaler: {
      columns: [...scaler.columns],
      names: scaler.names,
      group: [...scaler.group],
      mean: [...scaler.mean],
      scale: [...scaler.scale],
    },
    tensors: { 'head.weights': stack(tasks.map((t) => t.weights)), 'head.logPrior': stack(tuning.map((t) => t.logPrior)) },
  };
}

/** @throws HwcastError `corrupt` when the parts do not fit together. */
export function closedFormFromParts(
  domain: string,
  head: unknown,
  scaler: unknown,
  tensors: Record<string, NamedTensor>,
  learned: LearnedFeatures | undefined,
  where: string,
): ClosedForm {
  const h = HeadSchema.safeParse(head),
    s = ScalerSchema.safeParse(scaler),
    weights = tensors['head.weights'],
    logPrior = tensors['head.logPrior'];
  if (!h.success || !s.success || !weights || !logPrior)
    throw new HwcastError(
      'corrupt',
      `model files do not fit the format${h.error ? `: ${z.prettifyError(h.error)}` : ''}${s.error ? `: ${z.prettifyError(s.error)}` : ''}`,
      { where, hint: 'train the model again' },
    );
  const map = featureMap(
    domain,
    {
      columns: Int32Array.from(s.data.columns),
      names: s.data.names,
      group: Uint8Array.from(s.data.group),
      mean: Float64Array.from(s.data.mean),
      scale: Float64Array.from(s.data.scale),
    },
    learned,
  );
  const row = (t: NamedTensor, i: number) => Float64Array.from(t.data.subarray(i * t.shape[1], (i + 1) * t.shape[1]));
  if (weights.shape[0] !== h.data.tasks.length || weights.shape[1] !== map.width)
    throw new HwcastError(
      'corrupt',
      `weights of shape [${weights.shape}] for ${h.data.tasks.length} tasks and ${map.width} features`,
      { where, hint: 'train the model again' },
    );
  const settings = settingsOf(map, h.data.learnedVariances).length;
  if (logPrior.shape[0] !== h.data.tuning.length || (h.data.tuning.length && logPrior.shape[1] !== settings))
    throw new HwcastError(
      'corrupt',
      `prior of shape [${logPrior.shape}] for ${h.data.tuning.length} support sizes and the ${settings} settings of this version`,
      { where, hint: 'train the model again' },
    );
  return new ClosedForm({
    ...h.data,
    map,
    tasks: h.data.tasks.map((t, i) => ({ ...t, weights: row(weights, i) })),
    tuning: h.data.tuning.map((t, i) => ({ ...t, logPrior: row(logPrior, i) })),
  });
}
