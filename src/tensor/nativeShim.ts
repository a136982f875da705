import util from 'node:util';

/**
 * @tensorflow/tfjs-node 4.22 calls `util.isNullOrUndefined` and `util.isArray`, which Node 23 removed (fixed upstream in tfjs#8425, never
 * released). Defines them where they are absent; call before importing it.
 */
export function shimNodeUtil(target: Record<string, unknown> = util as unknown as Record<string, unknown>): void {
  target.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  target.isArray ??= Array.isArray;
}
