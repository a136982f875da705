import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HwcastError } from '../../../src/core/errors.js';
import { readFpgaReport } from '../../../src/fpga/reports/readFpgaReport.js';
import { hasShared, SHARED } from '../../shared.js';
import { PATHS, POWER, TIMING, UTILIZATION } from './tinyReports.js';

const warnings = (text: string, name = 'report'): string => readFpgaReport(text, name).warnings.join('\n');
const OVERVIEW = `== Synthesis Summary Report of 'top'
+ General Information:
    * Version:        2021.1 (Build 1)
    * Target device:  xc7z020-clg400-1
+ Performance & Resource Estimates:
    +----------+------------------+--------------+----------+------+-----+------+------+------+
    | Modules  | Latency (cycles) | Latency (ns) | Interval | BRAM | DSP |  FF  |  LUT | URAM |
    +----------+------------------+--------------+----------+------+-----+------+------+------+
    |+ top     |                4 |       20.000 |        1 |    - |   - |  100 |  200 |    - |
    +----------+------------------+--------------+----------+------+-----+------+------+------+
== HW Interfaces
== SW I/O Information
+----------+-----------+
| Argument | Direction |
+----------+-----------+
| x        | in        |
+----------+-----------+
== M_AXI Burst Information
`;

/** A report up to where `mark` stands. */
const cutAt = (text: string, mark: string): string => {
  const at = text.lastIndexOf(mark);
  expect(at).toBeGreaterThan(0);
  return text.slice(0, at);
};

describe('reports that end behind their summary say so', () => {
  test('timing: at every section of its details', () => {
    expect(warnings(TIMING)).toBe('');
    expect(warnings(cutAt(TIMING, '| Timing Details'))).toContain("ends before section 'Timing Details'");
    expect(warnings(cutAt(TIMING, 'From Clock:'))).toContain('it has paths of 0 of 1 clocks');
    expect(warnings(cutAt(TIMING, 'Max Delay Paths'))).toContain("the last clock has no 'Max Delay Paths'");
    expect(warnings(cutAt(TIMING, 'Slack (MET)'))).toContain('no end of a path');
    expect(warnings(cutAt(TIMING, 'Min Delay Paths'))).toContain("no 'Min Delay Paths'");
    expect(warnings(cutAt(TIMING, '                         slack'))).toContain('no end of a path');
    expect(warnings(cutAt(TIMING, 'Pulse Width Checks'))).toContain("no whole 'Pulse Width Checks'");
    expect(warnings(cutAt(TIMING, 'High Pulse Width'))).toContain("no whole 'Pulse Width Checks'");
  });

  test('utilisation: a section of the contents is missing, or the last has no table', () => {
    const listed = UTILIZATION().replace('3. ARITHMETIC\n\n', '3. ARITHMETIC\n4. Primitives\n\n');
    const title = '4. Primitives\n-------------\n';
    const table = '+----------+------+\n| Ref Name | Used |\n+----------+------+\n| FDRE     | 5000 |\n+----------+------+\n';
    expect(warnings(UTILIZATION())).toBe('');
    expect(warnings(listed)).toContain("no section '4. Primitives'");
    expect(warnings(listed + title)).toContain("section '4. Primitives' has no table");
    expect(warnings(listed + title + cutAt(table, '+---'))).toContain('the report is not whole: line');
    expect(warnings(listed + title + table)).not.toMatch(/not whole/);
  });

  test('paths: inside one', () => {
    const whole = warnings(PATHS);
    expect(whole).toBe('slack of the 2 paths that are listed for setup; report_timing_summary tells that of all');
    expect(warnings(cutAt(PATHS, '                         slack'))).toContain('ends inside a path');
  });

  test('power: its hierarchy', () => {
    expect(warnings(POWER)).toBe('');
    expect(warnings(cutAt(POWER, '3.1 By Hierarchy'))).toContain("no section '3.1 By Hierarchy'");
    expect(warnings(`${cutAt(POWER, '3.1 By Hierarchy')}3.1 By Hierarchy\n----------------\n`)).toMatch(/By Hierarchy/);
  });

  test('the synthesis summary: at every section', () => {
    const whole = warnings(OVERVIEW);
    expect(whole).not.toMatch(/ends/);
    expect(warnings(cutAt(OVERVIEW, '== HW Interfaces'))).toContain("before section 'HW Interfaces'");
    expect(warnings(cutAt(OVERVIEW, '== SW I/O Information'))).toContain("before section 'SW I/O Information'");
    expect(warnings(cutAt(OVERVIEW, '== M_AXI Burst'))).toContain("ends behind section 'SW I/O Information'");
    const later = `${cutAt(OVERVIEW, '== M_AXI Burst')}== Bind Op Report\n`;
    expect(warnings(later)).toContain("before section 'Storage Report'");
    expect(warnings(`${later}== Bind Storage Report\n`)).toContain("before section 'Pragma Report'");
    expect(warnings(`${later}== Bind Storage Report\n== Pragma Report\n`)).toContain(
      "before the table of section 'Pragma Report'",
    );
  });
});

/** Cuts that nothing can tell: behind the last number, and where a console's text might have ended. */
const UNKNOWABLE =
  /^\s*$|^\s*\* Note: The sum of lower-level|^\s*CO-SIMULATION RESULT|^=+\s*(== M_AXI Burst Information\s*=*\s*)?$/;

describe.skipIf(!hasShared)('real reports (needs ../shared)', () => {
  const folder = join(SHARED, 'data/fpga');
  const files = hasShared
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => /^(reports|cases)\/.*\.(rpt|xml)$/.test(f))
    : [];
  test('are there', () => expect(files.length).toBeGreaterThanOrEqual(16));

  test.each(files)('%s cut behind any line is an error or says so', (file) => {
    const text = readFileSync(join(folder, file), 'utf8'),
      lines = text.split('\n');
    const whole = new Set(readFpgaReport(text, file).warnings);
    // of long reports some thousand lines tell no more than some hundred
    const step = Math.ceil(lines.length / 600);
    const silent: string[] = [];
    for (let n = 1; n < lines.length; n += step) {
      if (UNKNOWABLE.test(lines.slice(n).join('\n').slice(0, 400))) continue;
      try {
        if (readFpgaReport(`${lines.slice(0, n).join('\n')}\n`, file).warnings.every((w) => whole.has(w)))
          silent.push(`line ${n}: ${lines[n - 1].slice(0, 60)}`);
      } catch (error) {
        if (!(error instanceof HwcastError)) throw error;
      }
    }
    expect(silent).toEqual([]);
  });
});
