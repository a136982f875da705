import type { SourceLimits } from '../../trace/source/walkSources.js';
import type { ReadOptions } from '../../trace/traceReader.js';
import type { DeviceEntry } from '../dataset.js';

export interface IngestOptions extends ReadOptions {
  /** reader by name; by content unless told */
  format?: string;
  /** device id of all that is read; without it, the device column of a table or the name a trace gives its device */
  device?: string;
  /** tasks whose passes agree less (Spearman of the mean of all passes, see `PassNoise.ofMean`) are dropped; none unless told */
  minAgreement?: number;
  name?: string;
  source?: string;
  licence?: string;
  /** hardware and conditions of device ids, for the card */
  devices?: Readonly<Record<string, DeviceEntry>>;
  /** further notes for the card */
  notes?: readonly string[];
  /** what is unpacked of archives at most */
  limits?: SourceLimits;
  /** threads that read files beside each other; none beside this one unless told */
  workers?: number;
  /** folder that keeps what files gave, by their content: those that were read before are not read again */
  cache?: string;
  /** called after each source with its name and how many are done */
  onProgress?: (done: number, name: string) => void;
}
