import { editDistance } from '../../core/errors.js';

/** Letters by which a key may differ from a setting, of a short one. */
const FEW = 2,
  SHORT = 5;

/** A line for each key that is no setting but nearly one: hls4ml ignores it, and so the setting is not what its writer meant. */
export const misspeltSettings = (table: object, known: readonly string[], what: string): string[] =>
  Object.keys(table).flatMap((key) => {
    if (known.includes(key)) return [];
    const meant = known.find(
      (name) => !(name in table) && editDistance(key.toLowerCase(), name.toLowerCase()) <= (name.length > SHORT ? FEW : 1),
    );
    return meant === undefined ? [] : [`'${key}' of ${what} is no setting and ignored: ${meant} may be meant`];
  });
