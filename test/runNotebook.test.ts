import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readNotebook, runNotebook } from '../scripts/runNotebook.js';

const NOTEBOOKS = resolve(import.meta.dirname, '../notebooks');
const folder = mkdtempSync(join(tmpdir(), 'hwcast-notebooks-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('committed notebooks', () => {
  it('were executed from first to last cell without an error', () => {
    const names = readdirSync(NOTEBOOKS).filter((f) => f.endsWith('.ipynb'));
    expect(names.length).toBeGreaterThanOrEqual(2);
    for (const name of names) {
      const code = readNotebook(join(NOTEBOOKS, name)).cells.filter((c) => c.cell_type === 'code');
      expect(code.length, name).toBeGreaterThan(3);
      expect(code.map((c) => c.execution_count)).toEqual(code.map((_, i) => i + 1));
      expect(code.flatMap((c) => c.outputs ?? []).filter((o) => o.output_type === 'error')).toEqual([]);
    }
  });
});

describe('runNotebook', () => {
  const write = (name: string, sources: string[]): string => {
    const cells = sources.map((source, i) => ({
      cell_type: 'code',
      id: `c${i}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source: source.split(/(?<=\n)/),
    }));
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    return path;
  };

  it('shares names between cells, finds hwcast, waits, and shows the last value that knows how', async () => {
    const path = write('names.ipynb', [
      "import { median } from 'hwcast';\nconst values = [3, 1, 2];",
      'console.log(median(values));\nconsole.log("done");',
      'const later = await new Promise<string>((done) => setTimeout(() => done("later"), 5));\nlater;',
      "({ [Symbol.for('Jupyter.display')]: () => ({ 'image/png': 'AAAA', 'text/plain': 'a\\nb' }) });",
    ]);
    const { cells } = await runNotebook(path);
    expect(cells.map((c) => c.outputs)).toEqual([
      [],
      [{ output_type: 'stream', name: 'stdout', text: ['2\n', 'done\n'] }],
      [],
      [{ output_type: 'display_data', data: { 'image/png': 'AAAA', 'text/plain': ['a\n', 'b'] }, metadata: {} }],
    ]);
    expect(cells.map((c) => c.execution_count)).toEqual([1, 2, 3, 4]);
  });

  it('stops at a cell that throws, with its message and no path of this machine', async () => {
    const path = write('throws.ipynb', [
      'console.log(1);',
      "import { parseWorkload } from 'hwcast';\nparseWorkload('nasbench201:#99999');",
      'console.log(3);',
    ]);
    const { cells } = await runNotebook(path);
    expect(cells[1].outputs).toMatchObject([
      { output_type: 'error', ename: 'HwcastError', evalue: 'NAS-Bench-201 has cells #0 to #15624, not #99999' },
    ]);
    expect(JSON.stringify(cells)).not.toContain(folder);
    expect(cells.map((c) => c.execution_count)).toEqual([1, 2, null]);
    expect(cells[2].outputs).toEqual([]);
  });

  it('says what does not parse', async () => {
    const { cells } = await runNotebook(write('broken.ipynb', ['const a = ;']));
    expect(cells[0].outputs).toMatchObject([{ output_type: 'error', ename: 'SyntaxError', evalue: 'Unexpected ";"' }]);
  });

  it('leaves the file alone: only the command writes', async () => {
    const path = write('same.ipynb', ['console.log(1);']);
    const before = readFileSync(path, 'utf8');
    await runNotebook(path);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });
});
