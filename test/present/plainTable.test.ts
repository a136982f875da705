import { describe, expect, it } from 'vitest';
import { plainTable } from '../../src/present/plainTable.js';

describe('plainTable', () => {
  it('aligns columns, numbers to the right where asked, without lines and without blanks at the end', () => {
    expect(
      plainTable(
        ['name', 'ms'],
        [
          ['a', 1.5],
          ['longer', 20],
        ],
        ['ms'],
      ),
    ).toBe('name     ms\na       1.5\nlonger   20');
  });

  it('of no rows is the head', () => expect(plainTable(['name', 'ms'], [])).toBe('name  ms'));
});
