import { powerConstants } from '../analytical/powerConstants.js';
import { REACHED_OF_PORT, type Tier } from '../analytical/rules/offload.js';
import { restPower } from '../analytical/rules/power.js';
import { HwcastError } from '../core/errors.js';
import type { DeviceSpec, PeakDtype } from '../device/deviceSpec.js';
import { peakFor } from '../device/peakFor.js';
import type { LlmArchitecture } from './architecture/llmArchitecture.js';
import { WEIGHT_FORMATS, type WeightFormat } from './architecture/weightFormat.js';
import type { Framework } from './servingConstants.js';
import { type WeightFormats, wideOf } from './weights.js';

/** How many devices share a model, and how. */
export interface Parallelism {
  /** tensor: every matrix is divided */
  tp: number;
  /** pipeline: layers are divided */
  pp: number;
  /** expert: experts are divided among these; 1: they are divided as tensors */
  ep: number;
  /** how unevenly experts are loaded: `expertRows`' alpha; 0, evenly, unless told */
  imbalance?: number;
  /** sequence parallelism beside tensor parallelism: norms and the residual on a part of the tokens (Korthikanti et al., MLSys 2023) */
  sp?: boolean;
}

/** A question: which model, where, how much of it, how it runs. */
export interface LlmSetup extends Parallelism {
  device: DeviceSpec;
  /** tokens of a prompt, tokens that are made for it */
  isl: number;
  osl: number;
  /** requests that run together */
  batch: number;
  /** first tokens of a prompt that all requests share: read once, kept once (RadixAttention, Zheng et al., 2024; automatic prefix caching of vLLM); none unless told */
  prefix?: number;
  /** tokens of a block of the cache, which requests take whole (PagedAttention, Kwon et al., SOSP 2023); 1 unless told */
  kvBlock?: number;
  formats: WeightFormats;
  kv: WeightFormat;
  /** most new tokens of a pass: longer prompts are read in parts */
  chunk: number;
  /** one direction between devices, bytes per second, where it is not the catalogue's */
  link?: number;
  /** one direction between a device and memory outside of it, bytes per second, where it is not the catalogue's */
  hostLink?: number;
  /** weights that a device does not hold */
  offload?: Offload;
  /** watts that a device may draw, where they are below its limit */
  powerCap?: number;
  /** what runs it */
  framework: Framework;
  /** bytes that the framework takes beside weights, cache and activations, where it is not the default */
  reserve?: number;
}

/** Weights on the host (or in CXL memory behind it), brought over in every pass. */
export interface Offload {
  /** of each device */
  bytes: number;
  /** the next layer's come while one runs */
  overlaps: boolean;
}

/** Tokens of a pass in vLLM (`--max-num-batched-tokens`) since version 0.8. */
export const DEFAULT_CHUNK = 8192;

/** Types of 16 bits, which stand for each other where a device has one of them. */
const WIDE = new Set(['bf16', 'fp16']);

export interface ChosenFormats {
  formats: WeightFormats;
  kv: WeightFormat;
  assumptions: string[];
}

/**
 * Formats of weights, activations and cache: what was asked for, else what the configuration says, else bf16.
 * @throws HwcastError `unsupported` where the device has no arithmetic of the type that was asked for
 */
export function chooseFormats(
  { dtype, quantisation, layers }: LlmArchitecture,
  device: DeviceSpec,
  { dtype: asked, kv: askedKv }: { dtype?: WeightFormat; kv?: WeightFormat },
): ChosenFormats {
  const assumptions: string[] = [];
  const weights = asked ?? quantisation?.format ?? dtype ?? WEIGHT_FORMATS.bf16;
  if (!asked && !quantisation && !dtype) assumptions.push('the configuration names no element type: bf16 assumed (--dtype)');
  if (!asked && quantisation)
    assumptions.push(`weights of layers are ${weights.name} (${quantisation.method} in the configuration)`);
  let wide = weights.bits >= 16 && weights.compute !== 'wide' ? weights : dtype && dtype.bits >= 16 ? dtype : wideOf(weights);
  if (WIDE.has(wide.name) && device.peak[wide.name as PeakDtype] === undefined) {
    const other = WEIGHT_FORMATS[wide.name === 'bf16' ? 'fp16' : 'bf16'];
    const has = device.peak[other.name as PeakDtype] !== undefined;
    if (has && asked?.name === wide.name) throw withoutType(device, wide.name, other.name);
    if (has) {
      assumptions.push(`${device.name} has no ${wide.name}: ${other.name} instead`);
      wide = other;
    } else
      assumptions.push(
        `${device.name} has no ${wide.name} arithmetic in the catalogue: it runs at the rate of ${peakFor(device, wide.name).dtype}`,
      );
  }
  if (weights.compute !== 'wide' && weights.bits < 16 && device.peak[weights.compute] === undefined)
    throw withoutType(
      device,
      weights.compute,
      weights.compute === 'int8' ? 'int8-weights' : weights.compute === 'fp8' ? 'fp8-weights' : 'mxfp4',
    );
  if (weights.compute === 'wide')
    assumptions.push(`${weights.name} weights are widened to ${wide.name} before they are multiplied`);
  const kv = askedKv ?? quantisation?.kv ?? wide;
  if (!askedKv)
    assumptions.push(
      `the cache of keys and values is ${kv.name}${quantisation?.kv ? ' (configuration)' : ', as activations'} (--kv-dtype)`,
    );
  const isPartly =
    quantisation?.expertsOnly === true &&
    (!asked || asked.name === quantisation.format.name) &&
    layers.some((l) => l.feedForward?.kind === 'experts');
  if (isPartly) assumptions.push(`only experts are ${weights.name}, other matrices ${wide.name} (configuration)`);
  const formats = {
    weights: weights.bits >= 16 && weights.compute !== 'wide' ? wide : weights,
    wide,
    ...(isPartly ? { dense: wide } : {}),
  };
  return { formats, kv, assumptions };
}

function withoutType(device: DeviceSpec, dtype: string, instead: string): HwcastError {
  const has = Object.keys(device.peak).join(', ');
  return new HwcastError(
    'unsupported',
    `device '${device.name}' has no ${dtype} arithmetic in the catalogue (it has ${has || 'none'})`,
    {
      hint: `--dtype ${instead} keeps the device; hwcast devices show NAME lists what others have`,
    },
  );
}

/** Why an amount cannot be. @throws HwcastError `usage`, `bad-input`, `unsupported` */
export function checkSetup(architecture: LlmArchitecture, setup: LlmSetup): void {
  const { layers, maxContext, encoder } = architecture;
  const { tp, pp, ep, sp, isl, osl, device, link } = setup;
  checkHost(setup);
  checkPrefix(architecture, setup);
  const asked = isl + (encoder ? 0 : osl);
  if (maxContext !== undefined && asked > maxContext)
    throw new HwcastError('bad-input', `${isl} tokens in and ${osl} out exceed the model's context of ${maxContext}`, {
      hint: `--isl and --osl of at most ${maxContext} together, or correct max_position_embeddings if the model was extended`,
    });
  for (const { mixers, feedForward } of new Set(layers)) {
    for (const mixer of mixers) {
      const heads = 'heads' in mixer ? mixer.heads : 'valueHeads' in mixer ? mixer.valueHeads : tp;
      if (heads % tp)
        throw new HwcastError('bad-input', `tensor parallelism of ${tp} does not divide ${heads} heads`, {
          hint: `--tp of ${divisors(heads)
            .filter((d) => d <= 64)
            .join(', ')}`,
        });
      if (mixer.kind === 'attention' && mixer.kvHeads % tp && tp % mixer.kvHeads)
        throw new HwcastError(
          'bad-input',
          `tensor parallelism of ${tp} neither divides nor repeats ${mixer.kvHeads} heads of keys and values`,
          {
            hint: `--tp of ${divisors(mixer.kvHeads).join(', ')} or a multiple of ${mixer.kvHeads}`,
          },
        );
    }
    if (feedForward?.kind === 'experts' && ep > 1 && feedForward.experts % ep)
      throw new HwcastError('bad-input', `expert parallelism of ${ep} does not divide ${feedForward.experts} experts`, {
        hint: `--ep of ${divisors(feedForward.experts)
          .filter((d) => d <= 64)
          .join(', ')}`,
      });
  }
  if (ep > 1 && !layers.some((l) => l.feedForward?.kind === 'experts'))
    throw new HwcastError('bad-input', `--ep ${ep}: the model has no experts`, { hint: 'leave --ep out' });
  if (setup.imbalance && !layers.some((l) => l.feedForward?.kind === 'experts'))
    throw new HwcastError('bad-input', `--imbalance ${setup.imbalance}: the model has no experts`, {
      hint: 'leave --imbalance out',
    });
  if (sp && tp === 1)
    throw new HwcastError(
      'usage',
      '--sp without --tp: sequence parallelism divides tokens among the devices of tensor parallelism',
      {
        hint: '--tp 2 or more',
      },
    );
  if (pp > layers.length) throw new HwcastError('bad-input', `--pp ${pp}: the model has ${layers.length} layers`);
  if (Math.max(tp, pp, ep) > 1 && link === undefined && device.interconnect === undefined)
    throw new HwcastError('unsupported', `device '${device.name}' has no interconnect in the catalogue`, {
      hint: '--link GB/s gives it, one direction per device (PCIe 4.0 x16: 32)',
    });
}

/** The port of a device to memory outside of it, at the rate that copies reach; undefined where the catalogue has none. */
export const hostTier = ({ device, hostLink }: LlmSetup): Tier | undefined => {
  const port = hostLink ?? device.hostLink;
  return port === undefined ? undefined : { bandwidth: REACHED_OF_PORT * port };
};

/** @throws HwcastError `usage`, `unsupported` */
function checkPrefix({ encoder, encoderOnly }: LlmArchitecture, { prefix, isl }: LlmSetup): void {
  if (!prefix) return;
  if (encoder || encoderOnly)
    throw new HwcastError('unsupported', 'an encoder reads its input as a whole: no prefix of it can be shared', {
      hint: 'leave --prefix out',
    });
  if (prefix >= isl)
    throw new HwcastError('usage', `a shared prefix of ${prefix} tokens in a prompt of ${isl}`, {
      hint: `--prefix of at most ${isl - 1}: at least one token of a prompt is its own`,
    });
}

/** @throws HwcastError `unsupported`, `bad-input` */
function checkHost(setup: LlmSetup): void {
  const { offload, powerCap, device } = setup;
  if (offload?.bytes && !hostTier(setup))
    throw new HwcastError('unsupported', `device '${device.name}' has no rate to the host's memory in the catalogue`, {
      hint: '--host-link GB/s gives it (PCIe 4.0 x16: 32)',
    });
  if (powerCap === undefined) return;
  if (device.tdp === undefined)
    throw new HwcastError('unsupported', `device '${device.name}' has no power limit in the catalogue: a cap says nothing`, {
      hint: 'leave --power-cap out, or hwcast devices add with tdp',
    });
  const least = restPower({ limit: device.tdp, idle: device.idle }, powerConstants(device));
  if (powerCap <= least || powerCap > device.tdp)
    throw new HwcastError('bad-input', `a power cap of ${powerCap} W on a device of ${device.tdp} W`, {
      hint: `above ${Math.ceil(least)} W, what it draws beside its work, and at most ${device.tdp} W`,
    });
}

const divisors = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
