import type { CommandEntry } from './lazyCommands.js';

/** The commands in the order of `--help`; a new one is one entry here. A test holds the entries equal to what the modules register. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    usage: '[options]',
    description: 'the whole way once, on embedded measurements and on this machine (one to three minutes)',
    load: async () => {
      const { registerDemo } = await import('./demo.js');
      return (parent) => registerDemo(parent);
    },
  },
  {
    name: 'ingest',
    usage: '[options] <sources...>',
    description: 'profiler traces and tables of measurements into a dataset; formats are found by content',
    load: async () => (await import('./ingest.js')).registerIngest,
  },
  {
    name: 'trace',
    usage: '[options] <files...>',
    description: 'what a profile says: steps, latency, launch or device bound, operators, kernels; several are compared',
    load: async () => (await import('./trace.js')).registerTrace,
  },
  {
    name: 'dataset',
    usage: '',
    description: 'import, inspect, merge and query datasets',
    load: async () => (await import('./dataset.js')).registerDataset,
  },
  {
    name: 'train',
    usage: '[options]',
    description: 'train a model on the measurements of many devices',
    load: async () => (await import('./train.js')).registerTrain,
  },
  {
    name: 'sample',
    usage: '[options]',
    description: 'the networks to measure on a new device, one a line, most informative first',
    load: async () => (await import('./sample.js')).registerSample,
  },
  {
    name: 'adapt',
    usage: '[options]',
    description: 'adapt a model to a new device from a few measurements',
    load: async () => (await import('./adapt.js')).registerAdapt,
  },
  {
    name: 'predict',
    usage: '[options] [workloads...]',
    description: 'predict workloads on a device',
    load: async () => (await import('./predict.js')).registerPredict,
  },
  {
    name: 'pick',
    usage: '[options]',
    description: 'which workloads meet a budget on a device, how sure that is, and which to measure next',
    load: async () => (await import('./pick.js')).registerPick,
  },
  {
    name: 'evaluate',
    usage: '[options]',
    description: 'run a protocol on devices left out of training; writes results.json and results.md',
    load: async () => (await import('./evaluate.js')).registerEvaluate,
  },
  {
    name: 'baselines',
    usage: '[options]',
    description: 'the same with every baseline',
    load: async () => (await import('./evaluate.js')).registerBaselines,
  },
  {
    name: 'fpga',
    usage: '',
    description: 'resources, cycles, fit and energy of HLS designs on FPGAs, without a vendor tool',
    load: async () => (await import('./fpga/fpga.js')).registerFpga,
  },
  {
    name: 'roofline',
    usage: '[options] [workloads...]',
    description: 'analytical latency, energy bound and peak memory of workloads on a device of the catalogue',
    load: async () => (await import('./roofline.js')).registerRoofline,
  },
  {
    name: 'systolic',
    usage: '[options] <workloads...>',
    description: 'cycles, latency, energy and area of workloads on a systolic array, outputs or weights in place',
    load: async () => (await import('./systolic.js')).registerSystolic,
  },
  {
    name: 'llm',
    usage: '[options]',
    description: 'whether a language model fits a device, its time to the first token, tokens a second and joules',
    load: async () => (await import('./llm.js')).registerLlm,
  },
  {
    name: 'graph',
    usage: '[options] <files...>',
    description: 'operators, MACs, parameters and memory of model files; formats are found by content',
    load: async () => (await import('./graph.js')).registerGraph,
  },
  {
    name: 'devices',
    usage: '[options] [name]',
    description: 'list the device catalogue, show one device, add one, or fit one to microbenchmarks',
    load: async () => (await import('./devices.js')).registerDevices,
  },
  {
    name: 'doctor',
    usage: '[options]',
    description: 'show the tensor backend in use, why it was chosen, versions and its self-check',
    load: async () => (await import('./doctor.js')).registerDoctor,
  },
  {
    name: 'completion',
    usage: '<shell>',
    description: 'print a completion script; bash: source <(hwcast completion bash)',
    load: async () => (await import('./completion.js')).registerCompletion,
  },
  {
    name: 'measure',
    usage: '[options] [workloads...]',
    description: 'time networks on this machine and write them as a support file',
    load: async () => {
      const { registerMeasure } = await import('./measure.js');
      return (parent) => registerMeasure(parent);
    },
  },
];
