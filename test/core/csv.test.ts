import { describe, expect, it } from 'vitest';
import { csvText, delimiterOf, readCsv, readCsvLines } from '../../src/core/csv.js';

describe('readCsv', () => {
  it.each([
    [',', 'a,b\n1,x\n'],
    [';', 'a;b\r\n1;x\r\n'],
    ['tab', '\uFEFFa\tb\n\n1\t x '],
  ])('divided by %s: rows by column, with their lines', (_, text) => {
    const rows = readCsv(text, 'file.csv');
    expect(rows.map((r) => r.fields)).toEqual([{ a: '1', b: 'x' }]);
    expect(rows[0].where).toBe(`file.csv:${rows[0].line}`);
  });

  it('keeps separators, quotes and line breaks inside quotes', () => {
    expect(readCsv('a,b\n"x, ""y""","two\nlines"\n', 'f')).toEqual([
      { fields: { a: 'x, "y"', b: 'two\nlines' }, line: 3, where: 'f:3' },
    ]);
  });

  it('of nothing, or of a header alone, has no rows', () => {
    expect(readCsvLines('', 'f')).toEqual({ header: [], lines: [] });
    expect(readCsvLines('a,b\n', 'f')).toEqual({ header: ['a', 'b'], lines: [] });
  });

  it.each([
    ['a,b\n1,2\n3\n', 'f:3', /1 cells for 2 columns/],
    ['a,b\n1,2,3\n', 'f:2', /3 cells for 2 columns/],
    ['a,a\n1,2\n', 'f:1', /column 'a' stands twice/],
    ['a,b\n"1,2\n', 'f:2', /not a table: .*[Qq]uote/],
  ])('refuses %j', (text, where, message) =>
    expect(() => readCsv(text, 'f')).toThrow(
      expect.objectContaining({ code: 'bad-input', where, message: expect.stringMatching(message) }),
    ),
  );
});

describe('csvText', () => {
  it('is read again as it was', () => {
    const cells = ['plain', 'a,b', 'say "x"', 'two\nlines', ''];
    expect(readCsvLines(csvText(['p', 'q', 'r', 's', 't'], [cells]), 'f').lines[0].cells).toEqual(cells);
  });

  it('leaves empty what is not known', () => expect(csvText(['a', 'b', 'c'], [[null, undefined, 0]])).toBe('a,b,c\n,,0'));
});

describe('delimiterOf', () => {
  it('is the one that divides most; a comma where none does', () =>
    expect(['a', 'a;b,c;d', 'a\tb\tc'].map(delimiterOf)).toEqual([',', ';', '\t']));
});
