import type { Precision } from '../../design/hlsDesign.js';
import { type HeaderLayer, HeaderLayerSchema } from '../hls4mlHeader.js';
import { parsePrecision } from '../precisionText.js';
import { parseRow } from '../rowText.js';

/** What `firmware/parameters.h` and `firmware/defines.h` of an hls4ml project say. */
export interface ParameterHeader {
  /** a struct a layer, and those inside layers, in the order of the file */
  layers: HeaderLayer[];
  /** types by name: `input_t`, `layer2_t`, `weight2_t`.. */
  types: ReadonlyMap<string, Precision>;
  /** names of layers in the network by their number; comments of recent versions tell them */
  names: ReadonlyMap<string, string>;
}

/** `// name` of a line of its own, and the struct behind it with its base and body. */
const STRUCT =
  /(?:^[ \t]*\/\/[ \t]*([\w.-]+)[ \t]*\n)?^[ \t]*struct\s+(\w+)\s*:\s*nnet::(\w+?)_config\w*\s*\{([\s\S]*?)^[ \t]*\};/gm;
const FIELD = /static const (?:unsigned|int|bool|nnet::\w+)\s+(\w+)\s*=\s*([^;]+);/g;
const TYPEDEF =
  /typedef\s+(?:nnet::array<)?\s*((?:a[pc]_u?(?:fixed|int)|(?:float|double))\s*(?:<[^;]*?>)?)\s*(?:,[^;]*>)?\s+(\w+)\s*;/g;

/** Reads both headers; older versions of hls4ml write types and sizes into `parameters.h`. */
export function parameterHeader(texts: { parameters: string; defines?: string; top?: string }, where: string): ParameterHeader {
  const { parameters, defines = '', top = '' } = texts;
  const numbers = new Map<string, number>(),
    types = new Map<string, Precision>();
  for (const [, name, value] of `${defines}\n${parameters}`.matchAll(/#define\s+(\w+)\s+(\d+)\b/g))
    numbers.set(name, Number(value));
  for (const [, text, name] of `${defines}\n${parameters}`.matchAll(TYPEDEF)) {
    const type = parsePrecision(text.replace(/\s+/g, ''));
    if (type) types.set(name, type);
  }
  const layers: HeaderLayer[] = [],
    names = new Map<string, string>();
  for (const [, comment, config, kind, body] of parameters.matchAll(STRUCT)) {
    layers.push(structLayer(config, kind, body, numbers, types, where));
    const number = layerNumber(config);
    if (comment && number && !names.has(number)) names.set(number, comment);
  }
  for (const [, number, name] of top.matchAll(/config(\d+)>\([^;]*\);[ \t]*\/\/[ \t]*([\w.-]+)/g)) names.set(number, name);
  return { layers, types, names };
}

/** `2` of `config2`, `relu_config2` and `config2_mult`. */
export const layerNumber = (config: string): string | undefined => /config(\d+)/.exec(config)?.[1];

function structLayer(
  config: string,
  kind: string,
  body: string,
  numbers: ReadonlyMap<string, number>,
  types: ReadonlyMap<string, Precision>,
  where: string,
): HeaderLayer {
  const fields: Record<string, unknown> = { config, kind },
    own = new Map(numbers);
  for (const [, name, text] of body.matchAll(FIELD)) {
    const value = fieldValue(text.trim(), own);
    if (value === undefined) continue;
    fields[name] = value;
    if (typeof value === 'number') own.set(name, value);
  }
  // a whole tensor is normalised where n_filt is -1
  if (typeof fields.n_filt === 'number' && fields.n_filt < 0) delete fields.n_filt;
  for (const [, type, role] of body.matchAll(/typedef\s+(\w+)\s+(weight|bias|accum|scale)_t\s*;/g)) {
    const precision = types.get(type);
    if (precision) fields[role] = { bits: precision.bits, int_bits: precision.intBits, signed: precision.signed };
  }
  return parseRow(HeaderLayerSchema, fields, `struct ${config}`, where);
}

/** A number, a product or sum of numbers and names, or the last part of `nnet::latency`; undefined for another expression. */
function fieldValue(text: string, numbers: ReadonlyMap<string, number>): number | string | undefined {
  const name = /^nnet::(?:\w+::)*(\w+)$/.exec(text)?.[1];
  if (name) return name;
  if (/^-?\d+$/.test(text)) return Number(text);
  const factors = text.split('*').map((factor) => {
    const part = factor.trim();
    return /^\d+$/.test(part) ? Number(part) : numbers.get(part);
  });
  return factors.every((n) => n !== undefined) ? factors.reduce<number>((a, b) => a * b!, 1) : undefined;
}
