import { z } from 'zod';
import type { HwcastError } from '../core/errors.js';
import { WEIGHTS } from '../surrogate/operatorSum/kernelFeatures.js';
import { LOWERINGS } from '../surrogate/operatorSum/operatorSum.js';
import type { NamedTensor } from '../surrogate/safetensors.js';
import type { TableValues } from './modelTable.js';

const MachineSchema = z.strictObject({
  peak: z.number().positive(),
  bandwidth: z.number().positive(),
  launch: z.number().positive(),
  units: z.number().positive(),
  tile: z.number().positive(),
  width: z.number().positive(),
  batch: z.int().positive(),
});
const SumSchema = z.strictObject({
  column: z.int().nonnegative(),
  lowering: z.enum(LOWERINGS),
  level: z.number(),
  deviation: z.number().positive(),
  machine: MachineSchema,
});
/** What a model folder says of the sums of a table, beside their tensors. */
export const SUM_PARTS = {
  sums: z.array(SumSchema).optional(),
  drawn: z
    .array(z.strictObject({ machines: z.array(z.strictObject({ lowering: z.enum(LOWERINGS), machine: MachineSchema })) }))
    .optional(),
};
type SumParts = z.infer<z.ZodObject<typeof SUM_PARTS>>;
type Sums = Pick<TableValues, 'sums' | 'drawn'>;

export const partsOfSums = ({ sums, drawn }: Sums): SumParts => ({
  ...(sums ? { sums: sums.map(({ weights: _, ...sum }) => sum) } : {}),
  ...(drawn ? { drawn: drawn.map(({ machines }) => ({ machines: [...machines] })) } : {}),
});

/** Weights of the sums, and draws of those of further tasks. */
export function tensorsOfSums(name: string, { sums = [], drawn = [] }: Sums): Record<string, NamedTensor> {
  const tensors: Record<string, NamedTensor> = {};
  sums.forEach(({ weights }, s) => {
    tensors[`${name}.sum.${s}`] = { shape: [WEIGHTS], data: weights };
  });
  drawn.forEach(({ draws }, d) => {
    tensors[`${name}.drawn.${d}`] = { shape: [draws.length / WEIGHTS, WEIGHTS], data: Float32Array.from(draws) };
  });
  return tensors;
}

/** The inverse of both. @param corrupt makes the error of what does not fit */
export function readSums(
  name: string,
  { sums, drawn }: SumParts,
  tensors: Readonly<Record<string, NamedTensor>>,
  corrupt: (why: string) => HwcastError,
): Sums {
  const read = (tensor: string): Float64Array => {
    const found = tensors[tensor];
    if (found?.shape.at(-1) !== WEIGHTS) throw corrupt(`tensor '${tensor}' is not of ${WEIGHTS} weights of operators`);
    return Float64Array.from(found.data);
  };
  return {
    ...(sums ? { sums: sums.map((sum, s) => ({ ...sum, weights: read(`${name}.sum.${s}`) })) } : {}),
    ...(drawn ? { drawn: drawn.map((d, i) => ({ ...d, draws: read(`${name}.drawn.${i}`) })) } : {}),
  };
}
