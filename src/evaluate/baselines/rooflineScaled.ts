import { roofline } from '../../analytical/roofline.js';
import { hardwareOfDevice } from '../../device/hardwareOfDevice.js';
import { type Workload, workloadGraph } from '../../graph/workload.js';
import { baseline } from './baseline.js';

const cache = new Map<string, number>();

/** Eager roofline of the device's data sheet (of an RTX 2080 Ti where the device has none) times the mean ratio on the support. */
export const rooflineBaseline = () =>
  baseline('roofline', (support, values, task) => {
    const hardware = hardwareOfDevice(task.device);
    // data sheets without peak or bandwidth, and integer accelerators, are replaced by a middling GPU: the rank stays that of a roofline
    const usable =
      hardware &&
      hardware.dtype !== 'int8' &&
      hardware.spec.bandwidth !== undefined &&
      Object.keys(hardware.spec.peak).length > 0;
    const spec = (usable ? hardware : hardwareOfDevice('RTX-2080Ti'))!.spec,
      batch = hardware?.batch;
    const time = (w: Workload): number => {
      const key = `${spec.name}/${batch}/${w.id}`;
      let t = cache.get(key);
      if (t === undefined) {
        t = roofline(workloadGraph(w, { batch }), spec, { hypothesis: 'eager' }).latency;
        if (cache.size > 50_000) cache.clear();
        cache.set(key, t);
      }
      return t;
    };
    let ratio = 0;
    support.forEach((w, i) => {
      ratio += values[i] / time(w) / support.length;
    });
    return (workloads) => workloads.map((w) => ratio * time(w));
  });
