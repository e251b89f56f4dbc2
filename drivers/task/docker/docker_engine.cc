#include "drivers/task/docker/docker_engine.h"

#include <boost/json.hpp>

namespace orch {
namespace {

constexpr char version[] = "/v1.41";

EngineError error_of(const net::HttpResponse& response) {
  std::string reason = response.body;
  boost::json::error_code error;
  const boost::json::value body = boost::json::parse(response.body, error);
  if (!error && body.is_object()) {
    const auto* message = body.get_object().if_contains("message");
    if (message != nullptr && message->is_string()) reason = message->get_string();
  }
  while (!reason.empty() && reason.back() == '\n') reason.pop_back();
  return {response.status, "API error (" + std::to_string(response.status) + "): " + reason, false};
}

EngineError error_of(const net::NetError& error) {
  const bool connected = error.kind != net::NetError::Kind::connect && error.kind != net::NetError::Kind::resolve;
  return {0,
          (connected ? "The Docker daemon did not answer: " : "Cannot connect to the Docker daemon: ") + error.message,
          error.kind == net::NetError::Kind::timeout};
}

}  // namespace

net::HttpClient DockerEngine::connection() const { return net::HttpClient(net::Endpoint{.unix_path = socket_path_}); }

DockerEngine::Answer DockerEngine::call(const std::string& method, const std::string& path, const std::string& body,
                                        Duration timeout) const {
  net::HttpClient client = connection();
  net::HttpRequest request{.method = method, .target = version + path, .body = body};
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  auto response = client.send(request, timeout);
  if (!response) return std::unexpected(error_of(response.error()));
  if (response->status >= 400) return std::unexpected(error_of(*response));
  boost::json::error_code error;
  boost::json::value json = boost::json::parse(response->body, error);
  return error ? boost::json::value(response->body) : std::move(json);
}

std::expected<void, EngineError> DockerEngine::stream(net::HttpClient& client, const std::string& method,
                                                      const std::string& path, const net::Headers& headers,
                                                      const std::function<bool(std::string_view)>& on_data,
                                                      Duration silence) const {
  net::HttpRequest request{.method = method, .target = version + path, .headers = headers};
  auto response = client.stream(request, on_data, silence);
  if (!response) return std::unexpected(error_of(response.error()));
  if (response->status >= 400) return std::unexpected(error_of(*response));
  return {};
}

}  // namespace orch
