import type { HlsDesign } from './hlsDesign.js';

const BACKENDS: ReadonlySet<string> = new Set(['vivado', 'vivadoaccelerator', 'vitis', 'vitisaccelerator', 'vitisunified']);
const OTHER_TOOLS: ReadonlySet<string> = new Set(['catapult', 'quartus', 'oneapi', 'bambu', 'libero']);

/** The backend or HLS tool of a design where it is none whose counts are modelled, as the design names it. */
export function unmodelledTool({ backend, tool }: Pick<HlsDesign, 'backend' | 'tool'>): string | undefined {
  if (backend !== undefined && !BACKENDS.has(backend.toLowerCase())) return backend;
  return tool !== undefined && OTHER_TOOLS.has(tool) ? tool : undefined;
}
