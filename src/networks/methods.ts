import { closedFormMethod } from './closedFormMethod.js';
import { helpMethod } from './helpMethod.js';
import { hwcastMethod } from './hwcastMethod.js';
import type { Method } from './method.js';

/** Ways to train a model; a new one is one line here. */
export const METHODS: Readonly<Record<string, Method>> = {
  'closed-form': closedFormMethod,
  hwcast: hwcastMethod,
  help: helpMethod,
};
