import { join, resolve } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { optionalPackage } from '../core/optionalPackage.js';
import { openDataset } from './store.js';

/** What hwcast uses of the package `@duckdb/node-api`, which is not there to take its types from. */
interface DuckdbModule {
  DuckDBInstance: {
    create(
      path: string,
      options: Readonly<Record<string, string>>,
    ): Promise<{ connect(): Promise<Connection>; closeSync(): void }>;
  };
}

interface Connection {
  run(sql: string): Promise<unknown>;
  runAndReadAll(sql: string): Promise<{ columnNames(): string[]; getRowsJS(): unknown[][] }>;
  closeSync(): void;
}

const PACKAGE = '@duckdb/node-api';
/** Files of a dataset that are tables of a query. */
const TABLES = ['measurements', 'workloads'] as const;

export type Cell = number | string | boolean | null;

/** The answer of a query: whole numbers beyond 2^53, dates, lists and the like as text. */
export interface QueryResult {
  columns: string[];
  rows: Cell[][];
}

/**
 * Answers a query in SQL (that of DuckDB, an optional peer) over the tables `measurements` and `workloads` of datasets; with several, the column `dataset` holds
 * the name of each. The query sees these tables only: no file, no network.
 * @throws HwcastError `not-found` without the package, `usage` without a dataset, `bad-input` for what DuckDB refuses, with the tables and columns there are,
 * and as `openDataset`
 */
export async function queryDatasets(sql: string, folders: readonly string[], name: string = PACKAGE): Promise<QueryResult> {
  if (!folders.length)
    throw new HwcastError('usage', 'a query needs a dataset', { hint: 'hwcast dataset query "select .." DATASET' });
  const { DuckDBInstance } = await optionalPackage<DuckdbModule>(
    name,
    'querying datasets',
    `run \`npm install ${name}\` in your project (70 MB); in a clone of hwcast add --no-save --save-prod`,
  );
  const instance = await DuckDBInstance.create(':memory:', { autoinstall_known_extensions: 'false' }),
    connection = await instance.connect();
  try {
    await loadTables(connection, folders);
    return await answer(connection, sql);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Tables in memory, after which the outside is closed. */
async function loadTables(connection: Connection, folders: readonly string[]): Promise<void> {
  const opened = folders.map((folder) => ({ folder: resolve(folder), ...openDataset(folder) }));
  for (const table of TABLES) {
    const parts = opened.map(({ folder, manifest, file }) => {
      // held to its checksum before DuckDB reads it
      file(`${table}.parquet`);
      return `select ${quoted(manifest.name)} as dataset, * from read_parquet(${quoted(join(folder, `${table}.parquet`))})`;
    });
    await connection.run(`create table ${table} as ${parts.join(' union all by name ')}`);
  }
  await connection.run('set enable_external_access = false');
  await connection.run('set lock_configuration = true');
}

async function answer(connection: Connection, sql: string): Promise<QueryResult> {
  try {
    const result = await connection.runAndReadAll(sql);
    return { columns: result.columnNames(), rows: result.getRowsJS().map((row) => row.map(cellOf)) };
  } catch (cause) {
    const known = await Promise.all(
      TABLES.map(async (table) => {
        const described = await connection.runAndReadAll(`describe ${table}`);
        return `${table} (${described
          .getRowsJS()
          .map(([column, type]) => `${column} ${type}`)
          .join(', ')})`;
      }),
    );
    throw new HwcastError('bad-input', (cause as Error).message.trim(), {
      where: 'query',
      hint: `tables: ${known.join('; ')}`,
      cause,
    });
  }
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  return JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? cellOf(v) : v));
}
