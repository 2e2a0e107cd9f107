// Objects that handles on several threads hold, and the tokens by which a thread finds what another
// has made.
//
// A token is text: it names an object of this process and holds nothing. It is good as long as some
// thread has a handle of the object open.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace kleio::addon {

class ProcessRuntime;

// What the handles of one object hold together: the last of them ends it.
class SharedObject {
 public:
  virtual ~SharedObject();
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

 protected:
  explicit SharedObject(std::shared_ptr<ProcessRuntime> runtime) noexcept
      : runtime_(std::move(runtime)) {}

 private:
  friend class SharedObjects;

  std::shared_ptr<ProcessRuntime> runtime_;  // outlives what is shared
  std::uint64_t number_ = 0;                 // 0: nobody has asked for a token
};

template <typename Content>
class Shared final : public SharedObject {
 public:
  template <typename... Arguments>
  explicit Shared(std::shared_ptr<ProcessRuntime> runtime, Arguments&&... arguments)
      : SharedObject(std::move(runtime)), content(std::forward<Arguments>(arguments)...) {}

  Content content;
};

// Those of the process that a token has been asked for. Any thread may call.
class SharedObjects {
 public:
  // The same for every handle of an object. `kind`: its class in lib.
  std::string token_of(const char* kind, const std::shared_ptr<SharedObject>& object);
  // Throws kArgument for what is no token of this kind and this copy of the binary, kClosed for one
  // whose object is gone.
  std::shared_ptr<SharedObject> find(const char* kind, std::string_view token);

 private:
  friend class SharedObject;
  void forget(std::uint64_t number) noexcept;

  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::weak_ptr<SharedObject>> objects_;
};

}  // namespace kleio::addon
