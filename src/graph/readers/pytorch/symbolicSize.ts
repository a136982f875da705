import { HwcastError } from '../../../core/errors.js';

/** What symbols of sizes stand for. */
export type Bindings = ReadonlyMap<string, number>;

/** A symbol without a value. */
export class OpenSymbol extends Error {
  constructor(readonly symbol: string) {
    super(`the size '${symbol}' is open`);
  }
}

type Calculation = (...values: number[]) => number;
const floorDiv: Calculation = (a, b) => Math.floor(a / b);
/** Functions as sympy and torch print them. */
const FUNCTIONS: Readonly<Record<string, Calculation>> = {
  Add: (...v) => v.reduce((a, b) => a + b, 0),
  Mul: (...v) => v.reduce((a, b) => a * b, 1),
  Pow: (a, b) => a ** b,
  PowByNatural: (a, b) => a ** b,
  Rational: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
  Mod: (a, b) => a - b * Math.floor(a / b),
  PythonMod: (a, b) => a - b * Math.floor(a / b),
  FloorDiv: floorDiv,
  CleanDiv: floorDiv,
  CeilDiv: (a, b) => Math.ceil(a / b),
  IntTrueDiv: (a, b) => a / b,
  FloatTrueDiv: (a, b) => a / b,
  floor: Math.floor,
  FloorToInt: Math.floor,
  ceiling: Math.ceil,
  CeilToInt: Math.ceil,
  TruncToInt: Math.trunc,
  TruncToFloat: Math.trunc,
  RoundToInt: Math.round,
  ToFloat: (a) => a,
  Identity: (a) => a,
  Integer: (a) => a,
  Float: (a) => a,
  Abs: Math.abs,
};

/**
 * The value of a size as an exported program writes it, in sympy's two forms: `2*s0 + 1` and `Add(Mul(Integer(2), Symbol('s0', integer=True)), Integer(1))`.
 * @throws OpenSymbol, HwcastError `unsupported` for what is no such expression
 */
export function symbolicSize(text: string, bindings: Bindings): number {
  const tokens = text.match(/'[^']*'|[A-Za-z_][\w.]*|\d+\.?\d*(?:e[+-]?\d+)?|\*\*|\/\/|[^\s]/g) ?? [];
  const parser = new Parser(tokens, bindings, text);
  const value = parser.sum();
  parser.end();
  return value;
}

/** The symbols of an expression. */
export function symbolsOf(text: string): string[] {
  const quoted = [...text.matchAll(/Symbol\('([^']+)'/g)].map((m) => m[1]);
  if (quoted.length) return [...new Set(quoted)];
  return [...new Set(text.match(/[A-Za-z_][\w.]*(?!\w*\()/g) ?? [])].filter((name) => !(lastPart(name) in FUNCTIONS));
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

class Parser {
  private next = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly bindings: Bindings,
    private readonly text: string,
  ) {}

  /** product + product - .. */
  sum(): number {
    let value = this.product();
    for (;;) {
      if (this.take('+')) value += this.product();
      else if (this.take('-')) value -= this.product();
      else return value;
    }
  }

  end(): void {
    if (this.next < this.tokens.length) throw this.fault();
  }

  private product(): number {
    let value = this.power();
    for (;;) {
      if (this.take('*')) value *= this.power();
      else if (this.take('//')) value = floorDiv(value, this.power());
      else if (this.take('/')) value /= this.power();
      else if (this.take('%')) value = FUNCTIONS.Mod(value, this.power());
      else return value;
    }
  }

  private power(): number {
    if (this.take('-')) return -this.power();
    const base = this.atom();
    return this.take('**') ? base ** this.power() : base;
  }

  private atom(): number {
    if (this.take('(')) {
      const value = this.sum();
      this.need(')');
      return value;
    }
    const token = this.tokens[this.next++];
    if (token === undefined) throw this.fault();
    if (/^\d/.test(token)) return Number(token);
    if (!/^[A-Za-z_]/.test(token)) throw this.fault();
    if (!this.take('(')) return this.valueOf(token);
    const name = lastPart(token);
    if (name === 'Symbol') return this.quotedSymbol();
    const run = FUNCTIONS[name];
    if (!run) throw this.fault();
    const values: number[] = [];
    while (!this.take(')')) {
      values.push(this.sum());
      this.take(',');
    }
    return run(...values);
  }

  /** `'s0', positive=True, integer=True)` */
  private quotedSymbol(): number {
    const name = this.tokens[this.next++]?.replaceAll("'", '') ?? '';
    while (this.next < this.tokens.length && !this.take(')')) this.next++;
    return this.valueOf(name);
  }

  private valueOf(symbol: string): number {
    const value = this.bindings.get(symbol);
    if (value === undefined) throw new OpenSymbol(symbol);
    return value;
  }

  private take(token: string): boolean {
    if (this.tokens[this.next] !== token) return false;
    this.next++;
    return true;
  }

  private need(token: string): void {
    if (!this.take(token)) throw this.fault();
  }

  private fault(): HwcastError {
    return new HwcastError('unsupported', `no size that hwcast reads: '${this.text.slice(0, 200)}'`);
  }
}
