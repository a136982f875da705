import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Packages and files of src that one loads before its first line runs: its imports, those of what it imports, and so on; types and `import()` are free. */
function loadedBy(entry: string): { packages: Set<string>; files: Set<string> } {
  const packages = new Set<string>(),
    seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    for (const [, name] of outputText.matchAll(/^(?:import|export)\b[^;'"]*?['"]([^'"]+)['"];/gm))
      if (name.startsWith('.')) visit(resolve(dirname(file), name.replace(/\.js$/, '.ts')));
      else if (!name.startsWith('node:')) packages.add(name);
  };
  visit(resolve(SRC, entry));
  return { packages, files: seen };
}

const packagesOf = (entry: string): Set<string> => loadedBy(entry).packages;

describe('what is loaded at the start', () => {
  it('of any command: commander alone', () => expect([...packagesOf('cli/main.ts')]).toEqual(['commander']));

  it.each(['index.ts', 'cli/predict.ts', 'cli/adapt.ts', 'cli/sample.ts'])(
    'of %s: no tensors, no pictures, no tables, no model formats',
    (entry) => {
      const packages = [...packagesOf(entry)];
      expect(packages).toContain('zod');
      expect(packages).not.toEqual(
        expect.arrayContaining([
          expect.stringMatching(/tensorflow|observablehq|linkedom|resvg|protobuf|danfo|arquero|fflate|pickle|yaml|cli-table/),
        ]),
      );
    },
  );

  it.each([
    'fpga.ts',
    'cli/fpga/predict.ts',
    'cli/fpga/explore.ts',
    'cli/fpga/adapt.ts',
    'cli/fpga/sample.ts',
    'cli/fpga/report.ts',
  ])('of %s: no tensors, no pictures', (entry) => {
    const packages = [...packagesOf(entry)];
    expect(packages).toContain('zod');
    expect(packages).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/tensorflow|observablehq|linkedom|resvg|danfo|arquero/)]),
    );
  });

  it('of hwcast dataset: no readers of traces', () => {
    const registry = resolve(SRC, 'trace/registry.ts');
    expect(loadedBy('cli/dataset.ts').files).not.toContain(registry);
    expect(loadedBy('cli/ingest.ts').files).toContain(registry);
  });

  it('of hwcast/figures: no tensors', () => {
    const packages = [...packagesOf('figures.ts')];
    expect(packages).toContain('@observablehq/plot');
    expect(packages).not.toEqual(expect.arrayContaining([expect.stringMatching(/tensorflow/)]));
  });
});
