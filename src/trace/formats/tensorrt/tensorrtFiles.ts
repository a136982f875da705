/** The files of trtexec, by how they begin. */
const KINDS = [
  { kind: 'profile', found: /^\[\s*\{\s*"count"\s*:\s*\d+\s*\}/ },
  { kind: 'layers', found: /^\{\s*"Layers"\s*:/ },
  { kind: 'times', found: /^\[\s*\{\s*"startEnqMs"/ },
  { kind: 'metadata', found: /^\{\s*"(model_options|performance_summary)"|^\[\s*\{\s*"Name"[^}]*"ComputeCapability"/ },
] as const;

/** Times of layers, list of layers, times of runs, or metadata. */
export type TensorrtFile = (typeof KINDS)[number]['kind'];

export const fileKind = (head: string): TensorrtFile | undefined => KINDS.find((k) => k.found.test(head))?.kind;
