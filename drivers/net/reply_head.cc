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

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Payload Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 422: return "Unprocessable Entity";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "Unknown";
  }
}

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
