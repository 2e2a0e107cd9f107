#include "cpu/levels/isa.h"

#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <type_traits>

#include "core/error.h"
#include "cpu/levels/levels.h"

namespace kleio {
namespace {

using Levels = std::array<std::optional<Isa>, std::size(kLevels)>;

Levels make_levels() {
  Levels levels;
  for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = kLevels[i]();
  return levels;
}

}  // namespace

std::vector<const Isa*> held_isas() {
  // Never destroyed: threads may run their kernels until the process ends.
  static_assert(std::is_trivially_destructible_v<Levels>);
  static const Levels levels = make_levels();
  std::vector<const Isa*> isas;
  for (const std::optional<Isa>& level : levels) {
    if (level) isas.push_back(&*level);
  }
  return isas;
}

std::vector<const Isa*> supported_isas() {
  std::vector<const Isa*> isas = held_isas();
  std::erase_if(isas, [](const Isa* isa) { return !isa->runs_here(); });
  return isas;
}

const Isa& choose_isa(std::string_view forced) {
  const std::vector<const Isa*> isas = supported_isas();
  if (forced.empty()) return *isas.back();
  std::string names;
  for (const Isa* isa : isas) {
    if (forced == isa->name) return *isa;
    names += names.empty() ? isa->name : std::string(", ") + isa->name;
  }
  throw Error(ErrorCode::kIsa, "KLEIO_ISA must be one that this machine runs (" + names +
                                   "); got '" + std::string(forced) + "'");
}

}  // namespace kleio
