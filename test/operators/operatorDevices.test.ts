import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { OperatorDevices } from '../../src/operators/operatorDevices.js';
import { OPERATOR_FAMILIES, type OperatorTask, readOperatorTasks } from '../../src/operators/operatorFamilies.js';

const HEAD = 'device,op_name,kernel_source,gemm_dtype,m,n,k,latency_ms,backend,backend_version,power_w,power_limit_w';
const [gemm] = OPERATOR_FAMILIES;

/** Tasks of the GEMM table with these lines. */
function tasksOf(lines: readonly string[]): OperatorTask[] {
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-operators-'));
  try {
    writeFileSync(join(folder, gemm.file), gzipSync(`${[HEAD, ...lines].join('\n')}\n`));
    return readOperatorTasks(folder, gemm);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('readOperatorTasks', () => {
  it('keeps one element type, by device and back end, with the corrected roofline', () => {
    const tasks = tasksOf([
      'h100_sxm,gemm,torch_flow,bfloat16,4096,4096,4096,0.21,trtllm,1.3,,',
      'h100_sxm,gemm,torch_flow,fp8,4096,4096,4096,0.1,trtllm,1.3,,',
      'a100_sxm,gemm,vllm_default,bfloat16,128,128,128,0.006,vllm,0.14,,',
    ]);
    expect(tasks.map((t) => [t.device, t.backend, Math.round(t.seconds[0] * 1e9)])).toEqual([
      ['h100_sxm', 'trtllm', 210_000],
      ['a100_sxm', 'vllm', 6000],
    ]);
    // 2 x 4096^3 FLOP at 0.75 of 989 TFLOP/s, and 4 us
    expect(tasks[0].roofline[0]).toBeCloseTo((2 * 4096 ** 3) / (0.75 * 989e12) + 4e-6, 9);
    expect(tasks[0].numbers).toHaveLength(tasks[0].width);
  });

  it('refuses a latency that is no positive number, and a device it knows no multiprocessors of', () => {
    expect(() => tasksOf(['h100_sxm,gemm,x,bfloat16,1,1,1,0,trtllm,1,,'])).toThrow(/latency_ms is '0'/);
    expect(() => tasksOf(['z9,gemm,x,bfloat16,1,1,1,0.1,trtllm,1,,'])).toThrow(/multiprocessors .* 'z9'/);
  });
});

describe('OperatorDevices', () => {
  const sizes = [64, 128, 256, 512, 1024, 2048, 4096];
  const shapes = sizes.flatMap((m) => sizes.map((n) => [m, n, 1024] as const));
  /** a device that takes `factor` times its roofline */
  const device = (name: string, factor: number): OperatorTask => {
    const [task] = tasksOf(shapes.map(([m, n, k]) => `${name},gemm,x,bfloat16,${m},${n},${k},1,vllm,1,,`));
    return { ...task, seconds: task.roofline.map((r) => factor * r) };
  };
  const engine = new OperatorDevices([device('a100_sxm', 1.2), device('h100_sxm', 1.4)], createRandom(1));
  const asked = device('b200_sxm', 1.8);
  const mape = (values: readonly { value: number }[]) =>
    values.reduce((sum, { value }, i) => sum + Math.abs(value / asked.seconds[i] - 1), 0) / values.length;
  const at = (rows: readonly number[]) => ({
    numbers: Float64Array.from(rows.flatMap((i) => [...asked.numbers.subarray(i * asked.width, (i + 1) * asked.width)])),
    roofline: Float64Array.from(rows, (i) => asked.roofline[i]),
  });

  it('takes what other devices reach where nothing is measured, and what few rows say of its own', () => {
    const none = engine.adapt(at([]), [])(asked),
      rows = [0, 12, 24, 36, 48],
      five = engine.adapt(
        at(rows),
        rows.map((i) => asked.seconds[i]),
      )(asked);
    expect(none).toHaveLength(49);
    expect(mape(none)).toBeCloseTo(1 - 1.3 / 1.8, 1);
    expect(mape(five)).toBeLessThan(0.02);
    expect(five.filter((p) => p.low < p.value && p.value < p.high)).toHaveLength(49);
  });

  it('chooses different rows', () => {
    const chosen = engine.choose(asked, 6);
    expect(new Set(chosen).size).toBe(6);
  });
});
