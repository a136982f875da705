import { HwcastError } from '../../../core/errors.js';

/** An operation of a function: `%0:2 = dialect.name ... : types`. */
export interface MlirOperation {
  /** `%0`, or `%0#0`, `%0#1` of one with several results */
  results: string[];
  /** with its dialect, e.g. `stablehlo.add` */
  name: string;
  /** everything behind the name, regions included */
  text: string;
  /** of the file, from 1 */
  line: number;
}

export interface MlirFunction {
  name: string;
  /** names and types of what it takes */
  parameters: { name: string; type: string }[];
  operations: MlirOperation[];
  line: number;
}

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

/** The text with comments blanked, so that places stay what they were. */
const withoutComments = (text: string): string =>
  text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*/g, (found) => (found.startsWith('"') ? found : ' '.repeat(found.length)));

/** The place behind the bracket that closes the one at `start`; -1 where the text ends before. */
export function closing(text: string, start: number): number {
  const open: string[] = [];
  for (let i = start; i < text.length; i++) {
    const char = text[i];
    if (char === '"') i = text.indexOf('"', i + 1);
    else if (char === '-' && text[i + 1] === '>') i++;
    else if (char in PAIRS) open.push(PAIRS[char]);
    else if (char === open[open.length - 1] && open.pop() && !open.length) return i + 1;
    if (i < 0) return -1;
  }
  return -1;
}

/** Pieces of a list at commas outside of brackets. */
export function topLevel(text: string, separator = ','): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '-' && text[i + 1] === '>') i++;
    else if (text[i] in PAIRS || text[i] === '"') {
      const end = text[i] === '"' ? text.indexOf('"', i + 1) + 1 : closing(text, i);
      if (end <= 0) break;
      i = end - 1;
    } else if (text[i] === separator) {
      pieces.push(text.slice(from, i));
      from = i + 1;
    }
  }
  return [...pieces, text.slice(from)].map((piece) => piece.trim()).filter(Boolean);
}

/** The text without what stands in braces: regions and dictionaries. */
export function withoutBraces(text: string): string {
  let bare = '';
  for (let i = 0; i < text.length; i++) {
    const end = text[i] === '{' ? closing(text, i) : 0;
    if (end > 0) i = end - 1;
    else bare += text[i];
  }
  return bare;
}

const OPERATION =
  /^\s*(?:((?:%[\w$.-]+(?::\d+)?\s*,?\s*)+)=\s*)?("[a-z_][\w.]*"|[a-z_]\w*(?:\.[\w]+)+|return|call)(?=[\s(%@<:]|$)/;

/**
 * The functions of a text, several modules in it or one.
 * @throws HwcastError `corrupt` with the line where a bracket is not closed
 */
export function mlirFunctions(source: string, where: string): { functions: MlirFunction[]; globals: Map<string, string> } {
  const text = withoutComments(source);
  const lineOf = lineCounter(text);
  const functions: MlirFunction[] = [];
  const header = /\bfunc(?:\.func)?\s+(?:(?:public|private|nested)\s+)?@("[^"]*"|[\w$.-]+)\s*\(/g;
  for (let found = header.exec(text); found; found = header.exec(text)) {
    const line = lineOf(found.index);
    const cut = (): HwcastError =>
      new HwcastError('corrupt', `line ${line}: function @${found![1]} does not end: a bracket is not closed`, {
        where,
        hint: 'the file is cut or damaged',
      });
    const open = found.index + found[0].length - 1;
    const end = closing(text, open);
    if (end < 0) throw cut();
    const start = bodyStart(text, end);
    if (start === undefined) continue; // a declaration
    const stop = closing(text, start);
    if (stop < 0) throw cut();
    functions.push({
      name: found[1].replaceAll('"', ''),
      parameters: topLevel(text.slice(open + 1, end - 1)).map((parameter) => {
        const [, name, type] = /^(%[\w$.-]+)\s*:\s*(.*)$/s.exec(parameter) ?? [];
        return { name: name ?? '', type: type ?? '' };
      }),
      operations: operationsOf(text.slice(start + 1, stop - 1), start + 1, lineOf),
      line,
    });
    header.lastIndex = stop;
  }
  const globals = new Map<string, string>();
  for (const [, name, type] of text.matchAll(/\.global\s[^@\n]*@("[^"]*"|[\w$.-]+)[^\n]*:\s*(tensor<[^>]*>)/g))
    globals.set(name.replaceAll('"', ''), type);
  return { functions, globals };
}

/** Where the body behind a list of parameters begins: after results and attributes. */
function bodyStart(text: string, from: number): number | undefined {
  let start: number | undefined;
  for (let i = from; i < text.length; i++) {
    const rest = text.slice(i, i + 12);
    if (/^\s*attributes\b/.test(rest) && /\s/.test(text[i])) {
      const dictionary = text.indexOf('{', i);
      i = closing(text, dictionary) - 1;
    } else if (text[i] === '{') {
      start = i;
      break;
    } else if (text[i] in PAIRS) i = closing(text, i) - 1;
    else if (/^\s*(func\b|func\.func\b|module\b|\})/.test(rest)) break;
    if (i < 0) break;
  }
  return start;
}

function lineCounter(text: string): (place: number) => number {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (place) => {
    let low = 0;
    for (let high = starts.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= place) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

/** Operations begin on a line of their own, outside of brackets. */
function operationsOf(body: string, offset: number, lineOf: (place: number) => number): MlirOperation[] {
  const starts: number[] = [];
  let fresh = true;
  for (let i = 0; i < body.length; i++) {
    const char = body[i];
    if (char === '\n') fresh = true;
    else if (/\S/.test(char)) {
      if (fresh && OPERATION.test(body.slice(i, i + 400))) starts.push(i);
      fresh = false;
      const end = char in PAIRS && !/[-=]$/.test(body.slice(i - 1, i)) ? closing(body, i) : 0;
      if (end > 0) i = end - 1;
      else if (char === '"') i = Math.max(i, body.indexOf('"', i + 1));
      else if (char === '-' && body[i + 1] === '>') i++;
    }
  }
  return starts.map((start, k) => {
    const text = body.slice(start, starts[k + 1]);
    const [whole, results = '', name] = OPERATION.exec(text)!;
    return {
      results: topLevel(results.replace(/=\s*$/, '')).flatMap(resultNames),
      name: name.replaceAll('"', ''),
      text: text.slice(whole.length).trim(),
      line: lineOf(offset + start),
    };
  });
}

function resultNames(result: string): string[] {
  const [name, count] = result.split(':');
  return count ? Array.from({ length: Number(count) }, (_, i) => `${name}#${i}`) : [name];
}
