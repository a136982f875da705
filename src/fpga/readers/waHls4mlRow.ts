import { z } from 'zod';
import { HwcastError } from '../../core/errors.js';
import { type HlsDesign, type HlsLayer, IO_TYPES, parseHlsDesign, STRATEGIES } from '../design/hlsDesign.js';
import { hlsToolOf } from './hls4mlModule.js';
import { DEFAULT_PRECISION } from './precisionText.js';
import { nsToS, parseRow, type RowContext } from './rowText.js';

const Whole = z.coerce.number().int().positive();
const Ns = z.union([z.literal('').transform(() => undefined), z.coerce.number().positive()]).optional();

const Settings = {
  model_id: z.string().min(1),
  weight_bits: Whole,
  reuse_factor: Whole,
  strategy: z.enum(STRATEGIES),
  io_type: z.enum(IO_TYPES),
  part: z.string().min(1),
  tool_version: z.string().min(1),
  clock_target_ns: Ns,
};

/** A line of `wa_hls4ml_dense1_csynth.csv`. */
const DenseRow = z.object({ ...Settings, n_in: Whole, n_out: Whole, tool: z.string().min(1) });

/** A line of `wa_hls4ml_conv2d_dense3_vsynth.csv`: `model_string` has the sizes between layers, `104-48-104-16`. */
const NetworkRow = z.object({
  ...Settings,
  family: z.enum(['conv2d', 'dense3']),
  model_string: z.string().regex(/^\d+(-\d+)+$/, 'must be sizes joined by dashes'),
});

/** The clock of the sweep; rows whose synthesis failed leave it out. */
const SWEEP_CLOCK_NS = 5;

/**
 * The design of a row of `wa_hls4ml_dense1_csynth.csv` or `wa_hls4ml_conv2d_dense3_vsynth.csv` (values as text or numbers).
 * Weights have `weight_bits` (integer bits not recorded); everything else is hls4ml's default type. Of the conv2d family the file records neither kernels
 * nor image size, and the size after the flatten layer does not fix them: its convolutions are `opaque`, its dense layers are exact.
 * @throws HwcastError `bad-input` naming file and row.
 */
export function waHls4mlDesign(row: unknown, context: RowContext = {}): HlsDesign {
  const { where } = context;
  const dense1 = typeof row === 'object' && row !== null && !('model_string' in row);
  const one = dense1 ? parseRow(DenseRow, row, 'a row of wa-hls4ml', where) : undefined;
  const network = dense1 ? undefined : parseRow(NetworkRow, row, 'a row of wa-hls4ml', where);
  const settings = (one ?? network)!;
  const assumptions = ['weights: integer bits not recorded; other types are the default ap_fixed<16,6>'];
  const dense = (name: string, nIn: number, nOut: number, inputs: string[]): HlsLayer => ({
    name,
    kind: 'dense',
    inputs,
    inShape: [nIn],
    outShape: [nOut],
    weight: { bits: settings.weight_bits, intBits: null, signed: true },
  });
  const chain = (sizes: readonly number[], first: string[] = []): HlsLayer[] =>
    sizes.slice(1).map((nOut, i) => dense(`dense_${i + 1}`, sizes[i], nOut, i ? [`dense_${i}`] : first));

  let layers: HlsLayer[];
  if (one) layers = [dense('dense_1', one.n_in, one.n_out, [])];
  else {
    const sizes = network!.model_string.split('-').map(Number);
    if (sizes.some((s) => s < 1))
      throw new HwcastError('bad-input', `model_string '${network!.model_string}' has a size of zero`, { where });
    if (network!.family === 'dense3') {
      layers = chain(sizes);
      assumptions.push('activations between the layers not recorded: none assumed');
    } else {
      const flat = flattenAt(sizes, where);
      layers = sizes.slice(0, flat).map((filters, i) => ({
        name: `conv2d_${i + 1}`,
        kind: 'opaque',
        inputs: i ? [`conv2d_${i}`] : [],
        inShape: i ? [sizes[i - 1]] : [],
        outShape: [filters],
        source: 'conv2d',
      }));
      layers.push({
        name: 'flatten',
        kind: 'reshape',
        inputs: [`conv2d_${flat}`],
        inShape: [sizes[flat]],
        outShape: [sizes[flat]],
      });
      layers.push(...chain(sizes.slice(flat), ['flatten']));
      assumptions.push(
        `kernel and image sizes of ${flat} convolutions (filters ${sizes.slice(0, flat).join(', ')}) not recorded: opaque, their cost is not counted`,
      );
      if (sizes[flat] % sizes[flat - 1])
        assumptions.push(
          `flatten size ${sizes[flat]} is no multiple of ${sizes[flat - 1]} filters: a layer between them is not recorded`,
        );
    }
  }
  if (!settings.clock_target_ns) assumptions.push(`clock not recorded: ${SWEEP_CLOCK_NS} ns as in the other rows assumed`);
  return parseHlsDesign(
    {
      id: `${settings.model_id}/${settings.strategy}/rf${settings.reuse_factor}`,
      layers,
      precision: DEFAULT_PRECISION,
      reuseFactor: settings.reuse_factor,
      strategy: settings.strategy,
      ioType: settings.io_type,
      part: settings.part,
      clockS: nsToS(settings.clock_target_ns ?? SWEEP_CLOCK_NS),
      tool: one?.tool ?? hlsToolOf(settings.tool_version),
      toolVersion: settings.tool_version,
      assumptions,
    },
    where,
  );
}

/** Position of the flatten size: the largest of the sizes, with convolutions before it and dense layers behind it. */
function flattenAt(sizes: readonly number[], where?: string): number {
  const at = sizes.indexOf(Math.max(...sizes));
  if (at < 1 || at === sizes.length - 1)
    throw new HwcastError(
      'bad-input',
      `model_string '${sizes.join('-')}' has no flatten size between convolutions and dense layers`,
      { where },
    );
  return at;
}
