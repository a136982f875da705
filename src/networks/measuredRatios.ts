// Made by `npx tsx datasets/collect/rooflineRatios.ts FOLDER` (FOLDER: the ONNX files of zoo-h100) from datasets/zoo-h100, zoo-h200, timm, nb201-h100 and ncnn.
import type { PowerShare, RuntimeRatio } from './ratioInterval.js';

/** Measured latency / roofline, one kind of runtime a line. */
// biome-ignore format: a table, one kind of runtime a line
export const RUNTIME_RATIOS: readonly RuntimeRatio[] = [
  { kind: 'pytorch cuda eager', unit: 'gpu', hypothesis: 'eager', n: 243, median: 1.019, low: 0.2514, high: 4.069, within: [ 0.3984, 2.454 ], devices: { 'H100-SXM5-80GB': 1.019 }, kernels: { n: 244, median: 0.9534, low: 0.422, high: 2.312, within: [ 0.5537, 1.984 ], devices: { 'H100-SXM5-80GB': 0.9534 } } },
  { kind: 'pytorch cuda graph', unit: 'gpu', hypothesis: 'compiled', n: 1437, median: 2.433, low: 0.6351, high: 9.927, within: [ 0.4352, 2.536 ], devices: { 'H100-SXM5-80GB': 2.433 }, kernels: { n: 3769, median: 1.286, low: 0.7601, high: 2.482, within: [ 0.7435, 1.637 ], devices: { 'H100-SXM5-80GB': 1.286, 'H200-SXM': 1.375, 'RTX-3090': 0.9433, 'RTX-4090': 0.9078, 'RTX-PRO-6000-MaxQ': 1.293 } } },
  { kind: 'ncnn vulkan', unit: 'gpu', hypothesis: 'compiled', n: 298, median: 2.845, low: 1.083, high: 9.865, within: [ 0.5629, 2.642 ], devices: { 'Jetson-AGX-Orin-64GB': 1.656, 'Quadro-RTX-8000': 3.417, 'RTX-3090': 2.863, 'Jetson-Orin-Nano-8GB': 2.232, 'Jetson-Nano': 2.3, 'Jetson-TX2': 2.198, 'RTX-2080': 3.907, 'Jetson-AGX-Xavier-32GB': 3.002, 'Apple-M1': 1.248, 'RX-6900-XT': 5.173, 'RTX-3060Ti': 2.827, 'V100-PCIe-32GB': 4.905 } },
  { kind: 'onnxruntime cpu compiled', unit: 'cpu', hypothesis: 'compiled', n: 656, median: 1.601, low: 0.3906, high: 11.67, within: [ 0.5796, 4.486 ], devices: { 'Xeon-16c': 1.601 } },
  { kind: 'ncnn cpu', unit: 'cpu', hypothesis: 'eager', n: 340, median: 0.8833, low: 0.2644, high: 2.839, within: [ 0.4849, 1.93 ], devices: { 'Jetson-AGX-Orin-CPU': 0.6702, 'Snapdragon-855-CPU': 0.4411, 'Raspberry-Pi-4B': 1.583, 'RK3588': 0.4418, 'RK3568': 1.355, 'Jetson-Orin-Nano-CPU': 0.5327, 'Jetson-Nano-CPU': 1.168, 'Celeron-N5105': 1.164, 'Core-i7-13700K': 0.5336, 'EPYC-7742': 1.286 } },
];

/** Measured power / thermal design power of GPUs under load. */
// biome-ignore format: one line
export const GPU_POWER_SHARE: PowerShare = { n: 551, devices: [ 'H100-SXM5-80GB' ], median: 0.7607, low: 0.361, high: 0.9142 };
