import type { Command } from 'commander';
import type { DemoSource } from './demoSource.js';
import { EMBEDDED } from './embedded.js';

const NB201: DemoSource = {
  passes: EMBEDDED.passes,
  dataset: EMBEDDED.dataset,
  real: { dataset: EMBEDDED.realModels, device: 'Snapdragon 8 Elite Gen 5 QRD', condition: 'qnn_dlc' },
  map: { workload: 'arch_str', device: 'config', latency_ms: 'median_ms' },
  minAgreement: 0.95,
  rounds: { full: 12, quick: 6 },
};
/** A configuration whose latency and energy were both measured. */
const LEFT_OUT = 'graph_tf32_b256';

/** `hwcast demo`, what `npm start` runs: real models on a device left out, then raw passes to predictions for a configuration left out, then for the machine it runs on. */
export function registerDemo(program: Command, source: DemoSource = NB201): void {
  program
    .command('demo')
    .description('the whole way once, on embedded measurements and on this machine (one to three minutes)')
    .option('--device <id>', 'configuration to leave out of training and to predict', LEFT_OUT)
    .option('--out <folder>', 'where dataset, model, support files, adapters and pictures go', 'out/demo')
    .option('--real-models', 'only the first part: real models on a device left out (seconds)')
    .option('--quick', 'fewer passes when measuring this machine')
    .option('--backend <name>', 'tensor backend for this machine: native, wasm or cpu (also HWCAST_BACKEND)')
    .option('--seed <number>', 'of everything random', '1')
    // loaded only when it runs: the other commands start faster without it
    .action(async (options) => (await import('./runDemo.js')).runDemo(source, options));
}
