import { HwcastError } from '../../../core/errors.js';
import { issueAt } from '../../issueAt.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { amountOf, isRecord, type JsonRecord, recordsOf } from '../../source/recordsOf.js';
import { wholeJson } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { TraceSource } from '../../traceReader.js';

interface DataTable {
  cols: { id?: unknown }[];
  rows: { c: ({ v?: unknown } | null)[] }[];
}

const tableOf = ({ cols, rows }: JsonRecord): DataTable => ({
  cols: recordsOf(cols),
  rows: recordsOf(rows).flatMap(({ c }) => (Array.isArray(c) ? [{ c: c.map((cell) => (isRecord(cell) ? cell : null)) }] : [])),
});

/** Tables of xprof (Google DataTable JSON): statistics of framework operators, those of the device and those of the host apart. */
export const xprofReader = profileReader(
  'xprof',
  'a table of xprof',
  (text) => /^\[?\s*\{\s*"cols"\s*:\s*\[/.test(text),
  analyse,
);

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const value = await wholeJson(source),
    tables = recordsOf(Array.isArray(value) ? value : [value]).map(tableOf),
    table = tables.find((t) => t.rows.length && t.cols.some((c) => c.id === 'occurrences'));
  if (!table)
    throw new HwcastError('unsupported', 'this table of xprof holds no statistics of operators', {
      where: source.name,
      hint: 'framework_op_stats is read',
    });
  const ids = table.cols.map((c) => c.id),
    column = (id: string) => ids.indexOf(id);
  const [where, type, count, self] = ['host_or_device', 'type', 'occurrences', 'total_self_time'].map(column);
  if ([where, type, count, self].some((c) => c < 0))
    throw new HwcastError('bad-input', `columns are missing: ${ids.join(', ')}`, { where: source.name });
  const all = table.rows.map(({ c }) => ({
    on: String(c[where]?.v),
    name: shownName(String(c[type]?.v)),
    calls: amountOf(c[count]?.v),
    time: amountOf(c[self]?.v),
  }));
  const rows = all.flatMap(({ calls, time, ...row }) =>
      calls === undefined || time === undefined ? [] : [{ ...row, calls, time: time * 1e-6 }],
    ),
    bad = all.length - rows.length;
  // the program's own waiting is no operator
  const device = rows.filter((r) => r.on === 'Device' && r.name !== 'IDLE'),
    used = device.length ? device : rows.filter((r) => r.on === 'Host' && r.name !== 'IDLE');
  return [
    analysisOf({
      source: source.name,
      format: 'xprof',
      events: rows.length,
      operators: used.reduce((sum, r) => sum + r.calls, 0),
      byOperator: operatorTotals(used),
      lost: bad ? [issueAt(source.name)('row', bad, 'row left out: its time or count is no number')] : [],
      notes: [
        device.length
          ? `operators of the device; ${rows.length - device.length} rows of the host are left out`
          : 'operators of the host',
      ],
    }),
  ];
}
