import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
// @ts-expect-error a script without types
import { testsOf } from '../scripts/check-tests.mjs';

/** Tests that may pass without any expectation. */
const offences = (text: string): { line: number; title: string }[] =>
  (testsOf('a.test.ts', text) as { line: number; title: string; canFail: boolean }[])
    .filter((t) => !t.canFail)
    .map(({ line, title }) => ({ line, title }));
const titles = (body: string, before = ''): string[] =>
  offences(`${before}\nit('t', () => { ${body} });`).map(({ title }) => title);

describe('every test can fail', () => {
  it('in this project', () => {
    const root = resolve(import.meta.dirname, '..');
    const { status, stderr } = spawnSync(process.execPath, ['scripts/check-tests.mjs'], { cwd: root, encoding: 'utf8' });
    expect(stderr).toMatch(/^every test can fail: \d{4,} tests checked$/m);
    expect(status).toBe(0);
  });

  it.each([
    ['no expectation at all', 'run();'],
    ['a loop over what may be empty', 'for (const v of rows()) expect(v).toBe(1);'],
    ['a loop to a length', 'for (let i = 0; i < rows.length; i++) expect(rows[i]).toBe(1);'],
    ['forEach', 'rows.forEach((v) => expect(v).toBe(1));'],
    ['an inner loop that may be empty', 'for (const k of [1, 2]) for (const v of rows(k)) expect(v).toBe(1);'],
    ['a branch', 'if (found) expect(found).toBe(1);'],
    ['the place of an error that may not come', 'try { run(); } catch (e) { expect(e).toBe(1); }'],
    ['a helper that is not called', 'const close = () => expect(1).toBe(1); run();'],
  ])('%s is an offence', (_, body) => {
    expect(titles(body)).toEqual(['t']);
  });

  it.each([
    ['an expectation', 'expect(rows).toHaveLength(2);'],
    ['an expectation beside a loop', 'expect(rows).toHaveLength(2); for (const v of rows) expect(v).toBe(1);'],
    ['a loop over a list written out', "for (const [k, v] of [['a', 1], ['b', 2]] as const) expect(at(k)).toBe(v);"],
    ['a loop over its keys', 'for (const k of Object.keys({ a: 1 })) expect(k).toBe(1);'],
    ['a loop of a known number of turns', 'for (let i = 0; i < 5; i++) expect(at(i)).toBe(1);'],
    ['both branches', 'if (found) expect(found).toBe(1); else expect(other).toBe(1);'],
    ['a property of many inputs', 'fc.assert(fc.property(fc.nat(), (n) => { expect(n).toBe(n); }));'],
    ['a helper of another file that checks', 'checkPredictor(model);'],
    ['a helper of this file', 'close(1, 2);', 'const close = (a, b) => expect(a).toBe(b);'],
    ['a constant list', 'for (const v of CASES) expect(v).toBe(1);', 'const CASES = [1, 2];'],
  ])('%s is none', (_, body, before?: string) => {
    expect(titles(body, before)).toEqual([]);
  });

  it('names the line, of tests of any form', () => {
    const text = [
      "describe('d', () => {",
      "  test.skipIf(absent)('skipped', () => run());",
      "  it.each([1])('each %s', () => run());",
      "  it('good', () => expect(test.map((v) => v)).toEqual([]));",
      '});',
    ].join('\n');
    expect(offences(text)).toEqual([
      { line: 2, title: 'skipped' },
      { line: 3, title: 'each %s' },
    ]);
  });
});
