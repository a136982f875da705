import { pipeline, Readable } from 'node:stream';
import { type CsvLine, type CsvRecord, checkedLine, checkHeader, csvOptions, notATable } from './csv.js';

/**
 * The lines of a table piece by piece, its header first; an empty text has none. Errors as `readCsvLines`, after the lines before the fault.
 * @param firstLine decides the separator
 */
export async function* csvStream(text: AsyncIterable<string>, firstLine: string, where: string): AsyncGenerator<CsvLine> {
  const { parse } = await import('csv-parse');
  const records = pipeline(Readable.from(text), parse(csvOptions(firstLine)), () => undefined);
  let header: string[] | undefined;
  try {
    for await (const record of records as AsyncIterable<CsvRecord>) {
      header ??= checkHeader(record.record, where);
      yield checkedLine(record, header, where);
    }
  } catch (error) {
    throw String((error as { code?: unknown }).code).startsWith('CSV_') ? notATable(error, where) : error;
  }
}
