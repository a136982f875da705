import { z } from 'zod';
import { HwcastError } from '../../core/errors.js';

/** What a reader of rows is told besides the row: `where` names file and row in errors. */
export interface RowContext {
  where?: string;
}

/** Checks a row from outside. @throws HwcastError `bad-input` naming the field, file and row. */
export function parseRow<T>(schema: z.ZodType<T>, row: unknown, what: string, where?: string): T {
  const parsed = schema.safeParse(row);
  if (!parsed.success)
    throw new HwcastError('bad-input', `not ${what}: ${z.prettifyError(parsed.error)}`, { where, cause: parsed.error });
  return parsed.data;
}

/** A nanosecond count as seconds, rounded to attoseconds so that 5 ns is 5e-9. */
export const nsToS = (ns: number): number => Number((ns * 1e-9).toPrecision(12));
