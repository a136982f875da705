import { describe, expect, it } from 'vitest';
import { keepsAllRows } from '../../src/operators/keepsAllRows.js';

describe('keepsAllRows', () => {
  it('holds for fused kernels in Triton, not for those that gather rows first', () => {
    const triton = ['vllm_fused_moe', 'sglang_fused_moe_triton', 'vllm_unquantizedfusedmoe_triton_tritonexperts'];
    expect(triton.filter(keepsAllRows)).toEqual(triton);
    const gathered = [
      'moe_torch_flow_cutlass',
      'sglang_flashinfer_trtllm_moe',
      'vllm_unquantizedfusedmoe_flashinfer_cutlass_flashinferexperts',
      'vllm_unquantizedfusedmoe_flashinfer_trtllm_trtllmbf16experts',
    ];
    expect(gathered.filter(keepsAllRows)).toEqual([]);
  });
});
