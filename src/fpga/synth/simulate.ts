import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import type { FixedType } from './fixedPoint.js';
import type { IntegerNetwork } from './integerNetwork.js';
import { type Beats, integerReference } from './integerReference.js';
import { lastLines, runTool } from './runTool.js';
import type { GateNetlist } from './runYosys.js';
import { testbench, testInputs } from './testbench.js';
import type { VerilogNetwork } from './verilogNetwork.js';

export interface Simulation {
  /** inputs compared, each at full rate and element by element */
  inputs: number;
  /** cycles from the first beat offered to the idle network to the last beat of its result */
  latency: number;
  /** cycles from a result to the next, inputs offered without a gap */
  interval: number;
  seconds: number;
}

/**
 * Simulates a network with Icarus Verilog and compares every output element with the integer reference.
 * @param options.random random inputs beside the extremes; at least 2
 * @param options.gates module `top` as Yosys synthesised it: element by element it is simulated in place of the source's
 * @throws HwcastError `corrupt` naming input, beat, element, expected and simulated value; and those of `runTool`
 */
export async function simulate(
  network: IntegerNetwork,
  verilog: VerilogNetwork,
  options: {
    seed?: number | string;
    random?: number;
    timeoutS?: number;
    signal?: AbortSignal;
    gates?: GateNetlist;
    where?: string;
  } = {},
): Promise<Simulation> {
  const where = options.where ?? `design '${network.id}'`;
  const inputs = testInputs(network, Math.max(2, options.random ?? 8), options.seed ?? 0);
  const folder = mkdtempSync(join(tmpdir(), 'hwcast-simulate-'));
  try {
    const mask = (v: number, t: FixedType) => BigInt.asUintN(t.bits, BigInt(v)).toString(16);
    writeFileSync(
      join(folder, 'inputs.hex'),
      `${inputs
        .flat(2)
        .map((v) => mask(v, network.input))
        .join('\n')}\n`,
    );
    const { gates } = options;
    writeFileSync(join(folder, 'design.v'), gates ? verilog.text.replace(/\bmodule top\b/, 'module top_source') : verilog.text);
    if (gates) writeFileSync(join(folder, 'gates.v'), gates.verilog);
    writeFileSync(join(folder, 'tb.v'), testbench(network, inputs.length));
    const common = { cwd: folder, timeoutS: options.timeoutS ?? 240, where, signal: options.signal };
    // the models of the cells are SystemVerilog; those of ice40 set default values that Icarus Verilog does not know
    const language = gates ? ['-g2012', '-DNO_ICE40_DEFAULT_ASSIGNMENTS', '-I', dirname(gates.models)] : ['-g2001'],
      files = gates ? ['design.v', 'gates.v', 'tb.v', gates.models] : ['design.v', 'tb.v'];
    const built = await runTool('iverilog', [...language, '-s', 'tb', '-o', 'sim', ...files], common);
    const run = await runTool('vvp', ['-n', 'sim'], common);
    const { latency, interval } = compare(network, inputs, run.stdout, where, gates ? FAULT_OF_YOSYS : FAULT_OF_HWCAST);
    return { inputs: inputs.length, latency, interval, seconds: built.seconds + run.seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const FAULT_OF_HWCAST = 'this is a fault of hwcast: please report the design',
  FAULT_OF_YOSYS =
    'Yosys made another circuit than the Verilog describes, so its counts are worth nothing: try another reuse factor, or another version of Yosys';

function compare(
  network: IntegerNetwork,
  inputs: readonly Beats[],
  log: string,
  where: string,
  hint: string,
): { latency: number; interval: number } {
  const { outWidth, outBeats, output } = network;
  const beats: { cycle: number; hex: string }[] = [],
    words: string[] = [];
  let ended = false;
  for (const line of log.split('\n')) {
    const [tag, a, b] = line.split(' ');
    if (tag === 'n') beats.push({ cycle: Number(a), hex: b });
    else if (tag === 't') words.push(a);
    else if (tag === 'end') ended = true;
  }
  if (!ended)
    throw new HwcastError('corrupt', `the simulation stopped before all results came:\n${lastLines(log, 4)}`, {
      where,
      hint,
    });
  inputs.forEach((input, n) => {
    integerReference(network, input).forEach((expected, b) => {
      const beat = n * outBeats + b;
      const full = unpack(beats[beat].hex, outWidth, output);
      const serial = words.slice(beat * outWidth, (beat + 1) * outWidth).map((hex) => unpack(hex, 1, output)[0]);
      expected.forEach((value, i) => {
        for (const [via, got] of [
          ['whole beats', full[i]],
          ['single elements', serial[i]],
        ] as const)
          if (got !== value)
            throw new HwcastError(
              'corrupt',
              `simulated through ${via}, input ${n}, output beat ${b}, element ${i}: expected ${value}, got ${got}`,
              { where, hint },
            );
      });
    });
  });
  const lastOf = (n: number) => beats[(n + 1) * outBeats - 1].cycle;
  return { latency: lastOf(0), interval: lastOf(inputs.length - 1) - lastOf(inputs.length - 2) };
}

/** Elements of a packed hex number; NaN where the simulator has undefined bits. */
function unpack(hex: string, count: number, type: FixedType): number[] {
  if (!/^[0-9a-f]+$/.test(hex)) return Array.from({ length: count }, () => Number.NaN);
  let rest = BigInt(`0x${hex}`);
  return Array.from({ length: count }, () => {
    const raw = type.signed ? BigInt.asIntN(type.bits, rest) : BigInt.asUintN(type.bits, rest);
    rest >>= BigInt(type.bits);
    return Number(raw);
  });
}
