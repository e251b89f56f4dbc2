#include "drivers/node/server_api.h"

#include <atomic>
#include <boost/json.hpp>
#include <charconv>

#include "core/model/job_json.h"
#include "core/model/json_limits.h"
#include "core/model/json_text.h"

namespace orch::client {
namespace {

namespace json = boost::json;

class Channel {
 public:
  explicit Channel(const std::vector<net::Endpoint>& servers) : servers_(servers) {}

  std::expected<net::HttpResponse, ApiError> send(const net::HttpRequest& request, Duration timeout) {
    std::lock_guard lock(mutex_);
    if (cancelled_) return std::unexpected(ApiError{ApiError::Kind::cancelled, "the node client is stopping"});
    {
      std::lock_guard guard(client_mutex_);
      if (client_ == nullptr) client_ = std::make_unique<net::HttpClient>(servers_[at_ % servers_.size()]);
    }
    if (cancelled_) return std::unexpected(ApiError{ApiError::Kind::cancelled, "the node client is stopping"});
    auto answer = client_->send(request, timeout);
    if (!answer) {
      const bool cancelled = answer.error().kind == net::NetError::Kind::cancelled;
      if (!cancelled) next_server();
      return std::unexpected(ApiError{cancelled ? ApiError::Kind::cancelled : ApiError::Kind::unreachable,
                                      request.method + " " + request.target + ": " + answer.error().message});
    }
    if (answer->status / 100 == 2) return std::move(*answer);
    const std::string text = request.method + " " + request.target + ": " + std::to_string(answer->status) + " " +
                             answer->body;
    if (answer->status == 404) return std::unexpected(ApiError{ApiError::Kind::unknown_node, text});
    // 408, 429 and what servers say while they start, lead or stop is worth another attempt, maybe elsewhere.
    // A plain 500 is a refusal with its reason: it would be refused again.
    const int status = answer->status;
    if (status == 408 || status == 429 || (status > 500 && status != 501)) {
      next_server();
      return std::unexpected(ApiError{ApiError::Kind::unreachable, text});
    }
    return std::unexpected(ApiError{ApiError::Kind::refused, text});
  }

  void cancel() {
    cancelled_ = true;
    std::lock_guard guard(client_mutex_);
    if (client_ != nullptr) client_->cancel();
  }

 private:
  void next_server() {
    std::lock_guard guard(client_mutex_);
    client_.reset();
    ++at_;
  }

  const std::vector<net::Endpoint>& servers_;
  std::mutex mutex_;         // one request at a time
  std::mutex client_mutex_;  // the pointer, beside `cancel`
  std::unique_ptr<net::HttpClient> client_;
  std::size_t at_ = 0;
  std::atomic<bool> cancelled_ = false;
};

Duration heartbeat_time(const net::HttpResponse& answer) {
  json::error_code error;
  const json::value body = parse_answer(answer.body, error);
  if (error || !body.is_object()) return seconds(10);
  const json::value* ttl = body.get_object().if_contains("HeartbeatTTL");
  if (ttl == nullptr || !ttl->is_number()) return seconds(10);
  const Duration time{ttl->to_number<std::int64_t>(error)};
  return error || time < milliseconds(10) ? seconds(10) : time;
}

class HttpServerApi : public ServerApi {
 public:
  explicit HttpServerApi(std::vector<net::Endpoint> servers)
      : servers_(std::move(servers)), beats_(servers_), polls_(servers_), reports_(servers_) {}

  std::expected<Duration, ApiError> register_node(const Node& node, const std::string& secret) override {
    std::string body = "{\"Node\":{";
    append_node_fields(body, node);
    body += ",\"SecretID\":";
    append_quoted(body, secret);
    body += "}}";
    auto answer = beats_.send({"PUT", "/v1/node/register", json_headers(), std::move(body)}, seconds(30));
    if (!answer) return std::unexpected(answer.error());
    return heartbeat_time(*answer);
  }

  std::expected<Duration, ApiError> heartbeat(const std::string& node_id) override {
    auto answer = beats_.send({"PUT", "/v1/node/" + node_id + "/heartbeat", json_headers(), "{}"}, seconds(10));
    if (!answer) return std::unexpected(answer.error());
    return heartbeat_time(*answer);
  }

  std::expected<Allocations, ApiError> allocations(const std::string& node_id, std::uint64_t index,
                                                   Duration wait) override {
    std::string target = "/v1/node/" + node_id + "/allocations";
    if (index > 0) {
      target += "?index=" + std::to_string(index) + "&wait=" + std::to_string(wait.ns / 1'000'000) + "ms";
    }
    // The server may add a sixteenth of the wait, so that not all its clients come back at once.
    auto answer = polls_.send({"GET", std::move(target), {}, ""}, wait + Duration{wait.ns / 8} + seconds(10));
    if (!answer) return std::unexpected(answer.error());
    Allocations list;
    const std::string_view text = answer->header("X-Nomad-Index");
    std::from_chars(text.data(), text.data() + text.size(), list.index);
    list.body = std::move(answer->body);
    return list;
  }

  std::expected<void, ApiError> update_allocations(const std::string& node_id, const std::string& body,
                                                   const std::string&) override {
    // Without its key: it says what is, so a repeat is harmless, and the servers may record it together with others.
    return report("/v1/node/" + node_id + "/update", body, {});
  }

  std::expected<void, ApiError> update_services(const std::string& node_id, const std::string& body,
                                                const std::string& key) override {
    return report("/v1/node/" + node_id + "/services", body, key);
  }

  void cancel() override {
    beats_.cancel();
    polls_.cancel();
    reports_.cancel();
  }

 private:
  static net::Headers json_headers() { return {{"Content-Type", "application/json"}}; }

  std::expected<void, ApiError> report(std::string target, const std::string& body, const std::string& key) {
    net::Headers headers = json_headers();
    if (!key.empty()) headers.emplace_back("Idempotency-Key", key);
    auto answer = reports_.send({"PUT", std::move(target), std::move(headers), body}, seconds(30));
    if (!answer) return std::unexpected(answer.error());
    return {};
  }

  const std::vector<net::Endpoint> servers_;
  Channel beats_, polls_, reports_;
};

}  // namespace

std::expected<std::unique_ptr<ServerApi>, std::string> make_http_server_api(const std::vector<std::string>& servers) {
  if (servers.empty()) return std::unexpected("servers: expected at least one address, such as 127.0.0.1:4646");
  std::vector<net::Endpoint> endpoints;
  for (const std::string& server : servers) {
    auto endpoint = net::Endpoint::parse(server);
    if (!endpoint) return std::unexpected("servers: \"" + server + "\": " + endpoint.error());
    endpoints.push_back(std::move(*endpoint));
  }
  return std::make_unique<HttpServerApi>(std::move(endpoints));
}

}  // namespace orch::client
