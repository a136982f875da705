const BITS = 16,
  SIZE = 1 << BITS,
  MASK = SIZE - 1;

/** A growing list of numbers in pieces of 512 KiB: a value takes eight bytes, and growing copies nothing. */
export class Column {
  private readonly pieces: Float64Array[] = [];
  length = 0;

  push(value: number): void {
    if ((this.length & MASK) === 0) this.pieces.push(new Float64Array(SIZE));
    this.pieces[this.length >> BITS][this.length & MASK] = value;
    this.length++;
  }

  get(i: number): number {
    return this.pieces[i >> BITS][i & MASK];
  }
}

/** A growing list of whole numbers of 32 bits, e.g. positions in a list of names; one that holds nothing but `usual` takes no memory. */
export class IndexColumn {
  private readonly pieces: Int32Array[] = [];
  length = 0;

  constructor(private readonly usual?: number) {}

  push(value: number): void {
    if (value !== this.usual || this.pieces.length) {
      // what was usual up to here
      while (this.pieces.length <= this.length >> BITS) this.pieces.push(new Int32Array(SIZE).fill(this.usual ?? 0));
      this.pieces[this.length >> BITS][this.length & MASK] = value;
    }
    this.length++;
  }

  get(i: number): number {
    return this.pieces.length ? this.pieces[i >> BITS][i & MASK] : this.usual!;
  }
}

/** Texts held once each. */
export class Names {
  private readonly positions = new Map<string, number>();
  readonly list: string[] = [];

  of(text: string): number {
    let at = this.positions.get(text);
    if (at === undefined) {
      at = this.list.length;
      this.positions.set(text, at);
      this.list.push(text);
    }
    return at;
  }
}
