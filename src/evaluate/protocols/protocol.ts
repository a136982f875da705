import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HwcastError } from '../../core/errors.js';
import type { CaseGroup } from '../evaluationCase.js';
import type { Selection } from '../resultRow.js';
import type { RunOptions } from '../run.js';

export interface ProtocolOptions extends RunOptions {
  protocol: string;
  /** folder of public data (help, nasflat, fpga) */
  data?: string;
  /** dataset folder (leave-one-out; fpga: rows of families) */
  dataset?: string;
  spaces?: readonly string[];
  /** NASFLAT tasks, or parts of the protocol fpga */
  tasks?: readonly string[];
  /** test devices; all unless given */
  devices?: readonly string[];
  /** names of methods; a protocol of designs takes all of its own where none is given */
  methods: readonly string[];
  /** total numbers of measurements, reference networks included */
  k: readonly number[];
  selections: readonly Selection[];
  draws: number;
  seed: number;
  checkpoints?: string;
  /** networks predicted in each draw: a random part of larger query pools */
  queries?: number;
  /** networks among which the support is chosen */
  candidates?: number;
}

/** What is trained on, what is left out, and how it is asked about: one file, one line in `registry.ts`. */
export interface Protocol {
  /** what `--protocol` calls it */
  readonly name: string;
  /** what `--tasks` calls it, where the protocol has several parts */
  readonly part?: string;
  /** how results.md looks */
  readonly report: 'networks' | 'counts';
  /** @throws HwcastError `usage` without the data it needs, `not-found` for a split, method or device that is not there */
  groups(options: ProtocolOptions): AsyncIterable<CaseGroup>;
}

/** The folder of public measurements of networks. @throws HwcastError `usage` without --data */
export function networkFolder({ protocol, data }: ProtocolOptions): string {
  if (!data)
    throw new HwcastError('usage', `--protocol ${protocol} needs --data FOLDER with the public measurements`, {
      hint: 'the folder that holds nasbench201-latency, fbnet-latency, ofa-latency',
    });
  return data;
}

/** The folder of public rows of designs: --data itself, or the one below it, where the data of all protocols lies. @throws HwcastError `usage` without --data */
export function fpgaFolder({ data }: ProtocolOptions): string {
  if (!data)
    throw new HwcastError('usage', '--protocol fpga needs --data FOLDER with the public rows', {
      hint: 'the folder that holds wa_hls4ml_dense1_csynth.csv.gz; or --tasks family for the embedded rows',
    });
  const below = join(data, 'fpga');
  return existsSync(below) ? below : data;
}
