import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readCsv } from '../../core/csv.js';
import { readTextChecked } from '../../core/files.js';
import { jsonLines } from '../../core/textRows.js';
import { readHlsDesign } from '../readers/readHlsDesign.js';
import { parseRow } from '../readers/rowText.js';
import { type FpgaLabels, type FpgaSourceRow, waRow } from './fpgaSources.js';

const NETWORKS = 'wa_hls4ml_dense2_dense3_vsynth_more.csv',
  BASELINES = 'hls4ml_baselines';

const Count = z.coerce.number().nonnegative();
const Baseline = z.object({
  design: z.string().min(1),
  kind: z.string(),
  backend: z.string(),
  tool_version: z.string(),
  csynth: z.object({
    LUT: Count,
    FF: Count,
    DSP: Count,
    BRAM_18K: Count,
    URAM: Count,
    BestLatency: Count,
    WorstLatency: Count,
    IntervalMin: Count,
    IntervalMax: Count,
    TargetClockPeriod: Count,
  }),
});

/**
 * Further rows of a folder of the collected tables, which no model learns from and protocols leave out: two- and three-layer networks of wa-hls4ml after logic synthesis
 * (`wa_hls4ml_dense2_dense3_vsynth_more.csv`), and what csynth says of hls4ml's own test designs (`hls4ml_baselines`). How far the rules are off on them is the interval of such kinds.
 * Those that are there. @throws HwcastError naming file and row
 */
export function readMoreFpgaRows(folder: string): FpgaSourceRow[] {
  const networks = join(folder, NETWORKS),
    baselines = join(folder, BASELINES);
  const rows = existsSync(networks)
    ? readCsv(readTextChecked(networks), networks).map(({ fields, where }) => waRow(fields, where))
    : [];
  const truth = join(baselines, 'truth.jsonl');
  if (existsSync(truth))
    for (const { fields, where } of jsonLines(readTextChecked(truth), truth)) rows.push(baselineRow(baselines, fields, where));
  // the convolutions of wa-hls4ml do not record their kernels
  return rows.filter((r) => !r.unknown.includes('kernel'));
}

/** A test design of hls4ml: its configuration and network, and the report's counts. */
function baselineRow(folder: string, fields: unknown, where: string): FpgaSourceRow {
  const { design: id, csynth, tool_version } = parseRow(Baseline, fields, 'a baseline of hls4ml', where);
  const file = join(folder, `${id}.yml`);
  const design = readHlsDesign(readTextChecked(file), file, {
    find: (name) => readFileSync(join(folder, name), 'utf8'),
    settings: { id, toolVersion: tool_version, tool: hlsToolNamed(id) },
  });
  const labels: FpgaLabels = {
    lut: csynth.LUT,
    ff: csynth.FF,
    dsp: csynth.DSP,
    bram18: csynth.BRAM_18K,
    uram: csynth.URAM,
    cycles_min: csynth.BestLatency,
    cycles: csynth.WorstLatency,
    ii_min: csynth.IntervalMin,
    ii: csynth.IntervalMax,
  };
  return {
    source: BASELINES,
    id,
    // the same design with another tool or version is a near-duplicate
    modelId: id.replace(/^[A-Za-z]+_[\d.]+_/, '').replace(/[-_](Vitis|Vivado)/, ''),
    design,
    stage: 'csynth',
    tool: design.tool ?? null,
    toolVersion: tool_version,
    part: design.part ?? null,
    clockNs: csynth.TargetClockPeriod,
    success: true,
    labels,
    unknown: [],
  };
}

/** Vitis HLS of 2020.1 came beside Vivado HLS. */
const hlsToolNamed = (id: string): string => (id.startsWith('Vitis') ? 'vitis_hls' : 'vivado_hls');
