import { closeNames, HwcastError } from '../core/errors.js';
import { CATALOGUE } from './catalogue.js';
import type { DeviceSpec } from './deviceSpec.js';
import { userDevices } from './userDevices.js';

/** Names are compared without case, spaces, dashes and underscores; `+` counts (Xeon 8480+). */
export const normaliseName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9+]/g, '');

let index: Map<string, DeviceSpec> | undefined;

/** The device of that name or alias, of the user's file (`userDevices`) before the catalogue; undefined where there is none. */
export function findDevice(name: string): DeviceSpec | undefined {
  if (!index) {
    index = new Map(
      CATALOGUE.flatMap((device) => (device.aliases ?? []).map((alias) => [normaliseName(alias), device] as const)),
    );
    for (const device of CATALOGUE) index.set(normaliseName(device.name), device);
    for (const device of userDevices()) index.set(normaliseName(device.name), device);
  }
  return index.get(normaliseName(name));
}

/**
 * The device of the catalogue called `name` (or one of its aliases); case and separators do not matter.
 * @throws HwcastError `not-found` naming close matches.
 */
export function deviceNamed(name: string): DeviceSpec {
  const device = findDevice(name);
  if (device) return device;
  const wanted = normaliseName(name);
  // of those that are part of what was asked the longest says most: H200-SXM of 'H200 SXM 141GB'
  const holds = CATALOGUE.flatMap((d) => {
    const parts = [d.name, ...(d.aliases ?? [])].map(normaliseName).filter((n) => n.length > 2 && wanted.includes(n));
    return parts.length ? [{ name: d.name, length: Math.max(...parts.map((n) => n.length)) }] : [];
  }).sort((a, b) => b.length - a.length);
  const within = wanted ? [...CATALOGUE.filter((d) => normaliseName(d.name).includes(wanted)), ...holds].map((d) => d.name) : [];
  const close = (
    within.length
      ? within
      : closeNames(
          name,
          CATALOGUE.map((d) => d.name),
        )
  ).slice(0, 5);
  throw new HwcastError('not-found', `no device '${name}' in the catalogue`, {
    hint: close.length ? `did you mean ${close.join(', ')}?` : 'hwcast devices lists all',
  });
}
