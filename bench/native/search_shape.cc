#include "search_shape.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "core/matrix_view.h"
#include "cuda/kernels/search_params.h"

namespace kleio::bench {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  std::fprintf(stderr, "search_times: %.*s: %s\n", static_cast<int>(text.size()), text.data(),
               why.c_str());
  std::exit(2);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

struct Number {
  const char* name;
  std::uint32_t most;
  std::uint32_t SearchShape::* field;
};

constexpr std::array kNumbers = {
    Number{"ROWS", static_cast<std::uint32_t>(kMaxRows), &SearchShape::rows},
    Number{"TARGETS", 1'000'000, &SearchShape::targets},
    Number{"DIM", static_cast<std::uint32_t>(kMaxDim), &SearchShape::dim},
    Number{"K", cuda::kMaxDeviceK, &SearchShape::k}};

std::uint32_t number_of(std::string_view text, std::string_view word, const Number& number) {
  std::uint32_t value = 0;
  const char* const end = word.data() + word.size();
  const auto [read, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc{} || read != end || value == 0 || value > number.most) {
    refuse(text, std::string(number.name) + " is " + std::string(word) + ", not from 1 to " +
                     std::to_string(number.most));
  }
  return value;
}

Dtype dtype_of(std::string_view text, std::string_view word) {
  for (int code = 0; code < kDtypeCount; ++code) {
    const auto dtype = static_cast<Dtype>(code);
    if (word == name_of(dtype)) return dtype;
  }
  refuse(text, "no dtype is called " + std::string(word));
}

// How a search is executed, where it is said; another setting is another word here.
void apply(std::string_view text, std::string_view word, SearchShape& shape) {
  if (word == "blocks") {
    shape.searches = {CandidateSearch::kBlocks};
  } else if (word == "lists") {
    shape.searches = {CandidateSearch::kLists};
  } else if (word == "warp") {
    shape.select = SelectWidth::kWarp;
  } else if (word == "wgmma") {
    shape.wgmma = true;
  } else {
    refuse(text, "no search is called " + std::string(word));
  }
}

}  // namespace

SearchShape parse_shape(std::string_view text) {
  const std::vector<std::string_view> words = split(text, ':');
  const std::vector<std::string_view> parts = split(words[0], 'x');
  if (parts.size() != kNumbers.size() + 1) {
    refuse(text, "not ROWSxTARGETSxDIMxKxDTYPE[:blocks|:lists][:warp][:wgmma]");
  }
  SearchShape shape;
  for (std::size_t i = 0; i < kNumbers.size(); ++i) {
    shape.*kNumbers[i].field = number_of(text, parts[i], kNumbers[i]);
  }
  shape.dtype = dtype_of(text, parts.back());
  for (const std::string_view word : std::span(words).subspan(1)) apply(text, word, shape);
  return shape;
}

}  // namespace kleio::bench
