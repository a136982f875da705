import type { Command } from 'commander';
import { CATALOGUE } from '../device/catalogue.js';
import { deviceNamed } from '../device/deviceNamed.js';
import { deviceRecord, deviceTable, deviceText } from '../present/deviceView.js';

/** `hwcast devices [NAME] [--json]`: the device catalogue, or one device with its sources. */
export function registerDevices(program: Command): void {
  program
    .command('devices')
    .description('list the device catalogue, or show one device')
    .argument('[name]', 'a device name or alias')
    .option('--json', 'print JSON in SI units')
    .action((name: string | undefined, options: { json?: boolean }) => {
      const chosen = name === undefined ? CATALOGUE : [deviceNamed(name)];
      const text = options.json
        ? JSON.stringify(name === undefined ? chosen.map(deviceRecord) : deviceRecord(chosen[0]), null, 2)
        : name === undefined
          ? deviceTable(chosen)
          : deviceText(chosen[0]);
      process.stdout.write(`${text}\n`);
    });
}
