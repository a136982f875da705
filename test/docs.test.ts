import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accuracyFpgaPage } from '../scripts/accuracyFpgaPage.js';
import { accuracyModelsPage } from '../scripts/accuracyModelsPage.js';
import { accuracyPage } from '../scripts/accuracyPage.js';
import { anchorsPage } from '../scripts/anchorsPage.js';
import {
  commandBlock,
  FPGA_BLOCKS,
  hwcastOutput,
  LLM_BLOCKS,
  LLM_PICTURE,
  LLM_PICTURE_COMMAND,
} from '../scripts/commandOutput.js';
import { networkSettings } from '../src/networks/networkSettings.js';

const ROOT = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const rowsOf = (path: string) => JSON.parse(read(path));

describe('size of the pages', () => {
  it.each([
    ['README.md', 8],
    ['docs/accuracy.md', 15],
    ['docs/accuracy-fpga.md', 15],
    ['docs/accuracy-models.md', 15],
  ])('%s is at most %d kB', (path, most) => {
    expect(statSync(join(ROOT, path)).size).toBeLessThanOrEqual(1000 * most);
  });
});

describe('pages made from results', () => {
  it('docs/accuracy.md is what accuracy.json says: npx tsx scripts/accuracy.ts --page', () => {
    expect(read('docs/accuracy.md')).toBe(accuracyPage(rowsOf('docs/accuracy.json')));
  });

  it('docs/accuracy-fpga.md is what accuracy-fpga.json says: npx tsx scripts/accuracyFpga.ts --page', () => {
    expect(read('docs/accuracy-fpga.md')).toBe(
      accuracyFpgaPage(rowsOf('docs/accuracy-fpga.json'), JSON.parse(read('docs/accuracy-fpga-earlier.json'))),
    );
  });
});

describe('the page of real models', () => {
  it('is what accuracy-models.json says: npx tsx scripts/accuracyModels.ts --page', () => {
    expect(read('docs/accuracy-models.md')).toBe(accuracyModelsPage(rowsOf('docs/accuracy-models.json')));
  });
});

describe('outputs of commands', () => {
  it.each(Object.entries(FPGA_BLOCKS))(
    '%s of docs/fpga.md is what it prints: npx tsx scripts/updateReadme.ts fpga',
    (name, command) => {
      expect(read('docs/fpga.md')).toContain(`<!-- ${name} -->\n${commandBlock(command, 'ignore')}\n<!-- /${name} -->`);
    },
  );
});

describe('outputs of hwcast llm', () => {
  it.each(Object.entries(LLM_BLOCKS))(
    '%s of docs/llm.md is what it prints: npx tsx scripts/updateReadme.ts llm',
    (name, command) => {
      expect(read('docs/llm.md')).toContain(`<!-- ${name} -->\n${commandBlock(command, 'ignore')}\n<!-- /${name} -->`);
    },
  );

  it('the picture of docs/llm.md is what its command draws: npx tsx scripts/updateReadme.ts llm', () => {
    const drawn = join(mkdtempSync(join(tmpdir(), 'hwcast-')), 'picture.svg');
    hwcastOutput([...LLM_PICTURE_COMMAND.split(' '), drawn], 'ignore');
    expect(readFileSync(drawn, 'utf8')).toBe(read(LLM_PICTURE));
  });

  it('docs/anchors.md is what npx tsx scripts/anchors.ts writes', () => {
    expect(read('docs/anchors.md')).toBe(anchorsPage());
  });
});

describe('numbers in prose', () => {
  it('settings of a model of networks', () => {
    const settings = networkSettings({ runtime: [0, 3e-3], learned: [0], hypotheses: ['both', 'eager', 'compiled'] });
    expect(settings).toHaveLength(1032);
    expect(read('docs/method.md')).toContain('1,032 settings');
    expect(read('docs/glossary.md')).toContain('There are 1,032 for networks of a space');
  });
});

/** Anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-');

/** Targets of relative links that lead nowhere: a file that is not there, or a heading that the page does not have. */
function brokenLinks(page: string): string[] {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file, anchor] = link.split('#');
    const path = file ? join(dirname(page), file) : page;
    if (!existsSync(join(ROOT, path))) return true;
    const headings = [...(anchor ? read(path) : '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading));
    return anchor !== undefined && !headings.includes(anchor);
  });
}

describe('links', () => {
  const pages = [
    'README.md',
    'CHANGELOG.md',
    'examples/README.md',
    ...readdirSync(join(ROOT, 'docs'))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `docs/${file}`),
  ];
  it.each(pages)('every relative link of %s leads to something', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });
});
