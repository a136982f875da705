import type { DeviceSpec } from '../device/deviceSpec.js';
import type { Network } from './rules/collectives.js';
import type { Efficiency } from './rules/efficiencies.js';

/** Whether so many devices talk over the bridge of their host. */
const isOverHost = ({ topology = 'host' }: DeviceSpec, devices: number): boolean =>
  topology === 'host' || (topology === 'pair' && devices > 2);

/**
 * The links of `devices` of a kind with the constants of `FITTED.network`: the share of the rate that long messages reach is another over a host's bridge,
 * where every further peer takes time as well. A pair with a bridge has its rate between two; more of them use the host.
 * @param link bytes per second in place of the catalogue's
 */
export function networkOf(device: DeviceSpec, e: Efficiency, devices: number, link?: number): Network {
  const { interconnect = 0, hostLink = interconnect, topology = 'host' } = device,
    overHost = isOverHost(device, devices),
    rate = link ?? (overHost && topology === 'pair' ? hostLink : interconnect);
  return {
    topology: overHost ? 'host' : topology,
    alpha: e.launch,
    hop: overHost ? (e.hop ?? 0) : 0,
    bulk: e.bulk ?? 0,
    inSwitch: e.inSwitch ?? 1,
    bandwidth: (overHost ? (e.hostShare ?? e.memory) : e.memory) * rate,
  };
}
