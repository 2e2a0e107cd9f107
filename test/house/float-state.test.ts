/** The check of where native code begins finds what it is there for. */
import { describe, expect, it } from 'vitest';
import { floatStateFaults } from './float-state.js';

const faultsOf = (path: string, ...lines: string[]) => floatStateFaults({ path, lines });

describe('where native code begins', () => {
  it.each([
    ['native/addon/a.cc', 'napi_value a(napi_env env, napi_callback_info info) {'],
    ['native/core/a.cc', 'std::thread worker([] {});'],
    ['native/cpu/simd/a.cc', 'std::vector<std::jthread> team;'],
    ['native/tree/a.cc', 'auto sum = std::async(add);'],
  ])('%s: %s', (path, line) => {
    expect(faultsOf(path, '', line)).toEqual([expect.stringContaining(`${path}:2: `)]);
  });

  it.each([
    ['native/addon/guard.h', 'napi_value entry(napi_env env, napi_callback_info info) noexcept {'],
    ['native/core/a.cc', 'cores = std::thread::hardware_concurrency();'],
    ['native/stress/a.cc', 'std::thread owner([] {});'],
  ])('but not %s: %s', (path, line) => {
    expect(faultsOf(path, line)).toEqual([]);
  });

  it('nor a thread that begins in the standard state', () => {
    const lines = ['std::thread worker([] {', '  const StandardFloatState standard;', '});'];
    expect(faultsOf('native/core/a.cc', ...lines)).toEqual([]);
  });
});
