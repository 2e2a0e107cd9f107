/**
 * Other addons of this environment. One that was built with `-ffast-math` makes the thread that loads it flush
 * subnormal numbers to zero, for good: from then on `Float32Array.of(1e-40)` holds 0, and no care of native code
 * brings back what a caller meant. So the thread gets back what it had before: the language's own arithmetic.
 */

import type { NativeBinding } from './contract/native-binding.js';

/** Every addon that is loaded from now on leaves the floating-point state of the thread as it was. */
export function keepFloatState(native: NativeBinding): void {
  const { dlopen } = process;
  const loading = function (this: unknown, ...addon: Parameters<typeof dlopen>): void {
    const standard = native.hasStandardFloatState();
    try {
      Reflect.apply(dlopen, this, addon);
    } finally {
      if (standard) native.setStandardFloatState();
    }
  };
  // Where somebody has frozen it, it stays.
  Reflect.set(process, 'dlopen', loading);
}
