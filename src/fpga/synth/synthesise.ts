import { HwcastError } from '../../core/errors.js';
import type { HlsDesign } from '../design/hlsDesign.js';
import { type CellCounts, cellCounts } from './cellCounts.js';
import { type IntegerNetwork, integerNetwork } from './integerNetwork.js';
import { ICE40_DEVICES, type Ice40Device, nextpnrIce40, type Placement } from './nextpnrIce40.js';
import { type GateNetlist, runYosys } from './runYosys.js';
import { type Simulation, simulate } from './simulate.js';
import { type VerilogNetwork, verilogNetwork } from './verilogNetwork.js';
import type { YosysFamily } from './yosysFamilies.js';

/** One design on one family: the stage `vsynth` of an FPGA label. */
export interface SynthesisRow extends CellCounts {
  id: string;
  family: YosysFamily;
  toolVersion: string;
  /** cycles from the first beat offered to its result, and from a result to the next; null where not simulated and no rule tells */
  latency: number | null;
  ii: number | null;
  /** absent: not asked for, or not for this family; null: does not fit, with a warning */
  placement?: Placement | null;
  /** what a reader of the row must know, in words */
  warnings: string[];
}

export interface SynthesisOptions {
  /** of weights, test inputs and the placer; 0 unless given */
  seed?: number;
  /** compare the Verilog, and what Yosys makes of it, with the integer reference; yes unless told otherwise */
  simulate?: boolean;
  /** place and route the family ice40 on this device */
  place?: Ice40Device;
  /** of every run of a tool */
  timeoutS?: number;
  signal?: AbortSignal;
  /** steps done, all steps, and what runs now */
  onProgress?: (done: number, total: number, what: string) => void;
}

export interface Synthesis {
  network: IntegerNetwork;
  verilog: VerilogNetwork;
  /** null where it was left out */
  simulation: Simulation | null;
  /** in the order of the families asked for, failed ones left out */
  rows: SynthesisRow[];
  /** families that could not be synthesised, where more than one was asked for */
  failures: { family: YosysFamily; error: HwcastError }[];
}

/**
 * Design to Verilog, simulated against the exact integer result, then synthesised for each family with Yosys; the netlist is simulated too where Yosys has models of the
 * family's cells.
 *
 * A family that fails is an entry of `failures` where others were asked for too; a missing program and an interruption always end it all.
 * @throws HwcastError of `integerNetwork`, `simulate`, `runYosys`, `cellCounts` and `nextpnrIce40`; `corrupt` where the simulated cycles are not those of the
 * rule, or Yosys made another circuit than the Verilog describes
 */
export async function synthesise(
  design: HlsDesign,
  families: readonly YosysFamily[],
  options: SynthesisOptions = {},
): Promise<Synthesis> {
  const { seed = 0, timeoutS, signal, onProgress = () => {} } = options;
  const where = `design '${design.id}'`;
  const network = integerNetwork(design, seed),
    verilog = verilogNetwork(network);
  const simulating = options.simulate !== false;
  const total = families.length + (simulating ? 1 : 0);
  let simulation: Simulation | null = null;
  if (simulating) {
    onProgress(0, total, 'simulation');
    simulation = await simulate(network, verilog, { seed, timeoutS, signal });
    checkCycles(verilog, simulation, where);
  }
  const cycles = {
    latency: simulation?.latency ?? verilog.latency,
    ii: simulation?.interval ?? verilog.interval,
  };
  const rows: SynthesisRow[] = [],
    failures: Synthesis['failures'] = [];
  for (const [i, family] of families.entries()) {
    onProgress(total - families.length + i, total, family);
    try {
      const run = { where: `${where}, ${family}`, timeoutS, signal },
        { cells, toolVersion, gates } = await runYosys(verilog.text, family, { ...run, gates: simulating });
      const row: SynthesisRow = {
        id: design.id,
        family,
        toolVersion,
        ...cellCounts(family, cells, run.where),
        ...cycles,
        warnings: cycles.latency === null ? ['cycles are unknown without a simulation'] : [],
      };
      if (simulating) row.warnings.push(...(await checkGates(network, verilog, gates, { seed, ...run })));
      if (options.place && family === 'ice40') await place(row, verilog.text, options.place, { where, seed, timeoutS, signal });
      rows.push(row);
    } catch (error) {
      const ends = !(error instanceof HwcastError) || error.code === 'not-found' || error.code === 'interrupted';
      if (ends || families.length === 1) throw error;
      failures.push({ family, error });
    }
  }
  onProgress(total, total, 'done');
  return { network, verilog, simulation, rows, failures };
}

/**
 * Simulates what Yosys made of a design. What keeps it from being simulated is a warning.
 * @throws HwcastError `corrupt` where its results are not the exact ones
 */
async function checkGates(
  network: IntegerNetwork,
  verilog: VerilogNetwork,
  gates: GateNetlist | undefined,
  options: { seed: number; where: string; timeoutS?: number; signal?: AbortSignal },
): Promise<string[]> {
  if (!gates) return ['netlist not simulated: Yosys has no complete models of the cells of this family'];
  try {
    await simulate(network, verilog, { ...options, gates });
    return [];
  } catch (error) {
    if (!(error instanceof HwcastError) || error.code === 'corrupt' || error.code === 'interrupted' || error.code === 'not-found')
      throw error;
    return [`netlist not simulated: ${error.message}`];
  }
}

/** Puts the placement, or why there is none, on the row. */
async function place(
  row: SynthesisRow,
  verilog: string,
  device: Ice40Device,
  options: { where: string; seed: number; timeoutS?: number; signal?: AbortSignal },
): Promise<void> {
  try {
    row.placement = await nextpnrIce40(verilog, device, { ...options, where: `${options.where}, ${device}` });
    if (device !== 'up5k')
      row.warnings.push(
        `counts are of the UltraPlus; on ${ICE40_DEVICES[device].name}, without DSP blocks, multipliers are logic`,
      );
  } catch (error) {
    if (!(error instanceof HwcastError) || error.code !== 'unsupported') throw error;
    row.placement = null;
    row.warnings.push(error.message);
  }
}

function checkCycles(verilog: VerilogNetwork, simulation: Simulation, where: string): void {
  for (const [what, said, seen] of [
    ['latency', verilog.latency, simulation.latency],
    ['interval', verilog.interval, simulation.interval],
  ] as const)
    if (said !== null && said !== seen)
      throw new HwcastError('corrupt', `${what} simulated as ${seen} cycles, the rule says ${said}`, {
        where,
        hint: 'this is a fault of hwcast: please report the design',
      });
}
