import { isDeepStrictEqual } from 'node:util';
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
  kind: z.enum(['gpu', 'processor']),
  peak: z.number().positive(),
  single: z.number().positive(),
  bandwidth: z.number().positive(),
  launch: z.number().positive(),
  units: z.number().positive(),
  tile: z.number().positive(),
  width: z.number().positive(),
  batch: z.int().positive(),
  perImage: z.literal(true).optional(),
});
const SumSchema = z.strictObject({
  column: z.int().nonnegative(),
  lowering: z.enum(LOWERINGS),
  level: z.number(),
  deviation: z.number().positive(),
  machine: MachineSchema,
  /** position in `near` of the model */
  near: z.int().nonnegative().optional(),
});
/** Machines of folders that were written until November 28, 2026: their weights stand on other times of kernels. */
const EarlierMachine = z.looseObject({ machine: z.looseObject({ kind: z.undefined().optional() }) });
const Machines = z.array(z.unknown()).default([]);
const MachinesOfTables = z.looseObject({
  tables: z.array(z.looseObject({ sums: Machines, drawn: z.array(z.looseObject({ machines: Machines })).default([]) })),
});
/** Whether the sums of a model folder were fitted to other times of kernels than are expected now. */
export function areOfEarlierKernels(parts: unknown): boolean {
  const { data } = MachinesOfTables.safeParse(parts);
  const machines = data?.tables.flatMap(({ sums, drawn }) => [...sums, ...drawn.flatMap((d) => d.machines)]) ?? [];
  return machines.some((m) => EarlierMachine.safeParse(m).success);
}

/** What a model folder says of measured operators that sums stand on. */
export const NEAR_PART = z.array(CountsSchema).optional();
/** What a model folder says of the sums of a table, beside their tensors. */
export const SUM_PARTS = {
  sums: z.array(SumSchema).optional(),
  drawn: z
    .array(z.strictObject({ machines: z.array(z.strictObject({ lowering: z.enum(LOWERINGS), machine: MachineSchema })) }))
    .optional(),
};
type SumParts = z.infer<z.ZodObject<typeof SUM_PARTS>>;
type Sums = Pick<TableValues, 'sums' | 'drawn'>;

/** Measured operators that the sums of tables stand on, each once: tables of one source have the same. */
export class NearOfTables {
  private readonly position = new Map<NearOperators, number>();
  readonly all: NearOperators[] = [];

  constructor(tables: readonly Sums[]) {
    for (const near of tables.flatMap(({ sums = [] }) => sums.flatMap((s) => s.near ?? []))) {
      if (this.position.has(near)) continue;
      const same = this.all.findIndex((n) => isDeepStrictEqual(n, near));
      this.position.set(near, same < 0 ? this.all.push(near) - 1 : same);
    }
  }

  indexOf(near: NearOperators): number {
    return this.position.get(near)!;
  }

  parts(): z.infer<typeof NEAR_PART> {
    return this.all.length ? this.all.map(({ counts }) => [...counts]) : undefined;
  }

  tensors(): Record<string, NamedTensor> {
    return Object.fromEntries(
      this.all.map(({ rows }, n) => [`near.${n}`, { shape: [rows.length / NEAR_WIDTH, NEAR_WIDTH], data: rows }]),
    );
  }
}

export function partsOfSums({ sums, drawn }: Sums, near: NearOfTables): SumParts {
  return {
    ...(sums
      ? {
          sums: sums.map(({ weights: _, near: own, ...sum }) => ({ ...sum, ...(own ? { near: near.indexOf(own) } : {}) })),
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
  drawn.forEach(({ draws }, d) => {
    tensors[`${name}.drawn.${d}`] = { shape: [draws.length / WEIGHTS, WEIGHTS], data: Float32Array.from(draws) };
  });
  return tensors;
}

/** Measured operators of tensors `near.N`. @param corrupt makes the error of what does not fit */
export const readNear = (
  counts: z.infer<typeof NEAR_PART> = [],
  tensors: Readonly<Record<string, NamedTensor>>,
  corrupt: (why: string) => HwcastError,
): NearOperators[] =>
  counts.map((of, n): NearOperators => {
    const tensor = `near.${n}`,
      found = tensors[tensor];
    if (found?.shape.at(-1) !== NEAR_WIDTH || found.shape[0] !== of.reduce((a, c) => a + c, 0))
      throw corrupt(`tensor '${tensor}' is not of the operators that it is said to hold`);
    return { counts: of, rows: Float32Array.from(found.data) };
  });

/** The inverse of both. @param near measured operators of all tables @param corrupt makes the error of what does not fit */
export function readSums(
  name: string,
  { sums, drawn }: SumParts,
  near: readonly NearOperators[],
  tensors: Readonly<Record<string, NamedTensor>>,
  corrupt: (why: string) => HwcastError,
): Sums {
  const read = (tensor: string): Float64Array => {
    const found = tensors[tensor];
    if (found?.shape.at(-1) !== WEIGHTS) throw corrupt(`tensor '${tensor}' is not of ${WEIGHTS} weights of operators`);
    return Float64Array.from(found.data);
  };
  const nearAt = (at: number): NearOperators => {
    if (!near[at]) throw corrupt(`${name} stands on measured operators 'near.${at}', which there are none of`);
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
