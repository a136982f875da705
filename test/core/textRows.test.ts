import { describe, expect, it } from 'vitest';
import { jsonLines, textRows } from '../../src/core/textRows.js';

describe('textRows', () => {
  it('reads tables and JSON lines to the same rows, whatever the separator', () => {
    const rows = [
      { fields: { id: 'a', lut: '5' }, line: 2, where: 'f:2' },
      { fields: { id: 'b', lut: '' }, line: 4, where: 'f:4' },
    ];
    for (const text of ['id,lut\na,5\n\nb,\n', '\uFEFFid;lut\r\na;5\r\n\r\nb;\r\n', 'id\tlut\na\t5\n\nb\t\n'])
      expect(textRows(text, 'f')).toEqual(rows);
    expect(textRows('\uFEFF\n{"id":"a","lut":"5"}\n\n{"id":"b","lut":""}\n', 'f')).toEqual(rows);
    expect.assertions(4);
  });

  it('has no row for a text without any', () => {
    expect(textRows('', 'f')).toEqual([]);
    expect(textRows('id,lut\n', 'f')).toEqual([]);
  });

  it.each([
    ['{"a":1}\n{"a":', 'f:2', /^not whole JSON/],
    ['{"a":1}\n\n[1]', 'f:3', /^not a JSON object: '\[1\]'/],
    ['a,b\n1,2,3\n', 'f:2', /^3 cells for 2 columns/],
  ])('names the line that is broken: %j', (text, where, message) => {
    expect(() => textRows(text, 'f')).toThrow(
      expect.objectContaining({ code: 'bad-input', where, message: expect.stringMatching(message) }),
    );
  });
});

describe('jsonLines', () => {
  it('takes a first line that is no object for a mistake, not for a table', () => {
    expect(() => jsonLines('a,b\n1,2', 'f')).toThrow(expect.objectContaining({ where: 'f:1' }));
  });
});
