/**
 * Whether kernels of experts, by what aiconfigurator calls them, keep the rows of experts on other devices (`expertWork`): vLLM's and SGLang's in Triton do,
 * CUTLASS and TensorRT-LLM's gather their own first.
 */
export const keepsAllRows = (kernelSource: string): boolean => /triton_|_triton$|^vllm_fused_moe$/.test(kernelSource);
