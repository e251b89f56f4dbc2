#include "cli/api_client.h"

#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <thread>

#include "cli/format/shown.h"
#include "core/model/json_limits.h"
#include "core/base/assert.h"
#include "core/base/format.h"
#include "core/model/json_indent.h"
#include "core/model/json_text.h"
#include "drivers/net/percent.h"
#include "drivers/uuid/uuid.h"

namespace orch::cli {
namespace {

constexpr int most_repeats = 5;

std::string title_case(std::string method) {
  for (std::size_t i = 1; i < method.size(); ++i) method[i] = static_cast<char>(std::tolower(method[i]));
  return method;
}

// The operating system's words as Go's net package puts them.
std::string dial_error(const net::NetError& error, const net::Endpoint& endpoint) {
  const std::string where =
      endpoint.unix_path.empty() ? endpoint.host + ":" + std::to_string(endpoint.port) : endpoint.unix_path;
  const std::size_t colon = error.message.rfind(": ");
  std::string reason = colon == std::string::npos ? error.message : error.message.substr(colon + 2);
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(reason[0]));
  if (error.kind == net::NetError::Kind::connect) {
    return fmt::format(
        "dial {} {}: connect: {}\nNo agent answers at {}. Start one with orch agent -dev, or say where it is: "
        "-address=http://HOST:PORT or ORCH_ADDR",
        endpoint.unix_path.empty() ? "tcp" : "unix", where, reason, where);
  }
  if (error.kind == net::NetError::Kind::timeout) return "net/http: timeout awaiting response";
  return error.message;
}

// Like boost::json::serialize, with numbers as people write them: 0.5, not 5E-1.
void append_value(std::string& out, const boost::json::value& value) {
  if (const auto* object = value.if_object()) {
    out += '{';
    for (const auto& [key, member] : *object) {
      if (&member != &object->begin()->value()) out += ',';
      out += boost::json::serialize(key) + ":";
      append_value(out, member);
    }
    out += '}';
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (const auto& member : *array) {
      if (&member != array->begin()) out += ',';
      append_value(out, member);
    }
    out += ']';
  } else if (value.is_double()) {
    append_number(out, value.get_double());
  } else {
    out += boost::json::serialize(value);
  }
}

}  // namespace

ApiClient::ApiClient(const GeneralOptions& options)
    : options_(options), address_(options.address), endpoint_(net::Endpoint::parse(options.address)) {
  if (endpoint_) client_.emplace(*endpoint_);
}

std::string ApiClient::target(const std::string& path) const {
  ORCH_ASSERT(path.starts_with("/v1/"), "the command line asks the API and nothing else");
  std::string out = path;
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty())
      out += (out.find('?') == std::string::npos ? "?" : "&") + std::string(name) + "=" + net::percent_encoded(value);
  };
  add("region", options_.region);
  add("namespace", options_.ns);
  return out;
}

// A request that found no connection has done nothing: it may be made again, whatever it is.
bool ApiClient::turns_to_other(const net::NetError& error) {
  unreachable_ = other_ && (error.kind == net::NetError::Kind::connect || error.kind == net::NetError::Kind::resolve);
  return unreachable_;
}

std::expected<ApiAnswer, ApiError> ApiClient::send(net::HttpRequest request, Duration timeout) {
  if (unreachable_) return other_->send(std::move(request), timeout);
  if (!client_) return std::unexpected(ApiError{.message = endpoint_.error()});
  if (!options_.token.empty()) request.headers.emplace_back("X-Nomad-Token", options_.token);
  auto response = client_->send(request, timeout);
  if (!response && turns_to_other(response.error())) return other_->send(std::move(request), timeout);
  if (!response) {
    const auto kind = response.error().kind;
    const bool unknown = kind == net::NetError::Kind::closed || kind == net::NetError::Kind::protocol;
    return std::unexpected(ApiError{.message = fmt::format("{} \"{}{}\": {}", title_case(request.method), address_,
                                                           request.target, dial_error(response.error(), *endpoint_)),
                                    .unknown = unknown});
  }
  if (response->status < 200 || response->status > 299) {
    std::string body = response->body;
    while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.pop_back();
    return std::unexpected(ApiError{response->status,
                                    fmt::format("Unexpected response code: {} ({})", response->status, body), body,
                                    response->status == 504});
  }
  ApiAnswer answer{.text = std::move(response->body)};
  const std::string_view index = response->header("X-Nomad-Index");
  std::from_chars(index.data(), index.data() + index.size(), answer.index);
  boost::json::error_code error;
  if (!answer.text.empty() &&
      (answer.text[0] == '{' || answer.text[0] == '[' || answer.text[0] == '"' || answer.text[0] == 'n')) {
    answer.json = parse_answer(answer.text, error);
    if (error)
      return std::unexpected(
          ApiError{response->status, "the agent's answer is no JSON: " + error.message(), answer.text});
  }
  return answer;
}

std::expected<ApiAnswer, ApiError> ApiClient::get(const std::string& path, Duration timeout) {
  return send({.method = "GET", .target = target(path)}, timeout);
}

std::expected<ApiAnswer, ApiError> ApiClient::write(net::HttpRequest request, Duration timeout) {
  request.headers.emplace_back("Idempotency-Key", random_key());
  auto answer = send(request, timeout);
  if (answer || !answer.error().unknown) return answer;
  complain("The agent did not say what became of this; asking again under the same key ...");
  for (int again = 0; again < most_repeats; ++again) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    answer = send(request, timeout);
    // An agent that is being started again refuses connections, and answers 503 while it reads its log.
    const bool wait = !answer && (answer.error().unknown || answer.error().status == 0 || answer.error().status == 503);
    if (!wait) break;
  }
  return answer;
}

std::expected<ApiAnswer, ApiError> ApiClient::put(const std::string& path, const std::string& body, Duration timeout) {
  net::HttpRequest request{.method = "PUT", .target = target(path), .body = body};
  request.headers.emplace_back("Content-Type", "application/json");
  return write(std::move(request), timeout);
}

std::expected<ApiAnswer, ApiError> ApiClient::remove(const std::string& path) {
  net::HttpRequest request{.method = "DELETE", .target = target(path)};
  return write(std::move(request), seconds(60));
}

std::expected<void, ApiError> ApiClient::stream(const std::string& path,
                                                const std::function<bool(std::string_view)>& on_data) {
  if (unreachable_) return other_->stream(path, on_data);
  if (!client_) return std::unexpected(ApiError{.message = endpoint_.error()});
  net::HttpRequest request{.method = "GET", .target = target(path)};
  if (!options_.token.empty()) request.headers.emplace_back("X-Nomad-Token", options_.token);
  auto response = client_->stream(request, on_data, hours(std::int64_t{24} * 365));
  if (!response && turns_to_other(response.error())) return other_->stream(path, on_data);
  if (!response) {
    return std::unexpected(ApiError{.message = fmt::format("Get \"{}{}\": {}", address_, request.target,
                                                           dial_error(response.error(), *endpoint_))});
  }
  if (response->status < 200 || response->status > 299) {
    return std::unexpected(ApiError{response->status,
                                    fmt::format("Unexpected response code: {} ({})", response->status, response->body),
                                    response->body});
  }
  return {};
}

const boost::json::value& member_of(const boost::json::value& object, std::string_view name) {
  static const boost::json::value null;
  const auto* o = object.if_object();
  const auto* found = o != nullptr ? o->if_contains(boost::json::string_view(name.data(), name.size())) : nullptr;
  return found != nullptr ? *found : null;
}

std::string text_of(const boost::json::value& object, std::string_view name) {
  const auto& v = member_of(object, name);
  return v.is_string() ? std::string(v.get_string()) : std::string();
}

std::int64_t number_of(const boost::json::value& object, std::string_view name) {
  const auto& v = member_of(object, name);
  boost::json::error_code error;
  const auto n = v.is_number() ? v.to_number<std::int64_t>(error) : 0;
  return error ? static_cast<std::int64_t>(v.to_number<double>()) : n;
}

double real_of(const boost::json::value& object, std::string_view name) {
  const auto& v = member_of(object, name);
  return v.is_number() ? v.to_number<double>() : 0;
}

bool flag_of(const boost::json::value& object, std::string_view name) {
  const auto& v = member_of(object, name);
  return v.is_bool() && v.get_bool();
}

std::string pretty(const boost::json::value& value) {
  std::string out;
  append_value(out, value);
  return indented_json(out);
}

}  // namespace orch::cli
