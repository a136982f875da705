import { z } from 'zod';
import { closeNames } from '../../core/errors.js';
import { DtypeSchema } from '../tensorType.js';

/** Attributes as a graph file writes them. A node's attributes are never changed once the node is made. */
export type Attrs = Readonly<Record<string, number | string | number[]>>;

/** Why an operator does not fit its operands or attributes; callers add which operator and which node. */
export class Misfit extends Error {
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** A whole number of at least `least`. */
export function whole(least = Number.MIN_SAFE_INTEGER) {
  const error = least > Number.MIN_SAFE_INTEGER ? `must be a whole number of at least ${least}` : 'must be a whole number';
  return z.int({ error }).min(least, { error });
}

/** 0 or 1. */
export const flag = (fallback: 0 | 1) => z.union([z.literal(0), z.literal(1)], { error: 'must be 0 or 1' }).default(fallback);

/** One of the words. */
export const word = <const W extends readonly [string, ...string[]]>(...words: W) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

/** A list of whole numbers, e.g. axes or sizes. */
export const list = (least?: number) => z.array(whole(least), { error: 'must be a list of whole numbers' });

/** One whole number or a list of them, read as a list. */
export const oneOrMore = () =>
  z
    .union([whole(), list()], { error: 'must be a whole number or a list of them' })
    .transform((v): number[] => (typeof v === 'number' ? [v] : v));

/** One whole number for all of `axes` spatial axes, or one for each. */
export function perAxis(axes: number, least = 1) {
  const error =
    axes === 1
      ? `must be a whole number of at least ${least}`
      : `must be one whole number of at least ${least}, or ${axes} of them`;
  return z
    .union([whole(least), list(least).refine((v) => v.length === 1 || v.length === axes, { error })], { error })
    .transform((v): number[] => Array.from({ length: axes }, (_, i) => (typeof v === 'number' ? v : (v[i] ?? v[0]))));
}

/** Places added before and after each spatial axis, or `same`: as many as give ceil(size / stride), the odd one behind. */
export type Padding = { readonly before: readonly number[]; readonly after: readonly number[] } | 'same';

/**
 * Padding of `axes` spatial axes: one number, one for each axis (both sides), twice as many (all that come before, then all that come after, as
 * ONNX writes them), `same` or `valid`; none unless told.
 */
export function padding(axes: number) {
  const error = `must be one whole number, ${axes} or ${2 * axes} of them, 'same' or 'valid'`;
  const lengths = [1, axes, 2 * axes];
  return z
    .union([whole(0), list(0).refine((v) => lengths.includes(v.length), { error }), z.literal('same'), z.literal('valid')], {
      error,
    })
    .transform((v): Padding => {
      if (v === 'same') return v;
      const sides = v === 'valid' ? [0] : typeof v === 'number' ? [v] : v;
      const before = Array.from({ length: axes }, (_, i) => sides[sides.length === 1 ? 0 : i]);
      return { before, after: sides.length === 2 * axes ? sides.slice(axes) : before };
    })
    .default({ before: Array(axes).fill(0), after: Array(axes).fill(0) });
}

/** Learned values that count at this node, where they are not what its sizes say: shared with an earlier node, or without one of its rows. */
export const COUNTED_PARAMS = { params: whole(0).optional() };

/** Of operators with weights: their element type, the one the arithmetic runs in, where they are not the output's, and how many count here. */
export const WEIGHT_TYPES = { weightDtype: DtypeSchema.optional(), computeDtype: DtypeSchema.optional(), ...COUNTED_PARAMS };

/** Attributes every operator takes: `shape` states the output's where it does not follow from the rest. */
export const COMMON = { shape: list(0).optional() };
export interface CommonAttributes {
  shape?: number[] | undefined;
}

/** The first thing wrong with attributes, in words. */
export function misfitOf(attrs: Attrs, names: readonly string[], error: z.ZodError): Misfit {
  // a misspelt name is more telling than the one that is missing for it
  const issue = error.issues.find((i) => i.code === 'unrecognized_keys') ?? error.issues[0];
  const takes = names.length ? `it takes ${names.join(', ')}` : 'it takes none';
  if (issue.code === 'unrecognized_keys') {
    const close = closeNames(issue.keys[0], names);
    return new Misfit(`has no attribute '${issue.keys[0]}'`, close.length ? `did you mean ${close.join(', ')}? ${takes}` : takes);
  }
  const name = String(issue.path[0]);
  if (attrs[name] === undefined) return new Misfit(`needs attrs.${name}`, takes);
  return new Misfit(`attrs.${name} ${issue.message}, not ${JSON.stringify(attrs[name])}`, takes);
}
