#include "core/model/json_indent.h"

#include "core/base/assert.h"

namespace orch {

std::string indented_json(std::string_view json) {
  std::string out;
  out.reserve(json.size() * 2);
  int depth = 0;
  bool in_string = false;
  auto new_line = [&] {
    out += '\n';
    out.append(static_cast<std::size_t>(depth) * 4, ' ');
  };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < json.size()) out += json[++i];
      if (c == '"') in_string = false;
      continue;
    }
    switch (c) {
      case '"':
        in_string = true;
        out += c;
        break;
      case '{':
      case '[':
        out += c;
        if (i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']')) {
          out += json[++i];
          break;
        }
        ++depth;
        new_line();
        break;
      case '}':
      case ']':
        ORCH_ASSERT(depth > 0, "what is indented is valid JSON: no bracket closes that was not opened");
        --depth;
        new_line();
        out += c;
        break;
      case ',':
        out += c;
        new_line();
        break;
      case ':':
        out += ": ";
        break;
      default:
        if (c != ' ' && c != '\n' && c != '\t' && c != '\r') out += c;
    }
  }
  ORCH_ASSERT(depth == 0 && !in_string, "what is indented is valid JSON: all that was opened is closed");
  return out;
}

}  // namespace orch
