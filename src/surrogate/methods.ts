import { closedFormMethod } from './closedFormMethod.js';
import type { Method } from './method.js';

/** Ways to train a model; a new one is one line here. */
export const METHODS: Readonly<Record<string, Method>> = { 'closed-form': closedFormMethod };
