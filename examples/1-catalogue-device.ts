// A network on devices that nobody measured for hwcast: the data sheet answers, by a roofline, and the value says so (`analytical`).
import { predict } from 'hwcast';

for (const device of ['H100-SXM5-80GB', 'Jetson-AGX-Xavier-32GB', 'T4']) {
  const [{ targets, warnings }] = await predict(['nasbench201:#4711'], { device, batch: 32, dtype: 'fp16' });
  const { value, low, high, provenance } = targets.latency!;
  const interval = low === null || high === null ? 'no interval' : `${(low * 1e3).toFixed(3)} to ${(high * 1e3).toFixed(3)}`;
  console.log(`${device}: ${(value * 1e3).toFixed(3)} ms (${interval}), ${provenance}`);
  for (const warning of warnings) console.log(`  ${warning}`);
}
