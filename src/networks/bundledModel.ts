import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Model } from './model.js';
import { loadModel } from './modelFolder.js';

/** Folders of the models that come with hwcast: NAS-Bench-201 on the embedded configurations, and real models on many devices. */
const BUNDLED_MODELS = ['nb201', 'real'].map((name) => fileURLToPath(new URL(`../../models/${name}`, import.meta.url)));

/** The models that come with hwcast, those that the package was installed with, read one after the other as they are asked for. */
export async function* bundledModels(): AsyncGenerator<Model> {
  for (const folder of BUNDLED_MODELS) if (existsSync(folder)) yield await loadModel(folder);
}
