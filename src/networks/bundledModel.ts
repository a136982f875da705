import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Model } from './model.js';
import { loadModel } from './modelFolder.js';

/** Folder of the model that comes with hwcast: NAS-Bench-201 on the embedded configurations. */
const BUNDLED_MODEL = fileURLToPath(new URL('../../models/nb201', import.meta.url));

/** The model that comes with hwcast; undefined where the package was installed without it. */
export const bundledModel = async (): Promise<Model | undefined> =>
  existsSync(BUNDLED_MODEL) ? loadModel(BUNDLED_MODEL) : undefined;
