declare module 'jsfive' {
  /** Groups and data sets by name. */
  export class Group {
    readonly keys: string[];
    readonly attrs: Record<string, unknown>;
    get(path: string): Group | Dataset;
  }
  /** A tensor; `value` decodes it, row by row. */
  export class Dataset {
    readonly shape: number[];
    readonly value: ArrayLike<number>;
  }
  /** An HDF5 file in memory. */
  export class File extends Group {
    constructor(buffer: ArrayBuffer, name?: string);
  }
}
