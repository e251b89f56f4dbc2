#include "drivers/net/reply_head.h"

#include <charconv>

#include "drivers/net/message_parser.h"

namespace orch::net {

namespace {

void append_number(std::string& out, std::size_t number) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_clean(std::string& out, std::string_view text) {
  const std::size_t from = out.size();
  out.append(text);
  for (std::size_t i = from; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if ((c < 0x20 && c != '\t') || c == 0x7f) out[i] = ' ';
  }
}

bool is_framing(std::string_view name) {
  return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Transfer-Encoding") ||
         equal_ignoring_case(name, "Connection");
}

}  // namespace

bool status_has_body(int status) { return status >= 200 && status != 204 && status != 304; }

bool append_reply_head(std::string& out, const ReplyShape& shape, int status, std::string_view content_type,
                       std::optional<std::size_t> length, const Headers& extra) {
  out += shape.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(status));
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";

  bool keep_alive = shape.keep_alive;
  for (const auto& [name, value] : extra) {
    if (is_framing(name)) {
      if (equal_ignoring_case(name, "Connection") && equal_ignoring_case(value, "close")) keep_alive = false;
      continue;
    }
    if (name.empty()) continue;
    append_clean(out, name);
    out += ": ";
    append_clean(out, value);
    out += "\r\n";
  }
  if (!content_type.empty()) {
    out += "Content-Type: ";
    append_clean(out, content_type);
    out += "\r\n";
  }
  if (status_has_body(status)) {
    if (length) {
      out += "Content-Length: ";
      append_number(out, *length);
      out += "\r\n";
    } else if (!shape.http_1_0) {
      out += "Transfer-Encoding: chunked\r\n";
    } else if (!shape.head_only) {
      keep_alive = false;  // the end of the connection is the end of the body
    }
  }
  if (!keep_alive) {
    out += "Connection: close\r\n";
  } else if (shape.http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return keep_alive;
}

}  // namespace orch::net
