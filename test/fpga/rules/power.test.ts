import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { mean, median } from '../../../src/core/statistics.js';
import { fpgaPartNamed } from '../../../src/device/fpgaParts.js';
import { BOARD_POWER_W, dynamicPower, energyPerInference, power, staticPower } from '../../../src/fpga/rules/power.js';
import { FPGA_FOLDER } from './fpgaRows.js';

function table(file: string): Record<string, string>[] {
  const [head, ...lines] = gunzipSync(readFileSync(join(FPGA_FOLDER, file)))
    .toString()
    .trim()
    .split('\n')
    .map((l) => l.split(','));
  return lines.map((l) => Object.fromEntries(head.map((h, i) => [h, l[i]])));
}
const has = existsSync(join(FPGA_FOLDER, 'ml4accel_hls_impl_power.csv.gz'));

describe('power', () => {
  test('is static and dynamic, the dynamic one in proportion to the clock', () => {
    const part = fpgaPartNamed('xczu9eg'),
      r = { lut: 10_000, ff: 20_000, dsp: 100, bram18: 50 };
    expect(dynamicPower(r, 2e8)).toBeCloseTo(2 * dynamicPower(r, 1e8), 12);
    const p = power(part, r, 1e8);
    expect(p.totalW).toBeCloseTo(p.staticW! + p.dynamicW, 12);
    expect(p.staticW).toBeGreaterThan(0.62);
    expect(staticPower(fpgaPartNamed('xc7k160t'))).toBeCloseTo(0.149, 3);
    // no seen part of the family: not known
    expect(power(fpgaPartNamed('ice40hx8k'), r, 1e8)).toMatchObject({ staticW: undefined, totalW: undefined });
    expect(energyPerInference(1.68, 100_000, 1e8)).toBeCloseTo(1.68e-3, 9);
  });

  test.skipIf(!has)('of placed kernels: fitted to every other kernel, tested on the rest (needs ../shared)', () => {
    const rows = table('ml4accel_hls_impl_power.csv.gz').filter((r) => r.impl_power_dynamic !== '');
    const kernels = [...new Set(rows.map((r) => r.kernel))].sort();
    const part = fpgaPartNamed('xczu9eg-ffvb1156-2-i');
    const errors = (fitted: boolean) => {
      const of = rows.filter((r) => (kernels.indexOf(r.kernel) % 2 === 0) === fitted);
      return of.map((r) => {
        const p = power(
          part,
          { lut: +r.impl_lut, ff: +r.impl_ff, dsp: +r.impl_dsp, bram18: 2 * +r.impl_ramb36 + +r.impl_ramb18 },
          1e9 / +r.clock_target_ns,
        );
        return {
          dynamic: Math.abs((1000 * p.dynamicW) / +r.impl_power_dynamic - 1),
          total: Math.abs((1000 * p.totalW!) / +r.impl_power_total - 1),
        };
      });
    };
    const tested = errors(false);
    console.info(
      `power of ${tested.length} kernel designs not fitted: dynamic median ${(100 * median(tested.map((e) => e.dynamic))).toFixed(0)} % mean ${(100 * mean(tested.map((e) => e.dynamic))).toFixed(0)} %, total median ${(100 * median(tested.map((e) => e.total))).toFixed(1)} % mean ${(100 * mean(tested.map((e) => e.total))).toFixed(1)} %`,
    );
    expect(tested.length).toBeGreaterThan(100);
    expect(median(tested.map((e) => e.dynamic))).toBeLessThan(0.25);
    expect(median(tested.map((e) => e.total))).toBeLessThan(0.025);
    expect(mean(tested.map((e) => e.total))).toBeLessThan(0.05);
  });

  test.skipIf(!has)('of boards: energy an inference from time alone, within 8 % (needs ../shared)', () => {
    const rows = table('mlperf_tiny_v07_fpga_energy.csv.gz');
    const errors: number[] = [];
    for (const row of rows) {
      // the board's mean power without this network
      const others = rows.filter((r) => r.board === row.board && r.model !== row.model);
      const watts = mean(others.map((r) => +r.median_energy_uj_inf * 1e-6 * +r.power_run_throughput_inf_s));
      const joules = watts / +row.power_run_throughput_inf_s;
      errors.push(Math.abs((joules * 1e6) / +row.median_energy_uj_inf - 1));
      const known = BOARD_POWER_W[row.board] / +row.power_run_throughput_inf_s;
      expect(Math.abs((known * 1e6) / +row.median_energy_uj_inf - 1), `${row.board} ${row.model}`).toBeLessThan(0.06);
      console.info(
        `${row.board} ${row.model}: ${row.median_energy_uj_inf} uJ measured, ${(joules * 1e6).toFixed(1)} uJ predicted`,
      );
    }
    expect(Math.max(...errors)).toBeLessThan(0.08);
  });
});
