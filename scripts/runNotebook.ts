// Executes TypeScript notebooks and writes their outputs into them: `npx tsx scripts/runNotebook.ts notebooks/*.ipynb`.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { writeFileAtomic } from '../src/core/files.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** Stands before and after what a cell displays; no cell prints it. */
const MARK = '\u0001';

export interface Output {
  output_type: 'stream' | 'display_data' | 'error';
  name?: 'stdout';
  text?: string[];
  /** by media type; text as lines, pictures as base64 */
  data?: Record<string, string | string[]>;
  metadata?: object;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}
export interface Cell {
  cell_type: 'code' | 'markdown';
  id: string;
  metadata: object;
  source: string[];
  execution_count?: number | null;
  outputs?: Output[];
}
export interface Notebook {
  cells: Cell[];
  metadata: object;
  nbformat: number;
  nbformat_minor: number;
}

export const readNotebook = (path: string): Notebook => JSON.parse(readFileSync(path, 'utf8')) as Notebook;

/**
 * Runs the code cells in order as one module, so that they share their names, with the working directory of the notebook. A value that a cell ends
 * with is displayed where it says how (`Symbol.for('Jupyter.display')`, as the Deno kernel does); everything else is printed.
 * @returns the notebook with its outputs; a cell that throws ends the run and holds the error
 */
export async function runNotebook(path: string): Promise<Notebook> {
  const notebook = readNotebook(path),
    code = notebook.cells.filter((c) => c.cell_type === 'code');
  mkdirSync(join(ROOT, 'out'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'out', 'notebook-'));
  let printed: string, failed: string;
  try {
    const file = join(folder, basename(path).replace(/\.ipynb$/, '.mts'));
    writeFileSync(file, moduleOf(code.map((c) => c.source.join(''))));
    [printed, failed] = await execute(file, dirname(resolve(path)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const parts = printed.split(`${MARK}cell\n`).slice(1);
  const outputs = code.map((_, i) => (parts[i] === undefined ? [] : outputsOf(parts[i])));
  if (failed) outputs[Math.max(0, parts.length - 1)].push(errorOutput(failed));
  return {
    ...notebook,
    cells: notebook.cells.map((c) => {
      const i = code.indexOf(c);
      return i < 0 ? c : { ...c, execution_count: i < Math.max(1, parts.length) ? i + 1 : null, outputs: outputs[i] };
    }),
  };
}

/** Cells as one module: a mark before each, and its last value shown. */
function moduleOf(cells: readonly string[]): string {
  const show = `function __show(value: unknown): void {
  const display = (value as Record<symbol, unknown> | null | undefined)?.[Symbol.for('Jupyter.display')];
  if (typeof display === 'function') process.stdout.write(${JSON.stringify(`${MARK}show`)} + JSON.stringify(display.call(value)) + ${JSON.stringify(`${MARK}\n`)});
}`;
  const body = cells.map((source) => `process.stdout.write(${JSON.stringify(`${MARK}cell\n`)});\n${showLast(source)}`);
  return [...body, show, ''].join('\n');
}

function showLast(source: string): string {
  const last = ts.createSourceFile('cell.ts', source, ts.ScriptTarget.ES2022, true).statements.at(-1);
  if (!last || !ts.isExpressionStatement(last)) return source;
  return `${source.slice(0, last.getStart())}__show(${last.expression.getText()});`;
}

/** Standard output, and the error where there was one. `hwcast` is the project's own source (notebooks/tsconfig.json). */
function execute(file: string, cwd: string): Promise<[string, string]> {
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [tsx, '--tsconfig', join(ROOT, 'notebooks', 'tsconfig.json'), file], {
      cwd,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '',
      error = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      error += text;
    });
    child.on('error', fail);
    child.on('close', (status) => done([out, status === 0 ? '' : error || `ended with status ${status}`]));
  });
}

function outputsOf(text: string): Output[] {
  return text.split(MARK).flatMap((part): Output[] => {
    if (part.startsWith('show')) {
      const data = JSON.parse(part.slice(4)) as Record<string, string>;
      return [
        {
          output_type: 'display_data',
          data: Object.fromEntries(
            Object.entries(data).map(([type, value]) => [
              type,
              type.startsWith('text/') || type.endsWith('xml') ? lines(value) : value,
            ]),
          ),
          metadata: {},
        },
      ];
    }
    const printed = part.replace(/^\n/, '');
    return printed ? [{ output_type: 'stream', name: 'stdout', text: lines(printed) }] : [];
  });
}

/** The message alone: a stack would hold paths of this machine. Of code that does not parse, what the parser says. */
function errorOutput(stderr: string): Output {
  const syntax = /ERROR: (.*)/.exec(stderr)?.[1];
  const line = syntax
    ? `SyntaxError: ${syntax}`
    : (stderr.split('\n').find((l) => /^\w*Error\b/.test(l)) ?? stderr.trim().split('\n').at(-1)!);
  const [, ename = 'Error', evalue = line] = /^(\w+)(?: \[.*\])?: (.*)$/.exec(line) ?? [];
  return { output_type: 'error', ename, evalue, traceback: [line] };
}

/** Lines with their ends, as notebooks store text. */
const lines = (text: string): string[] => text.split(/(?<=\n)/);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const paths = process.argv.slice(2);
  if (!paths.length) {
    process.stderr.write('usage: npx tsx scripts/runNotebook.ts NOTEBOOK.ipynb ...\n');
    process.exitCode = 2;
  }
  for (const path of paths) {
    const notebook = await runNotebook(path);
    writeFileAtomic(path, `${JSON.stringify(notebook, null, 1)}\n`);
    const error = notebook.cells.flatMap((c) => c.outputs ?? []).find((o) => o.output_type === 'error');
    process.stderr.write(`${path}: ${error ? `${error.ename}: ${error.evalue}` : 'executed'}\n`);
    if (error) process.exitCode = 1;
  }
}
