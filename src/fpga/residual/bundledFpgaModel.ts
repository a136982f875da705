import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { analyticalFpga, type DesignPredictor } from '../fpgaPredictor.js';
import { loadFpgaModel } from './fpgaModelFolder.js';

/** Folder of the FPGA model that comes with hwcast. */
const BUNDLED_FPGA_MODEL = fileURLToPath(new URL('../../../models/fpga', import.meta.url));

/** The FPGA model to predict with: the one in the folder `model`, else the bundled one; the rules alone where they are asked for or hwcast came without a model. */
export async function fpgaModel(options: { model?: string; analytical?: boolean } = {}): Promise<DesignPredictor> {
  if (options.analytical) return analyticalFpga;
  if (options.model) return loadFpgaModel(options.model).model;
  return existsSync(BUNDLED_FPGA_MODEL) ? loadFpgaModel(BUNDLED_FPGA_MODEL).model : analyticalFpga;
}
