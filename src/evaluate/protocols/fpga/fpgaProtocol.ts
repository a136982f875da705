import { existsSync } from 'node:fs';
import { HwcastError } from '../../../core/errors.js';
import { readFpgaSources } from '../../../fpga/data/fpgaSources.js';
import { readYosysFpga } from '../../../fpga/data/yosysFpga.js';
import { initBackend } from '../../../tensor/backend.js';
import { familyTransfer } from './familyTransfer.js';
import { type FpgaRow, fpgaRow } from './fpgaRow.js';
import { kernelRows } from './kernelCases.js';
import { powerRows } from './powerRows.js';
import { RESIDUAL_METHODS, type ResidualMethod, residualCases } from './residualCases.js';
import type { TransferRow } from './resourceScores.js';
import { stageTransfer } from './stageTransfer.js';

/** Parts of the protocol, each a set of tables. */
export const FPGA_TASKS = ['residual', 'family', 'stage', 'kernels', 'power'] as const;
/** Kernels tested at most, those with most points first: each needs a training without it. */
const KERNEL_TASKS = 24;
export type FpgaTask = (typeof FPGA_TASKS)[number];

export interface FpgaProtocolOptions {
  /** folder of public rows (residual, stage, kernels, power) */
  data?: string;
  /** folder of rows synthesised with Yosys (family) */
  dataset?: string;
  tasks?: readonly string[];
  /** of the residual */
  methods?: readonly string[];
  /** numbers of measured designs of `family` and `kernels` */
  k: readonly number[];
  draws: number;
  seed: number;
  command: string;
  measuredAt: string;
  onProgress?(what: string): void;
  /** called with all rows so far after each task */
  onRows?(rows: readonly FpgaRow[]): void;
}

/**
 * Resources and cycles of FPGA designs. `residual`: designs of models or sources not trained on; `family`: one FPGA family left out, k designs of it
 * measured; `stage`: from csynth to vsynth with pairs; `kernels`: HLS kernels, one left out; `power`: watts and joules of the analytical core.
 */
export async function fpgaProtocol(o: FpgaProtocolOptions): Promise<FpgaRow[]> {
  const tasks = o.tasks ?? FPGA_TASKS,
    unknown = tasks.find((t) => !(FPGA_TASKS as readonly string[]).includes(t));
  if (unknown !== undefined)
    throw new HwcastError('usage', `no task '${unknown}' of the protocol fpga`, { hint: `one of ${FPGA_TASKS.join(', ')}` });
  const data = () => {
    if (!o.data)
      throw new HwcastError('usage', '--protocol fpga needs --data FOLDER with the public rows', {
        hint: 'the folder that holds wa_hls4ml_dense1_csynth.csv.gz; or --tasks family for the embedded rows',
      });
    return o.data;
  };
  const common = { command: o.command, measuredAt: o.measuredAt, draws: o.draws },
    rows: FpgaRow[] = [];
  const done = (some: FpgaRow[]) => {
    rows.push(...some);
    o.onRows?.(rows);
  };
  const transferred = (task: string, space: string, some: readonly TransferRow[]) =>
    some.map(({ task: device, setting, selection, ...r }) =>
      fpgaRow({
        ...common,
        ...r,
        space,
        task: `${task}, ${setting}`,
        device,
        smape: 100 * r.smape,
        smapeSd: 100 * r.smapeSd,
        selection: selection === 'none' ? 'random' : selection,
      }),
    );
  for (const task of tasks as readonly FpgaTask[]) {
    o.onProgress?.(`task ${task}`);
    if (task === 'residual') {
      await initBackend(process.env.HWCAST_BACKEND);
      const methods = (o.methods ?? RESIDUAL_METHODS).filter((m): m is ResidualMethod =>
        (RESIDUAL_METHODS as readonly string[]).includes(m),
      );
      const found = await residualCases(readFpgaSources(data(), { onIssue: () => {} }), {
        methods,
        seeds: [o.seed, o.seed + 1],
        onProgress: (n, total, what) => o.onProgress?.(`  ${n + 1} of ${total}: ${what}`),
      });
      done(
        found.map((r) => fpgaRow({ ...common, ...r, space: r.source, task: r.task, device: r.stage, k: 0, selection: 'random' })),
      );
    } else if (task === 'family') {
      const folder = o.dataset ?? 'datasets/yosys-fpga';
      if (!existsSync(folder))
        throw new HwcastError('not-found', `no rows of FPGA families in '${folder}'`, { hint: '--dataset FOLDER' });
      const found = familyTransfer(readYosysFpga(folder), {
        sizes: [...new Set([0, ...o.k])],
        draws: o.draws,
        seed: o.seed,
        onProgress: (n, total, what) => o.onProgress?.(`  ${n} of ${total}: ${what}`),
      });
      done(transferred('family left out', 'yosys-fpga', found));
    } else if (task === 'stage') {
      done(
        transferred(
          'csynth to vsynth',
          'hls4ml',
          stageTransfer(readFpgaSources(data(), { onIssue: () => {} }), { draws: o.draws, seed: o.seed }),
        ),
      );
    } else if (task === 'kernels') {
      const found = kernelRows(data(), {
        limit: KERNEL_TASKS,
        k: o.k,
        draws: o.draws,
        seed: o.seed,
        onProgress: (what) => o.onProgress?.(`  ${what}`),
      });
      done(
        found.map((r) =>
          fpgaRow({
            ...common,
            ...r,
            space: r.source,
            task: 'kernel left out',
            device: `${r.tasks} kernels`,
            smape: 100 * r.smape,
            spearman: r.spearman,
          }),
        ),
      );
    } else
      done(
        powerRows(data()).map((r) =>
          fpgaRow({
            ...common,
            ...r,
            draws: 1,
            space: r.source,
            task: r.note,
            device: 'all',
            method: 'analytical',
            k: 0,
            selection: 'random',
          }),
        ),
      );
  }
  return rows;
}
