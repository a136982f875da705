import { findDevice } from '../../device/deviceNamed.js';
import { launchOverhead } from '../../device/launchOverhead.js';
import { peakFor } from '../../device/peakFor.js';
import { DTYPE_BYTES, type Dtype } from '../../graph/tensorType.js';

/** How a task ran, as its dataset says. */
export interface RunSetting {
  /** name in the device catalogue */
  hardware?: string | undefined;
  batch?: number | undefined;
  /** values are of an image of a batch that fills the device */
  fullBatch?: boolean | undefined;
  dtype?: string | undefined;
  threads?: number | undefined;
  /** eager, graph, compiled, dynamo */
  execution?: string | undefined;
  framework?: string | undefined;
}

/** What the time of a kernel follows from. */
export interface Machine {
  /** how matrix products are divided: tiles that are dealt to many processors, or rows among threads */
  kind: 'gpu' | 'processor';
  /** FLOP/s and B/s that large kernels reach */
  peak: number;
  bandwidth: number;
  /** FLOP/s of what frameworks run in single precision whatever the element type */
  single: number;
  /** seconds, of the smallest kernel */
  launch: number;
  /** units that tiles of a matrix product are dealt to, and the side of a tile */
  units: number;
  tile: number;
  /** bytes of an element where the graph says fp32 */
  width: number;
  /** images per batch where the graph has one */
  batch: number;
  /** values are of an image of it */
  perImage?: true;
}

/** Shares of peak and bandwidth that large kernels reach. */
export const REACHED = { compute: 0.75, memory: 0.8 };
/** Tiles of matrix products on GPUs, in elements; multiprocessors of one where the catalogue does not say. */
const GPU = { launch: 2e-6, units: 132, tile: 128 };
/** A core of a server processor, where the catalogue does not have it: FLOP/s of fp32, B/s of the first and of each further core. */
const CORE = { peak: 60e9, bandwidth: 12e9, further: 3.6e9, launch: 3e-6, tile: 16 };

/** Mixed precision: the element type of its products. */
export const MIXED: Readonly<Record<string, Dtype>> = { amp: 'fp16', amp_bf16: 'bf16' };

/** The machine of a setting; levels are fitted to what is measured, so ratios count. Undefined where element type or batch are not known. */
export function machineOf({
  hardware,
  batch,
  fullBatch,
  dtype: stated = '',
  threads,
  execution,
}: RunSetting): Machine | undefined {
  const dtype = MIXED[stated] ?? stated;
  if (batch === undefined || !Object.hasOwn(DTYPE_BYTES, dtype) || execution === undefined) return undefined;
  const width = DTYPE_BYTES[dtype as Dtype],
    spec = hardware === undefined ? undefined : findDevice(hardware);
  if (spec?.kind === 'gpu' && spec.bandwidth)
    return {
      kind: 'gpu',
      peak: REACHED.compute * peakFor(spec, dtype).rate,
      bandwidth: REACHED.memory * spec.bandwidth,
      single: REACHED.compute * peakFor(spec, 'fp32').rate,
      ...GPU,
      ...(spec.units === undefined ? {} : { units: spec.units }),
      // kernels that are launched one by one wait for the host
      ...(execution === 'eager' ? { launch: launchOverhead(spec).dispatch } : {}),
      width,
      batch,
      ...(fullBatch ? { perImage: true } : {}),
    };
  if (threads === undefined) return undefined;
  return {
    kind: 'processor',
    peak: CORE.peak * threads,
    single: CORE.peak * threads,
    bandwidth: CORE.bandwidth + CORE.further * (threads - 1),
    launch: CORE.launch,
    units: threads,
    tile: CORE.tile,
    width,
    batch,
  };
}
