/** What the idle device was asked for and when: the file of native/cuda/software/device_trace.h. */

import { openSync, readSync } from 'node:fs';

const RECORDS = 4096;
const RECORD_BYTES = 16;
const KINDS = [undefined, 'upload', 'launch', 'download', 'synchronised'] as const;

export interface DeviceEvent {
  /** Of the clock that `process.hrtime` reads. */
  readonly nanoseconds: bigint;
  readonly kind: Exclude<(typeof KINDS)[number], undefined>;
}

export class DeviceTrace {
  readonly #file: number;
  readonly #bytes = Buffer.alloc(RECORDS * RECORD_BYTES);

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  /** The latest events, in their order; of more than 4096 the oldest are lost. */
  events(): DeviceEvent[] {
    readSync(this.#file, this.#bytes, 0, this.#bytes.length, 0);
    const events: DeviceEvent[] = [];
    for (let at = 0; at < this.#bytes.length; at += RECORD_BYTES) {
      const kind = KINDS[this.#bytes.readUInt32LE(at + 8)];
      if (kind !== undefined) events.push({ nanoseconds: this.#bytes.readBigUInt64LE(at), kind });
    }
    return events.sort((a, b) => Number(a.nanoseconds - b.nanoseconds));
  }
}
