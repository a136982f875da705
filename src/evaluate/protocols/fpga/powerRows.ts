import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCsv } from '../../../core/csv.js';
import { HwcastError } from '../../../core/errors.js';
import { readTextChecked } from '../../../core/files.js';
import { mean, median } from '../../../core/statistics.js';
import { fpgaPartNamed } from '../../../device/fpgaParts.js';
import { readMl4AccelImpl } from '../../../fpga/data/hlsKernels.js';
import { power } from '../../../fpga/rules/power.js';

/** Error of power or energy by the analytical core on one source. */
export interface PowerRow {
  source: string;
  target: 'power' | 'energy';
  n: number;
  mape: number;
  medianApe: number;
  within10: number;
  note: string;
}

/**
 * Power of placed kernels on xczu9eg against Vivado's estimate (kernels that the constants of `power.ts` were not fitted to), and energy of whole boards
 * of MLPerf Tiny v0.7 against the measured one: mean power of the board's other networks times the measured time between inferences.
 */
export function powerRows(folder: string): PowerRow[] {
  const part = fpgaPartNamed('xczu9eg');
  const designs = readMl4AccelImpl(folder),
    kernels = [...new Set(designs.map((d) => d.kernel))].sort();
  const errors = designs
    .filter((d) => kernels.indexOf(d.kernel) % 2 === 1 && d.after.power !== undefined)
    .map((d) => {
      const { lut = 0, ff = 0, dsp = 0, bram18 = 0 } = d.after;
      return power(part, { lut, ff, dsp, bram18 }, 1e8).totalW! / d.after.power! - 1;
    });
  const rows = [row('ml4accel impl', 'power', errors, 'placed and routed resources, 100 MHz; kernels not fitted')];
  const path = join(folder, 'mlperf_tiny_v07_fpga_energy.csv.gz');
  if (existsSync(path)) {
    const boards = readCsv(readTextChecked(path, 'energy of boards'), path).map(({ fields: r, where }) => {
      const throughput = Number(r.power_run_throughput_inf_s),
        energy = Number(r.median_energy_uj_inf) * 1e-6,
        watts = Number(r.board_power_uw_first_window) * 1e-6;
      if (!(throughput > 0 && energy > 0 && watts > 0))
        throw new HwcastError('bad-input', `'${r.board}' ${r.model}: throughput, energy and power must be positive`, {
          where,
        });
      return { board: r.board, throughput, energy, watts };
    });
    const off = boards.flatMap((b) => {
      const others = boards.filter((o) => o.board === b.board && o !== b);
      return others.length ? [mean(others.map((o) => o.watts)) / b.throughput / b.energy - 1] : [];
    });
    rows.push(
      row('mlperf tiny v0.7', 'energy', off, 'whole board; power of its other networks over the throughput of the energy run'),
    );
  }
  return rows;
}

function row(source: string, target: PowerRow['target'], errors: readonly number[], note: string): PowerRow {
  const ape = errors.map(Math.abs);
  return {
    source,
    target,
    n: ape.length,
    mape: mean(ape),
    medianApe: median(ape),
    within10: mean(ape.map((a) => (a <= 0.1 ? 1 : 0))),
    note,
  };
}
