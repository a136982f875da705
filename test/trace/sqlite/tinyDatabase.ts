/** An SQLite file with one page a table, written by hand: values are numbers, texts or null. */
export function tinyDatabase(tables: Record<string, { columns: string; rows: (number | string | null)[][] }>): Buffer {
  const SIZE = 4096,
    names = Object.keys(tables),
    pages = [
      leaf(
        names.map((name, i) => ['table', name, name, i + 2, `CREATE TABLE ${name} (${tables[name].columns})`]),
        SIZE,
        100,
      ),
      ...names.map((name) => leaf(tables[name].rows, SIZE, 0)),
    ];
  const [first] = pages;
  first.write('SQLite format 3\0', 0, 'latin1');
  first.writeUInt16BE(SIZE, 16);
  first.writeUInt32BE(pages.length, 28);
  first.writeUInt32BE(1, 56);
  return Buffer.concat(pages);
}

function leaf(rows: (number | string | null)[][], size: number, from: number): Buffer {
  const page = Buffer.alloc(size);
  page[from] = 13;
  page.writeUInt16BE(rows.length, from + 3);
  let end = size;
  rows.forEach((row, i) => {
    const cell = record(row, i + 1);
    end -= cell.length;
    cell.copy(page, end);
    page.writeUInt16BE(end, from + 8 + 2 * i);
  });
  return page;
}

function record(row: (number | string | null)[], key: number): Buffer {
  const types: number[] = [],
    bodies: Buffer[] = [];
  for (const value of row) {
    if (value === null) types.push(0);
    else if (typeof value === 'number') {
      types.push(6);
      const body = Buffer.alloc(8);
      body.writeBigInt64BE(BigInt(value));
      bodies.push(body);
    } else {
      const body = Buffer.from(value);
      types.push(13 + 2 * body.length);
      bodies.push(body);
    }
  }
  const list = Buffer.concat(types.map(varint)),
    payload = Buffer.concat([varint(list.length + 1), list, ...bodies]);
  return Buffer.concat([varint(payload.length), varint(key), payload]);
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.from([128 | (value >> 7), value & 127]);
}
