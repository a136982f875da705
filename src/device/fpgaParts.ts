import { closeNames, HwcastError } from '../core/errors.js';
import { BITS_OF_BRAM18, type DspGeneration, FPGA_FAMILIES, STATIC_POWER_W, USUAL_PART } from './fpgaPartTable.js';

/** Capacity of an FPGA part. */
export interface FpgaPart {
  /** as the tools write it, without package and speed grade */
  name: string;
  /** other spellings and boards that carry it */
  aliases: string[];
  family: string;
  dspGeneration: DspGeneration;
  /** look-up tables; Intel: ALUTs, two an ALM (or logic elements) */
  lut: number;
  ff: number;
  /** multiplier blocks of `dspGeneration` */
  dsp: number;
  /** 18 Kb blocks; block RAM of another size by its bits, rounded down */
  bram18: number;
  /** block RAM as the part has it */
  bramBlock: { bits: number; count: number };
  /** 288 Kb blocks */
  uram: number;
  lutInputs: number;
  /** user I/O of its largest package; absent where not known to us */
  io?: number;
  /** power of the configured, idle part; absent where not known to us */
  staticPowerW?: number;
  source: string;
}

/** The catalogue, in the order of families. */
export const FPGA_PARTS: readonly FpgaPart[] = FPGA_FAMILIES.flatMap(({ family, dsp, lutInputs, block, source, parts }) =>
  parts.map(([name, aliases, lut, ff, dsps, blocks, uram = 0, io]) => ({
    name,
    aliases: aliases ? aliases.split(',') : [],
    family,
    dspGeneration: dsps ? dsp : 'none',
    lut,
    ff,
    dsp: dsps,
    bram18: Math.floor((blocks * block) / BITS_OF_BRAM18),
    bramBlock: { bits: block, count: blocks },
    uram,
    lutInputs,
    ...(io === undefined ? {} : { io }),
    ...(name in STATIC_POWER_W ? { staticPowerW: STATIC_POWER_W[name] } : {}),
    source,
  })),
);

const normal = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-')
    .replace(/^gw(\w+)-(?:lv|uv|ev)(\d+)/, 'gw$1-$2');
/** Names without separators, so that `zcu-102` is `zcu102` and `xc7z020-clg400-1` is `xc7z020clg400-1`. */
const bare = (text: string): string => normal(text).replace(/[-/.]/g, '');

let index: Map<string, FpgaPart> | undefined;
function partsByName(): Map<string, FpgaPart> {
  if (!index) {
    index = new Map();
    for (const part of FPGA_PARTS) for (const name of [part.name, ...part.aliases]) index.set(bare(name), part);
    for (const [family, name] of Object.entries(USUAL_PART))
      if (!index.has(bare(family))) index.set(bare(family), FPGA_PARTS.find((p) => p.name === name)!);
  }
  return index;
}

/** What may follow the name of a die: package, speed and temperature grade, at least one digit in it (`clg400-1`, `-2-i`). */
const isPackage = (rest: string, dieEndsInDigit: boolean): boolean =>
  rest.length <= 24 && /\d/.test(rest) && /^[a-z0-9]+$/.test(rest) && !(dieEndsInDigit && /^\d/.test(rest));

/** The part of that name, undefined where there is none; see `fpgaPartNamed`. */
export function findFpgaPart(text: string): FpgaPart | undefined {
  const names = partsByName(),
    wanted = bare(text);
  const exact = names.get(wanted);
  if (exact) return exact;
  let best: { length: number; part: FpgaPart } | undefined;
  for (const part of FPGA_PARTS)
    for (const name of [part.name, ...part.aliases]) {
      const key = bare(name);
      if (!wanted.startsWith(key) || key.length <= (best?.length ?? 0)) continue;
      const rest = wanted.slice(key.length);
      // a speed grade may stand before the package: xc7z020-1clg400c
      const graded = normal(text).startsWith(`${normal(name)}-`);
      if (isPackage(rest, /\d$/.test(key) && !graded)) best = { length: key.length, part };
    }
  return best?.part;
}

/**
 * The FPGA part called `text`: a die (`xc7z020`), a full tool name with package and grades (`xcvu9p-flgb2104-2-i`, `xc7z020clg400-1`), a board
 * (`pynq-z2`) or a family (`ecp5`: the usual part of its boards). Case and separators do not matter.
 * @throws HwcastError `not-found` naming close matches.
 */
export function fpgaPartNamed(text: string): FpgaPart {
  const part = findFpgaPart(text);
  if (part) return part;
  const names = FPGA_PARTS.flatMap((p) => [p.name, ...p.aliases]);
  const die = normal(text).replace(/-?[a-z]{3,4}\d{3,4}.*$/, '');
  const close = closeNames(die || normal(text), [...names, ...Object.keys(USUAL_PART)], 5);
  throw new HwcastError('not-found', `no FPGA part '${text}' in the catalogue`, {
    hint: close.length
      ? `did you mean ${close.join(', ')}?`
      : `known families: ${[...new Set(FPGA_PARTS.map((p) => p.family))].join(', ')}`,
  });
}
