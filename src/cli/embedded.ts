import { fileURLToPath } from 'node:url';

const inPackage = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Paths of what comes with hwcast: raw passes, the dataset made from them. */
export const EMBEDDED = {
  passes: inPackage('datasets/collect/passes'),
  dataset: inPackage('datasets/nb201-h100'),
  realModels: inPackage('datasets/ai-hub'),
};
