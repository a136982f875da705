import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { designsOf } from '../../src/cli/fpga/designs.js';
import { HwcastError } from '../../src/core/errors.js';
import type { LabelStage } from '../../src/fpga/design/hlsDesign.js';
import { withSparsity } from '../../src/fpga/design/sparsity.js';
import { fits } from '../../src/fpga/fits.js';
import { partOfDesign } from '../../src/fpga/fpgaPredictor.js';
import { readFpgaReport } from '../../src/fpga/reports/readFpgaReport.js';
import { fpgaModel } from '../../src/fpga/residual/bundledFpgaModel.js';
import { hasShared, SHARED } from '../shared.js';

const CASES = join(SHARED, 'data/fpga/cases');

type Counts = Partial<Record<'lut' | 'ff' | 'dsp' | 'bram18' | 'cycles' | 'ii', number>>;
/** What `EXPECTED.txt` of a case says the tools gave. */
interface Case {
  config: string;
  network?: string;
  sparsity?: number;
  stage: LabelStage;
  truth: Counts;
  verdict: RegExp;
}

const fromText = (text: string): Counts => {
  const [lut, ff, dsp, bram18, cycles, ii] = text.split(' ').map((v) => (v === '-' ? undefined : Number(v)));
  return { lut, ff, dsp, bram18, cycles, ii };
};
const TUTORIAL6 = { config: 'tutorial6-cnn-false-verdict/cnn.yml', sparsity: 0.5 },
  TUTORIAL7 = { config: 'tutorial7-sparse-false-does-not-fit/part7.yml', sparsity: 0.75 },
  LENET5 = 'lenet5-vitis-auto-precision',
  IRIS = 'iris-vitis-2025';
const KNOWN: Record<string, Case> = {
  'KERAS_3layer, csynth': {
    config: 'io-stream-mlp-vitis-2025/hls4ml_config.yml',
    stage: 'csynth',
    truth: fromText('127264 5127 3334 4 20 7'),
    verdict: /^likely-/,
  },
  'KERAS_3layer, vsynth': {
    config: 'io-stream-mlp-vitis-2025/hls4ml_config.yml',
    stage: 'vsynth',
    truth: fromText('136463 9250 1728 4 - -'),
    verdict: /^likely-fits/,
  },
  'Iris, csynth': {
    config: `${IRIS}/hls4ml_config.yml`,
    network: `${IRIS}/config.json`,
    stage: 'csynth',
    truth: fromText('4725 13240 110 3 32 1'),
    verdict: /^fits/,
  },
  'LeNet-5, csynth': {
    config: `${LENET5}/hls4ml_config.yml`,
    network: `${LENET5}/config.json`,
    stage: 'csynth',
    truth: fromText('145061 36198 18 58 2374 2356'),
    verdict: /fits$/,
  },
  'cut and wrapped, routed': {
    config: 'rounding-saturation-ignored/c_4_2.yml',
    stage: 'impl',
    truth: { lut: 4583, ff: 904 },
    verdict: /fits$/,
  },
  'rounded and saturated, routed': {
    config: 'rounding-saturation-ignored/c_4_2_rndsat.yml',
    stage: 'impl',
    truth: { lut: 5479, ff: 3686 },
    verdict: /fits$/,
  },
  'tutorial 6, csynth': { ...TUTORIAL6, stage: 'csynth', truth: fromText('245466 52549 5414 100 1044 1028'), verdict: /fits$/ },
  'tutorial 6, vsynth': { ...TUTORIAL6, stage: 'vsynth', truth: fromText('123948 43435 5386 84 - -'), verdict: /fits$/ },
  'tutorial 7a, csynth': { ...TUTORIAL7, stage: 'csynth', truth: fromText('34823 21312 9 4 55 15'), verdict: /fits$/ },
  'tutorial 7a, placed': { ...TUTORIAL7, stage: 'impl', truth: fromText('20668 23097 9 14 - -'), verdict: /fits$/ },
};
const SHARE = 0.15;

describe.skipIf(!hasShared)('cases of ../shared/data/fpga (needs ../shared)', () => {
  it.each(Object.entries(KNOWN))(
    '%s: within 15 %, or within one, or inside the interval; the verdict is none of the false ones',
    async (_, wanted) => {
      const path = (file: string): string => join(CASES, file);
      const [read] = await designsOf(path(wanted.config), wanted.network && path(wanted.network));
      const design = wanted.sparsity === undefined ? read : withSparsity(read, wanted.sparsity);
      const [prediction] = (await fpgaModel()).predict([design], { stage: wanted.stage });
      const missed = Object.entries(wanted.truth).flatMap(([target, truth]) => {
        if (truth === undefined) return [];
        const { value, low, high } = prediction.targets[target as 'lut'];
        const near = target === 'lut' || target === 'ff' ? Math.abs(value / truth - 1) <= SHARE : Math.abs(value - truth) <= 1;
        return near || (low !== null && high !== null && low <= truth && truth <= high)
          ? []
          : [`${target} ${truth}: ${value} (${low} to ${high})`];
      });
      expect(missed).toEqual([]);
      expect(fits(prediction, partOfDesign(design)).verdict).toMatch(wanted.verdict);
    },
  );

  it('weights taken as dense: a design that fits pruned is no certain misfit', async () => {
    const [dense] = await designsOf(join(CASES, TUTORIAL7.config));
    const [prediction] = (await fpgaModel()).predict([dense], { stage: 'csynth' });
    expect(fits(prediction, partOfDesign(dense))).toMatchObject({
      verdict: 'likely-does-not-fit',
      reasons: expect.arrayContaining([expect.stringMatching(/weights are taken as dense/)]),
    });
  });

  const files = hasShared
    ? readdirSync(CASES, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== 'EXPECTED.txt')
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
  it('has the files that are read below', () => expect(files.length).toBeGreaterThan(25));

  it.each(files.map((file) => [file.slice(CASES.length + 1), file]))(
    '%s is read, or refused by its kind and name',
    async (_, file) => {
      if (file.endsWith('.rpt')) {
        const report = readFpgaReport(readFileSync(file, 'utf8'), file);
        expect(report.resources.lut).toBeGreaterThan(0);
        return;
      }
      const outcome = await designsOf(file).catch((error: unknown) => error);
      if (outcome instanceof HwcastError) {
        // a configuration whose network is not beside it, and the file that a case leaves empty
        expect(['bad-input', 'corrupt']).toContain(outcome.code);
        expect(outcome.where).toContain(file);
        expect(outcome.describe()).toMatch(/network is missing|the file is empty/);
      } else expect(outcome).toHaveLength(1);
    },
  );
});
