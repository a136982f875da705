import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { OperatorDevices } from '../../src/operators/operatorDevices.js';
import { OPERATOR_FAMILIES, readOperatorTasks } from '../../src/operators/operatorFamilies.js';
import type { OperatorTask } from '../../src/operators/operatorTask.js';

const HEAD = 'device,op_name,kernel_source,gemm_dtype,m,n,k,latency_ms,backend,backend_version,power_w,power_limit_w';
const [gemm] = OPERATOR_FAMILIES;
const familyNamed = (name: string) => OPERATOR_FAMILIES.find((f) => f.name === name)!;

/** Tasks of a table with these lines, of products unless told. */
function tasksOf(lines: readonly string[], head = HEAD, family = gemm): OperatorTask[] {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-operators-'));
  try {
    writeFileSync(join(folder, family.file), gzipSync(`${[head, ...lines].join('\n')}\n`));
    return readOperatorTasks(folder, family);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('readOperatorTasks', () => {
  it('keeps one element type, by device, back end and kernels, with the corrected roofline and the rule', () => {
    const tasks = tasksOf([
      'h100_sxm,gemm,torch_flow,bfloat16,4096,4096,4096,0.21,trtllm,1.3,,',
      'h100_sxm,gemm,torch_flow,fp8,4096,4096,4096,0.1,trtllm,1.3,,',
      'a100_sxm,gemm,vllm_default,bfloat16,128,128,128,0.006,vllm,0.14,,',
    ]);
    expect(tasks.map((t) => [t.device, t.backend, t.source, Math.round(t.seconds[0] * 1e9)])).toEqual([
      ['h100_sxm', 'trtllm', 'torch_flow', 210_000],
      ['a100_sxm', 'vllm', 'vllm_default', 6000],
    ]);
    const [row] = tasks[0].rows;
    // 2 x 4096^3 FLOP at 0.75 of 989 TFLOP/s, and 4 us
    expect(row.roofline).toBeCloseTo((2 * 4096 ** 3) / (0.75 * 989e12) + 4e-6, 9);
    // eight waves of 1024 tiles over 132 processors in place of 7.8
    const plain = { compute: 0.75, memory: 0.8, sharpness: 20, launch: 4e-6, smallTile: 1 };
    expect(row.rule(plain)).toBeGreaterThan(row.roofline);
    expect(row.rule(plain)).toBeLessThan(1.15 * row.roofline);
  });

  it('knows that Intel’s GPUs were timed call by call: short kernels take what the host needs', () => {
    const [task] = tasksOf([
      'b60,gemm,vllm_default,bfloat16,16,128,128,0.032,vllm,0.20,,',
      'b60,gemm,vllm_default,bfloat16,4096,4096,4096,2,vllm,0.20,,',
    ]);
    const host = (half: number) => task.rows.map((row) => row.rule({ ...gemm.start, host: half }));
    expect(host(1)[0]).toBeCloseTo(4e-5, 12);
    expect(host(0.5)[0]).toBeCloseTo(2e-5, 12);
    // 2 ms hide the call of the next
    expect(host(0.5)[1]).toBe(host(1)[1]);
  });

  it('knows balanced gated experts: the rows that an expert gets, its device’s part of the experts', () => {
    const head =
      'device,op_name,kernel_source,moe_dtype,num_tokens,hidden_size,inter_size,topk,num_experts,moe_tp_size,moe_ep_size,distribution,latency_ms,backend';
    const [task, ...others] = tasksOf(
      [
        'h100_sxm,moe,triton,bfloat16,1024,2048,1024,8,128,2,4,balanced,0.5,vllm',
        'h100_sxm,moe,triton,bfloat16,1024,2048,1024,8,128,2,4,power_law_1.2,0.7,vllm',
        'h100_sxm,moe,nongated_x,bfloat16,1024,2048,1024,8,128,2,4,balanced,0.4,vllm',
      ],
      head,
      familyNamed('experts'),
    );
    expect(others).toEqual([]);
    expect(task.rows[0].sizes).toEqual([1024, 2048, 512, 8, 128, 4]);
    // 1024 x 8 / 4 rows over 32 experts, 2 x 3 x 2048 x 512 operations each, at 0.75 of 989 TFLOP/s, or their weights at 0.8 of 3.35 TB/s
    const flops = 2048 * 2 * 3 * 2048 * 512,
      bytes = 2 * (32 * 3 * 2048 * 512 + 2048 * (3 * 2048 + 6 * 512) + 256 * 2048);
    expect(task.rows[0].roofline).toBeCloseTo(Math.max(flops / (0.75 * 989e12), bytes / (0.8 * 3.35e12)) + 6e-6, 9);
  });

  it('knows scans of prompts by the gated delta rule, whose chunks wait for one another', () => {
    const head =
      'device,op_name,kernel_source,phase,batch_size,seq_len,num_k_heads,head_k_dim,num_v_heads,head_v_dim,latency_ms,backend';
    const tasks = tasksOf(
      [
        'h100_sxm,gdn,chunk,context,1,4096,16,128,32,128,0.5,vllm',
        'h100_sxm,gdn,chunk,generation,1,1,16,128,32,128,0.01,vllm',
        'h100_sxm,gdn,causal_conv1d_fn,context,1,4096,16,128,32,128,0.02,vllm',
      ],
      head,
      familyNamed('delta-rule scan'),
    );
    expect(tasks.flatMap((t) => t.rows)).toHaveLength(1);
    const [row] = tasks[0].rows,
      plain = { compute: 0.75, memory: 0.8, sharpness: 20, launch: 4e-6 };
    expect(row.rule({ ...plain, waveCost: 1e-6 }) - row.rule(plain)).toBeCloseTo(64e-6, 12);
  });

  it('refuses a latency that is no positive number, an unknown device, and one that the catalogue has no multiprocessors of', () => {
    expect(() => tasksOf(['h100_sxm,gemm,x,bfloat16,1,1,1,0,trtllm,1,,'])).toThrow(/latency_ms is '0'/);
    expect(() => tasksOf(['z9,gemm,x,bfloat16,1,1,1,0.1,trtllm,1,,'])).toThrow(/no device 'z9'/);
    expect(() => tasksOf(['TPUv4,gemm,x,bfloat16,1,1,1,0.1,trtllm,1,,'])).toThrow(/multiprocessors of 'TPUv4'/);
  });
});

describe('OperatorDevices', () => {
  const sizes = [64, 128, 256, 512, 1024, 2048, 4096];
  const shapes = sizes.flatMap((m) => sizes.map((n) => [m, n, 1024] as const));
  /** a device whose rule has these constants, and whose `source` takes `factor` times that */
  function device(name: string, constants: { compute: number; launch: number }, { source = 'x', factor = 1 } = {}): OperatorTask {
    const [task] = tasksOf(shapes.map(([m, n, k]) => `${name},gemm,${source},bfloat16,${m},${n},${k},1,vllm,1,,`));
    return { ...task, seconds: Float64Array.from(task.rows, (r) => factor * r.rule({ ...gemm.start, ...constants })) };
  }
  const training = [
    device('a100_sxm', { compute: 0.8, launch: 3e-6 }),
    device('h100_sxm', { compute: 0.7, launch: 3e-6 }),
    device('a100_sxm', { compute: 0.7, launch: 3e-6 }, { source: 'y', factor: 2 }),
    device('h100_sxm', { compute: 0.8, launch: 3e-6 }, { source: 'y', factor: 2 }),
  ];
  const engine = new OperatorDevices(training, gemm.start, createRandom(1));
  const mape = (values: readonly { value: number }[], { seconds }: OperatorTask) =>
    values.reduce((sum, { value }, i) => sum + Math.abs(value / seconds[i] - 1), 0) / values.length;
  const measured = (task: OperatorTask, rows: readonly number[]) =>
    engine.adapt(
      task,
      rows.map((i) => task.rows[i]),
      rows.map((i) => task.seconds[i]),
    )(task.rows);

  it('takes what the same kernels reach elsewhere where nothing is measured', () => {
    for (const source of ['x', 'y']) {
      const task = device('b200_sxm', { compute: 0.75, launch: 3e-6 }, { source, factor: source === 'y' ? 2 : 1 });
      expect(mape(measured(task, []), task)).toBeLessThan(0.15);
    }
    expect(engine.adapt(training[0], [], [])(training[0].rows)).toHaveLength(49);
  });

  it('finds constants far from those of others in few rows: a launch of 30 us', () => {
    const task = device('b200_sxm', { compute: 0.75, launch: 3e-5 }),
      none = measured(task, []),
      five = measured(task, [0, 12, 24, 36, 48]);
    expect(mape(none, task)).toBeGreaterThan(0.5);
    expect(mape(five, task)).toBeLessThan(0.1);
    expect(five.filter((p) => p.low < p.value && p.value < p.high)).toHaveLength(49);
  });

  it('goes no further from the mean of the tasks than one of them is, whatever few rows say', () => {
    // on some kernels wide products take twenty times as long
    const wide = (task: OperatorTask, factor: number): OperatorTask => ({
      ...task,
      seconds: task.seconds.map((s, i) => (shapes[i][1] >= 1024 ? factor * s : s)),
    });
    const tasks = training.map((task) => wide(task, task.source === 'y' ? 20 : 1)),
      engine = new OperatorDevices(tasks, gemm.start, createRandom(1)),
      // one of five rows, in a wide product, took four hundred times as long
      task = wide(device('b200_sxm', { compute: 0.75, launch: 3e-6 }, { source: 'z' }), 400),
      rows = [0, 8, 16, 22, 40];
    expect(rows.filter((i) => shapes[i][1] >= 1024)).toEqual([40]);
    const answers = engine.adapt(
      task,
      rows.map((i) => task.rows[i]),
      rows.map((i) => task.seconds[i]),
    )(task.rows);
    const furthest = Math.max(
      ...answers.map(({ value }, i) => value / task.rows[i].rule({ ...gemm.start, compute: 0.75, launch: 3e-6 })),
    );
    expect(furthest).toBeGreaterThan(1);
    expect(furthest).toBeLessThan(100);
  });

  it('believes a measurement less that none of the others agree with', () => {
    const task = device('b200_sxm', { compute: 0.75, launch: 3e-6 }),
      rows = Array.from({ length: 12 }, (_, i) => 4 * i);
    const support = rows.map((i) => task.rows[i]),
      good = rows.map((i) => task.seconds[i]),
      // one of them ten times too long
      bad = good.map((s, i) => (i === 5 ? 10 * s : s));
    const others = (seconds: readonly number[]) => mape(engine.adapt(task, support, seconds)(task.rows), task);
    expect(others(good)).toBeLessThan(0.1);
    expect(others(bad)).toBeLessThan(0.2);
  });

  it('takes over what a device that it is like leaves at the very sizes, as far as measurements agree', () => {
    // what no number tells: every third shape takes two fifths more
    const jagged = (task: OperatorTask): OperatorTask => ({
      ...task,
      seconds: task.seconds.map((s, i) => (i % 3 ? s : 1.4 * s)),
    });
    const engine = new OperatorDevices(training.map(jagged), gemm.start, createRandom(1)),
      smooth = device('b200_sxm', { compute: 0.7, launch: 3e-6 }),
      rows = Array.from({ length: 16 }, (_, i) => 3 * i + (i % 3));
    const errorOf = (task: OperatorTask) =>
      mape(
        engine.adapt(
          task,
          rows.map((i) => task.rows[i]),
          rows.map((i) => task.seconds[i]),
        )(task.rows),
        task,
      );
    expect(errorOf(jagged(smooth))).toBeLessThan(0.1);
    expect(errorOf(smooth)).toBeLessThan(0.2);
  });

  it('chooses different rows', () => {
    const task = device('b200_sxm', { compute: 0.75, launch: 3e-6 });
    expect(new Set(engine.choose(task, task.rows, 6)).size).toBe(6);
  });
});
