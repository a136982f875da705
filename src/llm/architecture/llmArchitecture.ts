import type { WeightFormat } from './weightFormat.js';

/** Keys, values and queries of every head; `window`: how many tokens back it looks. */
export interface HeadAttention {
  kind: 'attention';
  heads: number;
  /** fewer than `heads` where several query heads share keys and values (Ainslie et al., EMNLP 2023) */
  kvHeads: number;
  headDim: number;
  /** width of a head of the values, where it is not `headDim` */
  valueDim?: number;
  /** tokens; all before it where absent */
  window?: number;
  bias?: boolean;
  /** bias of the output projection, where it is not `bias` */
  outBias?: boolean;
  /** learned scales of queries and keys, values in all */
  qkNorm?: number;
  /** width of its input, where it is not `hidden` (Zamba2) */
  inputDim?: number;
  /** keys and values of the output of an encoder, kept for the whole request; of the prompt where `length` is absent */
  cross?: { length?: number };
  /** sinks, relative positions: learned values beside the projections */
  extraParams?: number;
  /** projection of the queries holds a gate as wide again (Qwen3-Next) */
  outputGate?: boolean;
  /** queries are projected through so many values, with a norm between (multi-matrix factorisation, Step-3, arXiv 2507.19427) */
  queryRank?: number;
  /** keys and values are those of an earlier layer: nothing is added to the cache (Gemma 3n) */
  sharedCache?: boolean;
  /** what is projected beside queries: keys that are values as well, or nothing, where they are an earlier layer's; keys and values unless told */
  projected?: 'keys' | 'none';
}

/** Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): keys and values are one compressed row a token. */
export interface LatentAttention {
  kind: 'latent';
  heads: number;
  /** rank of the compressed queries; absent where they are projected directly */
  queryRank?: number;
  /** rank of the compressed keys and values */
  kvRank: number;
  /** width of a head without and with position */
  nopeDim: number;
  ropeDim: number;
  valueDim: number;
  bias?: boolean;
  /** tokens that a query attends to at most, as an indexer chooses them (DeepSeek-V3.2); all unless told */
  topK?: number;
  /** the indexer of this layer; absent where it takes the choice of an earlier one */
  indexer?: Indexer;
}

/** Scores all tokens for `topK`: heads of queries against one key a token, kept in eight bits with a scale of four bytes (DeepSeek-V3.2, arXiv 2512.02556). */
export interface Indexer {
  heads: number;
  headDim: number;
}

/** Selective scan of Mamba (Gu and Dao, arXiv 2312.00752). */
export interface SelectiveScan {
  kind: 'mamba';
  inner: number;
  state: number;
  /** taps of the causal convolution */
  taps: number;
  stepRank: number;
  bias?: boolean;
  /** norms of B, C and the step (Jamba) or without weights (Falcon-Mamba) */
  innerNorms?: boolean;
}

/** State-space duality of Mamba-2 (Dao and Gu, arXiv 2405.21060). */
export interface StateSpaceDual {
  kind: 'mamba2';
  inner: number;
  state: number;
  taps: number;
  heads: number;
  headDim: number;
  groups: number;
  chunk: number;
  bias?: boolean;
  /** without the norm behind it that is gated (Falcon-H1) */
  noNorm?: boolean;
}

/** Gated delta rule (Yang et al., arXiv 2412.06464), as in Qwen3-Next. */
export interface GatedDelta {
  kind: 'gated-delta';
  keyHeads: number;
  valueHeads: number;
  keyDim: number;
  valueDim: number;
  taps: number;
  /** a decay for each channel and an output gate, both of this rank (Kimi delta attention, arXiv 2510.26692) */
  gateRank?: number;
}

/** Linear attention with a fixed decay for each head and an output gate (Lightning Attention, MiniMax-01, arXiv 2501.08313). */
export interface LinearAttention {
  kind: 'linear-attention';
  heads: number;
  headDim: number;
}

/** Time mixing of RWKV-7 (Peng et al., arXiv 2503.14456): a delta rule whose decay, removal, value and gate come from products of low rank. */
export interface TimeMix {
  kind: 'time-mix';
  heads: number;
  headDim: number;
  ranks: { decay: number; removal: number; value: number; gate: number };
}

/** Short convolution between two gates (LFM2, Liquid AI). */
export interface ShortConvolution {
  kind: 'short-convolution';
  taps: number;
  bias?: boolean;
}

/** Real-gated linear recurrent unit of Griffin (De et al., arXiv 2402.19427). */
export interface LinearRecurrence {
  kind: 'linear-recurrence';
  width: number;
  taps: number;
  /** blocks of the block-diagonal gates */
  blocks: number;
}

/** What mixes tokens. */
export type Mixer =
  | HeadAttention
  | LatentAttention
  | SelectiveScan
  | StateSpaceDual
  | GatedDelta
  | LinearAttention
  | TimeMix
  | ShortConvolution
  | LinearRecurrence;

export interface DenseFeedForward {
  kind: 'dense';
  width: number;
  /** gate, up and down where true; up and down else */
  gated: boolean;
  bias?: boolean;
  /** width of its input, where it is not `hidden` (Zamba2) */
  inputDim?: number;
  /** learned scales inside, beside its matrices (BitNet) */
  extraParams?: number;
}

export interface MixtureOfExperts {
  kind: 'experts';
  experts: number;
  perToken: number;
  /** width of an expert */
  width: number;
  gated: boolean;
  bias?: boolean;
  /** width of all experts that every token takes; 0 where there are none */
  sharedWidth: number;
  /** the shared expert has a gate of its own (Qwen2-MoE) */
  sharedGate?: boolean;
  /** the router corrects the load of experts by learned values (DeepSeek-V3) */
  loadBias?: boolean;
  /** experts work on so many values, which two further matrices make of `hidden` and back (Nemotron 3 Super) */
  latentDim?: number;
}

export type FeedForward = DenseFeedForward | MixtureOfExperts;

/** One layer. */
export interface Layer {
  mixers: readonly Mixer[];
  feedForward?: FeedForward;
  /** learned values of its norms, beside those inside mixers */
  normParams: number;
  /** number of norms over `hidden` */
  norms: number;
  /** its mixers and feed-forward are the weights of an earlier layer (Zamba2) */
  shared?: boolean;
  /** further products that every token meets (Gemma 3n) */
  products?: readonly { name: string; inputs: number; outputs: number }[];
  /** further learned values: adapters, projections that belong to no rule */
  extraParams?: number;
}

/** Quantised weights. */
export interface Quantisation {
  format: WeightFormat;
  method: string;
  /** of the cache */
  kv?: WeightFormat;
  /** only experts are in the format; other matrices stay wide (gpt-oss, Kimi-K2.5) */
  expertsOnly?: boolean;
}

/** A transformer, state-space model or hybrid as its configuration describes it. */
export interface LlmArchitecture {
  name: string;
  /** `model_type` of the configuration */
  family: string;
  hidden: number;
  vocabulary: number;
  layers: readonly Layer[];
  /** input and output embedding are one matrix */
  tied: boolean;
  /** learned values beside layers, embedding and output: position tables, final norm */
  otherParams: number;
  norm: 'rms' | 'layer';
  /** longest context the model was made for; absent where the configuration has none */
  maxContext?: number;
  /** layers of an encoder in front, which runs once over so many tokens a request; its tokens are the prompt where `length` is absent */
  encoder?: { layers: readonly Layer[]; length?: number; otherParams: number; hidden: number };
  /** it makes no tokens: one pass over its input */
  encoderOnly?: boolean;
  /** element type of the weights, where the configuration says it */
  dtype?: WeightFormat;
  /** format of the quantised weights, where the configuration says it */
  quantisation?: Quantisation;
  /** bytes of all tensors, where a file states them */
  statedBytes?: number;
  /** what was taken for granted */
  assumptions: readonly string[];
}
