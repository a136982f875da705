import { HwcastError } from '../core/errors.js';
import { TARGETS, type Target, valueColumn } from './targets.js';

/** Units as people write them; in lower case they are the ends of columns, `latency_ms`. */
const WRITTEN: readonly string[] = 'ns us ms s uJ mJ J mW W kW B kB KB MB GB KiB MiB GiB'.split(' ');

/** The column of a target whose unit is written so; undefined where it has none. */
function columnOf(target: Target, unit: string): ReturnType<typeof valueColumn> {
  if (!WRITTEN.includes(unit) && unit !== unit.toLowerCase()) return undefined;
  return valueColumn(`${target}_${unit === 'B' ? 'bytes' : unit.toLowerCase()}`);
}

/**
 * SI value of a text such as `10ms`, `2.5 mJ`, `512 MiB`; counts have no unit. The case of a prefix matters: `MJ` is not taken for `mJ`.
 * @param what names the text in messages, e.g. `--budget`
 * @throws HwcastError `usage`: no positive number, no unit, an unknown one, or one of another quantity than the target
 */
export function quantityOf(text: string, target: Target, what: string): number {
  const [, number = '', written = ''] = /^([\d.]+(?:e[+-]?\d+)?)\s*(\p{L}*)$/iu.exec(text.trim()) ?? [],
    unit = written.replace(/^[µμ]/, 'u'),
    units = WRITTEN.filter((u) => u !== 'KB' && columnOf(target, u));
  const usage = (message: string) =>
    new HwcastError('usage', `${what} ${message}`, {
      hint: units.length ? `${target} takes a number with one of ${units.join(', ')}` : `${target} is a count, without a unit`,
    });
  const value = Number(number);
  if (!(value > 0 && Number.isFinite(value))) throw usage(`takes a positive amount, not '${text}'`);
  if (!unit && !units.length) return value;
  if (!unit) throw usage(`'${text}' has no unit`);
  const column = columnOf(target, unit);
  if (column) return value * column.scale;
  const others = TARGETS.filter((t) => columnOf(t, unit));
  throw usage(
    others.length ? `'${text}' is of ${others.join(' or ')}, and ${target} is predicted` : `'${text}': no unit '${unit}'`,
  );
}
