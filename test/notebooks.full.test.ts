import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Cell, type Notebook, type Output, readNotebook, runNotebook } from '../scripts/runNotebook.js';

const NOTEBOOKS = resolve(import.meta.dirname, '../notebooks');

/** What is the same on every machine: text as printed, of pictures their kind. */
const shown = (outputs: Output[] = []) => outputs.map((o) => (o.data ? { kinds: Object.keys(o.data) } : o));
const codeCells = (notebook: Notebook): Cell[] => notebook.cells.filter((c) => c.cell_type === 'code');

describe('notebooks', () => {
  for (const name of readdirSync(NOTEBOOKS).filter((f) => f.endsWith('.ipynb')))
    it(`${name} gives what it shows: after a change, npx tsx scripts/runNotebook.ts notebooks/${name}`, async () => {
      const path = join(NOTEBOOKS, name),
        committed = readNotebook(path),
        executed = await runNotebook(path);
      expect(committed.metadata).toMatchObject({ kernelspec: { name: 'deno', language: 'typescript' } });
      expect(committed.cells.map((c) => c.id)).toEqual([...new Set(committed.cells.map((c) => c.id))]);
      expect(codeCells(executed).map((c) => c.execution_count)).toEqual(codeCells(executed).map((_, i) => i + 1));
      for (const [i, cell] of codeCells(executed).entries()) {
        expect(cell.outputs?.filter((o) => o.output_type === 'error')).toEqual([]);
        expect({ cell: cell.id, outputs: shown(cell.outputs) }).toEqual({
          cell: cell.id,
          outputs: shown(codeCells(committed)[i].outputs),
        });
      }
    });
});
