// A JSON object that fits on a line.
#pragma once

#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

namespace kleio::bench {

class JsonObject {
 public:
  // Names and texts hold nothing that JSON would escape.
  void number(std::string_view name, double value) {
    std::array<char, 32> digits;
    std::snprintf(digits.data(), digits.size(), "%.6g", value);
    begin(name);
    text_ += std::isfinite(value) ? digits.data() : "null";
  }
  void text(std::string_view name, std::string_view value) {
    begin(name);
    quote(value);
  }
  void object(std::string_view name, const JsonObject& value) {
    begin(name);
    text_ += value.json();
  }

  std::string json() const {
    std::string whole = "{";
    whole += text_;
    whole += '}';
    return whole;
  }
  // At once: a program that is stopped leaves what it has printed.
  void print() const {
    std::puts(json().c_str());
    std::fflush(stdout);
  }

 private:
  void begin(std::string_view name) {
    if (!text_.empty()) text_ += ", ";
    quote(name);
    text_ += ": ";
  }
  void quote(std::string_view value) {
    text_ += '"';
    text_ += value;
    text_ += '"';
  }

  std::string text_;
};

}  // namespace kleio::bench
