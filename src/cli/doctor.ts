import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { type BackendInfo, initBackend, NATIVE_HINT } from '../tensor/backend.js';
import { WASM_PATCHES } from '../tensor/kernels/index.js';

/** `hwcast doctor`: which tensor backend runs here, why, its self-check, and how to get the native one. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('show the tensor backend in use, why it was chosen, versions and its self-check')
    .option('--backend <name>', 'native, wasm or cpu instead of the best one (also HWCAST_BACKEND)')
    .option('--json', 'one JSON document')
    .action(async (options: { backend?: string; json?: boolean }) => {
      const info = await initBackend(options.backend ?? process.env.HWCAST_BACKEND);
      for (const warning of info.warnings) process.stderr.write(`warning: ${warning}\n`);
      process.stdout.write(options.json ? `${JSON.stringify(report(info), null, 2)}\n` : text(info));
    });
}

function report(info: BackendInfo) {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
  return {
    backend: info.name,
    why: info.why,
    versions: { hwcast: version, ...info.versions },
    platform: `${process.platform}-${process.arch}`,
    processors: availableParallelism(),
    simd: info.simd ?? null,
    threads: info.threads ?? null,
    patchedKernels: info.name === 'wasm' ? WASM_PATCHES.map((p) => p.kernelName) : [],
    // JSON has no infinity: a check that could not run has no difference
    selfCheck: {
      ...info.selfCheck,
      checks: info.selfCheck.checks.map((c) => ({
        ...c,
        maxDifference: Number.isFinite(c.maxDifference) ? c.maxDifference : null,
      })),
    },
    warnings: info.warnings,
    native: info.name === 'native' ? 'in use' : NATIVE_HINT,
  };
}

function text(info: BackendInfo): string {
  const r = report(info);
  const versions = Object.entries(r.versions)
    .filter(([, v]) => v !== undefined)
    .map(([name, v]) => `${name} ${v}`);
  const lines: [string, string][] = [
    ['backend', `${r.backend}: ${r.why}`],
    ['versions', versions.join(', ')],
    ['machine', `${r.platform}, ${r.processors} processors`],
    ...(r.backend === 'wasm'
      ? ([['wasm', `SIMD ${r.simd ? 'on' : 'off'}, ${r.threads} thread, patched: ${r.patchedKernels.join(', ')}`]] as [
          string,
          string,
        ][])
      : []),
    ...r.selfCheck.checks.map((c): [string, string] => [
      `check ${c.name}`,
      c.error ?? `within ${(c.maxDifference ?? Number.NaN).toExponential(1)} of cpu (allowed ${c.tolerance})`,
    ]),
    ['native', r.native],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return `${lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n')}\n`;
}
