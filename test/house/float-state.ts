/**
 * Where native code begins it sets the floating-point state that results are defined in: at the door from
 * JavaScript, and in each thread that it starts.
 */

import type { Source } from './sources.js';

const SHIPPED = /^native\/(?:addon|core|cpu|cuda|tree)\//;
const DOOR = /^native\/addon\/guard\.(?:h|cc)$/;
const CALLBACK = /\bnapi_callback_info\b/;
const THREAD = /\bstd::j?thread\b(?!::)|\bpthread_create\b|\bstd::async\b/;

export function floatStateFaults({ path, lines }: Source): string[] {
  if (!SHIPPED.test(path)) return [];
  const standard = lines.some((line) => /\bStandardFloatState\b/.test(line));
  return lines.flatMap((line, index) => {
    const at = `${path}:${index + 1}`;
    if (CALLBACK.test(line) && !DOOR.test(path)) {
      return [`${at}: what Node-API calls goes through addon/guard.h`];
    }
    if (THREAD.test(line) && !standard) {
      return [`${at}: a thread begins with a StandardFloatState`];
    }
    return [];
  });
}
