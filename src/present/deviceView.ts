import type { DeviceFit } from '../analytical/fit/fitDevice.js';
import { type DevicePowerFit, isBetter } from '../analytical/fit/fitDevicePower.js';
import { FITTED } from '../analytical/rules/fittedEfficiencies.js';
import { type DeviceSpec, macsPerCycle, PEAK_DTYPES } from '../device/deviceSpec.js';
import { launchOverhead } from '../device/launchOverhead.js';
import { plainTable } from './plainTable.js';

/** One device with units in the field names; unknown fields are absent. */
export function deviceRecord(device: DeviceSpec): Record<string, unknown> {
  return {
    name: device.name,
    vendor: device.vendor,
    kind: device.kind,
    peak_ops_per_s: device.peak,
    bandwidth_bytes_per_s: device.bandwidth,
    memory_bytes: device.memory,
    flash_bytes: device.flash,
    clock_hz: device.clock,
    macs_per_cycle: device.clock === undefined ? undefined : macsPerCycle(device),
    cache_bytes: device.cache,
    cache_bandwidth_bytes_per_s: device.cacheBandwidth,
    interconnect_bytes_per_s: device.interconnect,
    tdp_w: device.tdp,
    idle_w: device.idle,
    aliases: device.aliases ?? [],
    source: device.source,
  };
}

const show = (value: number | undefined, unit: number) =>
  value === undefined ? '' : String(Number((value / unit).toPrecision(4)));

/** One line a device. */
export function deviceTable(devices: readonly DeviceSpec[]): string {
  const numbers = ['fp32 TFLOP/s', 'fp16', 'int8', 'GB/s', 'memory GiB', 'TDP W'];
  const rows = devices.map((d) => [
    d.name,
    d.kind,
    show(d.peak.fp32, 1e12),
    show(d.peak.fp16, 1e12),
    show(d.peak.int8, 1e12),
    show(d.bandwidth, 1e9),
    show(d.memory, 2 ** 30),
    show(d.tdp, 1),
  ]);
  return `${plainTable(['name', 'kind', ...numbers], rows, numbers)}\n\n${knownFields(devices)}`;
}

const FIELDS: Readonly<Record<string, (d: DeviceSpec) => unknown>> = {
  bandwidth: (d) => d.bandwidth,
  memory: (d) => d.memory,
  flash: (d) => d.flash,
  'multiply-accumulates a cycle': (d) => d.clock,
  'size of the last cache': (d) => d.cache,
  'its bandwidth': (d) => d.cacheBandwidth,
  processors: (d) => d.units,
  'link to other devices': (d) => d.interconnect,
  'how they are linked': (d) => d.topology,
  'link to the host': (d) => d.hostLink,
  TDP: (d) => d.tdp,
  'idle power': (d) => d.idle,
  'own launch times': (d) => d.launch,
};

/** How many devices each figure is known of: what is not published, or not certain, is absent. */
function knownFields(devices: readonly DeviceSpec[]): string {
  const count = (of: (d: DeviceSpec) => unknown) => devices.filter((d) => of(d) !== undefined).length;
  const peaks = PEAK_DTYPES.map((dtype) => `${dtype} ${count((d) => d.peak[dtype])}`),
    fields = Object.entries(FIELDS).map(([name, of]) => `${name} ${count(of)}`);
  return [`known, of ${devices.length} devices:`, `  peaks: ${peaks.join(', ')}`, `  ${fields.join(', ')}`].join('\n');
}

/** Megahertz, and multiply-accumulates a cycle by data type. */
function clockText(d: DeviceSpec): string {
  const macs = Object.entries(macsPerCycle(d)).map(([dtype, each]) => `${dtype} ${show(each, 1)}`);
  return `${show(d.clock, 1e6)} MHz; MAC/cycle: ${macs.join(', ')}`;
}

/** All that is known of one device, for people. */
export function deviceText(d: DeviceSpec): string {
  const launch = d.kind === 'fpga' ? undefined : launchOverhead(d);
  const us = (range: readonly [number, number]) => `${show(range[0], 1e-6)}-${show(range[1], 1e-6)}`;
  const rows: [string, string][] = [
    ['name', d.name],
    ['vendor', d.vendor],
    ['kind', d.kind],
    ...Object.entries(d.peak).map(([dtype, rate]): [string, string] => [
      `peak ${dtype}`,
      `${rate < 1e11 ? `${show(rate, 1e9)} G` : `${show(rate, 1e12)} T`}${dtype.startsWith('int') ? 'OP' : 'FLOP'}/s`,
    ]),
    ...(d.clock === undefined ? [] : [['clock', clockText(d)] as [string, string]]),
    ['bandwidth', d.bandwidth === undefined ? 'not known' : `${show(d.bandwidth, 1e9)} GB/s`],
    [
      'memory',
      d.memory === undefined
        ? 'not known'
        : d.memory < 2 ** 28
          ? `${show(d.memory, 2 ** 10)} KiB`
          : `${show(d.memory, 2 ** 30)} GiB`,
    ],
    ...(d.flash === undefined ? [] : [['flash', `${show(d.flash, 2 ** 10)} KiB`] as [string, string]]),
    ...(d.units === undefined ? [] : [['processors', String(d.units)] as [string, string]]),
    ...(d.capability === undefined ? [] : [['capability', `${d.capability.toFixed(1)} (CUDA)`] as [string, string]]),
    ...(d.cache === undefined
      ? []
      : [
          [
            'cache',
            `${show(d.cache, 2 ** 20)} MiB${d.cacheBandwidth === undefined ? '' : `, ${show(d.cacheBandwidth, 1e9)} GB/s`}`,
          ] as [string, string],
        ]),
    ...(d.interconnect === undefined
      ? []
      : [['interconnect', `${show(d.interconnect, 1e9)} GB/s, one direction`] as [string, string]]),
    ['TDP', d.tdp === undefined ? 'not known' : `${d.tdp} W`],
    ...(d.idle === undefined ? [] : [['idle', `${d.idle} W`] as [string, string]]),
    ...(launch
      ? ([
          [
            'launch',
            `kernel ${show(launch.kernel, 1e-6)} us (${us(launch.range.kernel)}), eager dispatch ${show(launch.dispatch, 1e-6)} us (${us(launch.range.dispatch)})`,
          ],
          ['', launch.source],
        ] as [string, string][])
      : []),
    ...(d.aliases ? [['aliases', d.aliases.join('; ')] as [string, string]] : []),
    ['source', d.source],
  ];
  return rows.map(([k, v]) => `${k.padEnd(13)} ${v}`).join('\n');
}

/** What timed kernels say of a device, beside its data sheet. */
export function deviceFitTable(fits: readonly DeviceFit[], base: DeviceSpec | undefined): string {
  const head = ['dtype', 'kernels', 'TFLOP/s', 'of the sheet', 'GB/s', 'of the sheet ', 'launch us', 'error', 'power W'];
  const share = (value: number, sheet: number | undefined) =>
    sheet === undefined ? '' : `${Math.round((100 * value) / sheet)} %`;
  const rows = fits.map((f) => [
    f.dtype,
    String(f.kernels),
    f.peak === undefined ? '' : show(f.peak, 1e12),
    f.peak === undefined ? '' : share(f.peak, base?.peak[f.dtype]),
    show(f.bandwidth, 1e9),
    share(f.bandwidth, base?.bandwidth),
    f.launch === undefined ? '' : show(f.launch, 1e-6),
    `${(100 * f.error).toFixed(1)} %`,
    f.power ? `${show(f.power.low, 1)} to ${show(f.power.high, 1)}` : '',
  ]);
  return `${plainTable(head, rows, head.slice(1, 8))}\nfitted on this device; error: every second kernel by the others`;
}

/** How far the power of kernels is off, by other devices and by the own ones. */
export function powerFitLine(power: DevicePowerFit): string {
  const [others, own] = [power.errors.others, power.errors.own].map((error) => `${(100 * error).toFixed(1)} %`);
  const verdict = isBetter(power) ? 'its own are kept in --spec' : 'those of other devices stay';
  return `power of ${power.kernels} kernels: off by ${others} with the constants of other devices, ${own} with its own (every second kernel by the others): ${verdict}`;
}

/** A device with what was fitted in place of what its sheet says; rules take shares of a sheet's rates, so what kernels reach is divided by them. */
export function fittedSpec(fits: readonly DeviceFit[], name: string, base: DeviceSpec | undefined, where: string): DeviceSpec {
  const fitted = fits.flatMap(({ dtype, peak }) => (peak === undefined ? [] : [[dtype, peak / FITTED.gemm.compute] as const]));
  const peak = { ...base?.peak, ...Object.fromEntries(fitted) };
  const launches = fits.flatMap((f) => f.launch ?? []),
    launch = Math.min(...launches);
  const { aliases: _, ...rest } = base ?? { name, vendor: 'not known', kind: 'gpu' as const };
  return {
    ...rest,
    name: base ? `${base.name}-fitted` : name,
    peak,
    bandwidth: Math.max(...fits.map((f) => f.bandwidth)) / FITTED.gemm.memory,
    ...(launches.length ? { launch: { kernel: launch, dispatch: Math.max(launch, base?.launch?.dispatch ?? 40e-6) } } : {}),
    source: `${base ? `${base.source}; ` : ''}peaks, bandwidth and launch fitted to ${where.split(/[\\/]/).pop()} by hwcast devices fit, over the shares that products reach elsewhere`,
  };
}
