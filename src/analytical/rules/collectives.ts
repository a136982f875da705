import type { Topology } from '../../device/deviceSpec.js';

/** A link between devices, SI units, one direction. */
export interface Link {
  /** seconds of a message of no length */
  alpha: number;
  /** bytes per second that a device sends */
  bandwidth: number;
}

/** The links of devices that share a model. */
export interface Network extends Link {
  topology: Topology;
  /** seconds that each further peer adds to a small message */
  hop: number;
  /** seconds that two phases take more than one */
  bulk: number;
  /** share of the rate that additions inside the switch reach */
  inSwitch: number;
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

/** One message: alpha + S / beta. */
export const pointToPoint = (bytes: number, { alpha, bandwidth }: Link): number => alpha + bytes / bandwidth;

/** All-reduce inside the switch (NVLink SHARP, in-network reduction): each device sends and receives its S bytes once: 2 alpha + S / beta. */
export const inSwitchAllReduce = (n: number, bytes: number, { alpha, bandwidth }: Link): number =>
  n < 2 ? 0 : 2 * alpha + bytes / bandwidth;

/** Links of a device in a full mesh, of which n devices use n - 1 (eight devices a host). */
const MESH_LINKS = 7;

/** Bytes a second that each of n devices sends while all of them exchange parts with all others. */
function exchangeRate(n: number, { bandwidth, topology }: Pick<Network, 'bandwidth' | 'topology'>): number {
  return topology === 'mesh' ? (bandwidth * Math.min(n - 1, MESH_LINKS)) / MESH_LINKS : bandwidth;
}

/**
 * All-reduce as servers run it in captured graphs: the least of
 * - one phase, every device reads the whole of every other: alpha + (n - 2) hop + (n - 1) S / beta;
 * - two phases, a part of each, then the sums: alpha + (n - 2) hop + bulk + 2 (n - 1) / n S / beta, which a ring takes as well;
 * - inside the switch where it adds: alpha + bulk + S / (share beta).
 * In a ring each phase passes through n - 1 neighbours.
 */
export function allReduce(n: number, bytes: number, network: Network): number {
  if (n < 2) return 0;
  const { alpha, hop, bulk, inSwitch, topology } = network;
  if (topology === 'ring') return ringAllReduce(n, bytes, network);
  const rate = exchangeRate(n, network),
    start = alpha + (n - 2) * hop;
  const once = start + ((n - 1) * bytes) / rate,
    twice = start + bulk + (2 * (n - 1) * bytes) / (n * rate);
  const added = topology === 'in-switch' ? alpha + bulk + bytes / (inSwitch * network.bandwidth) : Number.POSITIVE_INFINITY;
  return Math.min(once, twice, added);
}

/**
 * All-gather, or reduce-scatter, to or from S bytes on each device: every one gets (n - 1) / n S from all peers at once: alpha + (n - 2) hop + (n - 1) / n S / beta;
 * in a ring (n - 1) (alpha + S / (n beta)). One of each moves what an all-reduce of two phases does.
 */
export const allGather = (n: number, bytes: number, network: Network): number => allToAll(n, bytes, network);

/** All-to-all of S bytes a device: alpha + (n - 2) hop + (n - 1) / n S / beta, to all peers at once; in a ring (n - 1) (alpha + S / (n beta)). */
export function allToAll(n: number, bytes: number, network: Network): number {
  if (n < 2) return 0;
  const { alpha, hop, topology } = network;
  return topology === 'ring'
    ? ringAllGather(n, bytes, network)
    : alpha + (n - 2) * hop + ((n - 1) * bytes) / (n * exchangeRate(n, network));
}
