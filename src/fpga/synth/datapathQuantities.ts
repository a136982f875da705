/** Quantities of a datapath that are sums over its layers; bits unless said otherwise. */
export const DATAPATH_QUANTITIES = [
  'inputShift',
  'outputShift',
  'buffers',
  'pickedInputs',
  'inputMux',
  'romWords',
  'products',
  'treeRegisters',
  'treeAdders',
  'treeCompressors',
  'accumulators',
  'accumulatorStart',
  'biasTable',
  'biasAdd',
  'digitAdders',
  'digitSums',
  'digitCompressors',
  'digitRegisters',
  'outputRegisters',
  'turnDecode',
  'saturation',
  'saturationReach',
  'validFlags',
  'delays',
  'counters',
  'windowRegisters',
  'windowControl',
  'paddingMux',
  'relu',
  'layers',
] as const;
export type DatapathQuantity = (typeof DATAPATH_QUANTITIES)[number];

export type DatapathQuantities = Record<DatapathQuantity, number>;

/** Adds `count` saturations of a number of `width` bits to `bits`. */
export function saturate(q: DatapathQuantities, count: number, width: number, bits: number): void {
  if (width <= bits) return;
  q.saturation += count * bits;
  q.saturationReach += count * (width - bits + 1);
}
