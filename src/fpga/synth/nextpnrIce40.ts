import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { runTool } from './runTool.js';
import { runYosys, TOOL_TIMEOUT_S, type ToolOptions } from './runYosys.js';

/** iCE40 devices that designs are placed on, each in a package with pins enough. */
export const ICE40_DEVICES = {
  up5k: { name: 'iCE40 UltraPlus UP5K', package: 'sg48', synth: 'synth_ice40 -device u -dsp' },
  hx8k: { name: 'iCE40 HX8K', package: 'ct256', synth: 'synth_ice40 -device hx' },
} as const;
export type Ice40Device = keyof typeof ICE40_DEVICES;

/** What place and route says of a design. */
export interface Placement {
  device: Ice40Device;
  /** clock frequency that the slowest path between registers allows */
  fmaxMhz: number;
  /** logic cells (a LUT4, a carry and a flip-flop each) used, and how many there are */
  logicCells: number;
  logicCellsAvailable: number;
  ram: number;
  dsp: number;
  toolVersion: string;
}

/** Asked for, so that the placer looks for speed; no design here reaches it. */
const TARGET_MHZ = 200;

/**
 * Synthesises module `top` for an iCE40 device and places and routes it with nextpnr. The HX8K has no DSP blocks: multipliers become logic.
 * @throws HwcastError `unsupported` where the design does not fit, naming what there is too much of; and those of `runTool`
 */
export async function nextpnrIce40(
  verilog: string,
  device: Ice40Device,
  options: ToolOptions & { seed?: number },
): Promise<Placement> {
  const { name, package: pins, synth } = ICE40_DEVICES[device];
  const { netlist } = await runYosys(verilog, synth, { ...options, netlist: true });
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-nextpnr-'));
  const common = { cwd: folder, timeoutS: options.timeoutS ?? TOOL_TIMEOUT_S, where: options.where, signal: options.signal };
  try {
    writeFileSync(join(folder, 'netlist.json'), netlist!);
    const version = await runTool('nextpnr-ice40', ['--version'], common);
    const args = [`--${device}`, '--package', pins, '--json', 'netlist.json', '--pcf-allow-unconstrained', '--timing-allow-fail'];
    await runTool(
      'nextpnr-ice40',
      [...args, '--seed', `${options.seed ?? 0}`, '--freq', `${TARGET_MHZ}`, '--report', 'report.json'],
      {
        ...common,
        explain: (log) => doesNotFit(log, name, options.where),
      },
    );
    return {
      device,
      ...readReport(readFileSync(join(folder, 'report.json'), 'utf8'), options.where),
      toolVersion: /Version ([^)\s]+)/.exec(`${version.stdout}${version.stderr}`)?.[1] ?? 'unknown',
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const KINDS: Record<string, string> = {
  ICESTORM_LC: 'logic cells',
  ICESTORM_RAM: 'block RAMs',
  ICESTORM_DSP: 'DSP blocks',
  SB_IO: 'pins',
};

/** The error of a design too large, from nextpnr's table of what is used: `ICESTORM_LC:  8164/ 5280   154%`. */
export function doesNotFit(log: string, device: string, where: string): HwcastError | undefined {
  const over = [...log.matchAll(/(\w+):\s*(\d+)\/\s*(\d+)\s+\d+%/g)]
    .filter(([, , used, available]) => Number(used) > Number(available))
    .map(([, kind, used, available]) => `${used} ${KINDS[kind] ?? kind} of ${available}`);
  const full = /no BELs remaining|Unable to place cell|Failed to expand region|cannot constrain IO/i.exec(log);
  if (over.length === 0 && !full) return undefined;
  const reason = over.length ? `needs ${over.join(', ')}` : (/ERROR: (.*)/.exec(log)?.[1] ?? full![0]);
  return new HwcastError('unsupported', `does not fit ${device}: ${reason}`, {
    where,
    hint: 'a larger reuse factor or fewer bits',
  });
}

function readReport(text: string, where: string): Omit<Placement, 'device' | 'toolVersion'> {
  let report: { fmax?: Record<string, { achieved?: number }>; utilization?: Record<string, { used: number; available: number }> };
  try {
    report = JSON.parse(text);
  } catch (cause) {
    throw new HwcastError('bad-input', 'the report of nextpnr-ice40 is no JSON', { where, cause });
  }
  const clocks = Object.values(report.fmax ?? {}).map((clock) => clock.achieved);
  const { ICESTORM_LC: lc, ICESTORM_RAM: ram, ICESTORM_DSP: dsp } = report.utilization ?? {};
  if (!clocks.length || clocks.some((f) => !(f! > 0)) || !lc)
    throw new HwcastError('bad-input', 'the report of nextpnr-ice40 names no clock or no logic cells', { where });
  return {
    fmaxMhz: Math.min(...(clocks as number[])),
    logicCells: lc.used,
    logicCellsAvailable: lc.available,
    ram: ram?.used ?? 0,
    dsp: dsp?.used ?? 0,
  };
}
