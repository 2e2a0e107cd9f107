/**
 * A folder for files that come and go, or of which little is written: in memory, if the system has such a file system.
 * On a disk every save waits for it, and reading what was never written fills the system's cache.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

export const memoryFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
