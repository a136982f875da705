import type { Command } from 'commander';
import { fitDevice, timedKernels } from '../analytical/fit/fitDevice.js';
import { fitDevicePower, isBetter } from '../analytical/fit/fitDevicePower.js';
import { HwcastError } from '../core/errors.js';
import { CATALOGUE } from '../device/catalogue.js';
import { deviceNamed, findDevice, normaliseName } from '../device/deviceNamed.js';
import { addUserDevices, parseDevice, userDevices } from '../device/userDevices.js';
import { deviceFitTable, deviceRecord, deviceTable, deviceText, fittedSpec, powerFitLine } from '../present/deviceView.js';
import { readText } from './options.js';
import { note } from './progress.js';

/** `hwcast devices [NAME] [--json]`, `list`, `show`, `add`, `fit`: the device catalogue, devices of one's own, and what microbenchmarks say of one. */
export function registerDevices(program: Command): void {
  const devices = program
    .command('devices')
    .description('list the device catalogue, show one device, add one, or fit one to microbenchmarks')
    .argument('[name]', 'a device name or alias')
    .option('--json', 'print JSON in SI units')
    .action((name: string | undefined, options: { json?: boolean }) => print(name, options));
  devices
    .command('list')
    .description('all devices, those of the own file (hwcast-devices.json, or HWCAST_DEVICES) last')
    .action((_, command: Command) => print(undefined, command.optsWithGlobals()));
  devices
    .command('show')
    .description('one device with its sources')
    .argument('<name>', 'a device name or alias')
    .option('--spec', 'as `devices add` reads it')
    .action((name: string, options: { spec?: boolean }, command: Command) => {
      if (options.spec) write(JSON.stringify(deviceNamed(name), null, 2));
      else print(name, command.optsWithGlobals());
    });
  devices
    .command('add')
    .description('check a device, or a list of them, and keep it in the own file')
    .argument('<file>', 'JSON as `devices show NAME --spec` prints it; - reads standard input')
    .action((file: string) => {
      const { text, where } = readText(file, 'device file');
      const value = parsedJson(text, where);
      const added = (Array.isArray(value) ? value : [value]).map((d) => parseDevice(d, where));
      if (!added.length) throw new HwcastError('bad-input', 'the list holds no device', { where, hint: 'nothing was added' });
      note(`${addUserDevices(added)}: ${added.map((d) => d.name).join(', ')}`);
      const hidden = added.filter((d) => CATALOGUE.some((c) => normaliseName(c.name) === normaliseName(d.name)));
      if (hidden.length)
        note(
          `from here these go before those of the catalogue: ${hidden.map((d) => d.name).join(', ')}; another name keeps both`,
        );
    });
  devices
    .command('fit')
    .description('effective peak, bandwidth, launch and power of a device from timed kernels')
    .argument(
      '<file>',
      'CSV: dtype, latency_ms (or latency_graph_ms), and flops, bytes; or op, params_json; or m, n, k; optionally power_w',
    )
    .option('--device <name>', 'compare with this device; its other figures are kept in --spec')
    .option('--spec', 'print the device with the fitted figures, as `devices add` reads it')
    .action((file: string, options: { device?: string; spec?: boolean }) => {
      const { text, where } = readText(file, 'microbenchmark file');
      const { kernels, skipped } = timedKernels(text, where);
      if (skipped.size) note(`not used: ${[...skipped].map(([op, n]) => `${op} (${n})`).join(', ')}`);
      const fits = fitDevice(kernels, where);
      if (options.spec && !options.device) throw new HwcastError('usage', '--spec needs --device NAME');
      // with --spec it may be a new one
      const named = options.spec ? findDevice : deviceNamed,
        base = options.device === undefined ? undefined : named(options.device);
      const spec = fittedSpec(fits, options.device ?? 'device', base, where),
        power = fitDevicePower(kernels, spec);
      const learned = power && isBetter(power) ? { power: power.constants } : {};
      write(options.spec ? JSON.stringify({ ...spec, ...learned }, null, 2) : deviceFitTable(fits, base));
      if (power) note(powerFitLine(power));
    });
}

const write = (text: string) => process.stdout.write(`${text}\n`);

function print(name: string | undefined, options: { json?: boolean }): void {
  const chosen = name === undefined ? [...CATALOGUE, ...userDevices()] : [deviceNamed(name)];
  write(
    options.json
      ? JSON.stringify(name === undefined ? chosen.map(deviceRecord) : deviceRecord(chosen[0]), null, 2)
      : name === undefined
        ? deviceTable(chosen)
        : deviceText(chosen[0]),
  );
}

function parsedJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HwcastError('bad-input', `not JSON: ${(cause as Error).message}`, { where, cause });
  }
}
