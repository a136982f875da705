import { Parser } from 'pickleparser';
import { elementCount } from '../../core/elementCount.js';
import { HwcastError } from '../../core/errors.js';
import { decodeTensor, isElementType, TensorValue } from './tensorValue.js';

type Callable = (...args: never[]) => unknown;
export interface PickleExtras {
  /** further globals a pickle may name, e.g. those of PyTorch */
  globals?: Readonly<Record<string, Callable>>;
  /** resolves persistent ids (tensor storages) */
  persistent?: (id: unknown) => unknown;
}

/**
 * Reads a Python pickle as data: no code of the file is run. Dicts become Map, lists and tuples arrays, NumPy arrays and scalars `TensorValue`.
 * Every global the pickle names must stand on the allow-list: containers and numbers of the standard library, NumPy's array constructors, and `extras`.
 * @throws HwcastError `forbidden` naming the first other global; `corrupt` for a cut or malformed file; `unsupported` for a NumPy type that is no number.
 */
export function readPickle(bytes: Uint8Array, where: string, extras: PickleExtras = {}): unknown {
  const globals: Readonly<Record<string, Callable>> = { ...PYTHON, ...NUMPY, ...extras.globals };
  const parser = new Parser({
    unpicklingTypeOfDictionary: 'Map',
    nameResolver: {
      resolve(module, name) {
        const global = `${module}.${name}`.replace(/^__builtin__\./, 'builtins.').replace(/^numpy\._core\./, 'numpy.core.');
        if (Object.hasOwn(globals, global)) return globals[global] as (...args: unknown[]) => unknown;
        throw new HwcastError('forbidden', `the pickle asks for '${module}.${name}', which is not plain data`, {
          where,
          hint: 'unpickling such a file in Python would run code; hwcast reads lists, dicts, numbers, strings and number arrays only',
        });
      },
    },
    persistentResolver: {
      resolve(id) {
        if (extras.persistent) return extras.persistent(id);
        throw new HwcastError('unsupported', 'the pickle refers to data outside itself', { where });
      },
    },
    extensionResolver: {
      resolve(code) {
        throw new HwcastError('forbidden', `the pickle asks for extension code ${code}, which is not plain data`, { where });
      },
    },
  });
  try {
    return parser.parse(bytes);
  } catch (cause) {
    if (cause instanceof HwcastError)
      throw cause.where ? cause : new HwcastError(cause.code, cause.message, { where, hint: cause.hint, cause });
    throw new HwcastError('corrupt', `not a whole pickle: ${cause instanceof Error ? cause.message : cause}`, {
      where,
      cause,
      hint: 'the file is cut off or damaged: fetch it again',
    });
  }
}

// allow-listed globals get frozen so that a pickle's BUILD cannot put anything on them
const frozen = <T extends Record<string, Callable>>(table: T): T => {
  for (const f of Object.values(table)) Object.freeze(f);
  return Object.freeze(table);
};

const list = (items: unknown[] = []) => items;
const PYTHON = frozen({
  'collections.OrderedDict': (items: [unknown, unknown][] = []) => new Map(items),
  'builtins.dict': (items: [unknown, unknown][] = []) => new Map(items),
  'builtins.list': list,
  'builtins.tuple': list,
  'builtins.set': list,
  'builtins.frozenset': list,
  'builtins.int': (x: unknown = 0) => Number(x),
  'builtins.float': (x: unknown = 0) => Number(x),
  'builtins.bool': (x: unknown = false) => Boolean(x),
  'builtins.bytes': () => new Uint8Array(),
  // protocol 2 writes bytes as encode(text, 'latin1')
  '_codecs.encode': (text: string, encoding: string) => {
    if (encoding !== 'latin1') throw new HwcastError('unsupported', `bytes written as '${encoding}'`);
    return Uint8Array.from(text, (c) => c.charCodeAt(0));
  },
});

class NumpyType {
  bigEndian = false;
  constructor(readonly name: string) {}
  /** state of numpy.dtype: (version, byte order, ...) */
  __setstate__(state: unknown[]) {
    this.bigEndian = state[1] === '>';
  }
  decode(bytes: unknown, shape: number[], fortran = false): TensorValue {
    const strides = fortran ? shape.map((_, i) => elementCount(shape.slice(0, i))) : undefined;
    if (!isElementType(this.name))
      throw new HwcastError('unsupported', `NumPy values of type '${this.name}' are no numbers`, {
        hint: 'only float, int and bool arrays are read',
      });
    const raw = typeof bytes === 'string' ? Uint8Array.from(bytes, (c) => c.charCodeAt(0)) : bytes;
    if (!(raw instanceof Uint8Array)) throw new TypeError('array without bytes');
    return decodeTensor(raw, this.name, shape, { bigEndian: this.bigEndian, strides });
  }
}

/** An ndarray between its construction and its state. */
class NumpyArray extends TensorValue {
  __setstate__([, shape, type, fortran, bytes]: [number, number[], NumpyType, boolean, unknown]) {
    Object.assign(this, type.decode(bytes, shape, fortran));
  }
}

const NUMPY = frozen({
  'numpy.ndarray': () => new NumpyArray([0], new Float64Array()),
  'numpy.dtype': (name: string) => new NumpyType(name),
  'numpy.core.multiarray._reconstruct': () => new NumpyArray([0], new Float64Array()),
  'numpy.core.multiarray.scalar': (type: NumpyType, bytes: unknown) => type.decode(bytes, []).data[0],
  'numpy.core.numeric._frombuffer': (bytes: unknown, type: NumpyType, shape: number[], order: string) =>
    type.decode(bytes, shape, order === 'F'),
});
