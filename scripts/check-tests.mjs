// Every test can fail: refuses a test whose every expectation stands where it may never run, in a loop over what may be empty or in a branch. Such a
// test needs one expectation outside, usually that there is as much to loop over as there should be. Exits 1 with each offence.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const TESTS = new Set(['it', 'test']);
/** Methods that call their argument once an element. */
const ITERATING = new Set(['forEach', 'map', 'flatMap', 'every', 'some', 'filter', 'reduce', 'find']);
/** Helpers of other files that expect something: named so. */
const EXPECTING = /^(expect|check|assert)/;

/**
 * The tests of a file: line, title, and whether an expectation runs whatever the data.
 * @param {string} name
 * @param {string} text
 * @returns {{ line: number, title: string, canFail: boolean }[]}
 */
export function testsOf(name, text) {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const constants = new Map();
  const helpers = new Map();
  visit(file, (node) => {
    if (ts.isFunctionDeclaration(node) && node.name) helpers.set(node.name.text, node);
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name) || !node.initializer) return;
    if (isFunction(node.initializer)) helpers.set(node.name.text, node.initializer);
    else if (node.parent.flags & ts.NodeFlags.Const) constants.set(node.name.text, node.initializer);
  });
  const tests = [];
  visit(file, (node) => {
    if (!ts.isCallExpression(node) || !TESTS.has(leftmost(node.expression)) || iterates(node)) return; // a list may be called `test`
    const body = node.arguments.findLast(isFunction);
    if (!body) return;
    tests.push({
      line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1,
      title: node.arguments[0].getText().replace(/^(['"`])(.*)\1$/s, '$2'),
      canFail: alwaysExpects(body.body),
    });
  });
  return tests;

  /** Whether an expectation of these statements runs whatever the data. */
  function alwaysExpects(body, entered = new Set()) {
    const anyOf = (...nodes) => nodes.some((node) => node && walk(node));
    const walk = (node) => {
      if (ts.isCallExpression(node)) {
        const callee = leftmost(node.expression);
        if (callee === 'expect' || EXPECTING.test(callee)) return true;
        const helper = ts.isIdentifier(node.expression) && !entered.has(callee) && helpers.get(callee);
        if (helper && alwaysExpects(helper.body, new Set([...entered, callee]))) return true;
        if (iterates(node)) {
          const list = node.expression.expression;
          return walk(list) || (holdsSome(list) && anyOf(...node.arguments));
        }
      }
      if (ts.isForOfStatement(node) || ts.isForInStatement(node))
        return walk(node.expression) || (holdsSome(node.expression) && walk(node.statement));
      if (ts.isForStatement(node)) return runsOnce(node) && walk(node.statement);
      if (ts.isWhileStatement(node)) return walk(node.expression);
      if (ts.isIfStatement(node))
        return (
          walk(node.expression) || (walk(node.thenStatement) && node.elseStatement !== undefined && walk(node.elseStatement))
        );
      if (ts.isConditionalExpression(node)) return walk(node.condition) || (walk(node.whenTrue) && walk(node.whenFalse));
      if (ts.isTryStatement(node)) return anyOf(node.tryBlock, node.finallyBlock);
      if (isFunction(node) && isNamedHelper(node)) return false; // counts where it is called
      return ts.forEachChild(node, (child) => walk(child) || undefined) ?? false;
    };
    return walk(body);
  }

  /** A literal list (or object) of at least one element, or a constant that is one, or the same mapped, sorted or reversed. */
  function holdsSome(node) {
    if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isParenthesizedExpression(node))
      return holdsSome(node.expression);
    if (ts.isArrayLiteralExpression(node)) return node.elements.some((e) => !ts.isSpreadElement(e) || holdsSome(e.expression));
    if (ts.isObjectLiteralExpression(node)) return node.properties.length > 0;
    if (ts.isIdentifier(node)) return constants.has(node.text) && holdsSome(constants.get(node.text));
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
    const { expression: target, name } = node.expression;
    if (target.getText() === 'Object' && ['keys', 'values', 'entries'].includes(name.text)) return holdsSome(node.arguments[0]);
    return ['map', 'entries', 'keys', 'values', 'toSorted', 'toReversed'].includes(name.text) && holdsSome(target);
  }
}

/** `for (let i = 0; i < 5; i++)`, and the same downwards: runs at least once. */
function runsOnce({ initializer, condition }) {
  if (!initializer || !condition || !ts.isVariableDeclarationList(initializer) || !ts.isBinaryExpression(condition)) return false;
  const [from, to] = [initializer.declarations[0].initializer, condition.right].map((n) =>
    Number(n?.getText().replaceAll('_', '')),
  );
  return condition.operatorToken.kind === ts.SyntaxKind.GreaterThanToken ||
    condition.operatorToken.kind === ts.SyntaxKind.GreaterThanEqualsToken
    ? from > to
    : from < to || (from === to && condition.operatorToken.kind === ts.SyntaxKind.LessThanEqualsToken);
}

const iterates = ({ expression }) => ts.isPropertyAccessExpression(expression) && ITERATING.has(expression.name.text);
const isFunction = (node) => ts.isArrowFunction(node) || ts.isFunctionExpression(node) || ts.isFunctionDeclaration(node);
const isNamedHelper = (node) => ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node.parent);

/** `it` of `it.skipIf(...)('...', ...)`, `expect` of `expect(...).not.toBe`. */
function leftmost(node) {
  while (!ts.isIdentifier(node)) {
    if (!ts.isCallExpression(node) && !ts.isPropertyAccessExpression(node) && !ts.isTaggedTemplateExpression(node)) return '';
    node = ts.isTaggedTemplateExpression(node) ? node.tag : node.expression;
  }
  return node.text;
}

function visit(node, use) {
  use(node);
  node.forEachChild((child) => visit(child, use));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const tests = readdirSync('test', { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.test.ts'))
    .sort()
    .flatMap((path) => testsOf(path, readFileSync(join('test', path), 'utf8')).map((t) => ({ ...t, path })));
  const offences = tests.filter((t) => !t.canFail);
  for (const { path, line, title } of offences)
    console.error(`test/${path}:${line}: '${title}' may pass without any expectation: add one outside of loops and branches`);
  if (!offences.length) console.error(`every test can fail: ${tests.length} tests checked`);
  process.exitCode = offences.length ? 1 : 0;
}
