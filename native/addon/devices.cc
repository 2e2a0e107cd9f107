#include "addon/devices.h"

#include "addon/arguments.h"
#include "addon/environment.h"
#include "addon/process_runtime.h"

namespace kleio::addon {
namespace {

constexpr std::uint64_t kMaxAccelerators = 1024;

Napi::Object usage_object(napi_env env, const AcceleratorUsage& usage) {
  const Napi::Object object = Napi::Object::New(env);
  const auto count = [&object](const char* name, std::uint64_t value) {
    object.Set(name, static_cast<double>(value));
  };
  object.Set("lost", usage.lost);
  count("tableBytes", usage.table_bytes);
  count("historyBytes", usage.history_bytes);
  count("historyBudgetBytes", usage.history_budget_bytes);
  count("histories", usage.histories);
  count("historiesEvicted", usage.histories_evicted);
  count("historiesUploaded", usage.histories_uploaded);
  count("historiesUpdated", usage.histories_updated);
  count("uploadedBytes", usage.uploaded_bytes);
  count("cpuSearches", usage.cpu_searches);
  count("visitedRows", usage.visited_rows);
  count("compactions", usage.compactions);
  count("listOverflows", usage.list_overflows);
  count("graphs", usage.graphs);
  count("graphCaptures", usage.graph_captures);
  count("graphReplays", usage.graph_replays);
  return object;
}

Napi::Object accelerator_object(napi_env env, const AcceleratorInfo& info) {
  const Napi::Object object = Napi::Object::New(env);
  object.Set("name", info.name);
  object.Set("model", info.model);
  object.Set("compute", info.compute);
  object.Set("multiprocessors", static_cast<double>(info.multiprocessors));
  object.Set("memory", static_cast<double>(info.memory_bytes));
  return object;
}

}  // namespace

int device_of(napi_env env, napi_value value) {
  const double device = number_of(env, value, "device");
  if (device == kCpu) return kCpu;
  return static_cast<int>(integer_of(env, value, "device", 0, kMaxAccelerators));
}

napi_value describe_accelerators(const Call& call) {
  const napi_env env = call.env();
  Accelerators& accelerators = call.environment().runtime()->accelerators;
  const AcceleratorSurvey& survey = accelerators.survey();
  const Napi::Array devices = Napi::Array::New(env, survey.devices.size());
  for (std::uint32_t i = 0; i < survey.devices.size(); ++i) {
    const Napi::Object device = accelerator_object(env, survey.devices[i]);
    if (const auto usage = accelerators.usage_of(i)) device.Set("usage", usage_object(env, *usage));
    devices.Set(i, device);
  }
  const Napi::Object description = Napi::Object::New(env);
  description.Set("devices", devices);
  description.Set("reason", survey.reason);
  description.Set("driverVersion", survey.driver_version);
  description.Set("runtimeVersion", survey.runtime_version);
  return description;
}

}  // namespace kleio::addon
