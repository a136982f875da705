import { elementCount } from '../../../core/elementCount.js';
import type { Dtype } from '../../tensorType.js';
import { closing } from './mlirText.js';

/** A tensor as the text states it; an axis that is left open is undefined. */
export interface MlirTensor {
  dims: (number | undefined)[];
  dtype: Dtype;
}

const ELEMENTS: readonly [RegExp, Dtype][] = [
  [/^f64|^complex/, 'fp64'],
  [/^f32/, 'fp32'],
  [/^tf32/, 'tf32'],
  [/^f16/, 'fp16'],
  [/^bf16/, 'bf16'],
  [/^f8/, 'fp8'],
  [/^(u|s)?i64|^index/, 'int64'],
  [/^(u|s)?i32/, 'int32'],
  [/^(u|s)?i16/, 'int16'],
  [/^(s?i8|!quant\.uniform<i8)/, 'int8'],
  [/^(ui8|!quant\.uniform<u8)/, 'uint8'],
  [/^(u|s)?i4/, 'int4'],
  [/^i1/, 'bool'],
];

/** The tensors whose types stand in a text, in their order: `tensor<1x?x3xf32>`. */
export function tensorTypes(text: string): MlirTensor[] {
  return [...text.matchAll(/tensor<((?:(?:\d+|\?)x)*)([!a-z][\w.]*(?:<[\w:]*)?)/g)].flatMap(([, dims, element]) => {
    const dtype = ELEMENTS.find(([pattern]) => pattern.test(element))?.[1];
    if (!dtype) return [];
    return [
      {
        dims: dims
          .split('x')
          .filter(Boolean)
          .map((n) => (n === '?' ? undefined : Number(n))),
        dtype,
      },
    ];
  });
}

/** The numbers of `name = [1, 2]`, `name = array<i64: 1, 2>`, `name = dense<[1, 2]> : ..` or `name = 1`; undefined where there is no such thing. */
export function numbersOf(text: string, name: string): number[] | undefined {
  const found = new RegExp(`\\b${name}\\s*=\\s*(-?\\d+|\\[|array<|dense<)`).exec(text);
  if (!found) return undefined;
  const start = found.index + found[0].length - found[1].length;
  const bracket = start + found[1].length - 1;
  if (!/[[<]$/.test(found[1])) return [Number(found[1])];
  const value = text.slice(bracket, closing(text, bracket)).replace(/^<i\d+:?/, '');
  const numbers = [...value.matchAll(/-?\d+/g)].map(Number);
  const splat = /^<-?\d+>\s*:\s*tensor<((?:\d+x)+)/.exec(text.slice(bracket));
  if (!splat) return numbers;
  return Array<number>(elementCount(splat[1].split('x').filter(Boolean).map(Number))).fill(numbers[0]);
}
