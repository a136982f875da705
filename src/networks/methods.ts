import { HwcastError } from '../core/errors.js';
import { closedFormMethod } from './closedFormMethod.js';
import type { Method, WorkOfMethod } from './method.js';
import { multiTaskMethod } from './multiTaskMethod.js';

/** Ways to train a model; a new one is one entry here. Those that stand on TensorFlow.js are loaded when one of their models is trained or read. */
export const METHODS: Readonly<Record<string, Method>> = {
  'closed-form': closedFormMethod,
  'multi-task': multiTaskMethod,
  hwcast: whenUsed(
    'hwcast',
    'closed forms on physical and on learned features (MLP or GNN encoder meta-trained over devices; --set encoder=gnn), averaged by evidence',
    async () => (await import('./hwcastMethod.js')).hwcastMethod,
  ),
  help: whenUsed(
    'help',
    'HELP (Lee et al., NeurIPS 2021): second-order meta-learning, 10 reference networks + support',
    async () => (await import('./helpMethod.js')).helpMethod,
  ),
};

function whenUsed(name: string, summary: string, load: () => Promise<WorkOfMethod>): Method {
  let loaded: WorkOfMethod | undefined;
  const method = async () => {
    loaded ??= await load();
    return loaded;
  };
  return {
    name,
    summary,
    train: async (input, info) => (await method()).train(input, info),
    fromParts: async (saved) => (await method()).fromParts(saved),
    toParts(model) {
      if (!loaded)
        throw new HwcastError('unsupported', `the model was not made by METHODS['${name}'], which cannot write it`, {
          hint: 'train it by `train`, or read it by `loadModel`',
        });
      return loaded.toParts(model);
    },
  };
}
