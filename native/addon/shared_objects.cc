#include "addon/shared_objects.h"

#include <array>
#include <charconv>
#include <optional>

#include "addon/process_runtime.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/process_number.h"
#include "core/secret_hash.h"

namespace kleio::addon {
namespace {

// Of this copy of the binary in this process. The key is in no token.
const std::uint64_t kIdentity = random_bits();
const std::uint64_t kKey = random_bits();

constexpr std::string_view kScheme = "kleio";

// The parts of a token, in their order; ':' stands between them.
enum Part { kSchemePart, kKind, kProcess, kCopy, kNumber, kCheck, kParts };
using Parts = std::array<std::string_view, kParts>;

std::optional<Parts> parts_of(std::string_view token) noexcept {
  Parts parts;
  for (std::string_view& part : parts) {
    const std::size_t end = token.find(':');
    const bool last = &part == &parts.back();
    if ((end == std::string_view::npos) != last) return std::nullopt;
    part = token.substr(0, end);
    if (!last) token.remove_prefix(end + 1);
  }
  return parts;
}

std::string digits_of(std::uint64_t value, int base) {
  std::array<char, 20> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value, base);
  return {digits.data(), written.ptr};
}

// What `number` is followed by: who has not seen the token does not know it.
std::uint64_t check_of(std::string_view kind, std::uint64_t number) noexcept {
  std::uint64_t bits = mixed_bits(number ^ kKey);
  for (const char letter : kind) bits = mixed_bits(bits ^ static_cast<unsigned char>(letter));
  return bits;
}

std::string text_of(std::string_view kind, std::uint64_t number) {
  std::string token(kScheme);
  for (const std::string& part :
       {std::string(kind), digits_of(process_number(), 10), digits_of(kIdentity, 16),
        digits_of(number, 16), digits_of(check_of(kind, number), 16)}) {
    token += ':';
    token += part;
  }
  return token;
}

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::kArgument, "token " + why);
}

// The number in a token of this kind that this copy of the binary has made.
std::uint64_t number_in(const std::string& kind, std::string_view token) {
  const std::string expected = "what " + kind + "#share() gives";
  const std::optional<Parts> parts = parts_of(token);
  if (!parts || (*parts)[kSchemePart] != kScheme) refuse("must be " + expected);
  const std::string process = digits_of(process_number(), 10);
  if ((*parts)[kProcess] != process) {
    refuse("was made in another process than this one (" + process +
           "): threads of one process share memory");
  }
  if ((*parts)[kCopy] != digits_of(kIdentity, 16)) {
    refuse(
        "was made by another copy of kleio than the one that is asked: threads share what the same "
        "copy, loaded from one path, has made");
  }
  std::uint64_t number = 0;
  const std::string_view digits = (*parts)[kNumber];
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (token != text_of((*parts)[kKind], number)) {
    refuse("is damaged: it must be " + expected + ", unchanged");
  }
  if ((*parts)[kKind] != kind) {
    refuse("is of " + std::string((*parts)[kKind]) + "#share(); it must be " + expected);
  }
  return number;
}

}  // namespace

SharedObject::~SharedObject() {
  if (number_ != 0) runtime_->shared.forget(number_);
}

std::string SharedObjects::token_of(const char* kind, const std::shared_ptr<SharedObject>& object) {
  const std::lock_guard lock(mutex_);
  while (object->number_ == 0) {
    const std::uint64_t number = random_bits();
    if (number != 0 && objects_.try_emplace(number, object).second) object->number_ = number;
  }
  return text_of(kind, object->number_);
}

std::shared_ptr<SharedObject> SharedObjects::find(const char* kind, std::string_view token) {
  const std::uint64_t number = number_in(kind, token);
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(number);
  if (found != objects_.end()) {
    if (std::shared_ptr<SharedObject> object = found->second.lock()) return object;
  }
  throw Error(ErrorCode::kClosed,
              "every handle of the token's " + std::string(kind) + " is closed");
}

void SharedObjects::forget(std::uint64_t number) noexcept {
  const std::lock_guard lock(mutex_);
  objects_.erase(number);
}

}  // namespace kleio::addon
