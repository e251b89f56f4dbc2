// The two HTTP faces of the node client: what it asks of servers, and what it answers under /v1/client.
#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <fstream>
#include <thread>

#include "drivers/node/client.h"
#include "drivers/node/client_api.h"
#include "drivers/net/http_server.h"
#include "tests/drivers/node/fake_driver.h"
#include "tests/drivers/node/fake_server.h"
#include "tests/drivers/node/temp_folder.h"

using namespace orch;
using namespace orch::client;
using test::FakeServer;

namespace {

const std::string id = "ed5d7c08-3cf8-4bd4-6007-a5f2b0938262";

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    parts.emplace_back(path.substr(at + 1, end - at - 1));
    at = end;
  }
  return parts;
}

std::map<std::string, std::string> parameters(std::string_view query) {
  std::map<std::string, std::string> params;
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    params[std::string(one.substr(0, equals))] = equals == one.npos ? "" : std::string(one.substr(equals + 1));
  }
  return params;
}

/// Answers the few routes that node clients use.
struct Servers {
  std::mutex mutex;
  std::vector<std::string> seen;  // "PUT /v1/… body"
  std::string allocations = "[]";
  int status = 200;
  net::HttpServer server{[this](const net::ServerRequest& request, net::Responder responder) {
                           std::lock_guard lock(mutex);
                           seen.push_back(std::string(request.method) + " " + std::string(request.target) + " " +
                                          std::string(request.header("Idempotency-Key")) + " " +
                                          std::string(request.body));
                           if (status != 200) return responder.send(status, "text/plain", "no");
                           if (request.path.ends_with("/allocations")) {
                             return responder.send(200, "application/json", allocations, {{"X-Nomad-Index", "42"}});
                           }
                           responder.send(200, "application/json", "{\"HeartbeatTTL\":3000000000}");
                         },
                         {},
                         1};
  std::uint16_t port = server.listen("127.0.0.1", 0).value();
};

}  // namespace

TEST_CASE("servers are asked over HTTP") {
  Servers servers;
  auto api = make_http_server_api({"127.0.0.1:" + std::to_string(servers.port)});
  REQUIRE(api);
  Node node;
  node.id = "n1";
  CHECK((*api)->register_node(node, "secret")->ns == seconds(3).ns);
  CHECK((*api)->heartbeat("n1")->ns == seconds(3).ns);
  const auto list = (*api)->allocations("n1", 7, seconds(2));
  REQUIRE(list);
  CHECK(list->index == 42);
  CHECK(list->body == "[]");
  CHECK((*api)->update_allocations("n1", "{\"Alloc\":[]}", "key1"));
  {
    std::lock_guard lock(servers.mutex);
    REQUIRE(servers.seen.size() == 4);
    CHECK(servers.seen[0].find("PUT /v1/node/register") == 0);
    CHECK(servers.seen[0].find("\"SecretID\":\"secret\"") != std::string::npos);
    CHECK(servers.seen[2].find("GET /v1/node/n1/allocations?index=7&wait=2000ms") == 0);
    CHECK(servers.seen[3] == "PUT /v1/node/n1/update  {\"Alloc\":[]}");
    servers.status = 404;
  }
  CHECK((*api)->heartbeat("n1").error().kind == ApiError::Kind::unknown_node);
  servers.status = 500;
  CHECK((*api)->heartbeat("n1").error().kind == ApiError::Kind::refused);
  servers.status = 503;
  CHECK((*api)->heartbeat("n1").error().kind == ApiError::Kind::unreachable);
  (*api)->cancel();
  CHECK((*api)->heartbeat("n1").error().kind == ApiError::Kind::cancelled);
  CHECK_FALSE(make_http_server_api({}));
}

TEST_CASE("usage, files and logs are answered") {
  test::TempFolder folder;
  test::FakeDriver driver;
  FakeServer server;
  ClientOptions options;
  options.data_dir = folder.path();
  options.node.network_interface = "lo";
  Client client(options, {&driver}, std::make_unique<test::FakeServerApi>(server));
  REQUIRE(client.start());
  server.put(FakeServer::allocation(id, 2));
  REQUIRE(server.wait_for_status(id, "running"));
  std::ofstream(folder.path() + "/alloc/" + id + "/alloc/logs/t.stdout.0") << "hello\n";
  std::ofstream(folder.path() + "/alloc/" + id + "/alloc/logs/t.stderr.0") << "problem\n";

  ClientApi api(client);
  net::HttpServer http([&](const net::ServerRequest& request, net::Responder responder) {
    ClientRequest call{std::string(request.method), split(request.path), parameters(request.query),
                       std::string(request.body)};
    call.segments.erase(call.segments.begin(), call.segments.begin() + 2);
    api.handle(std::move(call), std::move(responder));
  }, {}, 1);
  net::HttpClient user({"127.0.0.1", http.listen("127.0.0.1", 0).value(), ""});
  const auto get = [&](const std::string& path) {
    auto answer = user.send({"GET", "/v1/client/" + path, {}, ""}, seconds(10));
    REQUIRE(answer);
    return std::pair(answer->status, answer->body);
  };
  using Answer = std::pair<int, std::string>;

  CHECK(get("stats").second.find("CPUTicksConsumed") != std::string::npos);
  CHECK(get("allocation/" + id + "/stats").second.find("\"RSS\":1234") != std::string::npos);
  CHECK(get("fs/ls/" + id + "?path=/").second.find("\"Name\":\"alloc\"") != std::string::npos);
  CHECK(get("fs/stat/" + id + "?path=t").second.find("\"IsDir\":true") != std::string::npos);
  CHECK(get("fs/cat/" + id + "?path=alloc/logs/t.stdout.0") == Answer{200, "hello\n"});
  CHECK(get("fs/readat/" + id + "?path=alloc/logs/t.stdout.0&offset=1&limit=3") == Answer{200, "ell"});
  CHECK(get("fs/ls/" + id + "?path=../../etc") == Answer{500, "Path escapes the alloc directory"});
  CHECK(get("fs/cat/" + id + "?path=../../../etc/passwd") == Answer{400, "Path escapes the alloc directory"});
  CHECK(get("fs/cat/" + id + "?path=nosuch").first == 400);
  CHECK(get("fs/stream/" + id + "?path=nosuch&offset=0&origin=start").first == 400);
  CHECK(get("fs/ls/nosuch?path=/") == Answer{500, "alloc lookup failed: index error: UUID must be 36 characters"});
  CHECK(get("fs/ls/00000000-3cf8-4bd4-6007-a5f2b0938262?path=/").first == 404);
  CHECK(get("fs/logs/" + id + "?task=t&type=stdout&plain=true") == Answer{200, "hello\n"});
  CHECK(get("fs/logs/" + id + "?task=t&type=stderr&origin=end&offset=4") ==
        Answer{200, "{\"Data\":\"bGVtCg==\",\"File\":\"alloc/logs/t.stderr.0\",\"Offset\":8}\n"});
  CHECK(get("fs/logs/" + id + "?task=nosuch&type=stdout") ==
        Answer{400, "task group \"g\" does not have task with name \"nosuch\""});
  CHECK(get("fs/logs/" + id + "?task=t&type=bogus") == Answer{500, "must provide log type (stdout/stderr)"});
  CHECK(get("fs/logs/" + id + "?type=stdout") == Answer{500, "must provide task name"});
  CHECK(get("nosuch").first == 404);

  // A follower gets what is written later, and its stream ends with the task.
  std::string seen;
  bool written = false;
  auto followed = user.stream(
      {"GET", "/v1/client/fs/logs/" + id + "?task=t&type=stdout&follow=true&plain=true", {}, ""},
      [&](std::string_view bytes) {
        seen += bytes;
        if (!std::exchange(written, true)) {
          std::ofstream(folder.path() + "/alloc/" + id + "/alloc/logs/t.stdout.0", std::ios::app) << "more\n";
        }
        if (seen == "hello\nmore\n") driver.end_task("h1", 0);
        return true;
      },
      seconds(20));
  REQUIRE(followed);
  CHECK(followed->status == 200);
  CHECK(seen == "hello\nmore\n");
  client.stop();
  http.stop();
}
