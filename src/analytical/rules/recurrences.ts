import type { KernelWork } from './kernelTime.js';

interface Tokens {
  batch: number;
  /** new tokens of each request */
  length: number;
  /** bytes of an activation, of an element of the state */
  bytes: number;
  stateBytes: number;
}

/**
 * Selective scan of Mamba, fused (Gu and Dao, arXiv 2312.00752, section 3.3.2): exp(A dt), B dt u, update, C y: 9 operations for each of
 * inner x state values a token. Memory: u, dt, z in, y out, B and C; the state stays on chip and is read and written once a pass.
 */
export function selectiveScanWork(s: Tokens & { inner: number; state: number }): KernelWork {
  const tokens = s.batch * s.length;
  return {
    flops: 9 * tokens * s.inner * s.state,
    bytes: tokens * (4 * s.inner + 2 * s.state) * s.bytes + 2 * s.batch * s.inner * s.state * s.stateBytes,
  };
}

/**
 * State-space duality of Mamba-2 in chunks of q tokens (Dao and Gu, arXiv 2405.21060, section 6): C B^T within a chunk (2 q n), times the inputs
 * (2 q p a head), states in and out (4 n p a head): 2 L (q n g + q p h + 2 n p h) operations. One token at a time: the recurrence, 6 n p h.
 */
export function stateSpaceDualWork(
  s: Tokens & { heads: number; headDim: number; state: number; groups: number; chunk: number },
): KernelWork {
  const { heads, headDim, state, groups } = s;
  const tokens = s.batch * s.length,
    chunk = Math.min(s.chunk, s.length),
    inner = heads * headDim;
  const perToken = s.length === 1 ? 6 * state * inner : 2 * (chunk * state * groups + chunk * inner + 2 * state * inner);
  return {
    flops: tokens * perToken,
    bytes: tokens * (3 * inner + 2 * groups * state) * s.bytes + 2 * s.batch * inner * state * s.stateBytes,
  };
}

/** Tokens of a chunk of linear attention (Lightning Attention-2, Qin et al., arXiv 2401.04658). */
export const LINEAR_CHUNK = 256;

/** Tokens of a chunk of the gated delta rule. */
export const DELTA_CHUNK = 64;

/**
 * Gated delta rule in chunks (Yang et al., arXiv 2412.06464; chunks as in DeltaNet, arXiv 2406.06484): within a chunk K K^T, Q K^T and the triangular
 * solve, across chunks the state d_k x d_v of each head: 2 L h (q (2 d_k + d_v) + 3 d_k d_v) operations. One token: 8 d_k d_v a head (decay, read,
 * correct, write, ask).
 */
export function gatedDeltaWork(
  s: Tokens & { keyHeads: number; valueHeads: number; keyDim: number; valueDim: number },
): KernelWork {
  const { keyHeads, valueHeads, keyDim, valueDim } = s;
  const tokens = s.batch * s.length,
    chunk = Math.min(DELTA_CHUNK, s.length),
    state = keyDim * valueDim;
  const perToken = s.length === 1 ? 8 * state : 2 * (chunk * (2 * keyDim + valueDim) + 3 * state);
  return {
    flops: tokens * valueHeads * perToken,
    bytes:
      tokens * (2 * keyHeads * keyDim + 3 * valueHeads * valueDim) * s.bytes + 2 * s.batch * valueHeads * state * s.stateBytes,
  };
}

/** Real-gated linear recurrence (De et al., Griffin, arXiv 2402.19427, section 2.4): block-diagonal gates 4 w^2/b and about 10 operations a channel. */
export function linearRecurrenceWork(s: Tokens & { width: number; blocks: number }): KernelWork {
  const tokens = s.batch * s.length;
  return {
    flops: tokens * ((4 * s.width ** 2) / s.blocks + 10 * s.width),
    bytes: (tokens * 3 * s.width + (2 * s.width ** 2) / s.blocks) * s.bytes + 2 * s.batch * s.width * s.stateBytes,
  };
}
