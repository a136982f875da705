import { HwcastError } from '../../core/errors.js';
import { dimExpression } from './dimExpression.js';
import type { ReadModelOptions } from './modelReader.js';

/** An input as a file declares it: the length of each axis, a name or expression where it is open ('' without one); `dims` is undefined where the file says none. */
export interface DeclaredInput {
  name: string;
  dims?: readonly (number | string)[] | undefined;
}

export interface BoundInputs {
  /** shape of each input, in the order of the file */
  shapes: ReadonlyMap<string, number[]>;
  /** length of each symbolic axis by its name */
  dims: ReadonlyMap<string, number>;
  assumptions: string[];
}

/** Names of axes that are no batch although they stand first. */
const NO_BATCH = /seq|len|height|width|time|frame|token|step/i;

/**
 * Shapes of the inputs: those of the file, symbolic axes bound by name or by the shape of an input, the first axis of each input by `batch` (1 unless
 * told).
 * @throws HwcastError `bad-input` naming the input, its open axes and the flags that bind them; or a name that the model has not.
 */
export function bindInputs(inputs: readonly DeclaredInput[], options: ReadModelOptions, where: string): BoundInputs {
  const bound = new Map(Object.entries(options.dims ?? {}));
  const given = new Map(Object.entries(options.shapes ?? {}));
  checkNames(inputs, given, bound, where);
  const assumptions: string[] = [];

  for (const input of inputs) {
    const shape = given.get(input.name) ?? oneAxis(input, bound);
    if (!shape) continue;
    given.set(input.name, shape);
    if (input.dims && input.dims.length !== shape.length)
      throw new HwcastError('bad-input', `input '${input.name}' has ${input.dims.length} axes, not [${shape}]`, { where });
    input.dims?.forEach((dim, i) => {
      if (typeof dim === 'string' && dim) bound.set(dim, shape[i]);
    });
  }
  const batches = inputs.filter((i) => !given.has(i.name) && isBatch(i.dims?.[0]));
  const openBatches = batches.filter((i) => !bound.has(i.dims![0] as string));
  if (openBatches.length) {
    const batch = options.batch ?? 1;
    for (const { dims } of openBatches) if (dims![0]) bound.set(dims![0] as string, batch);
    if (options.batch === undefined) assumptions.push('batch 1 where the file leaves it open');
  } else if (options.batch !== undefined) checkFixedBatch(inputs, options.batch, given, bound, where);

  const shapes = new Map<string, number[]>();
  for (const input of inputs) {
    const told = given.get(input.name);
    if (told) shapes.set(input.name, [...told]);
    else shapes.set(input.name, fileShape(input, bound, options.batch ?? 1, where));
  }
  return { shapes, dims: bound, assumptions };
}

const isBatch = (dim: number | string | undefined): dim is string => typeof dim === 'string' && !NO_BATCH.test(dim);

/** `--shape ids=128` of an input of one axis. */
const oneAxis = ({ name, dims }: DeclaredInput, bound: ReadonlyMap<string, number>): number[] | undefined =>
  dims?.length === 1 && bound.has(name) ? [bound.get(name)!] : undefined;

function fileShape({ name, dims }: DeclaredInput, bound: ReadonlyMap<string, number>, batch: number, where: string): number[] {
  if (!dims)
    throw new HwcastError('bad-input', `the file does not say the shape of input '${name}'`, {
      where,
      hint: `say it: --shape ${name}=1x3x224x224`,
    });
  const shape = dims.map((dim, i) => {
    if (typeof dim === 'number') return dim >= 0 ? dim : undefined;
    return dimExpression(dim, bound) ?? (dim === '' && i === 0 ? batch : undefined);
  });
  const open = shape.flatMap((n, i) => (n === undefined ? [i] : []));
  if (!open.length) return shape as number[];
  const named = open.flatMap((i) => (typeof dims[i] === 'string' && /^[A-Za-z_]\w*$/.test(dims[i]) ? [dims[i]] : []));
  const axes = open.map((i) => (dims[i] ? `${i} (${dims[i]})` : i)).join(', ');
  const whole = shape.map((n) => n ?? 128).join('x');
  throw new HwcastError('bad-input', `input '${name}' leaves ${open.length > 1 ? 'axes' : 'axis'} ${axes} open`, {
    where,
    hint: `bind ${open.length > 1 ? 'them' : 'it'}: --shape ${name}=${whole}${named.length ? `, or ${named.map((n) => `--shape ${n}=128`).join(' ')}` : ''}`,
  });
}

function checkNames(
  inputs: readonly DeclaredInput[],
  given: ReadonlyMap<string, unknown>,
  bound: ReadonlyMap<string, unknown>,
  where: string,
): void {
  const names = new Set(inputs.map((i) => i.name));
  const symbols = new Set(inputs.flatMap((i) => i.dims?.filter((d): d is string => typeof d === 'string' && d !== '') ?? []));
  const words = [...symbols].flatMap((s) => s.match(/[A-Za-z_]\w*/g) ?? []);
  const unknown = [
    ...[...given.keys()].filter((n) => !names.has(n)),
    ...[...bound.keys()].filter((n) => !names.has(n) && !symbols.has(n) && !words.includes(n)),
  ];
  if (unknown.length)
    throw new HwcastError('bad-input', `no input or axis '${unknown[0]}'`, {
      where,
      hint: `inputs: ${[...names].join(', ') || 'none'}${symbols.size ? `; axes: ${[...symbols].join(', ')}` : ''}`,
    });
}

/** A batch that the file fixes can be asked for, but not changed. */
function checkFixedBatch(
  inputs: readonly DeclaredInput[],
  batch: number,
  given: ReadonlyMap<string, unknown>,
  bound: ReadonlyMap<string, number>,
  where: string,
): void {
  const fixed = inputs.find((i) => {
    const first = i.dims?.[0];
    const length = typeof first === 'string' ? dimExpression(first, bound) : first;
    return !given.has(i.name) && i.dims!.length > 0 && length !== undefined && length !== batch;
  });
  if (fixed)
    throw new HwcastError('bad-input', `input '${fixed.name}' is fixed to [${fixed.dims}]: --batch ${batch} cannot change it`, {
      where,
      hint: `--shape ${fixed.name}=${[batch, ...fixed.dims!.slice(1)].join('x')} tries it; or export the model with an open batch axis`,
    });
}
