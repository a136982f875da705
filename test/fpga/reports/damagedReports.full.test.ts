import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import type { FpgaReport } from '../../../src/fpga/reports/fpgaReport.js';
import { readFpgaReport } from '../../../src/fpga/reports/readFpgaReport.js';
import { SHARED } from '../../shared.js';

const FOLDER = join(SHARED, 'data/fpga/reports');
const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
const RUNS = Number(process.env.HWCAST_DAMAGE_RUNS ?? 40);

/** Numbers of the whole design, and those that reports in columns hold twice. */
const TOP = /^(resources|latency|ii|available|clock|timing|power|cells)/;
const TWICE = /^(resources|latency)\.|^power\.(totalW|dynamicW|staticW)/;

/** Every number of a report by its name; modules by instance or name. */
function numbers(report: FpgaReport): Record<string, number> {
  const found: Record<string, number> = {};
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'number') found[path] = value;
    else if (value && typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
  };
  const { warnings: _, modules, ...rest } = report;
  walk(rest, '');
  for (const module of modules) walk(module, module.instance ?? module.name);
  return found;
}

/** Reads a damaged report: either an error, or a new warning, or each number is that of the whole report. */
function expectNeverWrongSilently(damaged: string, name: string, whole: FpgaReport, only?: RegExp): void {
  const outcome = read(damaged, name);
  if (outcome instanceof Error) {
    expect(outcome).toBeInstanceOf(HwcastError);
    expect(['corrupt', 'unsupported']).toContain((outcome as HwcastError).code);
    expect(outcome.message.length).toBeGreaterThan(10);
    return;
  }
  if (outcome.warnings.some((w) => !whole.warnings.includes(w))) return;
  const truth = numbers(whole);
  // a damaged name of a module is no wrong number
  const compared = Object.entries(numbers(outcome)).filter(
    ([key]) =>
      (key in truth || /^(resources|latency|ii|available|clock|timing|power\.\w+W$|cells)/.test(key)) &&
      (!only || only.test(key)),
  );
  expect(Object.fromEntries(compared)).toEqual(Object.fromEntries(compared.map(([key]) => [key, truth[key]])));
}

function read(text: string, name: string): FpgaReport | Error {
  try {
    return readFpgaReport(text, name);
  } catch (error) {
    return error as Error;
  }
}

describe.skipIf(!files.length)('damaged reports (needs ../shared)', () => {
  test('there are reports to damage', () => expect(files.length).toBeGreaterThanOrEqual(13));

  describe.each(files)('%s', (file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8');
    const whole = readFpgaReport(text, file);
    const xml = file.endsWith('.xml');
    // most of a report stands behind its summary: half of the damage is aimed at the first part
    const head = Math.min(text.length, 9000);
    const position = fc.oneof(fc.nat(head - 1), fc.nat(text.length - 1));
    // each run parses the whole file, the largest has 226 kB
    const numRuns = Math.ceil(RUNS * Math.min(1, 40_000 / text.length));

    test('cut anywhere', () => {
      fc.assert(
        fc.property(position, (at) => expectNeverWrongSilently(text.slice(0, at), file, whole)),
        { numRuns },
      );
    });

    test('cut at each of many points', () => {
      for (let i = 0; i < 25; i++) expectNeverWrongSilently(text.slice(0, Math.floor((text.length * i) / 25)), file, whole);
    });

    test('bytes overwritten', () => {
      fc.assert(
        fc.property(
          position,
          fc.integer({ min: 1, max: 64 }),
          fc.constantFrom('\0', '\ufffd', '#', ' ', '|', '-', 'a', '<'),
          (at, n, fill) =>
            expectNeverWrongSilently(
              text.slice(0, at) + fill.repeat(Math.min(n, text.length - at)) + text.slice(at + n),
              file,
              whole,
              // blanks over the first digits of a right-aligned number leave a number: seen where it stands twice
              fill === ' ' && !xml ? TWICE : undefined,
            ),
        ),
        { numRuns },
      );
    });

    test('a piece lost', () => {
      // text without fixed columns does not show that digits inside one number are gone
      fc.assert(
        fc.property(position, fc.integer({ min: xml ? 16 : 1, max: 300 }), (at, n) =>
          // a piece as long as a row leaves a table whole
          expectNeverWrongSilently(text.slice(0, at) + text.slice(at + n), file, whole, xml ? undefined : TOP),
        ),
        { numRuns },
      );
    });

    test('lines lost', () => {
      const lines = text.split('\n');
      const line = fc.oneof(fc.nat(Math.min(lines.length, 150) - 1), fc.nat(lines.length - 1));
      fc.assert(
        fc.property(line, fc.integer({ min: 1, max: 4 }), (at, n) =>
          expectNeverWrongSilently([...lines.slice(0, at), ...lines.slice(at + n)].join('\n'), file, whole),
        ),
        { numRuns },
      );
    });

    // a digit turned into another is seen where the report holds the number twice, which old csynth.xml does not for resources
    test.skipIf(xml || /timing|overview/.test(file))('a digit of resources, latency or power changed', () => {
      const digits = [...text.slice(0, head).matchAll(/\d/g)].map((m) => m.index);
      fc.assert(
        fc.property(fc.constantFrom(...digits), fc.integer({ min: 1, max: 9 }), (at, by) => {
          const damaged = text.slice(0, at) + ((Number(text[at]) + by) % 10) + text.slice(at + 1);
          expectNeverWrongSilently(damaged, file, whole, TWICE);
        }),
        { numRuns },
      );
    });
  });
});
