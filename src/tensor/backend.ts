import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { HwcastError } from '../core/errors.js';
import { installWasmKernels } from './kernels/index.js';
import { shimNodeUtil } from './nativeShim.js';
import { type SelfCheck, selfCheck } from './selfCheck.js';
import { tf } from './tf.js';

const BACKENDS = ['native', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface BackendInfo {
  name: BackendName;
  /** why this one, in a sentence */
  why: string;
  versions: { node: string; tfjs: string; native?: string; wasm?: string };
  /** wasm only: vector instructions in use, threads of the module */
  simd?: boolean;
  threads?: number;
  selfCheck: SelfCheck;
  /** for stderr: a better backend was there but was not used */
  warnings: string[];
}

export interface BackendOptions {
  /** imports the native binding, which registers tfjs backend `tensorflow`; the package `tfjs-node-native` unless told (tests) */
  importNative?: () => Promise<unknown>;
}

const NATIVE_PACKAGE = 'tfjs-node-native',
  NATIVE_BACKEND = 'tensorflow';
/** How to get the native backend, for messages. */
export const NATIVE_HINT =
  'the native backend comes with `npm install` where its download works; with a mirror: TFJS_NODE_CDN_STORAGE=https://MIRROR/ npm install';

let current: { choice: BackendName | undefined; info: Promise<BackendInfo> } | undefined;

/**
 * Chooses and readies the tensor backend: native (tfjs-node) if it loads and passes the self-check against cpu, else wasm, else cpu. A choice
 * made by hand is that backend or an error. A second call with the same choice is free. Callers pass `flag ?? process.env.HWCAST_BACKEND`.
 * @throws HwcastError `usage` for an unknown name, `not-found` where the chosen backend does not load, `quality-gate` where it computes wrongly.
 */
export function initBackend(choice?: string, options: BackendOptions = {}): Promise<BackendInfo> {
  const wanted = checkChoice(choice);
  if (current && current.choice === wanted && !options.importNative) return current.info;
  const info = start(wanted, options.importNative ?? (() => import(NATIVE_PACKAGE)));
  current = { choice: wanted, info };
  info.catch(() => {
    if (current?.info === info) current = undefined;
  });
  return info;
}

function checkChoice(choice?: string): BackendName | undefined {
  if (!choice) return undefined;
  if (!(BACKENDS as readonly string[]).includes(choice))
    throw new HwcastError('usage', `no backend '${choice}'; known: ${BACKENDS.join(', ')}`, {
      hint: 'set --backend or HWCAST_BACKEND',
    });
  return choice as BackendName;
}

async function start(wanted: BackendName | undefined, importNative: () => Promise<unknown>): Promise<BackendInfo> {
  const versions = { node: process.versions.node, tfjs: tf.version.tfjs },
    warnings: string[] = [];
  const byHand = 'chosen by hand';
  let reason = '';
  if (!wanted || wanted === 'native') {
    const native = await tryNative(importNative);
    if (native.check?.passed)
      return {
        name: 'native',
        why: wanted ? byHand : 'tfjs-node loads and agrees with cpu',
        versions: { ...versions, native: native.version },
        selfCheck: native.check,
        warnings,
      };
    reason = native.why;
    if (wanted)
      throw new HwcastError(native.check ? 'quality-gate' : 'not-found', `the native backend is not usable: ${reason}`, {
        hint: NATIVE_HINT,
      });
    if (!native.absent) warnings.push(`the native backend is not used: ${reason}`);
  }
  if (wanted !== 'cpu') {
    const wasm = await tryWasm();
    if (wasm.check?.passed) {
      const { simd, threads, version } = wasm;
      return {
        name: 'wasm',
        why: wanted ? byHand : `no native backend (${reason})`,
        versions: { ...versions, wasm: version },
        simd,
        threads,
        selfCheck: wasm.check,
        warnings,
      };
    }
    if (wanted) throw new HwcastError(wasm.check ? 'quality-gate' : 'not-found', `the wasm backend is not usable: ${wasm.why}`);
    warnings.push(`the wasm backend is not used, cpu is several times slower: ${wasm.why}`);
    reason = wasm.why;
  }
  return {
    name: 'cpu',
    why: wanted ? byHand : `no native and no wasm backend (${reason})`,
    versions,
    selfCheck: await selfCheck('cpu'),
    warnings,
  };
}

interface Attempt {
  why: string;
  check?: SelfCheck;
  version?: string;
  absent?: boolean;
}

async function tryNative(importNative: () => Promise<unknown>): Promise<Attempt> {
  shimNodeUtil();
  let version: string | undefined;
  try {
    const module = (await importNative()) as { version?: Record<string, string>; default?: { version?: Record<string, string> } };
    version = (module.version ?? module.default?.version)?.['tfjs-node'];
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const absent = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    return { why: absent ? 'tfjs-node is not installed' : firstLine(message), absent };
  }
  try {
    if (!(await tf.setBackend(NATIVE_BACKEND))) return { why: `tfjs-node registered no backend '${NATIVE_BACKEND}'` };
    const check = await selfCheck(NATIVE_BACKEND);
    if (!check.passed) tf.removeBackend(NATIVE_BACKEND);
    return { why: describeFailure(check), check, version };
  } catch (error) {
    return { why: firstLine((error as Error).message) };
  }
}

async function tryWasm(): Promise<Attempt & { simd?: boolean; threads?: number }> {
  try {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    if (!tf.engine().registryFactory.wasm) throw new Error('the package registered no backend');
    if (!('wasm' in tf.engine().registry)) {
      const root = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json'));
      wasm.setWasmPaths(`${root}/dist/`);
    }
    if (!(await tf.setBackend('wasm'))) return { why: 'the module did not start' };
    removeErrorHandlers();
    installWasmKernels();
    const check = await selfCheck('wasm');
    const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) as boolean;
    return { why: describeFailure(check), check, simd, threads: wasm.getThreadsCount(), version: wasm.version_wasm };
  } catch (error) {
    return { why: firstLine((error as Error).message ?? String(error)) };
  }
}

/**
 * The wasm module of tfjs rethrows every uncaught error of the whole program, which prints 30 kB of its own source in front of the message. Its
 * two handlers are recognised by their text.
 */
function removeErrorHandlers(): void {
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    for (const listener of process.listeners(event as 'uncaughtException'))
      if (/instanceof ExitStatus|^function ?\(reason\) ?\{\s*throw reason;?\s*\}$/.test(listener.toString()))
        process.off(event, listener);
}

const firstLine = (text: string) => text.split('\n')[0];
const describeFailure = (check: SelfCheck) =>
  check.checks
    .filter((c) => !(c.maxDifference <= c.tolerance))
    .map((c) => `${c.name} ${c.error ? `fails: ${firstLine(c.error)}` : `differs from cpu by ${c.maxDifference.toPrecision(2)}`}`)
    .join('; ');
