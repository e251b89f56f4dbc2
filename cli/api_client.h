// The command line's only door to a cluster: the HTTP API of one agent.
//
// Blocking, one connection, one thread. Errors are the sentences that Nomad's commands print.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/command.h"
#include "core/base/time.h"
#include "drivers/net/http_client.h"

namespace orch::cli {

struct ApiError {
  int status = 0;       ///< 0: no answer came
  std::string message;  ///< "Unexpected response code: 404 (job not found)", "Get \"http://…\": dial tcp …"
  std::string body;     ///< of the answer
  bool unknown = false; ///< of a write: it may have happened
};

struct ApiAnswer {
  boost::json::value json;
  std::string text;         ///< as it came
  std::uint64_t index = 0;  ///< X-Nomad-Index
};

class ApiClient {
 public:
  explicit ApiClient(const GeneralOptions& options);

  /// From the first failed attempt to connect on, that agent is asked instead: it passes on what it can't answer, or
  /// says why the other can't be reached.
  void or_through(const GeneralOptions& options) { other_ = std::make_unique<ApiClient>(options); }

  /// `path` begins with /v1 and is encoded (drivers/net/percent.h); region, namespace and token are added.
  std::expected<ApiAnswer, ApiError> get(const std::string& path, Duration timeout = seconds(60));
  /// With an idempotency key of its own. When the connection breaks, or the agent does not know what became of it, the
  /// write is repeated under that key for a few seconds, and the user is told.
  std::expected<ApiAnswer, ApiError> put(const std::string& path, const std::string& body,
                                         Duration timeout = seconds(60));
  std::expected<ApiAnswer, ApiError> remove(const std::string& path);

  /// GET whose body is handed over as it comes; not JSON.
  std::expected<void, ApiError> stream(const std::string& path, const std::function<bool(std::string_view)>& on_data);

  const std::string& address() const { return address_; }

 private:
  std::expected<ApiAnswer, ApiError> send(net::HttpRequest request, Duration timeout);
  std::expected<ApiAnswer, ApiError> write(net::HttpRequest request, Duration timeout);
  std::string target(const std::string& path) const;
  bool turns_to_other(const net::NetError& error);

  GeneralOptions options_;
  std::string address_;
  std::expected<net::Endpoint, std::string> endpoint_;
  std::optional<net::HttpClient> client_;
  std::unique_ptr<ApiClient> other_;
  bool unreachable_ = false;  ///< and so `other_` is asked
};

/// Members of objects that may be absent or null: what reading answers needs all the time.
std::string text_of(const boost::json::value& object, std::string_view name);
std::int64_t number_of(const boost::json::value& object, std::string_view name);
double real_of(const boost::json::value& object, std::string_view name);
bool flag_of(const boost::json::value& object, std::string_view name);
/// The member, or a null value.
const boost::json::value& member_of(const boost::json::value& object, std::string_view name);

/// Four spaces deep, keys in the order in which they came: what `-json` prints.
std::string pretty(const boost::json::value& value);

}  // namespace orch::cli
