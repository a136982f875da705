import type { Precision } from '../../design/hlsDesign.js';
import { activationNamed } from '../activationName.js';

/** What a quantiser states, as text or numbers, before it is checked. */
interface QuantizerFields {
  name: string;
  bits: unknown;
  /** integer bits without the sign */
  integer: unknown;
  keepNegative: boolean;
}

/** The fields of `quantized_bits(4,0,alpha=1)`: arguments by position or by name. */
function fieldsOfText(text: string): QuantizerFields | undefined {
  const match = text.match(/^(quantized_\w+|binary|ternary)(?:\((.*)\))?$/s);
  if (!match) return undefined;
  const args = (match[2] ?? '').split(',').map((a) => a.trim());
  const named = (key: string): string | undefined => args.find((a) => a.startsWith(`${key}=`))?.slice(key.length + 1);
  const placed = (i: number): string | undefined => (args[i] && !args[i].includes('=') ? args[i] : undefined);
  return {
    name: match[1],
    bits: named('bits') ?? placed(0) ?? 8,
    integer: named('integer') ?? placed(1) ?? 0,
    keepNegative: !/^(0|false)$/i.test(named('keep_negative') ?? '1'),
  };
}

function fieldsOfObject(value: object): QuantizerFields | undefined {
  const { class_name, config } = value as { class_name?: unknown; config?: Record<string, unknown> };
  if (typeof class_name !== 'string') return undefined;
  return {
    name: class_name,
    bits: config?.bits ?? 8,
    integer: config?.integer ?? 0,
    keepNegative: config?.keep_negative !== false,
  };
}

/** Quantisers whose results are never negative. */
const UNSIGNED = /^quantized_(relu|sigmoid)$/;

/**
 * The type of the values that a QKeras quantiser gives: text (`quantized_bits(4,0,alpha=1)`) or a serialised object. `bits` of QKeras counts the sign,
 * `integer` does not. Undefined where the value is no quantiser hwcast knows, or its widths are no whole numbers from 1 to 128.
 */
export function quantizerPrecision(value: unknown): Precision | undefined {
  const fields =
    typeof value === 'string' ? fieldsOfText(value) : value && typeof value === 'object' ? fieldsOfObject(value) : undefined;
  if (!fields) return undefined;
  if (fields.name === 'binary') return { bits: 1, intBits: 1, signed: true };
  if (fields.name === 'ternary') return { bits: 2, intBits: 2, signed: true };
  if (!/^quantized_(bits|relu|tanh|sigmoid|linear)$/.test(fields.name)) return undefined;
  const signed = !UNSIGNED.test(fields.name) && fields.keepNegative;
  const bits = Number(fields.bits),
    integer = Number(fields.integer);
  if (!Number.isInteger(bits) || bits < 1 || bits > 128 || !Number.isInteger(integer)) return undefined;
  return { bits, intBits: integer + (signed ? 1 : 0), signed };
}

/** Whether a quantiser of QKeras scales values by a factor that it takes from them (`alpha='auto'`, or one and two bits): the file does not hold it. */
export function quantizerScales(value: unknown): boolean {
  const text = typeof value === 'string' ? value : undefined,
    object = value as { class_name?: unknown; config?: { alpha?: unknown } } | null;
  if (/^(binary|ternary)|_po2/.test(text ?? String(object?.class_name))) return true;
  const alpha = text === undefined ? object?.config?.alpha : /alpha\s*=\s*([^,)]+)/.exec(text)?.[1];
  return !(alpha === undefined || alpha === null || alpha === 'None' || Number(alpha) === 1);
}

/** An activation as a layer names it: as text, as a quantiser or as a serialised object. */
export interface KerasActivation {
  /** hwcast's name; absent: unknown */
  name?: string;
  /** as the file has it */
  text: string;
  /** type of the results, where a quantiser states one */
  result?: Precision;
}

export function kerasActivation(value: unknown): KerasActivation {
  const object =
    value && typeof value === 'object' ? (value as { class_name?: unknown; config?: Record<string, unknown> }) : undefined;
  const text = typeof value === 'string' ? value : object ? String(object.class_name) : 'linear';
  const real = ['use_real_tanh', 'use_real_sigmoid'].find((key) => object?.config?.[key]);
  const result = quantizerPrecision(/^(binary|ternary)_tanh$/i.test(text) ? text.toLowerCase().replace('_tanh', '') : value);
  return { name: activationNamed(real ? `${text}(${real}=1)` : text), text, result };
}
