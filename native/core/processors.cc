#include "core/processors.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

namespace kleio {
namespace {

#ifdef __linux__

// The lowest-numbered processor of the core names it: "0,32" and "0-1" both begin with 0.
int first_sibling_of(int processor) {
  std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(processor) +
                     "/topology/thread_siblings_list");
  int sibling = processor;
  file >> sibling;
  return file ? sibling : processor;
}

std::size_t allowed_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 0;
  std::set<int> cores;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(processor, &allowed)) cores.insert(first_sibling_of(processor));
  }
  return cores.size();
}

// cgroup v2's "quota period", or "max period" where there is none.
std::size_t quota_cores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota_us = 0;
  double period_us = 0;
  if (!(file >> quota_us >> period_us) || period_us <= 0) return 0;
  return static_cast<std::size_t>(std::ceil(quota_us / period_us));
}

#else

std::size_t allowed_cores() {
  return 0;
}
std::size_t quota_cores() {
  return 0;
}

#endif

}  // namespace

std::size_t usable_cores() {
  std::size_t cores = allowed_cores();
  if (cores == 0) cores = std::thread::hardware_concurrency();
  if (const std::size_t quota = quota_cores(); quota > 0) cores = std::min(cores, quota);
  return std::max<std::size_t>(cores, 1);
}

}  // namespace kleio
