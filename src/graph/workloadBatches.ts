import { csvStream } from '../core/csvStream.js';
import type { ReadModelOptions } from './readers/modelReader.js';
import {
  checkColumns,
  isModelRow,
  modelRows,
  noWorkload,
  type PlainRow,
  rowForm,
  rowOfCells,
  rowOfLine,
  type WorkloadRow,
  workloadRow,
} from './workloadRows.js';

/** Nodes of model files that a batch holds; one that reaches them ends. */
const MOST_NODES = 50_000;

/**
 * Reads a stream of workloads as `workloadRows` reads a text, in batches of `size` rows, so that a file of any length takes the memory of one batch; with
 * large model files batches are smaller. Where a row is wrong the rows before it come first, then the error.
 * @param chunks text in pieces of any length
 * @throws HwcastError `bad-input`, `not-found` naming file and line, as `workloadRows`
 */
export async function* workloadBatches(
  chunks: AsyncIterable<string>,
  where: string,
  { size = 1000, ...options }: ReadModelOptions & { size?: number } = {},
): AsyncGenerator<WorkloadRow[], void, undefined> {
  let batch: WorkloadRow[] = [],
    nodes = 0,
    isEmpty = true;
  try {
    for await (const row of plainRows(chunks, where)) {
      isEmpty = false;
      if (isModelRow(row)) {
        const models = await modelRows(row, where, options);
        batch.push(...models);
        nodes += models.reduce((sum, { workload }) => sum + (workload.graph?.nodes.length ?? 0), 0);
      } else batch.push(workloadRow(row, where));
      if (batch.length < size && nodes < MOST_NODES) continue;
      yield batch;
      batch = [];
      nodes = 0;
    }
    if (isEmpty) throw noWorkload(where);
  } catch (error) {
    if (batch.length) yield batch;
    throw error;
  }
  if (batch.length) yield batch;
}

async function* plainRows(chunks: AsyncIterable<string>, where: string): AsyncGenerator<PlainRow> {
  const { firstLine, text } = await opened(chunks);
  const form = rowForm(firstLine);
  if (form === 'csv') {
    yield* csvRows(text, firstLine, where);
    return;
  }
  for await (const { content, line } of linesOf(text)) yield rowOfLine(content, form, `${where}:${line}`, line);
}

/** The first line that is not blank, and the whole text again, without a byte order mark. */
async function opened(chunks: AsyncIterable<string>): Promise<{ firstLine: string; text: AsyncIterable<string> }> {
  const rest = chunks[Symbol.asyncIterator]();
  let read = '';
  for (let step = await rest.next(); !step.done; step = await rest.next()) {
    read = (read + step.value).replace(/^\uFEFF/, '');
    if (read.trimStart().includes('\n')) break;
  }
  return { firstLine: read.trimStart().split('\n', 1)[0], text: joined(read, rest) };
}

async function* joined(head: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  try {
    yield head;
    for (let step = await rest.next(); !step.done; step = await rest.next()) yield step.value;
  } finally {
    await rest.return?.();
  }
}

/** Lines that are not blank, with their numbers from 1. */
async function* linesOf(text: AsyncIterable<string>): AsyncGenerator<{ content: string; line: number }> {
  let line = 0;
  let open = '';
  for await (const piece of text) {
    const lines = (open + piece).split('\n');
    open = lines.pop()!;
    for (const content of lines) {
      line++;
      if (content.trim()) yield { content, line };
    }
  }
  if (open.trim()) yield { content: open, line: line + 1 };
}

async function* csvRows(text: AsyncIterable<string>, firstLine: string, where: string): AsyncGenerator<PlainRow> {
  let header: string[] | undefined;
  for await (const line of csvStream(text, firstLine, where)) {
    if (header) yield rowOfCells(line, header);
    else {
      header = line.cells;
      checkColumns(header, where);
    }
  }
  if (!header) throw noWorkload(where);
}
