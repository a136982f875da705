import type { KernelFamily } from '../analytical/rules/efficiencies.js';
import type { DeviceSpec, PeakDtype } from '../device/deviceSpec.js';
import type { WeightFormat } from './architecture/weightFormat.js';
import type { Framework } from './servingConstants.js';

/** B200, GB200, B300, GB300: compute capability 10.x. */
export const isDataCentreBlackwell = ({ capability = 0 }: Pick<DeviceSpec, 'capability'>): boolean =>
  capability >= 10 && capability < 11;

const isHopper = ({ capability = 0 }: DeviceSpec): boolean => capability >= 9 && capability < 10;

/** Frameworks that take FlashInfer's kernels. */
const TAKES_FLASHINFER: ReadonlySet<Framework> = new Set<Framework>(['vllm', 'sglang']);

/** Type of the arithmetic of a family, where it is neither that of the weights nor of the activations. */
export const EXPERT_COMPUTE: Partial<Record<KernelFamily, PeakDtype>> = { mxfp8Experts: 'fp8' };

/**
 * Which kernels compute experts, as vLLM 0.24, SGLang 0.5.14 and TensorRT-LLM 1.3 choose them by format and compute capability (`kernel_source` of
 * aiconfigurator's rows): on data-centre Blackwell TensorRT-LLM's generated ones, by way of FlashInfer, and for MXFP4 with activations of eight bits, as
 * the recipes for gpt-oss have it; Marlin for int4 in vLLM; on Hopper OpenAI's in Triton for MXFP4 in vLLM; elsewhere Triton and CUTLASS, Marlin where
 * weights are widened.
 */
export function expertFamily({ name, bits, compute }: WeightFormat, framework: Framework, device: DeviceSpec): KernelFamily {
  const isBlackwell = isDataCentreBlackwell(device),
    isGenerated = isBlackwell && TAKES_FLASHINFER.has(framework);
  if (compute === 'wide' && bits < 8) {
    if (isBlackwell && name === 'mxfp4') return 'mxfp8Experts';
    if (isGenerated && framework === 'sglang') return 'trtllmGenWidenedExperts';
    if (isBlackwell) return 'blackwellWidenedExperts';
    return name === 'mxfp4' && isHopper(device) && framework === 'vllm' ? 'tritonWidenedExperts' : 'widenedExperts';
  }
  if (compute === 'fp8') return isBlackwell ? 'blockExperts' : 'experts';
  return isGenerated ? 'trtllmGenExperts' : 'experts';
}
