import type { Precision } from '../design/hlsDesign.js';

/** hls4ml's default type, `ap_fixed<16,6>`. */
export const DEFAULT_PRECISION: Precision = { bits: 16, intBits: 6, signed: true };

const inRange = (p: Precision): Precision | undefined =>
  p.bits >= 1 && p.bits <= 128 && (p.intBits === null || Math.abs(p.intBits) <= 128) ? p : undefined;

/** Rounding and overflow of `,AP_RND,AP_SAT,0`; what cuts and wraps, as types do unless told, is left out. */
function modesOf(text: string): Pick<Precision, 'rounding' | 'overflow'> {
  const [rounding, overflow] = text
    .split(',')
    .slice(1)
    .map((mode) => mode.replace(/^a[pc]_/, ''));
  return {
    ...(rounding?.startsWith('rnd') ? { rounding } : {}),
    ...(overflow?.startsWith('sat') ? { overflow } : {}),
  };
}

/**
 * A type as hls4ml writes it: `ap_fixed<16,6>`, `ap_ufixed<8,1,AP_RND,AP_SAT>`, `fixed<16,6>`, `ap_uint<1>`, `int8`, `ac_fixed<16,6,true>`.
 * Undefined for what is no fixed-point type (`auto`, `float`, `model`).
 */
export function parsePrecision(text: string): Precision | undefined {
  const plain = text.replace(/\s/g, '').toLowerCase();
  const ac = plain.match(/^ac_(fixed<(\d+),(-?\d+)|int<(\d+))(?:,(true|false))?((?:,[^>]*)?)>$/);
  if (ac) {
    const bits = Number(ac[2] ?? ac[4]);
    return inRange({ bits, intBits: Number(ac[3] ?? bits), signed: ac[5] !== 'false', ...modesOf(ac[6]) });
  }
  const fixed = plain.match(/^(?:ap_)?(u?)fixed<(\d+),(-?\d+)((?:,[^>]*)?)>$/);
  if (fixed) return inRange({ bits: Number(fixed[2]), intBits: Number(fixed[3]), signed: !fixed[1], ...modesOf(fixed[4]) });
  const int = plain.match(/^(?:ap_)?(u?)int<?(\d+)>?$/);
  if (int) return inRange({ bits: Number(int[2]), intBits: Number(int[2]), signed: !int[1] });
  return undefined;
}

/** Rounding and overflow by their numbers in names of HLS functions (`ap_q_mode`, `ap_o_mode`); others cut and wrap. */
const ROUNDING = ['rnd', 'rnd_zero', 'rnd_min_inf', 'rnd_inf', 'rnd_conv'],
  OVERFLOW = ['sat', 'sat_zero', 'sat_sym'];

/** Fixed-point types in the name of an HLS function, in order: `dense_latency_ap_fixed_8_2_5_3_0_ap_fixed_16_4_5_3_0_config2_s` has two. */
export function precisionsInName(name: string): Precision[] {
  return [...name.matchAll(/ap_(u?)fixed_(\d+)_(\d+)_(\d+)_(\d+)_\d+/g)].map((m) => {
    const rounding = ROUNDING[Number(m[4])],
      overflow = OVERFLOW[Number(m[5])];
    return {
      bits: Number(m[2]),
      intBits: Number(m[3]),
      signed: !m[1],
      ...(rounding ? { rounding } : {}),
      ...(overflow ? { overflow } : {}),
    };
  });
}
