// Whole searches, and their first launches, run to their end.
#include "kernel_tests/device_search.h"
#include "kernel_tests/kernel_runner.h"

namespace kleio::cuda::tests {
namespace {

// What comes before the select.
void run_scans(const DeviceSearch& device, const Execution& execution, Random& random) {
  run_scan(device.scan(), execution.small_blocks, random);
  if (!device.has_lists()) return;
  run_threshold(device.threshold(), execution.small_blocks, random);
  run_append(device.append(), execution.small_blocks, random);
}

}  // namespace

DeviceAnswer search_on_device(const SearchCase& search, const Execution& execution) {
  Random random(execution.seed);
  const DeviceSearch device(search, execution);
  if (execution.one_launch && device.scan_and_select() != nullptr) {
    run_scan_and_select(*device.scan_and_select(), execution.small_blocks, random);
  } else {
    run_scans(device, execution, random);
    run_select(device.select(), execution.small_blocks, random);
  }
  return device.answer();
}

DeviceLists list_on_device(const SearchCase& search, const Execution& execution) {
  Random random(execution.seed);
  const DeviceSearch device(search, execution);
  run_scans(device, execution, random);
  return device.lists();
}

DeviceBounds scan_on_device(const SearchCase& search, const Execution& execution) {
  Random random(execution.seed);
  const DeviceSearch device(search, execution);
  run_scan(device.scan(), execution.small_blocks, random);
  return device.bounds();
}

}  // namespace kleio::cuda::tests
