import { expect, test } from 'vitest';
import { dimExpression } from '../../../src/graph/readers/dimExpression.js';

const BOUND = new Map([
  ['n', 9],
  ['batch', 2],
  ['past.length', 5],
]);

test.each([
  ['n', 9],
  ['batch*2', 4],
  ['past.length + n', 14],
  ['floor((n - 1)/2) + 1', 5],
  ['n//2', 4],
  ['n % 4', 1],
  ['Max(1, n - 20)', 1],
  ['-n + 10', 1],
  ['ceil(n/2)', 5],
])('%s is %i', (text, value) => {
  expect(dimExpression(text, BOUND)).toBe(value);
});

test.each(['', 'm', 'n/2', 'n - 10', 'n +', '(n', 'n n', 'floor(n', '2 ? n'])("'%s' is not known", (text) => {
  expect(dimExpression(text, BOUND)).toBeUndefined();
});
