// The floating-point state of the thread, as another addon may set it: state() says what it is, setState(word)
// sets it. On x86-64 the word is MXCSR, on AArch64 FPCR.
#include <node_api.h>
#include <stdint.h>

static uint32_t read_state(void) {
#if defined(__x86_64__)
  uint32_t word;
  __asm__ volatile("stmxcsr %0" : "=m"(word));
  return word;
#else
  uint64_t word;
  __asm__ volatile("mrs %0, fpcr" : "=r"(word));
  return (uint32_t)word;
#endif
}

static void write_state(uint32_t word) {
#if defined(__x86_64__)
  __asm__ volatile("ldmxcsr %0" : : "m"(word));
#else
  __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)word));
#endif
}

static napi_value state(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value word;
  napi_create_uint32(env, read_state(), &word);
  return word;
}

static napi_value set_state(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  uint32_t word = 0;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  napi_get_value_uint32(env, argument, &word);
  write_state(word);
  return NULL;
}

// FLUSHES, where it is defined, is what start-up code of -ffast-math does.
NAPI_MODULE_INIT() {
  napi_value function;
#ifdef FLUSHES
#if defined(__x86_64__)
  write_state(read_state() | 0x8040);
#else
  write_state(read_state() | 1u << 24);
#endif
#endif
  napi_create_function(env, "state", NAPI_AUTO_LENGTH, state, NULL, &function);
  napi_set_named_property(env, exports, "state", function);
  napi_create_function(env, "setState", NAPI_AUTO_LENGTH, set_state, NULL, &function);
  napi_set_named_property(env, exports, "setState", function);
  return exports;
}
