import { HwcastError } from '../../core/errors.js';

/** A value of a cell; blobs are bytes. */
export type SqliteValue = number | string | bigint | Uint8Array | null;

/** A table with its columns in order. */
interface Table {
  rootPage: number;
  columns: string[];
  /** position of the column that is the row's own number (INTEGER PRIMARY KEY); -1 for none */
  rowId: number;
}

const MAGIC = 'SQLite format 3\0';
const INTERIOR = 5,
  LEAF = 13;

export const isSqlite = (head: Uint8Array): boolean => Buffer.from(head.subarray(0, 16)).toString('latin1') === MAGIC;

/**
 * Tables of an SQLite 3 file, read only, row by row in the order of row numbers (https://www.sqlite.org/fileformat2.html). Nothing of SQL is
 * run: a table is asked for by name and columns, and no other column of it is decoded.
 */
export class SqliteDatabase {
  private readonly pageSize: number;
  private readonly usable: number;
  private readonly encoding: BufferEncoding;
  private readonly tables = new Map<string, Table>();

  /** @throws HwcastError `corrupt` where it is no such file */
  constructor(
    private readonly bytes: Buffer,
    private readonly where: string,
  ) {
    if (!isSqlite(bytes) || bytes.length < 512) throw this.corrupt('no header', 0);
    const size = bytes.readUInt16BE(16);
    this.pageSize = size === 1 ? 65536 : size;
    this.usable = this.pageSize - bytes[20];
    if (this.pageSize < 512 || this.usable < 480 || (this.pageSize & (this.pageSize - 1)) !== 0)
      throw this.corrupt(`page size ${this.pageSize}`, 16);
    this.encoding = bytes.readUInt32BE(56) === 2 ? 'utf16le' : 'utf8';
    for (const [type, name, root, sql] of this.walk(1, [0, 1, 3, 4], -1))
      if (type === 'table' && typeof sql === 'string')
        this.tables.set(String(name), { rootPage: Number(root), ...columnsOf(sql) });
  }

  has(table: string): boolean {
    return this.tables.has(table);
  }

  tableNames(): string[] {
    return [...this.tables.keys()];
  }

  columns(table: string): readonly string[] {
    return this.tables.get(table)?.columns ?? [];
  }

  /**
   * The rows of a table, of each the named columns in that order; a column that is not there is null.
   * @throws HwcastError `corrupt` with the byte where a page is damaged
   */
  *rows(table: string, columns: readonly string[]): Generator<SqliteValue[]> {
    const known = this.tables.get(table);
    if (!known) return;
    yield* this.walk(
      known.rootPage,
      columns.map((c) => known.columns.indexOf(c)),
      known.rowId,
    );
  }

  private *walk(page: number, wanted: readonly number[], rowId: number, seen: Set<number> = new Set()): Generator<SqliteValue[]> {
    const from = (page - 1) * this.pageSize,
      header = page === 1 ? from + 100 : from;
    if (!(page >= 1) || from + this.pageSize > this.bytes.length) throw this.corrupt(`page ${page} is not there`, from);
    // pages that lead to themselves have no end
    if (seen.has(page)) throw this.corrupt(`page ${page} stands twice in a table`, from);
    seen.add(page);
    const kind = this.bytes[header],
      cells = this.bytes.readUInt16BE(header + 3);
    if (kind !== INTERIOR && kind !== LEAF) throw this.corrupt(`page ${page} is of no table`, header);
    const list = header + (kind === INTERIOR ? 12 : 8),
      end = from + this.pageSize;
    if (list + 2 * cells > end) throw this.corrupt(`page ${page} holds ${cells} cells`, header);
    for (let i = 0; i < cells; i++) {
      const cell = from + this.bytes.readUInt16BE(list + 2 * i);
      if (cell + 4 > end) throw this.corrupt(`page ${page} has a cell outside it`, cell);
      if (kind === INTERIOR) yield* this.walk(this.bytes.readUInt32BE(cell), wanted, rowId, seen);
      else yield this.record(cell, wanted, rowId);
    }
    if (kind === INTERIOR) yield* this.walk(this.bytes.readUInt32BE(header + 8), wanted, rowId, seen);
  }

  private record(cell: number, wanted: readonly number[], rowId: number): SqliteValue[] {
    const size = varint(this.bytes, cell),
      key = varint(this.bytes, size.next);
    if (!(size.value <= this.bytes.length)) throw this.corrupt(`a record of ${size.value} bytes`, cell);
    const payload = this.payload(key.next, size.value),
      head = varint(payload, 0);
    if (!(head.value <= payload.length)) throw this.corrupt('a record is longer than its bytes', cell);
    const types: number[] = [],
      starts: number[] = [];
    let body = head.value;
    for (let at = head.next; at < head.value; ) {
      const type = varint(payload, at);
      types.push(type.value);
      starts.push(body);
      body += lengthOf(type.value);
      at = type.next;
    }
    if (!(body <= payload.length)) throw this.corrupt('a record is longer than its bytes', cell);
    return wanted.map((column) =>
      column < 0 || column >= types.length
        ? null
        : column === rowId
          ? key.value
          : this.value(payload, types[column], starts[column]),
    );
  }

  /** The bytes of a record, gathered from overflow pages where it is longer than a page takes. */
  private payload(from: number, size: number): Buffer {
    const most = this.usable - 35;
    if (size <= most) return this.bytes.subarray(from, from + size);
    const least = Math.floor(((this.usable - 12) * 32) / 255) - 23,
      rest = least + ((size - least) % (this.usable - 4)),
      local = rest <= most ? rest : least;
    const parts = [this.bytes.subarray(from, from + local)];
    if (from + local + 4 > this.bytes.length) throw this.corrupt('a record reaches behind the end', from);
    let left = size - local,
      page = this.bytes.readUInt32BE(from + local);
    while (left > 0) {
      const start = (page - 1) * this.pageSize;
      if (page < 1 || start + this.pageSize > this.bytes.length) throw this.corrupt(`overflow page ${page} is not there`, from);
      parts.push(this.bytes.subarray(start + 4, start + 4 + Math.min(left, this.usable - 4)));
      left -= this.usable - 4;
      page = this.bytes.readUInt32BE(start);
    }
    return Buffer.concat(parts);
  }

  private value(payload: Buffer, type: number, at: number): SqliteValue {
    if (type === 0) return null;
    if (type >= 1 && type <= 4) return payload.readIntBE(at, type);
    if (type === 5) return payload.readIntBE(at, 6);
    if (type === 6) {
      const whole = payload.readBigInt64BE(at);
      return whole >= -(2n ** 53n) && whole <= 2n ** 53n ? Number(whole) : whole;
    }
    if (type === 7) return payload.readDoubleBE(at);
    if (type === 8 || type === 9) return type - 8;
    const bytes = payload.subarray(at, at + lengthOf(type));
    return type % 2 ? bytes.toString(this.encoding) : bytes;
  }

  private corrupt(what: string, at: number): HwcastError {
    return new HwcastError('corrupt', `the SQLite file is damaged or cut: ${what} (byte ${at})`, { where: this.where });
  }
}

const LENGTHS = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];
const lengthOf = (type: number): number => (type < 12 ? (LENGTHS[type] ?? 0) : (type - 12 - (type % 2)) / 2);

/** A number of up to nine bytes, seven bits each, most significant first. */
function varint(bytes: Uint8Array, from: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const b = bytes[from + i];
    value = value * 128 + (b & 127);
    if (b < 128) return { value, next: from + i + 1 };
  }
  return { value: value * 256 + bytes[from + 8], next: from + 9 };
}

/** Names of columns out of `CREATE TABLE name (a INTEGER PRIMARY KEY, "b" TEXT, ..)`. */
function columnsOf(sql: string): Pick<Table, 'columns' | 'rowId'> {
  const body = sql.slice(sql.indexOf('(') + 1, sql.lastIndexOf(')')).replace(/--[^\n]*/g, ' ');
  const parts: string[] = [];
  let depth = 0,
    part = '';
  for (const c of body) {
    if (c === '(') depth++;
    if (c === ')') depth--;
    if (c === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += c;
  }
  parts.push(part);
  const columns = parts.map((p) => p.trim()).filter((p) => p && !/^(primary key|foreign key|unique|check|constraint)\b/i.test(p));
  return {
    columns: columns.map(
      (c) =>
        /^(?:"([^"]*)"|`([^`]*)`|\[([^\]]*)\]|(\S+))/
          .exec(c)!
          .slice(1)
          .find((n) => n !== undefined)!,
    ),
    rowId: columns.findIndex((c) => /\binteger\b.*\bprimary\s+key\b/i.test(c)),
  };
}
