import { ByteBuffer } from 'flatbuffers';
import { HwcastError } from '../../../core/errors.js';
import { FIELDS, type Field, type TableName } from './tfliteSchema.js';

const SIZES: Readonly<Record<string, number>> = { bool: 1, byte: 1, ubyte: 1, int: 4, uint: 4, float: 4, ulong: 8 };
const HINT = 'fetch it again, or convert the model anew';

/** A table of a flatbuffer. What it reads is checked to lie in the file. */
export class FlatTable {
  private constructor(
    private readonly buffer: ByteBuffer,
    private readonly where: string,
    /** of the file where the table stands */
    private readonly offset: number,
    private readonly name: TableName,
  ) {
    this.need(offset, 4);
    const vtable = offset - buffer.readInt32(offset);
    this.need(vtable, 4);
    this.need(vtable, Math.max(4, buffer.readInt16(vtable)));
  }

  /** The table that a flatbuffer begins with. @throws HwcastError `corrupt` */
  static root(bytes: Uint8Array, name: TableName, where: string): FlatTable {
    const buffer = new ByteBuffer(bytes);
    if (bytes.length < 8) throw damaged(`ends after ${bytes.length} bytes`, where);
    return new FlatTable(buffer, where, buffer.readUint32(0), name);
  }

  /** A table of this one that its type alone does not name, such as the options of an operator. */
  table(field: string, name?: TableName): FlatTable | undefined {
    const at = this.placeOf(field);
    if (at === undefined) return undefined;
    const type = name ?? (this.field(field).type as TableName);
    return this.child(at, type);
  }

  tables(field: string): FlatTable[] {
    const type = this.field(field).type.slice(1, -1) as TableName;
    const { start, length } = this.vector(field, 4);
    return Array.from({ length }, (_, i) => this.child(start + 4 * i, type));
  }

  number(field: string): number {
    const { type, fallback } = this.field(field);
    const at = this.placeOf(field);
    return at === undefined ? fallback : this.read(at, type);
  }

  text(field: string): string {
    const at = this.placeOf(field);
    if (at === undefined) return '';
    const start = this.indirect(at);
    this.need(start, 4);
    this.need(start + 4, this.buffer.readUint32(start));
    return String(this.buffer.__string(at));
  }

  numbers(field: string): number[] {
    const type = this.field(field).type.slice(1, -1);
    const { start, length } = this.vector(field, SIZES[type]);
    return Array.from({ length }, (_, i) => this.read(start + SIZES[type] * i, type));
  }

  has(field: string): boolean {
    return this.placeOf(field) !== undefined;
  }

  /** Where the bytes of a vector of bytes stand: nothing is copied. */
  bytes(field: string): Uint8Array {
    const { start, length } = this.vector(field, 1);
    return this.buffer.bytes().subarray(start, start + length);
  }

  private child(at: number, name: TableName): FlatTable {
    this.need(at, 4);
    return new FlatTable(this.buffer, this.where, this.indirect(at), name);
  }

  private field(field: string): Field {
    const found = FIELDS[this.name].get(field);
    if (!found) throw new Error(`the schema has no field '${field}' of ${this.name}`);
    return found;
  }

  /** Where a field stands in the file; undefined where the table leaves it out. */
  private placeOf(field: string): number | undefined {
    const { number, type } = this.field(field);
    const inside = this.buffer.__offset(this.offset, 4 + 2 * number);
    if (!inside) return undefined;
    this.need(this.offset + inside, SIZES[type] ?? 4);
    return this.offset + inside;
  }

  private vector(field: string, size: number): { start: number; length: number } {
    const at = this.placeOf(field);
    if (at === undefined) return { start: 0, length: 0 };
    const start = this.indirect(at);
    this.need(start, 4);
    const length = this.buffer.readUint32(start);
    this.need(start + 4, length * size);
    return { start: start + 4, length };
  }

  /** The place that an offset points to: always further on in the file. */
  private indirect(at: number): number {
    return at + this.buffer.readUint32(at);
  }

  private read(at: number, type: string): number {
    switch (type) {
      case 'bool':
      case 'ubyte':
        return this.buffer.readUint8(at);
      case 'byte':
        return this.buffer.readInt8(at);
      case 'uint':
        return this.buffer.readUint32(at);
      case 'float':
        return this.buffer.readFloat32(at);
      case 'ulong':
        return Number(this.buffer.readUint64(at));
      default:
        return this.buffer.readInt32(at);
    }
  }

  private need(at: number, length: number): void {
    const end = this.buffer.capacity();
    if (at >= 0 && at + length <= end) return;
    throw damaged(
      `${this.name} at byte ${this.offset} reaches byte ${at < 0 ? at : at + length}, the file has ${end}`,
      this.where,
    );
  }
}

const damaged = (what: string, where: string): HwcastError =>
  new HwcastError('corrupt', `the TFLite file is cut or damaged: ${what}`, { where, hint: HINT });
