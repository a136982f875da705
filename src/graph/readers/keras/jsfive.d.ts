declare module 'jsfive' {
  /** An HDF5 file in memory. */
  export class File {
    constructor(buffer: ArrayBuffer, name?: string);
    readonly attrs: Record<string, unknown>;
  }
}
