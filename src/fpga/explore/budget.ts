import { HwcastError } from '../../core/errors.js';
import type { FpgaPart } from '../../device/fpgaParts.js';
import { RESOURCES } from '../designTargets.js';

export type Budget = Partial<Record<(typeof RESOURCES)[number] | 'latency' | 'ii', number>>;

/**
 * Limits of a design: `dsp=200,lut=50%,latency=1000`. Percent are of the part; `latency` and `ii` are clock cycles.
 * @throws HwcastError `usage` naming the entry.
 */
export function parseBudget(text: string, part: FpgaPart): Budget {
  const budget: Budget = {},
    keys = [...RESOURCES, 'latency', 'ii'] as const;
  for (const entry of text
    .split(',')
    .map((s) => s.trim())
    .filter(Boolean)) {
    const [, name, number, percent] = /^(\w+)\s*=\s*(\d+(?:\.\d+)?)(%?)$/.exec(entry) ?? [];
    const key = keys.find((k) => k === (name === 'bram' ? 'bram18' : name));
    if (!key)
      throw new HwcastError('usage', `--budget does not understand '${entry}'`, {
        hint: `entries are NAME=NUMBER or NAME=PERCENT%, NAME one of ${keys.join(', ')}`,
      });
    if (percent && (key === 'latency' || key === 'ii'))
      throw new HwcastError('usage', `--budget ${entry}: a share of what? ${key} is a number of clock cycles`);
    budget[key] = percent ? (Number(number) / 100) * part[key as 'lut'] : Number(number);
  }
  return budget;
}
