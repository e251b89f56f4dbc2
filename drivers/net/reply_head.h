// The head of an answer, written by hand straight into the buffer that is sent.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/net/http_client.h"

namespace orch::net {

/// What the request lays down about its answer.
struct ReplyShape {
  bool http_1_0 = false;
  bool keep_alive = true;
  bool head_only = false;  ///< the request was HEAD: everything but the body
};

/// "Not Found"; "Unknown" for a status without a name.
std::string_view reason_phrase(int status);

/// 1xx, 204 and 304 have no body, and say nothing of its length.
bool status_has_body(int status);

/// Appends status line and headers, up to and with the empty line. No `length`: the body is sent in chunks (or, to an
/// HTTP/1.0 client, ends with the connection). Framing headers in `extra` are left out, except that "Connection: close"
/// is obeyed; control characters become spaces, so that no value can forge a header. Answers whether the connection
/// stays open after this answer.
bool append_reply_head(std::string& out, const ReplyShape& shape, int status, std::string_view content_type,
                       std::optional<std::size_t> length, const Headers& extra);

}  // namespace orch::net
