import { existsSync } from 'node:fs';
import { HwcastError } from '../core/errors.js';
import { readFileChecked } from '../core/files.js';
import { operatorGraph, parseOperatorText } from './operatorText.js';
import { parseOpGraph } from './opGraph.js';
import { parseWorkload, type Workload } from './workload.js';

/**
 * The workload of a text: a network of a space (`space:code`), one operator (`op:conv2d/fp32/..`, as traces name them), or the path of an operator
 * graph in JSON.
 * @throws HwcastError `bad-input`, `not-found`
 */
export function anyWorkload(text: string): Workload {
  const trimmed = text.trim();
  if (trimmed.startsWith('op:')) return { id: trimmed, graph: operatorGraph(parseOperatorText(trimmed)) };
  if (!/\.json$/i.test(trimmed) && !(/[./]/.test(trimmed) && existsSync(trimmed))) return parseWorkload(trimmed);
  const content = readFileChecked(trimmed, 'operator graph').toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw new HwcastError('bad-input', `not JSON: ${(cause as Error).message}`, { where: trimmed, cause });
  }
  return { id: trimmed, graph: parseOpGraph(value, trimmed) };
}
