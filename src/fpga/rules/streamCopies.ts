import type { HlsDesign } from '../design/hlsDesign.js';
import type { SynthesisLimit } from './feasibility.js';
import { fifoCost } from './fifoCost.js';
import { addTo, channels, type DesignContext, elements, type LayerWork } from './layerWork.js';

/** hls4ml writes no copies beyond this many. */
const MOST_COPIES = 3;

/**
 * Streams that several layers read: hls4ml puts a layer between that writes a copy for each (its pass `clone_output`), so that each has a FIFO as deep as the tensor beside the one that is copied. Counted with the
 * layer that is copied; those of the network's input with the first layer that reads it. By the source: no collected design has branches. None with io_parallel.
 */
export function addCopies({ design, vivadoHls }: DesignContext, works: readonly LayerWork[]): void {
  const readers = readersOf(design),
    first = design.layers.findIndex((layer) => layer.inputs.length === 0);
  const copied = (i: number, shape: readonly number[], bits: number, name: string): void => {
    const copies = readers.get(name) ?? 0;
    if (copies < 2) return;
    const pixels = elements(shape) / channels(shape),
      { lut, ff, bram18, laterBram18, dsp } = fifoCost(pixels, channels(shape), bits, vivadoHls);
    const later = laterBram18 === undefined ? {} : { laterBram18: copies * laterBram18 };
    addTo(works[i], { lut: copies * lut, ff: copies * ff, bram18: copies * bram18, dsp, ...later });
    if (copies > MOST_COPIES) works[i].limit ??= tooMany(copies);
  };
  design.layers.forEach((layer, i) => copied(i, layer.outShape, (layer.result ?? design.precision).bits, layer.name));
  if (first >= 0) copied(first, design.layers[first].inShape, design.precision.bits, INPUT);
}

const INPUT = '';

/** How many layers read each tensor, by the name of its layer. */
function readersOf({ layers }: HlsDesign): Map<string, number> {
  const readers = new Map<string, number>();
  for (const { inputs } of layers)
    for (const name of inputs.length ? inputs : [INPUT]) readers.set(name, (readers.get(name) ?? 0) + 1);
  return readers;
}

const tooMany = (copies: number): SynthesisLimit => ({
  how: 'refused',
  reason: `${copies} layers read one stream; hls4ml copies it to ${MOST_COPIES} at most`,
});
