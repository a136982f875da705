import { existsSync, readFileSync } from 'node:fs';
import { HwcastError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { type DeviceSpec, DeviceSpecSchema } from './deviceSpec.js';

/** Devices of one's own: the file that HWCAST_DEVICES names, else this one in the working folder. */
export const userDevicesPath = (): string => process.env.HWCAST_DEVICES ?? 'hwcast-devices.json';

/**
 * A device as a file states it. `peak` and the rest are in SI units, as `hwcast devices show NAME --spec` prints them.
 * @throws HwcastError `bad-input` naming each field that does not fit
 */
export function parseDevice(value: unknown, where: string): DeviceSpec {
  const parsed = DeviceSpecSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((i) => `${i.path.join('.') || 'device'}: ${i.message}`).join('; ');
  throw new HwcastError('bad-input', `not a device: ${issues}`, {
    where,
    hint: 'needs name, vendor, kind, peak, source; hwcast devices show NAME --spec prints one as an example',
  });
}

/** The devices of the user's file; none where there is no file. @throws HwcastError `bad-input` */
export function userDevices(path = userDevicesPath()): DeviceSpec[] {
  if (!existsSync(path)) return [];
  let list: unknown;
  try {
    list = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new HwcastError('bad-input', `not JSON: ${(cause as Error).message}`, { where: path, cause });
  }
  if (!Array.isArray(list)) throw new HwcastError('bad-input', 'not a list of devices', { where: path });
  return list.map((device, i) => parseDevice(device, `${path} [${i}]`));
}

/** Adds devices to the user's file; one of the same name is replaced. @returns the path */
export function addUserDevices(devices: readonly DeviceSpec[], path = userDevicesPath()): string {
  const names = new Set(devices.map((d) => d.name));
  const kept = userDevices(path).filter((d) => !names.has(d.name));
  writeFileAtomic(path, `${JSON.stringify([...kept, ...devices], null, 2)}\n`);
  return path;
}
