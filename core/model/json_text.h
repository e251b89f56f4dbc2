// Writing JSON text: appended to a string, numbers by to_chars, no objects in between.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/hex.h"

namespace orch {

/// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 are passed on as they are.
inline void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.data() + plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      default:
        out += "\\u";
        append_hex(out, c, 4);
    }
  }
  out.append(text.data() + plain, text.size() - plain);
  out += '"';
}

inline std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

template <std::integral T>
void append_number(std::string& out, T value) {
  char buffer[24];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, static_cast<std::size_t>(end - buffer));
}

inline void append_number(std::string& out, double value) {
  char buffer[40];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, static_cast<std::size_t>(end - buffer));
}

inline void append_bool(std::string& out, bool value) { out += value ? "true" : "false"; }

}  // namespace orch
