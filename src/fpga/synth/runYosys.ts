import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import { runTool } from './runTool.js';
import { isYosysFamily, YOSYS_FAMILIES } from './yosysFamilies.js';

export interface ToolOptions {
  /** what the design is called in errors */
  where: string;
  /** of every program; 600 unless given */
  timeoutS?: number;
  signal?: AbortSignal;
}
export const TOOL_TIMEOUT_S = 600;

/** A synthesised design as Verilog of the family's cells. */
export interface GateNetlist {
  verilog: string;
  /** file with the models of the cells */
  models: string;
}

export interface YosysRun {
  /** cells by type, of the whole design */
  cells: Record<string, number>;
  /** e.g. `Yosys 0.23` */
  toolVersion: string;
  /** for place and route, where asked for */
  netlist?: string;
  /** for a simulation, where asked for and Yosys has models of the family's cells */
  gates?: GateNetlist;
  seconds: number;
}

/**
 * Synthesises module `top` of a Verilog text with Yosys.
 * @param synth a family (its script of `YOSYS_FAMILIES`), or the Yosys command itself, such as `synth_ice40 -device hx`
 * @throws HwcastError those of `runTool`; `bad-input` where Yosys writes no counts
 */
export async function runYosys(
  verilog: string,
  synth: string,
  options: ToolOptions & { netlist?: boolean; gates?: boolean },
): Promise<YosysRun> {
  const family: { synth: string; models?: string } = isYosysFamily(synth) ? YOSYS_FAMILIES[synth] : { synth },
    models = options.gates ? family.models : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-yosys-'));
  try {
    writeFileSync(join(folder, 'design.v'), verilog);
    const steps = ['read_verilog design.v', `${family.synth} -top top`, 'tee -q -o stat.json stat -json'];
    if (options.netlist) steps.push('write_json netlist.json');
    // reading the models is how Yosys tells where its data folder is
    if (models)
      steps.push('write_verilog -noattr gates.v', 'design -reset', `tee -q -o models.log read_verilog -lib +/${models}`);
    const run = await runTool('yosys', ['-q', '-p', steps.join('; ')], {
      cwd: folder,
      timeoutS: options.timeoutS ?? TOOL_TIMEOUT_S,
      where: options.where,
      signal: options.signal,
    });
    const { cells, toolVersion } = readStat(readFileSync(join(folder, 'stat.json'), 'utf8'), options.where);
    const netlist = options.netlist ? readFileSync(join(folder, 'netlist.json'), 'utf8') : undefined;
    const file = models && /Verilog input from [`'"]([^`'"]+)['"]/.exec(readFileSync(join(folder, 'models.log'), 'utf8'))?.[1];
    const gates = file ? { verilog: readFileSync(join(folder, 'gates.v'), 'utf8'), models: file } : undefined;
    return { cells, toolVersion, netlist, gates, seconds: run.seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readStat(text: string, where: string): { cells: Record<string, number>; toolVersion: string } {
  let cells: unknown, creator: unknown;
  try {
    const stat = JSON.parse(text.slice(text.indexOf('{')));
    cells = stat.design?.num_cells_by_type;
    creator = stat.creator;
  } catch (cause) {
    throw new HwcastError('bad-input', 'the statistics of yosys are no JSON', { where, cause });
  }
  if (!cells || typeof cells !== 'object' || Object.values(cells).some((n) => !Number.isSafeInteger(n)))
    throw new HwcastError('bad-input', 'the statistics of yosys hold no cells by type', {
      where,
      hint: 'hwcast was written against Yosys 0.23',
    });
  return { cells: cells as Record<string, number>, toolVersion: /^Yosys \S+/.exec(String(creator))?.[0] ?? 'Yosys' };
}
