import { closeNames, HwcastError } from '../../core/errors.js';
import { fbnet } from './fbnet.js';
import { nasbench201 } from './nasbench201.js';
import { ofa } from './ofa.js';
import type { Space } from './space.js';

/** All known spaces by name. A new space is one line here. */
export const SPACES: Readonly<Record<string, Space>> = { nasbench201, fbnet, ofa };

/** @throws HwcastError `not-found` naming close matches. */
export function spaceNamed(name: string): Space {
  const space = Object.hasOwn(SPACES, name) ? SPACES[name] : undefined;
  if (!space)
    throw new HwcastError(
      'not-found',
      `no space '${name}'; known: ${[...closeNames(name, Object.keys(SPACES)), ...Object.keys(SPACES)].filter((v, i, a) => a.indexOf(v) === i).join(', ')}`,
    );
  return space;
}
