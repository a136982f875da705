import { HwcastError } from '../../../core/errors.js';
import { headText } from '../../profileReader.js';
import { shownName } from '../../shownName.js';
import { amountOf, recordsOf } from '../../source/recordsOf.js';
import { siblingSources } from '../../source/siblingSources.js';
import { wholeJson } from '../../source/wholeSource.js';
import { engineOf } from './joinTensorrt.js';
import type { Layer } from './layerOperator.js';
import { fileKind } from './tensorrtFiles.js';

/** What the files beside a profile say of its engine. */
export interface TensorrtEngine {
  /** by name; empty where there is no list of them */
  layers: ReadonlyMap<string, Layer>;
  device: string | null;
  /** s, of whole runs without the profiler */
  latencies: number[];
}

/** Reads the layer list, the times of runs and the metadata of the same engine (`resnet.profile.json`, `resnet.graph.json`, ..) beside a profile. */
export async function tensorrtEngine(profile: string): Promise<TensorrtEngine> {
  const engine = engineOf(profile),
    layers = new Map<string, Layer>(),
    latencies: number[] = [];
  let device: string | null = null,
    summary: number | undefined;
  for await (const source of siblingSources(profile, (name) => /\.json(\.gz)?$/i.test(name) && engineOf(name) === engine)) {
    const kind = fileKind(headText(source.head));
    if (!kind || kind === 'profile') continue;
    let value: unknown;
    try {
      value = await wholeJson(source);
    } catch (error) {
      if (error instanceof HwcastError) continue;
      throw error;
    }
    if (kind === 'layers')
      for (const layer of recordsOf((value as { Layers?: unknown }).Layers))
        layers.set(shownName(String(layer.Name)), layer as Layer);
    if (kind === 'times')
      for (const { latencyMs } of recordsOf(value)) if (amountOf(latencyMs)) latencies.push((latencyMs as number) * 1e-3);
    if (kind === 'metadata') {
      const found = metadataOf(value);
      device ??= found.device;
      summary ??= found.latency;
    }
  }
  return { layers, device, latencies: latencies.length || summary === undefined ? latencies : [summary] };
}

type Fields = Record<string, unknown>;

/** Of metadata only the name of the device and the median latency, seconds. */
export function metadataOf(value: unknown): { device: string | null; latency: number | undefined } {
  const fields = (Array.isArray(value) ? { device_information: value[0] } : value) as Record<string, Fields | undefined>,
    name = fields.device_information?.['Selected Device'] ?? fields.device_information?.Name,
    latency = fields.performance_summary?.Latency;
  return {
    device: typeof name === 'string' ? shownName(name) : null,
    // minimum, maximum, mean, median, percentiles
    latency: Array.isArray(latency) && amountOf(latency[3]) !== undefined ? latency[3] * 1e-3 : undefined,
  };
}
