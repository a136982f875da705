import { HwcastError } from '../core/errors.js';
import type { TraceAnalysis } from './traceAnalysis.js';
import type { TraceReader, TraceSource } from './traceReader.js';

/**
 * A reader whose files may be anything: what it trips over is an error that names the format, and a result holds no number that is none and no negative time.
 */
export function guardedReader(reader: TraceReader): TraceReader {
  const { format, analyse } = reader;
  const typed = (cause: unknown, { name }: TraceSource): unknown =>
    cause instanceof HwcastError || !(cause instanceof Error)
      ? cause
      : new HwcastError('corrupt', `this file of format ${format} is damaged, or of a form that is not read: ${cause.message}`, {
          where: name,
          hint: 'if it is sound, hwcast is wrong here',
          cause,
        });
  return {
    ...reader,
    async *read(source, options) {
      try {
        yield* reader.read(source, options);
      } catch (error) {
        throw typed(error, source);
      }
    },
    ...(analyse && {
      async analyse(source: TraceSource, options) {
        try {
          const analyses = await analyse(source, options);
          for (const analysis of analyses) checkNumbers(analysis, source.name);
          return analyses;
        } catch (error) {
          throw typed(error, source);
        }
      },
    }),
  } as TraceReader;
}

/** Numbers that may lie below zero: work that began before the clock of its launch says. */
const SIGNED = new Set<keyof TraceAnalysis>(['tklqt', 'launch', 'picture', 'issue']);

/** @throws HwcastError `bad-input` naming the first number that is none, or a time below zero */
function checkNumbers(analysis: TraceAnalysis, where: string): void {
  for (const [key, value] of Object.entries(analysis)) {
    const wrong = wrongNumber(value, SIGNED.has(key as keyof TraceAnalysis));
    if (wrong !== undefined)
      throw new HwcastError('bad-input', `the file's numbers make no sense together: ${key} is ${wrong}`, { where });
  }
}

function wrongNumber(value: unknown, isSigned: boolean): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && (isSigned || value >= 0) ? undefined : value;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const part of Object.values(value)) {
    const wrong = wrongNumber(part, isSigned);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}
