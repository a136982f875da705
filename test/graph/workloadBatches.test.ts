import { describe, expect, it } from 'vitest';
import { workloadBatches } from '../../src/graph/workloadBatches.js';
import { type WorkloadRow, workloadRows } from '../../src/graph/workloadRows.js';

const A = '|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|',
  OFA = `224,22222,${'3'.repeat(20)},${'4'.repeat(20)}`,
  FBNET = '0123456780123456780123';

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

interface Read {
  batches: WorkloadRow[][];
  error?: unknown;
}

async function read(text: string, piece: number, size?: number): Promise<Read> {
  const batches: WorkloadRow[][] = [];
  try {
    for await (const batch of workloadBatches(pieces(text, piece), 'w.txt', size === undefined ? {} : { size }))
      batches.push(batch);
    return { batches };
  } catch (error) {
    return { batches, error };
  }
}
const shown = (rows: readonly WorkloadRow[]) => rows.map((r) => [r.line, r.workload.id, r.fields]);

describe('workloadBatches', () => {
  it.each([
    ['a list', `nasbench201:#9\n\n${FBNET}\nofa:${OFA}\n`],
    ['a list without a last line break', `\n\n${FBNET}\n${A}`],
    ['CSV', `latency_ms,workload\n1.5,nasbench201:#9\n2,"${OFA}"\n`],
    ['CSV of a spreadsheet', `\uFEFFworkload; latency_ms\r\n nasbench201:#9 ; 3 \r\n\r\n${FBNET};4\r\n`],
    ['CSV with a line break in a cell', `workload,note\n${FBNET},"two\nlines"\nnasbench201:#9,x\n`],
    ['JSON lines', `{"workload":"nasbench201:#9","latency_ms":1.5}\n\n{"workload":"${FBNET}"}\n`],
  ])('reads %s as workloadRows does, in pieces of any length', async (_, text) => {
    const expected = shown(await workloadRows(text, 'w.txt'));
    expect(expected.length).toBeGreaterThan(1);
    for (const piece of [1, 7, 64, text.length]) {
      const { batches, error } = await read(text, piece, 2);
      expect(error).toBeUndefined();
      expect(shown(batches.flat())).toEqual(expected);
      expect(batches.slice(0, -1).every((b) => b.length === 2)).toBe(true);
    }
  });

  it.each([
    ['an empty file', '', 0],
    ['a header alone', 'workload\n', 0],
    ['CSV without the column', 'network,latency_ms\nx,1\n', 0],
    ['an unquoted OFA code', `workload,latency_ms\n${FBNET},1\nofa:${OFA},3\n`, 1],
    ['an open quote', 'workload\n"nasbench201:#9\n', 0],
    ['JSON cut off', '{"workload":"nasbench201:#9"}\n{"worklo', 1],
    ['a wrong cell among good ones', `${FBNET}\nnasbench201:#9\nnasbench201:|a~0|\n${FBNET}\n`, 2],
  ])('refuses %s as workloadRows does, after the rows before', async (_, text, before) => {
    const { batches, error } = await read(text, 5);
    let expected: unknown;
    try {
      await workloadRows(text, 'w.txt');
    } catch (thrown) {
      expected = thrown;
    }
    expect(error).toMatchObject({ code: 'bad-input', message: (expected as Error).message });
    expect((error as { where?: string }).where).toBe((expected as { where?: string }).where);
    expect(batches.flat()).toHaveLength(before);
  });

  it('reads no further than it is asked to, and closes its source', async () => {
    let given = 0;
    let isClosed = false;
    async function* endless() {
      try {
        for (;;) {
          given++;
          yield `${FBNET}\n`;
        }
      } finally {
        isClosed = true;
      }
    }
    for await (const batch of workloadBatches(endless(), 'w.txt', { size: 3 })) {
      expect(batch).toHaveLength(3);
      break;
    }
    expect(given).toBeLessThan(6);
    expect(isClosed).toBe(true);
  });
});
