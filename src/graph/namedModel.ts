import { z } from 'zod';
import { HwcastError } from '../core/errors.js';

/** Tables that name models, by the prefix of their workload ids. */
export const MODEL_TABLES: Readonly<Record<string, string>> = {
  timm: 'models of PyTorch Image Models, `timm:NAME@IMAGE_SIZE`',
  ncnn: "models of ncnn's benchmark, `ncnn:NAME`",
  'ai-hub': 'models of Qualcomm AI Hub, `ai-hub:MODEL/COMPONENT/PRECISION`',
  'vitis-dpu': 'models of the Vitis AI model zoo, `vitis-dpu:STANDARD_NAME`',
  zoo: "models of hwcast's own measurements, `zoo:tv/NAME` or `zoo:hf/NAME`",
  llm: 'language models as served, `llm:MODEL@inN,outN,bN`',
};

/** What is known of a model that is known by name; what its table does not say is absent. */
export const ModelFactsSchema = z.strictObject({
  /** multiply-accumulates of one input */
  macs: z.number().positive().optional(),
  /** values that its layers write, of one input */
  activations: z.number().positive().optional(),
  params: z.number().positive().optional(),
  /** shape of its input without the batch axis, as the table writes it */
  inputSize: z.array(z.int().positive()).optional(),
  /** e.g. `float`, `int8`, `w8a8` */
  precision: z.string().optional(),
  family: z.string().optional(),
});
export type ModelFacts = z.infer<typeof ModelFactsSchema>;

/** Prefix of the id of a named model; undefined for other texts. */
export function modelTableOf(id: string): string | undefined {
  const prefix = /^([a-z][a-z0-9-]*):/.exec(id)?.[1];
  return prefix !== undefined && Object.hasOwn(MODEL_TABLES, prefix) ? prefix : undefined;
}

/** The id of a model of a table. @throws HwcastError `bad-input` for an empty name */
export function modelId(table: keyof typeof MODEL_TABLES, name: string): string {
  if (!name.trim()) throw new HwcastError('bad-input', `a model of ${table} without a name`);
  return `${table}:${name.trim()}`;
}
