/** A table drawn with `+---+` and `|`, as HLS and Vivado reports have them. */
export interface TextTable {
  /** headings above it, outermost first */
  path: string[];
  /** names of the columns: header lines joined by a space, a heading over several columns repeated for each */
  columns: string[];
  rows: string[][];
  /** first line, from 1 */
  line: number;
  /** why it is not whole: cut, or a row that does not fit */
  problem?: string;
}

const isBorder = (line: string): boolean => /^\+(-+\+)+$/.test(line);

/** Cells of a line cut at the columns of the border, undefined where it does not fit them. */
function cells(line: string, marks: readonly number[]): string[] | undefined {
  if (line.length !== marks[marks.length - 1] + 1 || marks.some((m) => line[m] !== '|')) return undefined;
  return marks.slice(1).map((m, i) => line.slice(marks[i] + 1, m));
}

/** Text of a header line over each column: a cell may span several. */
function headings(line: string, marks: readonly number[]): string[] | undefined {
  if (line.length !== marks[marks.length - 1] + 1 || line[0] !== '|' || !line.endsWith('|')) return undefined;
  const bars = marks.filter((m) => line[m] === '|');
  return marks.slice(1).map((m, i) => {
    const from = Math.max(...bars.filter((b) => b <= marks[i])),
      to = Math.min(...bars.filter((b) => b >= m));
    return line.slice(from + 1, to).trim();
  });
}

/** Parses one run of table lines (indentation removed). */
function parseTable(lines: readonly string[], path: string[], line: number): TextTable {
  const table: TextTable = { path, columns: [], rows: [], line };
  if (!isBorder(lines[0])) return { ...table, problem: `line ${line}: the upper border of the table is missing or damaged` };
  const marks = [...lines[0]].flatMap((c, i) => (c === '+' ? [i] : []));
  let headers: string[][] | undefined = [];
  for (const [i, text] of lines.entries()) {
    if (i === 0) continue;
    if (text.startsWith('+')) {
      if (text !== lines[0]) return { ...table, problem: `line ${line + i}: a border of the table is damaged` };
      if (headers) {
        table.columns = marks.slice(1).map((_, c) =>
          headers!
            .map((h) => h[c])
            .filter((t, j, all) => t && t !== all[j - 1])
            .join(' '),
        );
        headers = undefined;
      }
      continue;
    }
    const row = headers ? headings(text, marks) : cells(text, marks);
    if (!row) return { ...table, problem: `line ${line + i}: a row does not fit its table` };
    if (headers) headers.push(row);
    else table.rows.push(row);
  }
  if (headers || !lines[lines.length - 1].startsWith('+'))
    return { ...table, problem: `line ${line + lines.length - 1}: the table ends without its border` };
  return table;
}

/**
 * All tables of a text, with the headings above them: `== Title`, `+ Part:` and `* Detail:` of HLS reports, `3. Title` of Vivado reports.
 */
export function textTables(text: string): TextTable[] {
  const lines = text.split(/\r?\n/);
  const tables: TextTable[] = [];
  /** headings by depth: section, part, details by their indentation */
  let path: { depth: number; title: string }[] = [];
  const enter = (depth: number, title: string): void => {
    path = [...path.filter((p) => p.depth < depth), { depth, title }];
  };
  for (let i = 0; i < lines.length; i++) {
    const trimmed = lines[i].trim();
    const indent = lines[i].length - lines[i].trimStart().length;
    const section = trimmed.match(/^== (.+)$/) ?? (indent === 0 ? trimmed.match(/^(\d+(?:\.\d+)*\.? .+)$/) : null);
    const part = trimmed.match(/^\+ ([A-Z][^+|]*?)\s*:?\s*$/);
    const detail = trimmed.match(/^\* ([A-Z][^:]*):/);
    if (section) enter(0, section[1].trim());
    else if (part) enter(1 + 2 * indent, part[1]);
    else if (detail) enter(2 + 2 * indent, detail[1]);
    else if (/^[+|]/.test(trimmed) && trimmed.length > 2) {
      const from = i;
      while (i + 1 < lines.length && /^\s*[+|]/.test(lines[i + 1])) i++;
      const run = lines.slice(from, i + 1).map((l) => l.trim());
      // the head of a Vivado report has bars too, but no borders
      if (run.some((l) => l.startsWith('+')))
        tables.push(
          parseTable(
            run,
            path.map((p) => p.title),
            from + 1,
          ),
        );
    }
  }
  return tables;
}

/** The column whose name matches, -1 where none does. */
export const columnOf = (table: TextTable, name: RegExp): number => table.columns.findIndex((c) => name.test(c));
