import { type Unzipped, unzipSync } from 'fflate';
import { HwcastError } from '../../core/errors.js';
import { readFileChecked } from '../../core/files.js';
import { readPickle } from './readPickle.js';
import { decodeTensor, type ElementType } from './tensorValue.js';

/** Element types of PyTorch's storages, as a pickle names them. */
const STORAGES: Readonly<Record<string, ElementType>> = {
  DoubleStorage: 'f8',
  FloatStorage: 'f4',
  LongStorage: 'i8',
  IntStorage: 'i4',
  ShortStorage: 'i2',
  CharStorage: 'i1',
  ByteStorage: 'u1',
  BoolStorage: 'b1',
};
/** first bytes of torch.save before PyTorch 1.6: a pickle of its magic number 0x1950a86a20f9469cfc6c */
const LEGACY = Buffer.from('80028a0a6cfc9c46f9206aa85019', 'hex');
const MAX_BYTES = 1 << 30;

interface StorageClass {
  element: ElementType;
}
interface Storage {
  type: ElementType;
  bytes: Uint8Array;
}

/**
 * Reads a file written by `torch.save` (PyTorch >= 1.6: a zip with `data.pkl` and one file a storage) as data; no code of the file is run.
 * Tensors become `TensorValue`, dicts Map, lists and tuples arrays.
 * @throws HwcastError `not-found`; `unsupported` for the older format or another kind of file; `forbidden` (see readPickle); `corrupt`.
 */
export function readTorchFile(path: string): unknown {
  const bytes = readFileChecked(path, 'PyTorch file');
  if (bytes.subarray(0, LEGACY.length).equals(LEGACY))
    throw new HwcastError('unsupported', 'file in the format of PyTorch before 1.6', {
      where: path,
      hint: 'save it again with a newer PyTorch: torch.save(torch.load(path), path)',
    });
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b)
    throw new HwcastError('unsupported', 'not a PyTorch file: a zip archive is expected', { where: path });
  let entries: Unzipped;
  try {
    let total = 0;
    entries = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!/\/(data\.pkl|byteorder|data\/[^/]+)$/.test(name)) return false;
        total += originalSize;
        if (total > MAX_BYTES) throw new RangeError('it unpacks to more than 1 GiB');
        return true;
      },
    });
  } catch (cause) {
    throw new HwcastError('corrupt', `not a whole zip archive: ${(cause as Error).message}`, {
      where: path,
      cause,
      hint: 'the file is cut off or damaged: fetch it again',
    });
  }
  const pickle = Object.keys(entries).find((n) => n.endsWith('/data.pkl'));
  if (!pickle) throw new HwcastError('unsupported', 'not a PyTorch file: the zip archive holds no data.pkl', { where: path });
  const root = pickle.slice(0, -'data.pkl'.length);
  const bigEndian = Buffer.from(entries[`${root}byteorder`] ?? '').toString() === 'big';
  const storageClass = (element: ElementType) =>
    Object.freeze(
      Object.assign(
        () => {
          throw new TypeError('a storage is not called');
        },
        { element },
      ),
    );
  return readPickle(entries[pickle], path, {
    globals: {
      ...Object.fromEntries(Object.entries(STORAGES).map(([name, element]) => [`torch.${name}`, storageClass(element)])),
      'torch.Size': (items: number[]) => items,
      'torch._utils._rebuild_tensor_v2': ({ type, bytes: raw }: Storage, offset: number, shape: number[], strides: number[]) =>
        decodeTensor(raw, type, shape, { bigEndian, offset, strides }),
    },
    persistent(id) {
      const [kind, type, key] = Array.isArray(id) ? (id as [string, StorageClass, string]) : [];
      const raw = entries[`${root}data/${key}`];
      if (kind !== 'storage' || !type?.element || !raw) throw new RangeError(`no storage '${key}' in the archive`);
      return { type: type.element, bytes: raw } satisfies Storage;
    },
  });
}
