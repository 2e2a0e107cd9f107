/**
 * A folder for files that come and go, or of which little is written: in memory, if the system has such a file system.
 * On a disk every save waits for it, and reading what was never written fills the system's cache.
 */
import { accessSync, constants } from 'node:fs';
import { tmpdir } from 'node:os';

export const memoryFolder = canBeWritten('/dev/shm') ? '/dev/shm' : tmpdir();

function canBeWritten(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
