/**
 * Power of single kernels on one GPU from another and a few measurements: `npx tsx scripts/operatorPower.ts DATA`, the folder that holds `llm-ops`. H200 and
 * B200 are the only devices with measured power; each is predicted from the other and 0, 5, 20 and 50 of its own rows, random or chosen, ten draws.
 */
import { LEAST_SECONDS } from '../src/analytical/fit/fitDevicePower.js';
import type { Efficiency } from '../src/analytical/rules/efficiencies.js';
import { POWER } from '../src/analytical/rules/fittedEfficiencies.js';
import { kept } from '../src/core/kept.js';
import { createRandom } from '../src/core/random.js';
import { mean } from '../src/core/statistics.js';
import { findDevice } from '../src/device/deviceNamed.js';
import { OperatorDevices } from '../src/operators/operatorDevices.js';
import type { OperatorRow, OperatorTask } from '../src/operators/operatorTask.js';
import { markdownTable, percent } from './markdown.js';
import { ratesOf, tableRows } from './rooflineRows.js';

const [data] = process.argv.slice(2);
if (!data) throw new Error('usage: npx tsx scripts/operatorPower.ts DATA');

const DRAWS = 10;
/** Rows that are asked, rows among which the measured ones are; of small tables the same shares, as in `evaluate --protocol operators`. */
const QUERIES = 500,
  CANDIDATES = 400;
/** `launch` is the share of the limit that is drawn beside the work, `sharpness` how sharply power meets the limit. */
const START: Efficiency = { compute: POWER.compute, memory: POWER.memory, launch: POWER.base, sharpness: 4 };

/** A kernel with the power that the rule says for the shares of the rates it reached: P0 + (1 - P0) (a u_c + b u_m) of the limit, and no more than that. What is above the bandwidth came from a cache. */
function powerRow(
  sizes: readonly number[],
  use: { compute: number; memory: number },
  seconds: number,
  limit: number,
): OperatorRow {
  const share = (e: Efficiency) =>
    e.launch + (1 - Math.min(1, e.launch)) * (e.compute * use.compute + e.memory * Math.min(1, use.memory));
  const octaves = [...sizes, 1e3 * use.compute + 1, 1e3 * use.memory + 1, 1e6 * seconds].map((v) => Math.log2(Math.max(v, 1)));
  return {
    sizes,
    steps: [],
    numbers: Float64Array.from(octaves),
    rule: (e) => limit / (1 + share(e) ** -e.sharpness) ** (1 / e.sharpness),
    roofline: limit,
  };
}

type Row = Record<string, string>;
const FAMILIES: Record<string, { table: string; keep: (r: Row) => boolean; row: (r: Row, seconds: number) => OperatorRow }> = {
  GEMM: {
    table: 'aic_gemm',
    keep: (r) => r.gemm_dtype === 'bfloat16',
    row(r, seconds) {
      const [m, n, k] = [r.m, r.n, r.k].map(Number),
        { peak, bandwidth } = ratesOf(r.device, 'bf16');
      const use = { compute: (2 * m * n * k) / seconds / peak, memory: (2 * (m * k + k * n + m * n)) / seconds / bandwidth };
      return powerRow([m, n, k], use, seconds, limitOf(r));
    },
  },
  'attention of a token': {
    table: 'aic_generation_attention',
    keep: (r) => r.attn_dtype === 'bfloat16' && r.kv_cache_dtype === 'bfloat16' && (r.window_size || '0') === '0',
    row(r, seconds) {
      const [batch, heads, width, isl, step] = [r.batch_size, r.num_heads, r.head_dim, r.isl, r.step].map(Number),
        kvHeads = Number(r.num_key_value_heads) || heads,
        { peak, bandwidth } = ratesOf(r.device, 'bf16');
      const use = {
        compute: (4 * batch * heads * width * (isl + step)) / seconds / peak,
        memory: (4 * batch * kvHeads * width * (isl + step)) / seconds / bandwidth,
      };
      return powerRow([batch, heads, kvHeads, width, isl + step], use, seconds, limitOf(r));
    },
  },
};
const limitOf = (r: Row): number => Number(r.power_limit_w) || findDevice(r.device)!.tdp!;

/** Tasks of a family, in watts in place of seconds. */
function powerTasks({ table, keep, row }: (typeof FAMILIES)[string]): OperatorTask[] {
  const tasks = new Map<string, { device: string; backend: string; source: string; rows: OperatorRow[]; watts: number[] }>();
  for (const r of tableRows(data, table)) {
    const seconds = Number(r.latency_ms) / 1e3;
    if (!Number(r.power_w) || !keep(r) || seconds < LEAST_SECONDS) continue;
    const { device, backend, kernel_source: source } = r;
    const task = kept(tasks, `${device} ${backend} ${source}`, () => ({ device, backend, source, rows: [], watts: [] }));
    task.rows.push(row(r, seconds));
    task.watts.push(Number(r.power_w));
  }
  return [...tasks.values()]
    .filter((t) => t.rows.length >= 100)
    .map(({ watts, ...t }) => ({ ...t, seconds: Float64Array.from(watts) }));
}

const COLUMNS = [0, 5, 20, 50].flatMap((k) => (k ? [false, true] : [false]).map((isChosen) => ({ k, isChosen })));
const lines: string[][] = [];
for (const [name, family] of Object.entries(FAMILIES)) {
  const tasks = powerTasks(family);
  for (const device of new Set(tasks.map((t) => t.device))) {
    const random = createRandom(`${name} ${device}`),
      engine = new OperatorDevices(
        tasks.filter((t) => t.device !== device),
        START,
        random.fork('waves'),
      );
    const own = tasks.filter((t) => t.device === device);
    const cells = COLUMNS.map((column) =>
      mean(
        own.flatMap((task) =>
          Array.from({ length: column.k ? DRAWS : 1 }, (_, d) => errorOf(engine, task, column, random.fork(`draw ${d}`))),
        ),
      ),
    );
    lines.push([
      name,
      device,
      String(own.length),
      String(own.reduce((n, t) => n + t.rows.length, 0)),
      ...cells.map((c) => percent(c)),
    ]);
  }
}

function errorOf(
  engine: OperatorDevices,
  task: OperatorTask,
  { k, isChosen }: (typeof COLUMNS)[number],
  random: ReturnType<typeof createRandom>,
): number {
  const count = Math.min(task.rows.length, QUERIES + CANDIDATES),
    drawn = random.sample(task.rows.length, count),
    most = Math.round((count * QUERIES) / (QUERIES + CANDIDATES)),
    [asked, candidates] = [drawn.slice(0, most), drawn.slice(most)];
  const rowsAt = (at: readonly number[]) => at.map((i) => task.rows[i]);
  const support = isChosen ? engine.choose(task, rowsAt(candidates), k).map((i) => candidates[i]) : candidates.slice(0, k);
  const predicted = engine.adapt(
    task,
    rowsAt(support),
    support.map((i) => task.seconds[i]),
  )(rowsAt(asked));
  return mean(predicted.map(({ value }, i) => Math.abs(value / task.seconds[asked[i]] - 1)));
}

const head = [
  'kernels',
  'device',
  'tasks',
  'rows',
  ...COLUMNS.map(({ k, isChosen }) => (k ? `${k} ${isChosen ? 'chosen' : 'random'}` : 'none of its own')),
];
process.stdout.write(
  `power of single kernels of at least a third of a millisecond, bf16, from the other device, mean error\n\n${markdownTable(head, lines)}\n`,
);
