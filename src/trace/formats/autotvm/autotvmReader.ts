import { HwcastError } from '../../../core/errors.js';
import { kept } from '../../../core/kept.js';
import { type MappedOp, operatorText } from '../../../graph/operatorText.js';
import { Reasons } from '../../issueAt.js';
import { operatorRecord } from '../../operatorRecord.js';
import { operatorTotals } from '../../operatorTotals.js';
import { analysisOf, headText } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { wholeText } from '../../source/wholeSource.js';
import type { TraceAnalysis } from '../../traceAnalysis.js';
import type { ReadIssue, TraceReader, TraceRecord, TraceSource } from '../../traceReader.js';
import { taskOperator } from './taskOperator.js';

/** costs of configurations that failed are written as 1e9 seconds or more */
const FAILED = 1e8;

/**
 * Tuning logs of AutoTVM and TopHub: a JSON line a configuration with its costs, comments and blank lines between them. What a template computes follows
 * from its arguments; of the configurations and templates that were tried for one operator the fastest counts, which is what a build takes.
 */
export const autotvmReader: TraceReader = {
  format: 'autotvm',
  detect: (head) => /^(#[^\n]*\n|\s)*\{"(input|i)"\s*:\s*\["/.test(headText(head)),
  read,
  analyse,
};

interface Task {
  target: string;
  name: string;
  /** s, mean over its measurements */
  time: number;
  operator: MappedOp | string;
}

interface Log {
  tasks: Task[];
  lost: ReadIssue[];
}

async function* read(source: TraceSource): AsyncGenerator<TraceRecord | ReadIssue> {
  const { tasks, lost } = await readLog(source),
    reasons = new Reasons();
  yield* lost;
  for (const { operator } of tasks) if (typeof operator === 'string') reasons.add(operator);
  for (const [target, fastest] of fastestOf(tasks))
    for (const { operator, time } of fastest.values())
      yield operatorRecord(operator, {
        framework: 'tvm',
        device: target,
        latency: time,
      });
  yield* reasons.issues(source.name, 'operator');
}

/** By target and operator. */
function fastestOf(tasks: readonly Task[]): Map<string, Map<string, { operator: MappedOp; time: number }>> {
  const targets = new Map<string, Map<string, { operator: MappedOp; time: number }>>();
  for (const { target, operator, time } of tasks) {
    if (typeof operator === 'string') continue;
    const fastest = kept(targets, target, () => new Map<string, { operator: MappedOp; time: number }>()),
      entry = kept(fastest, operatorText(operator), () => ({ operator, time }));
    entry.time = Math.min(entry.time, time);
  }
  return targets;
}

async function analyse(source: TraceSource): Promise<TraceAnalysis[]> {
  const { tasks, lost } = await readLog(source),
    targets = new Map<string, Task[]>(),
    fastest = fastestOf(tasks);
  for (const task of tasks) kept(targets, task.target, () => []).push(task);
  return [...targets].map(([target, of], i) =>
    analysisOf({
      source: source.name,
      format: 'autotvm',
      device: target,
      events: of.length,
      operators: of.length,
      operatorsWithShapes: of.length,
      byOperator: operatorTotals(of),
      byWorkload: operatorTotals([...(fastest.get(target) ?? [])].map(([name, { time }]) => ({ name, time }))),
      lost: i ? [] : lost,
      notes: ['each task by the mean of its measured costs; with shapes by its fastest configuration'],
    }),
  );
}

/** @throws HwcastError `bad-input` where no line is a tuned task */
async function readLog(source: TraceSource): Promise<Log> {
  const tasks: Task[] = [],
    lost: ReadIssue[] = [];
  let offset = 0,
    lines = 0;
  for (const line of (await wholeText(source)).split('\n')) {
    if (line.trim() && !line.startsWith('#')) {
      lines++;
      const task = taskOf(line);
      if (typeof task !== 'string') tasks.push(task);
      else lost.push({ kind: 'issue', where: source.name, reason: `task left out: ${task}`, count: 1, offset, what: 'row' });
    }
    offset += Buffer.byteLength(line) + 1;
  }
  if (!tasks.length) throw new HwcastError('bad-input', `none of the ${lines} lines is a tuned task`, { where: source.name });
  return { tasks, lost };
}

/** A task, or why it is none; lines of version 0.1 have short keys. */
function taskOf(line: string): Task | string {
  let record: { input?: unknown; result?: unknown; i?: unknown; r?: unknown };
  try {
    record = JSON.parse(line);
  } catch {
    return 'no JSON';
  }
  const input = record?.input ?? record?.i,
    result = record?.result ?? record?.r;
  if (!Array.isArray(input) || !Array.isArray(result)) return 'no task with its costs';
  const [target, name, args] = input,
    [costs, error] = result;
  if (typeof target !== 'string' || typeof name !== 'string' || !Array.isArray(costs)) return 'no task with its costs';
  const time = costs.reduce((sum: number, c) => sum + Number(c), 0) / costs.length;
  if (error !== 0 || !(time > 0) || time >= FAILED) return 'its measurement failed';
  return {
    target: targetOf(target),
    name: shownName(name),
    time,
    operator: Array.isArray(args) ? taskOperator(name, args) : 'a task without arguments',
  };
}

/** Of a target its kind and what it says of the device: `cuda titanx` of `cuda -model=titanx`, `llvm skylake-avx512`. */
function targetOf(target: string): string {
  const option = (name: string) => new RegExp(` -${name}=(\\S+)`).exec(target)?.[1],
    told = ['model', 'mcpu', 'device'].map(option).find((value) => value !== undefined && value !== 'unknown');
  return shownName(`${target.split(' ')[0]}${told ? ` ${told}` : ''}`);
}
