import { deviceNamed } from '../src/device/deviceNamed.js';
import type { LlmArchitecture } from '../src/llm/architecture/llmArchitecture.js';
import { chooseFormats, DEFAULT_CHUNK, type LlmSetup } from '../src/llm/llmSetup.js';

/** A row of the page. */
export interface Anchor {
  system: string;
  /** what it says, from the paper unless told */
  headline: string;
  ours: string;
  /** why the two differ, or what the agreement means */
  why: string;
}

/** So many significant digits, without zeros behind. */
export const short = (value: number, digits = 3) => String(Number(value.toPrecision(digits)));

/** A question on one device in the formats that the configuration says, under vLLM. */
export function setup(
  architecture: LlmArchitecture,
  device: string,
  sizes: { isl: number; osl: number; batch: number },
): LlmSetup {
  const spec = deviceNamed(device);
  const { formats, kv } = chooseFormats(architecture, spec, {});
  return { device: spec, ...sizes, tp: 1, pp: 1, ep: 1, formats, kv, chunk: DEFAULT_CHUNK, framework: 'vllm' };
}
