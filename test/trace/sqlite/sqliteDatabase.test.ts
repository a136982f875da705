import { describe, expect, it } from 'vitest';
import { SqliteDatabase } from '../../../src/trace/sqlite/sqliteDatabase.js';
import { tinyDatabase } from './tinyDatabase.js';

const file = tinyDatabase({
  T: {
    columns: 'id INTEGER NOT NULL PRIMARY KEY, "a b" TEXT, n NUMERIC(3, 2), PRIMARY KEY (id)',
    rows: [
      [null, 'x', 5],
      [null, 'long'.repeat(30), -1],
    ],
  },
});

describe('SqliteDatabase', () => {
  it('gives the columns that are asked for, the row number for the primary key', () => {
    const database = new SqliteDatabase(file, 'a.sqlite');
    expect(database.tableNames()).toEqual(['T']);
    expect(database.columns('T')).toEqual(['id', 'a b', 'n']);
    expect([...database.rows('T', ['n', 'id', 'a b', 'other'])]).toEqual([
      [5, 1, 'x', null],
      [-1, 2, 'long'.repeat(30), null],
    ]);
    expect([...database.rows('U', ['n'])]).toEqual([]);
  });

  it('says where a file is damaged', () => {
    expect(() => new SqliteDatabase(Buffer.from('SQLite format 3\0'), 'a.sqlite')).toThrow(
      'the SQLite file is damaged or cut: no header',
    );
    const cut = new SqliteDatabase(file.subarray(0, 4096), 'a.sqlite');
    expect(() => [...cut.rows('T', ['n'])]).toThrow('page 2 is not there (byte 4096)');
  });
});
