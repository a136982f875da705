/** Seconds of a pass of kernels that a host launches one by one. */
export interface LaunchedPass {
  time: number;
  /** the device waits for the host */
  isHostBound: boolean;
  /** share of the time in which the device does nothing */
  idle: number;
}

/**
 * Latency of `kernels` that take `seconds` together when the host needs `launch` for each: the longer of both runs, and one launch before the first
 * (SKIP, Vellaisamy et al., arXiv 2504.11750: latency is flat in the batch while the host is the slower one). A captured graph has one launch in all.
 */
export function launchedPass({
  kernels,
  seconds,
  launch,
  isCaptured = false,
}: {
  kernels: number;
  seconds: number;
  launch: number;
  isCaptured?: boolean;
}): LaunchedPass {
  const host = isCaptured ? launch : kernels * launch;
  const time = Math.max(host, seconds) + launch;
  return { time, isHostBound: host > seconds, idle: 1 - seconds / time };
}
