import { LEAST_SECONDS } from '../src/analytical/fit/fitDevicePower.js';
import { fitPower, type MeasuredPower, powerError } from '../src/analytical/fit/fitPower.js';
import { type PowerConstants, powerOf } from '../src/analytical/rules/power.js';
import { createRandom } from '../src/core/random.js';
import { mean } from '../src/core/statistics.js';
import { findDevice } from '../src/device/deviceNamed.js';
import { markdownTable, percent } from './markdown.js';
import { ratesOf, tableRows, thinned } from './rooflineRows.js';

/** Shares of the rates that measured kernels reached, and the power they drew. */
function measuredPower(data: string): Map<string, MeasuredPower[]> {
  const rows = new Map<string, MeasuredPower[]>();
  const add = (device: string, seconds: number, row: MeasuredPower) => {
    if (seconds < LEAST_SECONDS) return;
    if (!rows.has(device)) rows.set(device, []);
    rows.get(device)!.push(row);
  };
  for (const r of tableRows(data, 'aic_gemm').filter((r) => r.power_w && r.gemm_dtype === 'bfloat16')) {
    const [m, n, k] = [Number(r.m), Number(r.n), Number(r.k)],
      seconds = Number(r.latency_ms) / 1e3,
      { peak, bandwidth } = ratesOf(r.device, 'bf16');
    add(r.device, seconds, {
      compute: (2 * m * n * k) / seconds / peak,
      memory: (2 * (m * k + k * n + m * n)) / seconds / bandwidth,
      limit: Number(r.power_limit_w) || findDevice(r.device)!.tdp!,
      watts: Number(r.power_w),
    });
  }
  for (const r of tableRows(data, 'aic_generation_attention').filter((r) => r.power_w && r.kv_cache_dtype === 'bfloat16')) {
    const seconds = Number(r.latency_ms) / 1e3,
      { bandwidth } = ratesOf(r.device, 'bf16');
    const heads = Number(r.num_key_value_heads) || Number(r.num_heads);
    const bytes = 4 * Number(r.batch_size) * heads * Number(r.head_dim) * (Number(r.isl) + Number(r.step));
    add(r.device, seconds, {
      compute: 0,
      memory: bytes / seconds / bandwidth,
      limit: Number(r.power_limit_w) || findDevice(r.device)!.tdp!,
      watts: Number(r.power_w),
    });
  }
  return rows;
}

const START: PowerConstants = { base: 0.4, compute: 2, memory: 0.4 };
/** Own rows that a device's constants are fitted to, and how often they are drawn. */
const OWN = [5, 20, 50] as const,
  DRAWS = 10;

/** Constants of the power of all devices with measured power; prints the error of each, predicted by the others, and after some of its own rows. */
export function fitAllPower(data: string): PowerConstants & { band: [number, number] } {
  const rows = measuredPower(data),
    some = thinned(rows, 3000);
  const ratios: number[] = [];
  const table = [...rows].map(([device, own]) => {
    const others = [...some].filter(([d]) => d !== device).map(([, r]) => r);
    const without = fitPower(others, START);
    ratios.push(...some.get(device)!.map((r) => r.watts / powerOf(r, r, without)));
    const random = createRandom(device);
    const after = OWN.map((k) =>
      mean(
        Array.from({ length: DRAWS }, () => {
          const drawn = random.shuffle([...own]),
            constants = fitPower([drawn.slice(0, k)], without, { isHeld: true });
          return powerError(drawn.slice(k), constants);
        }),
      ),
    );
    return [device, String(own.length), ...[powerError(own, without), ...after].map((error) => percent(error))];
  });
  process.stdout.write(
    `\npower of GEMM and of attention of a token, bf16, kernels of at least a third of a millisecond\n\n${markdownTable(['device', 'rows', 'fitted without it', ...OWN.map((k) => `and ${k} of its own`)], table)}\n`,
  );
  ratios.sort((a, b) => a - b);
  return {
    ...fitPower([...some.values()], START),
    band: [ratios[Math.floor(0.05 * ratios.length)], ratios[Math.floor(0.95 * ratios.length)]],
  };
}
