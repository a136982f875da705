import type { TensorType } from './tensorType.js';

/** The node and the output that a reference names: `id` is its first output, `id:1` its second. */
export function parseReference(
  reference: string,
  position: ReadonlyMap<string, number>,
): { node: number; port: number } | undefined {
  const whole = position.get(reference);
  if (whole !== undefined) return { node: whole, port: 0 };
  const colon = reference.lastIndexOf(':');
  const node = colon > 0 ? position.get(reference.slice(0, colon)) : undefined;
  const port = /^\d+$/.test(reference.slice(colon + 1)) ? Number(reference.slice(colon + 1)) : undefined;
  return node === undefined || port === undefined ? undefined : { node, port };
}

/** The tensor that a node gives out at `port`. */
export const outputAt = (
  node: TensorType & { furtherOutputs?: readonly TensorType[] | undefined },
  port: number,
): TensorType | undefined => (port ? node.furtherOutputs?.[port - 1] : node);
