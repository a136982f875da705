import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readCsv } from '../../core/csv.js';
import { HwcastError } from '../../core/errors.js';
import { readTextChecked } from '../../core/files.js';
import { mean } from '../../core/statistics.js';
import { fpgaPartNamed } from '../../device/fpgaParts.js';
import { readMl4AccelImpl } from '../../fpga/data/hlsKernels.js';
import { power as powerOfDesign } from '../../fpga/rules/power.js';
import type { Target } from '../../graph/targets.js';
import type { EvaluationCase } from '../evaluationCase.js';
import { POWER_SCORING } from '../scoring.js';
import { fpgaFolder, type Protocol } from './protocol.js';

/** A measured value beside the one of the analytical core. */
interface Checked {
  predicted: number;
  measured: number;
}

const checkedCase = (space: string, target: Target, checked: readonly Checked[], task: string): EvaluationCase<Checked> => ({
  place: { protocol: 'fpga', space, task, device: 'all' },
  targets: [target],
  sizes: [0],
  selections: ['random'],
  draws: () => 1,
  parts: () => [
    {
      methods: [
        { name: 'analytical', answer: (_, query) => ({ [target]: query.map(({ predicted }) => ({ value: predicted })) }) },
      ],
      candidates: () => [],
      query: () => checked,
    },
  ],
  truth: ({ measured }) => measured,
  scoring: POWER_SCORING,
});

/** Clock of the placed kernels, Hz. */
const KERNEL_CLOCK = 1e8;

/** Watts of placed kernels on xczu9eg against Vivado's estimate: kernels that the constants of `fpga/rules/power` were not fitted to. */
function placedKernels(folder: string): Checked[] {
  const part = fpgaPartNamed('xczu9eg'),
    designs = readMl4AccelImpl(folder),
    kernels = [...new Set(designs.map((d) => d.kernel))].sort();
  return designs
    .filter((d) => kernels.indexOf(d.kernel) % 2 === 1)
    .flatMap(({ after: { lut = 0, ff = 0, dsp = 0, bram18 = 0, power } }) =>
      power === undefined
        ? []
        : [{ predicted: powerOfDesign(part, { lut, ff, dsp, bram18 }, KERNEL_CLOCK).totalW!, measured: power }],
    );
}

/**
 * Joules of an inference of whole boards of MLPerf Tiny v0.7: mean power of the board's other networks times the measured time between inferences.
 * @throws HwcastError `bad-input` for a value that is not positive
 */
function wholeBoards(path: string): Checked[] {
  const boards = readCsv(readTextChecked(path, 'energy of boards'), path).map(({ fields: r, where }) => {
    const throughput = Number(r.power_run_throughput_inf_s),
      energy = Number(r.median_energy_uj_inf) * 1e-6,
      watts = Number(r.board_power_uw_first_window) * 1e-6;
    if (!(throughput > 0 && energy > 0 && watts > 0))
      throw new HwcastError('bad-input', `'${r.board}' ${r.model}: throughput, energy and power must be positive`, { where });
    return { board: r.board, throughput, energy, watts };
  });
  return boards.flatMap((b) => {
    const others = boards.filter((o) => o.board === b.board && o !== b);
    return others.length ? [{ predicted: mean(others.map((o) => o.watts)) / b.throughput, measured: b.energy }] : [];
  });
}

/** Watts and joules of the analytical core; nothing is learned. */
export const power: Protocol = {
  name: 'fpga',
  part: 'power',
  report: 'counts',
  async *groups(options) {
    const folder = fpgaFolder(options),
      boards = join(folder, 'mlperf_tiny_v07_fpga_energy.csv.gz');
    const placed = 'placed and routed resources, 100 MHz; kernels not fitted';
    const cases = [checkedCase('ml4accel impl', 'power', placedKernels(folder), placed)];
    if (existsSync(boards)) {
      const whole = 'whole board; power of its other networks over the throughput of the energy run';
      cases.push(checkedCase('mlperf tiny v0.7', 'energy', wholeBoards(boards), whole));
    }
    yield { cases };
  },
};
