import { readCsv } from './csv.js';
import { HwcastError } from './errors.js';

/** A row by column: text of a table, or values of a JSON object. */
export interface TextRow {
  fields: Record<string, unknown>;
  /** line it stands (or ends) in, from 1 */
  line: number;
  /** `FILE:LINE`, for messages */
  where: string;
}

const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');

/** Rows of a text by its content: JSON lines, or a table as `readCsv` reads. @throws HwcastError `bad-input` naming file and line */
export const textRows = (text: string, where: string): TextRow[] =>
  withoutMark(text).trimStart().startsWith('{') ? jsonLines(text, where) : readCsv(text, where);

/** One JSON object a line; blank lines are skipped. @throws HwcastError `bad-input` naming file and line of what is none */
export const jsonLines = (text: string, where: string): TextRow[] =>
  withoutMark(text)
    .split('\n')
    .flatMap((content, i): TextRow[] => {
      if (!content.trim()) return [];
      const place = `${where}:${i + 1}`;
      return [{ fields: jsonObject(content, place), line: i + 1, where: place }];
    });

/** One line as an object. @throws HwcastError `bad-input` for what is no JSON object */
export function jsonObject(content: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new HwcastError('bad-input', `not whole JSON: ${(cause as Error).message}`, {
      where,
      cause,
      hint: 'one JSON object a line; the file may be cut off',
    });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new HwcastError('bad-input', `not a JSON object: '${content.slice(0, 80)}'`, { where });
  return value as Record<string, unknown>;
}
