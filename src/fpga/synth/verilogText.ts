import { counterBits, type FixedType, signedBits } from './fixedPoint.js';

/** `[bits-1:0] ` */
export const range = (bits: number): string => `[${bits - 1}:0]`;

/** Two's complement of a value in `bits` bits, as binary digits. */
export const binary = (value: number, bits: number): string =>
  BigInt.asUintN(bits, BigInt(value)).toString(2).padStart(bits, '0');

/** A signed literal of exact width; binary, for `-8'sd128` changes its sign in a wider expression. */
export const literal = (value: number, bits: number): string => `${bits}'sb${binary(value, bits)}`;

/** Lines that declare `name` as element `index` of a packed bus, as a signed number of `signedBits(type)` bits. */
export function element(name: string, bus: string, index: number, type: FixedType): string {
  const slice = `${bus}[${(index + 1) * type.bits - 1}:${index * type.bits}]`;
  return `wire signed ${range(signedBits(type))} ${name} = ${type.signed ? slice : `{1'b0, ${slice}}`};`;
}

/** A binary tree of multiplexers over the bits of `select`: no arithmetic and no one-hot decoding, in every synthesiser. `select` never passes the last choice. */
export function muxTree(choices: readonly string[], select: string): string {
  const build = (from: readonly string[], bit: number): string => {
    if (from.length === 1) return from[0];
    const half = 2 ** bit;
    if (from.length <= half) return build(from, bit - 1);
    return `(${select}[${bit}] ? ${build(from.slice(half), bit - 1)} : ${build(from.slice(0, half), bit - 1)})`;
  };
  return build(choices, counterBits(choices.length - 1) - 1);
}

/**
 * Lines that declare `name`, the value of signed `from` (`bits` wide) moved down by `shift` places and saturated to the type: an overflow shows in the bits
 * above the result not being copies of its sign.
 */
export function quantiser(name: string, from: string, bits: number, shift: number, to: FixedType): string[] {
  const width = Math.max(1, bits - shift);
  const moved =
    shift >= bits
      ? `{${from}[${bits - 1}]}`
      : shift > 0
        ? `${from}[${bits - 1}:${shift}]`
        : shift < 0
          ? `{${from}, ${-shift}'d0}`
          : from;
  const lines = [`wire signed ${range(width)} ${name}_m = ${moved};`];
  const declare = `wire ${range(to.bits)} ${name} =`;
  const sign = `${name}_m[${width - 1}]`;
  if (to.signed) {
    if (width <= to.bits)
      return [...lines, `${declare} ${width === to.bits ? `${name}_m` : `{{${to.bits - width}{${sign}}}, ${name}_m}`};`];
    const top = `${name}_m[${width - 1}:${to.bits - 1}]`;
    return [
      ...lines,
      `wire ${name}_fits = (&${top}) | ~(|${top});`,
      `${declare} ${name}_fits ? ${name}_m[${to.bits - 1}:0] : {${sign}, {${to.bits - 1}{~${sign}}}};`,
    ];
  }
  if (width - 1 <= to.bits) {
    const magnitude =
      width === 1
        ? `${to.bits}'d0`
        : `{${to.bits - width + 1 > 0 ? `${to.bits - width + 1}'d0, ` : ''}${name}_m[${width - 2}:0]}`;
    return [...lines, `${declare} ${sign} ? ${to.bits}'d0 : ${magnitude};`];
  }
  return [
    ...lines,
    `${declare} ${sign} ? ${to.bits}'d0 : (|${name}_m[${width - 2}:${to.bits}]) ? {${to.bits}{1'b1}} : ${name}_m[${to.bits - 1}:0];`,
  ];
}

/** Header of a layer module: packed beats in and out, each with valid and ready. */
export const streamPorts = (name: string, inBits: number, outBits: number, outReg: boolean): string[] => [
  `module ${name} (`,
  '  input clk, input rst,',
  `  input ${range(inBits)} in_data, input in_valid, output in_ready,`,
  `  output ${outReg ? 'reg ' : ''}${range(outBits)} out_data, output ${outReg ? 'reg ' : ''}out_valid, input out_ready`,
  ');',
];

/** A Verilog identifier of a layer's name; `index` keeps it unique. */
export const moduleName = (index: number, name: string): string => `s${index}_${name.replace(/[^A-Za-z0-9_]/g, '_')}`;
