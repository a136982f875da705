import { findDevice, normaliseName } from './deviceNamed.js';
import type { DeviceSpec, PeakDtype } from './deviceSpec.js';

export interface DeviceHardware {
  spec: DeviceSpec;
  /** images per batch, where the id says so */
  batch?: number;
  /** element type, where the id says so */
  dtype?: PeakDtype;
}

/**
 * Hardware behind the ids of HELP, Eagle, HW-NAS-Bench and nn-Meter, where the id is not a name of the catalogue.
 * HELP does not say which Titan X (its times lie beside the 1080 Ti's, so Pascal) nor which V100 (bandwidth is that of both).
 */
const DATASET_IDS: Readonly<Record<string, readonly [name: string, dtype?: PeakDtype]>> = {
  '1080ti': ['GTX-1080Ti'],
  '2080ti': ['RTX-2080Ti'],
  titanx: ['Titan-X-Pascal'],
  v100: ['V100-PCIe-32GB'],
  gold_6226: ['Xeon-Gold-6226'],
  gold_6240: ['Xeon-Gold-6240'],
  silver_4114: ['Xeon-Silver-4114'],
  silver_4210r: ['Xeon-Silver-4210R'],
  essential_ph_1: ['Essential-PH-1'],
  samsung_a50: ['Samsung-Galaxy-A50'],
  samsung_s7: ['Samsung-Galaxy-S7'],
  raspi4: ['Raspberry-Pi-4B'],
  desktop_cpu_core_i7_7820x_fp32: ['Core-i7-7820X', 'fp32'],
  desktop_gpu_gtx_1080ti_fp32: ['GTX-1080Ti', 'fp32'],
  embedded_gpu_jetson_nano_fp32: ['Jetson-Nano', 'fp32'],
  embedded_gpu_jetson_nano_fp16: ['Jetson-Nano', 'fp16'],
  embedded_tpu_edge_tpu_int8: ['Edge-TPU', 'int8'],
  mobile_cpu_snapdragon_855_kryo_485_int8: ['Snapdragon-855-CPU', 'int8'],
  mobile_dsp_snapdragon_855_hexagon_690_int8: ['Hexagon-690', 'int8'],
  mobile_gpu_snapdragon_855_adreno_640_int8: ['Adreno-640', 'int8'],
  hwnb_edgegpu_jetson_tx2: ['Jetson-TX2'],
  hwnb_edgetpu: ['Edge-TPU', 'int8'],
  nnmeter_adreno630gpu_tflite21: ['Adreno-630'],
  nnmeter_adreno640gpu_tflite21: ['Adreno-640'],
  nnmeter_cortexA76cpu_tflite21: ['Snapdragon-855-CPU'],
  nnmeter_myriadvpu_openvino2019r2: ['Myriad-X'],
};
const BY_ID = new Map(Object.entries(DATASET_IDS).map(([id, entry]) => [normaliseName(id), entry]));

function known(id: string): DeviceHardware | undefined {
  const entry = BY_ID.get(normaliseName(id));
  const spec = findDevice(entry ? entry[0] : id);
  return spec && { spec, ...(entry?.[1] ? { dtype: entry[1] } : {}) };
}

/**
 * The hardware a dataset's device id stands for: a catalogue name, a known dataset id, or either followed by `_BATCH`
 * (`titan_rtx_256` is a Titan RTX at batch 256). Undefined where the catalogue has no such hardware.
 */
export function hardwareOfDevice(id: string): DeviceHardware | undefined {
  const whole = known(id);
  if (whole) return whole;
  const [, name, batch] = /^(.+)[_-](\d+)$/.exec(id) ?? [];
  const hardware = name && Number(batch) > 0 ? known(name) : undefined;
  return hardware && { ...hardware, batch: Number(batch) };
}
