#include "drivers/http/request.h"

#include <algorithm>
#include <charconv>

#include "drivers/http/forwarder.h"
#include "core/base/duration_text.h"
#include "core/base/utf8.h"
#include "drivers/net/percent.h"

namespace orch::http {
namespace {

// Nomad caps a blocking query at five minutes.
constexpr Duration wait_max = minutes(5);
constexpr std::size_t longest_key = 256;

// "10s", "1m30s", "250ms", or a whole number of nanoseconds.
std::optional<Duration> wait_of(std::string_view text) {
  std::int64_t ns = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ns);
  const bool plain = error == std::errc{} && end == text.data() + text.size();
  const auto wait = plain ? std::optional(Duration{ns}) : parse_duration_text(text);
  return wait && wait->ns >= 0 ? wait : std::nullopt;
}

}  // namespace

bool Request::flag(const std::string& name) const {
  auto it = params.find(name);
  return it != params.end() && it->second != "false" && it->second != "0";
}

std::string Request::param(const std::string& name) const {
  auto it = params.find(name);
  return it == params.end() ? std::string() : it->second;
}

std::expected<Request, std::string> Request::from(const net::ServerRequest& raw) {
  Request request;
  request.method = raw.method;
  request.body = raw.body;
  request.address = raw.remote_address;
  request.idempotency_key = raw.header("Idempotency-Key");
  request.token = raw.header("X-Nomad-Token");
  request.accept = raw.header("Accept");
  request.content_type = raw.header("Content-Type");
  request.hops = hops_of(raw);
  if (request.idempotency_key.size() > longest_key) {
    return std::unexpected("Idempotency-Key: at most " + std::to_string(longest_key) + " bytes, got " +
                           std::to_string(request.idempotency_key.size()));
  }
  if (bad_byte(request.idempotency_key) != std::string::npos)
    return std::unexpected("Idempotency-Key: expected UTF-8 text");

  std::string_view path = raw.path;
  while (!path.empty()) {
    path.remove_prefix(path.front() == '/' ? 1 : 0);
    const std::size_t slash = path.find('/');
    auto segment = net::percent_decoded(path.substr(0, slash));
    if (!segment) return std::unexpected("the path has a malformed percent escape");
    if (const std::size_t bad = bad_byte(*segment); bad != std::string::npos) {
      return std::unexpected((*segment)[bad] == '\0' ? "the path contains a NUL byte" : "the path is not UTF-8 text");
    }
    request.segments.push_back(std::move(*segment));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
  }
  request.path = net::percent_decoded(raw.path).value_or(std::string(raw.path));

  std::string_view query = raw.query;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    std::string pair(query.substr(0, end));
    std::replace(pair.begin(), pair.end(), '+', ' ');
    const std::size_t equals = pair.find('=');
    auto key = net::percent_decoded(std::string_view(pair).substr(0, equals));
    auto value = equals == std::string::npos ? std::optional<std::string>("")
                                             : net::percent_decoded(std::string_view(pair).substr(equals + 1));
    if (!key || !value) return std::unexpected("the query has a malformed percent escape");
    if (value->find('\0') != std::string::npos || key->find('\0') != std::string::npos) {
      return std::unexpected("the query contains a NUL byte");
    }
    // The name of a file may be any bytes; all else may come to stand in a record or in JSON.
    if (bad_byte(*key) != std::string::npos || (*key != "path" && bad_byte(*value) != std::string::npos)) {
      return std::unexpected("the query is not UTF-8 text");
    }
    request.params.try_emplace(*key, *value);
    request.repeated.emplace(*key, *value);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
  }

  request.pretty = request.params.contains("pretty");
  if (auto it = request.params.find("index"); it != request.params.end()) {
    const auto [end, error] =
        std::from_chars(it->second.data(), it->second.data() + it->second.size(), request.index);
    if (error != std::errc{} || end != it->second.data() + it->second.size()) return std::unexpected("Invalid index");
  }
  request.wait = wait_max;
  if (auto it = request.params.find("wait"); it != request.params.end()) {
    const auto wait = wait_of(it->second);
    if (!wait) return std::unexpected("Invalid wait time");
    if (wait->ns > 0) request.wait = std::min(*wait, wait_max);
  }
  return request;
}

}  // namespace orch::http
