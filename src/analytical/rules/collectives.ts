/** A link between devices, SI units, one direction. */
export interface Link {
  /** seconds of a message of no length */
  alpha: number;
  /** bytes per second */
  bandwidth: number;
}

/** Ring all-reduce: 2 (n - 1) (alpha + S / (n beta)) (Patarasu and Yuan, JPDC 2009). Bandwidth optimal, latency grows with n. Seconds. */
export const ringAllReduce = (n: number, bytes: number, { alpha, bandwidth }: Link): number =>
  n < 2 ? 0 : 2 * (n - 1) * (alpha + bytes / (n * bandwidth));

/** Ring all-gather and reduce-scatter of S bytes in all: (n - 1) (alpha + S / (n beta)). */
export const ringAllGather = (n: number, bytes: number, { alpha, bandwidth }: Link): number =>
  n < 2 ? 0 : (n - 1) * (alpha + bytes / (n * bandwidth));

/** Tree all-reduce without pipelining: 2 log2(n) (alpha + S / beta) (Thakur et al., IJHPCA 2005). Better than the ring for short messages. */
export const treeAllReduce = (n: number, bytes: number, { alpha, bandwidth }: Link): number =>
  n < 2 ? 0 : 2 * Math.log2(n) * (alpha + bytes / bandwidth);

/** All-to-all of S bytes a device: (n - 1) (alpha + S / (n beta)). */
export const allToAll = (n: number, bytes: number, link: Link): number => ringAllGather(n, bytes, link);

/** One message: alpha + S / beta. */
export const pointToPoint = (bytes: number, { alpha, bandwidth }: Link): number => alpha + bytes / bandwidth;

/** All-reduce inside the switch (NVLink SHARP, in-network reduction): each device sends and receives its S bytes once: 2 alpha + S / beta. */
export const inSwitchAllReduce = (n: number, bytes: number, { alpha, bandwidth }: Link): number =>
  n < 2 ? 0 : 2 * alpha + bytes / bandwidth;

/** The better of ring and one-shot exchange, as libraries choose by size: short messages go to every peer at once, alpha + (n - 1) S / beta. */
export const allReduce = (n: number, bytes: number, link: Link): number =>
  n < 2 ? 0 : Math.min(ringAllReduce(n, bytes, link), link.alpha + ((n - 1) * bytes) / link.bandwidth);
