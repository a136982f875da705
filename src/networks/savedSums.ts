import { z } from 'zod';
import { KERNEL_KINDS } from '../analytical/kernelWork.js';
import type { HwcastError } from '../core/errors.js';
import { WEIGHTS } from '../surrogate/operatorSum/kernelFeatures.js';
import { NEAR_WIDTH, type NearOperators } from '../surrogate/operatorSum/nearOperators.js';
import { LOWERINGS } from '../surrogate/operatorSum/operatorSum.js';
import type { NamedTensor } from '../surrogate/safetensors.js';
import type { TableValues } from './modelTable.js';

/** How many operators of each kind there are. */
const CountsSchema = z.array(z.int().nonnegative()).length(KERNEL_KINDS.length);
const MachineSchema = z.strictObject({
  peak: z.number().positive(),
  single: z.number().positive(),
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
  /** position in `near` */
  near: z.int().nonnegative().optional(),
});
/** What a model folder says of the sums of a table, beside their tensors. */
export const SUM_PARTS = {
  sums: z.array(SumSchema).optional(),
  near: z.array(CountsSchema).optional(),
  drawn: z
    .array(z.strictObject({ machines: z.array(z.strictObject({ lowering: z.enum(LOWERINGS), machine: MachineSchema })) }))
    .optional(),
};
type SumParts = z.infer<z.ZodObject<typeof SUM_PARTS>>;
type Sums = Pick<TableValues, 'sums' | 'drawn'>;

/** Measured operators that sums stand on, each once. */
const nearOf = (sums: Sums['sums'] = []): NearOperators[] => [...new Set(sums.flatMap((s) => s.near ?? []))];

export function partsOfSums({ sums, drawn }: Sums): SumParts {
  const near = nearOf(sums);
  return {
    ...(sums
      ? {
          sums: sums.map(({ weights: _, near: own, ...sum }) => ({ ...sum, ...(own ? { near: near.indexOf(own) } : {}) })),
          near: near.map(({ counts }) => [...counts]),
        }
      : {}),
    ...(drawn ? { drawn: drawn.map(({ machines }) => ({ machines: [...machines] })) } : {}),
  };
}

/** Weights of the sums, and draws of those of further tasks. */
export function tensorsOfSums(name: string, { sums = [], drawn = [] }: Sums): Record<string, NamedTensor> {
  const tensors: Record<string, NamedTensor> = {};
  sums.forEach(({ weights }, s) => {
    tensors[`${name}.sum.${s}`] = { shape: [WEIGHTS], data: weights };
  });
  nearOf(sums).forEach(({ rows }, n) => {
    tensors[`${name}.near.${n}`] = { shape: [rows.length / NEAR_WIDTH, NEAR_WIDTH], data: rows };
  });
  drawn.forEach(({ draws }, d) => {
    tensors[`${name}.drawn.${d}`] = { shape: [draws.length / WEIGHTS, WEIGHTS], data: Float32Array.from(draws) };
  });
  return tensors;
}

/** The inverse of both. @param corrupt makes the error of what does not fit */
export function readSums(
  name: string,
  { sums, near: counts = [], drawn }: SumParts,
  tensors: Readonly<Record<string, NamedTensor>>,
  corrupt: (why: string) => HwcastError,
): Sums {
  const read = (tensor: string): Float64Array => {
    const found = tensors[tensor];
    if (found?.shape.at(-1) !== WEIGHTS) throw corrupt(`tensor '${tensor}' is not of ${WEIGHTS} weights of operators`);
    return Float64Array.from(found.data);
  };
  const near = counts.map((of, n): NearOperators => {
    const found = tensors[`${name}.near.${n}`];
    if (found?.shape.at(-1) !== NEAR_WIDTH || found.shape[0] !== of.reduce((a, c) => a + c, 0))
      throw corrupt(`tensor '${name}.near.${n}' is not of the operators that it is said to hold`);
    return { counts: of, rows: Float32Array.from(found.data) };
  });
  const nearAt = (at: number): NearOperators => {
    if (!near[at]) throw corrupt(`there are no measured operators '${name}.near.${at}'`);
    return near[at];
  };
  return {
    ...(sums
      ? {
          sums: sums.map(({ near: at, ...sum }, s) => ({
            ...{ ...sum, weights: read(`${name}.sum.${s}`) },
            ...(at === undefined ? {} : { near: nearAt(at) }),
          })),
        }
      : {}),
    ...(drawn ? { drawn: drawn.map((d, i) => ({ ...d, draws: read(`${name}.drawn.${i}`) })) } : {}),
  };
}
