import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it, test } from 'vitest';
import { CATALOGUE } from '../../src/device/catalogue.js';
import { deviceNamed, normaliseName } from '../../src/device/deviceNamed.js';
import { DeviceSpecSchema, macsPerCycle } from '../../src/device/deviceSpec.js';
import { SHARED } from '../shared.js';

describe('CATALOGUE', () => {
  it('has each name and alias once', () => {
    const names = CATALOGUE.flatMap((d) => [
      d.name,
      ...(d.aliases ?? []).filter((a) => normaliseName(a) !== normaliseName(d.name)),
    ]).map(normaliseName);
    const perDevice = CATALOGUE.map((d) => new Set([d.name, ...(d.aliases ?? [])].map(normaliseName)));
    expect(new Set(names).size).toBe(perDevice.reduce((n, set) => n + set.size, 0));
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(85);
  });

  it('holds plausible SI values with a source', () => {
    expect(CATALOGUE.filter((d) => Object.keys(d.peak).length).length).toBeGreaterThanOrEqual(80);
    for (const d of CATALOGUE) {
      expect(d.source, d.name).toMatch(/\w{3}/);
      for (const rate of Object.values(d.peak)) expect(rate, d.name).toBeGreaterThan(1e7);
      if (d.bandwidth !== undefined) expect(d.bandwidth, d.name).toBeGreaterThan(d.clock ? 1e8 : 1e9);
      if (d.memory !== undefined) expect(d.memory, d.name).toBeGreaterThanOrEqual(2 ** 17);
      if (d.idle !== undefined && d.tdp !== undefined) expect(d.idle, d.name).toBeLessThan(d.tdp);
    }
  });

  it('peaks of microcontrollers are what their cores multiply a cycle', () => {
    const { clock, peak } = deviceNamed('STM32F746-Cortex-M7');
    expect(peak).toEqual({ int8: 2 * (16 / 18) * 216e6, int16: 4 * 216e6, fp32: 2 * 216e6 });
    expect(macsPerCycle({ clock, peak })).toEqual({ int8: 16 / 18, int16: 2, fp32: 1 });
    expect(macsPerCycle(deviceNamed('T4'))).toEqual({});
    for (const d of CATALOGUE) if (d.clock) expect(d.flash, d.name).toBeGreaterThanOrEqual(d.memory! / 4);
  });

  it('is checked: a negative rate or an unknown field is refused', () => {
    const good = { name: 'x', vendor: 'y', kind: 'gpu', peak: { fp32: 1e12 }, source: 'data sheet' };
    expect(DeviceSpecSchema.safeParse(good).success).toBe(true);
    expect(DeviceSpecSchema.safeParse({ ...good, bandwidth: -1 }).success).toBe(false);
    expect(DeviceSpecSchema.safeParse({ ...good, bandwith: 1 }).success).toBe(false);
    expect(DeviceSpecSchema.safeParse({ ...good, peak: { fp33: 1 } }).success).toBe(false);
  });

  const file = join(SHARED, 'data/devices.csv');
  test.skipIf(!existsSync(file))('agrees with the collected data sheets (needs ../shared)', () => {
    const rows: Record<string, string>[] = parse(readFileSync(file), { columns: true });
    expect(rows).toHaveLength(85);
    const byName = new Map(CATALOGUE.map((d) => [d.name, d]));
    for (const row of rows) {
      const device = byName.get(row.name)!;
      const same = (value: number | undefined, text: string, unit: number) => {
        if (text) expect(value! / unit, `${row.name} ${text}`).toBeCloseTo(Number(text), 5);
      };
      for (const dtype of ['fp32', 'tf32', 'fp16', 'bf16', 'fp8', 'fp4'] as const)
        same(device.peak[dtype], row[`${dtype}_tflops`], 1e12);
      same(device.peak.int8, row.int8_tops, 1e12);
      same(device.bandwidth, row.mem_bw_gbs, 1e9);
      same(device.cache, row.l2_mb, 2 ** 20);
      same(device.interconnect, row.interconnect_gbs, 1e9);
      same(device.tdp, row.tdp_w, 1);
      same(device.idle, row.idle_w, 1);
      if (Number(row.mem_gb) > 0.1) same(device.memory, row.mem_gb, 2 ** 30);
      expect(device.kind).toBe(row.kind);
    }
  });
});
