// Files stay short enough to read at a sitting: at most 350 lines a file of src, at most 80 a function (a class counts by its members).
// Exits 1 with each offence.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const MOST_LINES_OF_FILE = 350;
const MOST_LINES_OF_FUNCTION = 80;

const files = readdirSync('src', { recursive: true })
  .map(String)
  .filter((file) => file.endsWith('.ts'))
  .sort();
const longer = new Map();
for (const file of files) {
  const text = readFileSync(join('src', file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lines = text.endsWith('\n') ? text.split('\n').length - 1 : text.split('\n').length;
  if (lines > MOST_LINES_OF_FILE) longer.set(`src/${file}`, `${lines} lines, at most ${MOST_LINES_OF_FILE} a file`);
  visit(source, file, source);
}

const offences = [...longer].map(([place, text]) => `${place}: ${text}`);
if (offences.length) {
  console.error(offences.join('\n'));
  process.exit(1);
}
console.error(
  `files of at most ${MOST_LINES_OF_FILE} and functions of at most ${MOST_LINES_OF_FUNCTION} lines: ${files.length} files checked`,
);

function visit(node, file, source) {
  if (ts.isFunctionLike(node) && node.body) {
    const lineOf = (position) => source.getLineAndCharacterOfPosition(position).line;
    const lines = lineOf(node.end) - lineOf(node.getStart(source)) + 1;
    if (lines > MOST_LINES_OF_FUNCTION)
      longer.set(`src/${file}#${nameOf(node, source)}`, `${lines} lines, at most ${MOST_LINES_OF_FUNCTION} a function`);
  }
  ts.forEachChild(node, (child) => visit(child, file, source));
}

/** Its own name, or that of the variable or property it is the value of. */
function nameOf(node, source) {
  if (ts.isConstructorDeclaration(node)) return `${node.parent.name?.text ?? ''}.constructor`;
  const named = [node, node.parent].find((candidate) => candidate?.name && !ts.isSourceFile(candidate));
  return named?.name.getText(source) ?? `line ${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
}
