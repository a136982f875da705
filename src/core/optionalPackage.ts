import { HwcastError } from './errors.js';

/**
 * Loads a package that is an optional peer: it is asked for by name when something needs it.
 * @param needs what needs it, e.g. `measuring with ONNX Runtime`
 * @param how to install it
 * @throws HwcastError `not-found` where it is not installed or does not load.
 */
export async function optionalPackage<T>(name: string, needs: string, how: string): Promise<T> {
  try {
    const module = (await import(name)) as T & { default?: T };
    return module.default ?? module;
  } catch (cause) {
    const isMissing = (cause as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
    const why = isMissing ? 'which is not installed' : `which does not load: ${(cause as Error).message}`;
    throw new HwcastError('not-found', `${needs} needs the package '${name}', ${why}`, { hint: how, cause });
  }
}
