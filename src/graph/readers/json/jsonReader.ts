import { HwcastError } from '../../../core/errors.js';
import { parseOpGraph } from '../../opGraph.js';
import type { ModelReader } from '../modelReader.js';

/** hwcast's own operator graphs: `{"nodes": [...], "outputs": [...]}`. */
export const jsonReader: ModelReader = {
  format: 'hwcast',
  about: "hwcast's own operator graph in JSON",
  detect(head) {
    const text = Buffer.from(head).toString('utf8');
    return /^\s*\{/.test(text) && /"nodes"\s*:\s*\[/.test(text) && /"op"\s*:/.test(text) ? 'likely' : undefined;
  },
  async read({ bytes, name }) {
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(bytes).toString('utf8'));
    } catch (cause) {
      throw new HwcastError('corrupt', `not whole JSON: ${(cause as Error).message}`, { where: name, cause });
    }
    return [{ name, graph: parseOpGraph(value, name), warnings: [] }];
  },
};
