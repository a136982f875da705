import { HwcastError } from '../../errors.js';
import { analyticalFpga, type FpgaPredictor } from './fpgaPredictor.js';

/** The FPGA model to predict with: the one in `model`, the bundled one, or the rules alone. */
export function fpgaModel(options: { model?: string; analytical?: boolean } = {}): FpgaPredictor {
  if (options.analytical) return analyticalFpga;
  if (options.model) throw new HwcastError('unsupported', 'no FPGA models yet');
  return analyticalFpga;
}
