import { z } from 'zod';
import { HwcastError } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { TARGETS } from '../graph/targets.js';
import type { NamedTensor } from '../surrogate/safetensors.js';
import { leaveOneHardwareOut } from './leaveOneHardwareOut.js';
import type { Method } from './method.js';
import type { Model, ModelMetrics } from './model.js';
import { type ModelDescription, SHARES, SIZES } from './modelDescription.js';
import { ModelTable } from './modelTable.js';
import { MultiTask } from './multiTask.js';
import {
  areOfEarlierKernels,
  NEAR_PART,
  NearOfTables,
  partsOfSums,
  readNear,
  readSums,
  SUM_PARTS,
  tensorsOfSums,
} from './savedSums.js';
import { trainMultiTask } from './trainMultiTask.js';

interface MultiTaskModel extends Model {
  readonly learner: MultiTask;
}

const PartsSchema = z.strictObject({
  name: z.string(),
  near: NEAR_PART,
  intervals: z.array(z.strictObject({ table: z.string(), target: z.enum(TARGETS), size: z.number(), scale: z.number() })),
  tables: z.array(
    z.strictObject({
      name: z.string(),
      target: z.enum(TARGETS),
      tasks: z.array(z.strictObject({ device: z.string(), condition: z.string(), target: z.enum(TARGETS), kind: z.string() })),
      scales: z.strictObject({
        length: z.number(),
        linear: z.number(),
        smooth: z.number(),
        words: z.number(),
        noise: z.number(),
      }),
      ...SUM_PARTS,
    }),
  ),
});
const ModelsSchema = z.strictObject({ models: z.array(z.strictObject({ id: z.string(), words: z.string() })) });

/** A Gaussian over tasks in log values: real models, known by name or by graph. */
export const multiTaskMethod: Method<MultiTaskModel> = {
  name: 'multi-task',
  summary: 'Gaussian over tasks and over what models are, in log values: real models, by name or by graph',
  async train(input, info) {
    const learner = trainMultiTask(input.workloads, input.tasks, {
      random: createRandom(input.seed).fork('train'),
      operators: input.operators,
      onProgress: input.onProgress,
    });
    return modelOf(learner, info, leaveOneHardwareOut(learner, input));
  },
  toParts({ learner }) {
    const { name, tables, intervals } = learner.state;
    const models = [...new Map(tables.flatMap((t) => t.values.models.map((m) => [m.id, m] as const))).values()],
      position = new Map(models.map((m, i) => [m.id, i])),
      near = new NearOfTables(tables.map((t) => t.values)),
      counts = near.parts();
    const tensors: Record<string, NamedTensor> = {
      sizes: stacked(models.map((m) => m.sizes)),
      shares: stacked(models.map((m) => m.shares)),
      ...near.tensors(),
    };
    tables.forEach(({ values: { tasks, models: of, logs, sums, drawn } }, i) => {
      tensors[`table.${i}.logs`] = { shape: [tasks.length, of.length], data: logs };
      Object.assign(tensors, tensorsOfSums(`table.${i}`, { sums, drawn }));
      tensors[`table.${i}.models`] = { shape: [of.length], data: Int32Array.from(of, (m) => position.get(m.id)!) };
    });
    return {
      parts: {
        name,
        ...(counts ? { near: counts } : {}),
        intervals: [...intervals],
        tables: tables.map(({ values: { name: table, target, tasks, scales, sums, drawn } }) => ({
          name: table,
          target,
          tasks,
          scales,
          ...partsOfSums({ sums, drawn }, near),
        })),
      },
      scaler: { models: models.map(({ id, words }) => ({ id, words: [...words].join(' ') })) },
      tensors,
    };
  },
  async fromParts({ info, metrics, parts, scaler, tensors, where }) {
    const corrupt = (why: string) =>
      new HwcastError('corrupt', `model files do not fit the format: ${why}`, { where, hint: 'train the model again' });
    if (areOfEarlierKernels(parts))
      throw new HwcastError('unsupported', 'the model was trained by an earlier hwcast, which expected other times of kernels', {
        where,
        hint: 'train it again (hwcast train) on the datasets that its card names',
      });
    const head = PartsSchema.safeParse(parts),
      named = ModelsSchema.safeParse(scaler);
    if (!head.success) throw corrupt(z.prettifyError(head.error));
    if (!named.success) throw corrupt(z.prettifyError(named.error));
    const { models } = named.data;
    const rowsOf = (name: string, width: number): Float64Array => {
      const tensor = tensors[name];
      if (tensor?.shape[0] !== models.length || tensor.shape[1] !== width || !(tensor.data instanceof Float64Array))
        throw corrupt(`tensor '${name}' is not [${models.length}, ${width}]`);
      return tensor.data;
    };
    const sizes = rowsOf('sizes', SIZES.length),
      shares = rowsOf('shares', SHARES.length);
    const descriptions = models.map(
      ({ id, words }, i): ModelDescription => ({
        id,
        sizes: sizes.slice(i * SIZES.length, (i + 1) * SIZES.length),
        shares: shares.slice(i * SHARES.length, (i + 1) * SHARES.length),
        words: new Set(words.split(' ').filter(Boolean)),
      }),
    );
    const shared = readNear(head.data.near, tensors, corrupt);
    const tables = head.data.tables.map((table, i) => {
      const logs = tensors[`table.${i}.logs`],
        of = tensors[`table.${i}.models`];
      if (
        !(logs?.data instanceof Float64Array) ||
        logs.shape[0] !== table.tasks.length ||
        logs.shape[1] !== of?.shape[0] ||
        of.data.some((m) => !descriptions[m])
      )
        throw corrupt(`the tensors of table ${i} (${table.name}) do not fit its ${table.tasks.length} tasks`);
      const { sums: savedSums, drawn: savedDrawn, ...values } = table;
      return new ModelTable({
        ...values,
        models: Array.from(of.data, (m) => descriptions[m]),
        logs: logs.data,
        ...readSums(`table.${i}`, { sums: savedSums, drawn: savedDrawn }, shared, tensors, corrupt),
      });
    });
    return modelOf(new MultiTask({ name: head.data.name, tables, intervals: head.data.intervals }), info, metrics);
  },
};

const modelOf = (learner: MultiTask, info: Model['info'], metrics: ModelMetrics): MultiTaskModel => ({
  info,
  metrics,
  learner,
  references: [],
  known: learner.known(),
  trained: (task) => learner.trained(task),
  inSetting: (setting) => learner.inSetting(setting),
});

function stacked(rows: readonly Float64Array[]): NamedTensor {
  const width = rows[0]?.length ?? 0,
    data = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    data.set(row, i * width);
  });
  return { shape: [rows.length, width], data };
}
