// What a request asks of a device, in order, described before any of it is put on a stream.
//
// A description holds functions, parameters, addresses and sizes, never what lies at an address. So
// equal descriptions ask for the same whenever they are asked, and what a device made of one (a
// graph) serves the other, whatever the memory holds by then.
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>
#include <variant>
#include <vector>

#include "cuda/kernels/kernel_table.h"

namespace kleio::cuda {

using AnyFunction = void (*)();

// A launch whose parameters' type is forgotten: a device may copy them and launch later.
struct AnyLaunch {
  DeviceError (*invoke)(AnyFunction kernel, const void* params, StreamHandle stream) = nullptr;
  AnyFunction kernel = nullptr;
  const void* params = nullptr;
  std::size_t params_bytes = 0;
};

// Names `params`, which has to outlive it.
template <typename Params>
AnyLaunch any_launch(LaunchFunction<Params> kernel, const Params& params) noexcept {
  static_assert(std::is_trivially_copyable_v<Params>);
  const auto invoke = [](AnyFunction function, const void* bytes, StreamHandle stream) {
    return reinterpret_cast<LaunchFunction<Params>>(function)(*static_cast<const Params*>(bytes),
                                                              stream);
  };
  return {invoke, reinterpret_cast<AnyFunction>(kernel), &params, sizeof params};
}

class DeviceWork {
 public:
  struct Upload {
    void* to = nullptr;
    const void* from_host = nullptr;
    std::size_t bytes = 0;
    bool operator==(const Upload&) const = default;
  };
  struct Download {
    void* to_host = nullptr;
    const void* from = nullptr;
    std::size_t bytes = 0;
    bool operator==(const Download&) const = default;
  };

  // Memory of the host is pinned.
  void upload(void* to, const void* from_host, std::size_t bytes) {
    if (bytes > 0) operations_.push_back(Upload{to, from_host, bytes});
  }
  void download(void* to_host, const void* from, std::size_t bytes) {
    if (bytes > 0) operations_.push_back(Download{to_host, from, bytes});
  }
  template <typename Params>
  void launch(LaunchFunction<Params> kernel, const Params& params) {
    Params comparable = params;
    // Where a compiler cannot, equal work may be taken for different: slower, never wrong.
#if __has_builtin(__builtin_clear_padding)
    __builtin_clear_padding(&comparable);
#endif
    const AnyLaunch launch = any_launch(kernel, comparable);
    const std::size_t at = params_.size();
    operations_.push_back(Launch{launch.invoke, launch.kernel, at, sizeof comparable});
    params_.resize(at + (sizeof comparable + kAlignment - 1) / kAlignment * kAlignment);
    std::memcpy(params_.data() + at, &comparable, sizeof comparable);
  }

  // visit(operation) for each in turn: an Upload, a Download or an AnyLaunch.
  template <typename Visit>
  void each(Visit visit) const {
    for (const Operation& operation : operations_) {
      if (const auto* upload = std::get_if<Upload>(&operation)) {
        visit(*upload);
      } else if (const auto* download = std::get_if<Download>(&operation)) {
        visit(*download);
      } else {
        const auto& [invoke, kernel, at, bytes] = std::get<Launch>(operation);
        visit(AnyLaunch{invoke, kernel, params_.data() + at, bytes});
      }
    }
  }

  bool operator==(const DeviceWork&) const = default;

 private:
  struct Launch {
    decltype(AnyLaunch::invoke) invoke = nullptr;
    AnyFunction kernel = nullptr;
    std::size_t params_at = 0;
    std::size_t params_bytes = 0;
    bool operator==(const Launch&) const = default;
  };
  using Operation = std::variant<Upload, Launch, Download>;
  // Of parameters: what they are stored in comes from operator new, aligned to it.
  static constexpr std::size_t kAlignment = 16;

  std::vector<Operation> operations_;
  // Of the launches in turn. Not of std::byte, which vectors compare one at a time.
  std::vector<unsigned char> params_;
};

}  // namespace kleio::cuda
