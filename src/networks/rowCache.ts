/** Rows of numbers by a key, [rows, width] in one block of memory. Where it is full it is emptied and fills again, so it never outgrows `most` rows. */
export class RowCache {
  private readonly position = new Map<string, number>();
  private data = new Float64Array(0);

  constructor(
    private readonly width: number,
    private readonly most: number,
  ) {}

  get size(): number {
    return this.position.size;
  }

  /** Copies the row of a key to `row`, [width]; false where there is none. */
  read(key: string, row: Float64Array): boolean {
    const start = this.position.get(key);
    if (start === undefined) return false;
    row.set(this.data.subarray(start, start + this.width));
    return true;
  }

  /** Keeps a copy of a row; a key keeps its first one. */
  keep(key: string, row: Float64Array): void {
    if (this.position.has(key)) return;
    if (this.position.size >= this.most) this.position.clear();
    const start = this.position.size * this.width;
    if (start === this.data.length) this.grow();
    this.data.set(row, start);
    this.position.set(key, start);
  }

  private grow(): void {
    const rows = Math.min(this.most, Math.max(64, 2 * (this.data.length / this.width)));
    const data = new Float64Array(rows * this.width);
    data.set(this.data);
    this.data = data;
  }
}
