import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registerFpga } from '../../../src/cli/fpga/fpga.js';
import { BUNDLED_FAMILY_MODEL } from '../../../src/fpga/families/familyModelFolder.js';
import { temporaryFolder } from '../../fpga/families/smallFamilies.js';
import { runCommand } from '../runCommand.js';

const path = temporaryFolder();

describe('hwcast fpga train --families', () => {
  it('makes the bundled model again', async () => {
    const out = path('bundled');
    const { error, stderr } = await runCommand(registerFpga, [
      'fpga',
      'train',
      '--families',
      '--dataset',
      'datasets/yosys-fpga',
      '--folds',
      '0',
      '--out',
      out,
    ]);
    expect(error).toBeUndefined();
    expect(stderr).toMatch(/designs on 11 families, 2522 rows/);
    for (const file of ['designs.jsonl', 'state.json']) {
      const same = readFileSync(join(out, file)).equals(readFileSync(join(BUNDLED_FAMILY_MODEL, file)));
      expect(same, `${file} of models/fpga-families is not what the command on its card makes: run it again`).toBe(true);
    }
  });
});
