import { optionalPackage } from '../core/optionalPackage.js';

/** What hwcast uses of the package `onnxruntime-node`, which is not there to take its types from. */
export interface OnnxRuntimeModule {
  InferenceSession: { create(model: Uint8Array | string, options: Readonly<Record<string, unknown>>): Promise<OnnxSession> };
  Tensor: new (type: string, data: unknown, dims: readonly number[]) => OnnxRuntimeTensor;
  env: { versions: Readonly<Record<string, string | undefined>> };
}

export interface OnnxSession {
  /** of tensors; the length of an axis or its name */
  readonly inputMetadata: readonly { name: string; isTensor: boolean; type?: string }[];
  run(feeds: Readonly<Record<string, OnnxRuntimeTensor>>): Promise<Readonly<Record<string, OnnxRuntimeTensor>>>;
  release(): Promise<void>;
}

export interface OnnxRuntimeTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
}

const PACKAGE = 'onnxruntime-node';

/**
 * ONNX Runtime is an optional peer of 288 MB: it is asked for by name when something needs it.
 * @throws HwcastError `not-found` where it is not installed or does not load.
 */
export const loadOnnxRuntime = (name: string = PACKAGE): Promise<OnnxRuntimeModule> =>
  optionalPackage(
    name,
    'measuring with ONNX Runtime',
    `run \`npm install --ignore-scripts ${name}\` in your project (288 MB; it works without its install script); in a clone of hwcast add --no-save --save-prod`,
  );
