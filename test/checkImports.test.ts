import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './networks/smallModel.js';

const script = resolve(import.meta.dirname, '../scripts/check-imports.mjs');
function check(cwd: string) {
  const { status, stderr } = spawnSync(process.execPath, [script], { cwd, encoding: 'utf8' });
  return { status, stderr };
}
/** Runs the rule over a source tree of the given files. */
function checkTree(files: Record<string, string>) {
  const { folder, path, remove } = temporaryFolder();
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(path('src', name)), { recursive: true });
      writeFileSync(path('src', name), text);
    }
    return check(folder);
  } finally {
    remove();
  }
}

describe('imports run one way', () => {
  it('in this project', () => {
    const { status, stderr } = check(resolve(import.meta.dirname, '..'));
    expect(stderr).toMatch(/^imports run one way: \d{3,} files checked$/m);
    expect(status).toBe(0);
  });

  it('downwards, to leaves, and within a folder', () => {
    const tree = {
      'core/errors.ts': '',
      'cli/main.ts': "import { a } from '../surrogate/a.js';\nimport '../core/errors.js';\n",
      'surrogate/a.ts': "export { b } from './deep/b.js';\n",
      'surrogate/deep/b.ts': "import type { c } from '../../graph/c.js';\n",
      'graph/c.ts':
        "import x from '../../package.json' with { type: 'json' };\nimport fs from 'node:fs';\nimport zod from 'zod';\n",
    };
    expect(checkTree(tree)).toEqual({ status: 0, stderr: 'imports run one way: 5 files checked\n' });
  });

  it.each([
    ['graph/a.ts', "import { x } from '../surrogate/b.js';", 'src/graph/a.ts: graph may not import surrogate'],
    ['evaluate/a.ts', "import type { x } from '../cli/b.js';", 'src/evaluate/a.ts: evaluate may not import cli'],
    ['tensor/a.ts', "export { x } from '../graph/b.js';", 'src/tensor/a.ts: tensor may not import graph'],
    [
      'dataset/deep/a.ts',
      "const x = await import('../../networks/b.js');",
      'src/dataset/deep/a.ts: dataset may not import networks',
    ],
    ['surrogate/a.ts', "import { x } from '../fpga/b.js';", 'src/surrogate/a.ts: surrogate may not import fpga'],
    ['networks/a.ts', "import type { x } from '../fpga/b.js';", 'src/networks/a.ts: networks may not import fpga'],
    ['graph/a.ts', "import { x } from '../index.js';", 'src/graph/a.ts: graph may not import index.js'],
    ['graph/a.ts', "import { x } from '../../test/b.js';", 'src/graph/a.ts: imports outside src: ../../test/b.js'],
    ['utils/a.ts', '', "src/utils/a.ts: folder 'utils' is not in the architecture"],
  ])('%s with %s is an offence', (file, text, offence) => {
    expect(checkTree({ [file]: text })).toEqual({ status: 1, stderr: `${offence}\n` });
  });
  it.each([
    ['for its effect alone', "import '../cli/main.js';"],
    ['in double quotes', 'import { x } from "../cli/main.js";'],
  ])('an import %s is an offence too', (_, text) => {
    expect(checkTree({ 'graph/a.ts': text }).status).toBe(1);
  });

  it('a circle is an offence, of types too', () => {
    const tree = {
      'graph/a.ts': "import type { B } from './b.js';",
      'graph/b.ts': "import { c } from './c.js';",
      'graph/c.ts': "export { a } from './a.js';",
      'graph/d.ts': "import { a } from './a.js';",
    };
    expect(checkTree(tree)).toEqual({ status: 1, stderr: 'src: a circle of imports: graph/a.ts, graph/b.ts, graph/c.ts\n' });
  });

  it('names every offence', () => {
    const { stderr, status } = checkTree({
      'graph/a.ts': "import { x } from '../cli/b.js';\nimport { y } from '../evaluate/c.js';",
      'graph/d.ts': "import { z } from '../device/a.js';",
    });
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(3);
  });
});
