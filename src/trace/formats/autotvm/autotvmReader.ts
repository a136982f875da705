import { HwcastError } from '../../../core/errors.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, profileReader } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { wholeText } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { ReadIssue, TraceSource } from '../../traceReader.js';

/** costs of configurations that failed are written as 1e9 seconds or more */
const FAILED = 1e8;

/** Tuning logs of AutoTVM and TopHub: a JSON line a task with its best cost, comments and blank lines between them; one analysis a target. */
export const autotvmReader = profileReader(
  'autotvm',
  'an AutoTVM tuning log',
  (text) => /^(#[^\n]*\n|\s)*\{"input"\s*:\s*\["/.test(text),
  analyse,
);

interface Task {
  target: string;
  name: string;
  time: number;
}

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const targets = new Map<string, Task[]>(),
    lost: ReadIssue[] = [];
  let offset = 0,
    lines = 0;
  for (const line of (await wholeText(source)).split('\n')) {
    if (line.trim() && !line.startsWith('#')) {
      lines++;
      const task = taskOf(line);
      if (typeof task === 'string')
        lost.push({ kind: 'issue', where: source.name, reason: `task left out: ${task}`, count: 1, offset, what: 'row' });
      else targets.set(task.target, [...(targets.get(task.target) ?? []), task]);
    }
    offset += Buffer.byteLength(line) + 1;
  }
  if (!targets.size) throw new HwcastError('bad-input', `none of the ${lines} lines is a tuned task`, { where: source.name });
  return [...targets].map(([target, tasks], i) =>
    analysisOf({
      source: source.name,
      format: 'autotvm',
      device: target,
      events: tasks.length,
      operators: tasks.length,
      operatorsWithShapes: tasks.length,
      byOperator: operatorTotals(tasks),
      lost: i ? [] : lost,
      notes: ['each task once, by the mean of its measured costs'],
    }),
  );
}

/** A task, or why it is none. Of a target its kind and model are kept, as `cuda -model=titanx`. */
function taskOf(line: string): Task | string {
  let record: { input?: unknown[]; result?: unknown[]; i?: unknown[]; r?: unknown[] };
  try {
    record = JSON.parse(line);
  } catch {
    return 'no JSON';
  }
  const [target, name] = record.input ?? [],
    [costs, error] = record.result ?? [];
  if (typeof target !== 'string' || typeof name !== 'string' || !Array.isArray(costs)) return 'no task with its costs';
  const time = costs.reduce((sum: number, c) => sum + Number(c), 0) / costs.length;
  if (error !== 0 || !(time > 0) || time >= FAILED) return 'its measurement failed';
  const model = / -model=(\S+)/.exec(target)?.[1];
  return { target: shownName(`${target.split(' ')[0]}${model ? ` ${model}` : ''}`), name: shownName(name), time };
}
