import type { HlsDesign } from './hlsDesign.js';

const BACKENDS: ReadonlySet<string> = new Set(['vivado', 'vivadoaccelerator', 'vitis', 'vitisaccelerator', 'vitisunified']);
const OTHER_TOOLS: ReadonlySet<string> = new Set(['catapult', 'quartus', 'oneapi', 'bambu', 'libero']);

/** Backends that put the design into a block design, with DMA and interconnect. */
export const hasBlockDesign = ({ backend }: Pick<HlsDesign, 'backend'>): boolean =>
  /^v\w+(accelerator|unified)$/i.test(backend ?? '');

/** The backend or HLS tool of a design where it is none whose counts are modelled, as the design names it. */
export function unmodelledTool({ backend, tool }: Pick<HlsDesign, 'backend' | 'tool'>): string | undefined {
  if (backend !== undefined && !BACKENDS.has(backend.toLowerCase())) return backend;
  return tool !== undefined && OTHER_TOOLS.has(tool) ? tool : undefined;
}
