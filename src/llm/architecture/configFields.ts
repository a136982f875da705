import { HwcastError } from '../../core/errors.js';

/** More are a mistake: each layer is described on its own. */
const MOST_LAYERS = 10_000,
  MOST = 2 ** 32;

export type Json = Readonly<Record<string, unknown>>;

/** What all entries of a list are; the value itself where it is no list, or its entries differ. */
const uniform = (value: unknown): unknown =>
  Array.isArray(value) && value.length && value.every((v) => v === value[0]) ? value[0] : value;

/** Fields of a configuration, asked by name; what is missing is collected, so that one error names all of it. */
export class ConfigFields {
  constructor(
    readonly json: Json,
    readonly where: string,
    readonly missing: string[] = [],
    readonly assumptions: string[] = [],
  ) {}

  /** The first of the names that has a value. */
  any(...names: string[]): unknown {
    return names.map((name) => this.json[name]).find((value) => value !== undefined && value !== null);
  }

  /** A whole number above 0; 1 where it is missing, which `finish` refuses. @throws HwcastError `bad-input` for another value */
  size(...names: string[]): number {
    const value = this.optionalSize(...names);
    if (value === undefined) this.missing.push(names.join(' or '));
    return value ?? 1;
  }

  /** As `size`, undefined where it is missing. A list with one value for all layers is that value. */
  optionalSize(...names: string[]): number | undefined {
    const value = uniform(this.any(...names));
    if (value === undefined) return undefined;
    const most = /layers?$/.test(names[0]) ? MOST_LAYERS : MOST;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most)
      throw new HwcastError(
        'bad-input',
        `${names[0]} is ${JSON.stringify(value)}, not a whole number of at least 1${typeof value === 'number' && value > most ? ` and at most ${most}` : ''}`,
        {
          where: this.where,
          hint: 'correct the configuration',
        },
      );
    return value;
  }

  /** A whole number, 0 included; `fallback` where it is missing. */
  count(fallback: number, ...names: string[]): number {
    const value = uniform(this.any(...names));
    return value === 0 ? 0 : (this.optionalSize(...names) ?? fallback);
  }

  flag(fallback: boolean, ...names: string[]): boolean {
    const value = this.any(...names);
    return typeof value === 'boolean' ? value : fallback;
  }

  text(...names: string[]): string | undefined {
    const value = this.any(...names);
    return typeof value === 'string' ? value : undefined;
  }

  list(...names: string[]): readonly unknown[] | undefined {
    const value = this.any(...names);
    return Array.isArray(value) ? value : undefined;
  }

  /** Fields of a part of the configuration; what it lacks is collected here. */
  part(name: string): ConfigFields {
    const value = this.json[name];
    return this.over(value && typeof value === 'object' && !Array.isArray(value) ? (value as Json) : {});
  }

  /** The same fields, and for those that are missing what the family's own class takes (transformers), which is said. */
  withDefaults(defaults: Json): ConfigFields {
    const absent = Object.entries(defaults).filter(([name]) => this.any(name) === undefined);
    if (!absent.length) return this;
    this.assume(`not in the configuration, as transformers has them: ${absent.map(([name, v]) => `${name} ${v}`).join(', ')}`);
    return this.over({ ...this.json, ...Object.fromEntries(absent) });
  }

  private over(json: Json): ConfigFields {
    return new ConfigFields(json, this.where, this.missing, this.assumptions);
  }

  assume(text: string): void {
    this.assumptions.push(text);
  }

  /** @throws HwcastError `bad-input` naming every missing field */
  finish(): void {
    if (this.missing.length)
      throw new HwcastError('bad-input', `the configuration lacks ${this.missing.join(', ')}`, {
        where: this.where,
        hint: 'add the fields, or give the config.json that belongs to the weights',
      });
  }
}
