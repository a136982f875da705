import { basename } from 'node:path';

/** Name of the file that a source is, without folders and the archives it stands in. */
export const fileName = (source: string): string => basename(source.split('!').at(-1)!);
