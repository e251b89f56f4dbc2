// What a client is told of a write when the log fails, falls silent or comes back.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "drivers/http/api.h"
#include "drivers/http/event_streams.h"
#include "drivers/log/lmdb/lmdb_log.h"
#include "drivers/net/http_client.h"
#include "projections/lmdb/table_store.h"
#include "tests/drivers/node/temp_folder.h"

using namespace orch;

namespace {

enum class Mood { well, lost, unknown_but_written, unknown_and_lost, silent };

// Tells the log behind it what became of an append, as disks do.
class MoodyLog final : public Log {
 public:
  explicit MoodyLog(std::unique_ptr<Log> log) : log_(std::move(log)) {}

  void set(Mood mood) {
    std::lock_guard lock(mutex_);
    mood_ = mood;
    changed_.notify_all();
  }
  const std::string& id() const override { return log_->id(); }
  LogIndex head() const override { return log_->head(); }
  LogIndex oldest() const override { return log_->oldest(); }
  std::expected<LogIndex, LogError> append(std::span<const Bytes> groups) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return mood_ != Mood::silent; });
    const Mood mood = mood_;
    lock.unlock();
    if (mood == Mood::lost) return std::unexpected(LogError{LogError::Kind::unavailable, "the disk is away"});
    if (mood == Mood::unknown_and_lost)
      return std::unexpected(LogError{LogError::Kind::outcome_unknown, "the disk said nothing"});
    auto index = log_->append(groups);
    if (mood == Mood::unknown_but_written)
      return std::unexpected(LogError{LogError::Kind::outcome_unknown, "the disk said nothing"});
    return index;
  }
  std::expected<void, LogError> read(LogIndex from, const Visitor& visit) const override {
    return log_->read(from, visit);
  }
  bool wait(LogIndex after, Duration timeout) const override { return log_->wait(after, timeout); }

 private:
  std::unique_ptr<Log> log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Mood mood_ = Mood::well;
};

// A server and its HTTP interface over such a log.
struct Door {
  test::TempFolder folder;
  MoodyLog* log = nullptr;
  std::unique_ptr<Server> server;
  std::unique_ptr<http::Context> context;
  http::Router router;
  std::unique_ptr<net::HttpServer> listener;
  std::unique_ptr<net::HttpClient> client;
  std::uint16_t port = 0;

  Door() {
    auto moody = std::make_unique<MoodyLog>(std::move(*LmdbLog::open(folder.path() + "/log")));
    log = moody.get();
    auto store = LmdbTableStore::open(folder.path() + "/views", {.log_id = moody->id(), .boot_id = "boot"});
    server = std::make_unique<Server>(std::move(moody), std::move(*store), Server::Options{});
    REQUIRE(server->start());
    context = std::make_unique<http::Context>(*server, http::AgentFacts{});
    context->answer_within = milliseconds(50);
    http::add_all_routes(router, *context);
    router.show_first([this] { return server->shows_all(); },
                      [this](auto callback) { server->when_shown(std::move(callback)); });
    const net::HttpServer::Limits limits{.header_timeout = milliseconds(80)};  // its clock ticks every 20 ms
    listener = std::make_unique<net::HttpServer>(
        [this](const net::ServerRequest& r, net::Responder responder) { router.handle(r, std::move(responder)); },
        limits, 2);
    port = *listener->listen("127.0.0.1", 0);
    client = std::make_unique<net::HttpClient>(net::Endpoint{.host = "127.0.0.1", .port = port});
  }
  ~Door() {
    log->set(Mood::well);
    server->watches().close();
    listener->stop();
    server->stop();
  }

  net::HttpResponse send(std::string method, std::string target, std::string body = "", std::string key = "") {
    net::HttpRequest request{.method = std::move(method), .target = std::move(target), .body = std::move(body)};
    if (!key.empty()) request.headers.push_back({"Idempotency-Key", key});
    auto answer = client->send(request);
    REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message));
    return std::move(*answer);
  }
  net::HttpResponse register_job(const std::string& key) {
    return send("PUT", "/v1/jobs",
                R"({"Job":{"ID":"a","Name":"a","Type":"batch","Datacenters":["dc1"],)"
                R"("TaskGroups":[{"Name":"g","Count":0,"Tasks":[{"Name":"t","Driver":"mock_driver"}]}]}})",
                key);
  }
  std::size_t versions() {
    const std::string body = send("GET", "/v1/job/a/evaluations").body;
    std::size_t found = 0;
    for (std::size_t at = body.find("\"ID\":"); at != std::string::npos; at = body.find("\"ID\":", at + 1)) ++found;
    return found;
  }
};

}  // namespace

TEST_CASE("a write whose outcome is unknown is told so with its key, and the repeat gets its first answer") {
  Door door;
  door.log->set(Mood::unknown_but_written);
  const auto told = door.register_job("k1");
  CHECK(told.status == 504);
  CHECK(told.body == "outcome unknown, retry with this key: k1 (the disk said nothing)");
  door.log->set(Mood::well);
  const auto repeated = door.register_job("k1"), again = door.register_job("k1");
  CHECK(repeated.status == 200);
  CHECK(repeated.header("X-Nomad-Index") == "1");  // where the first one went
  CHECK(repeated.body == again.body);
  CHECK(door.versions() == 1);
}

TEST_CASE("what was lost is done by the repeat") {
  Door door;
  door.log->set(Mood::unknown_and_lost);
  CHECK(door.register_job("k1").status == 504);
  door.log->set(Mood::lost);
  const auto away = door.register_job("k1");
  CHECK(away.status == 503);
  CHECK(away.body == "the disk is away");
  CHECK(door.send("GET", "/v1/job/a").status == 404);
  door.log->set(Mood::well);
  CHECK(door.register_job("k1").status == 200);
  CHECK(door.versions() == 1);
}

TEST_CASE("without a key nobody is told to retry blindly") {
  Door door;
  door.log->set(Mood::unknown_and_lost);
  const auto told = door.register_job("");
  CHECK(told.status == 504);
  CHECK(told.body ==
        "outcome unknown, look before you retry: the request had no Idempotency-Key (the disk said nothing)");
}

TEST_CASE("a log that does not answer in time: the client is told, and others are served") {
  Door door;
  door.log->set(Mood::silent);
  const auto told = door.register_job("k1");
  CHECK(told.status == 504);
  CHECK(told.body == "outcome unknown, retry with this key: k1 (the log has not answered in time)");
  for (int i = 0; i < 4; ++i) {  // each on a connection of its own: none is handed to a thread that waits for the log
    net::HttpClient other(net::Endpoint{.host = "127.0.0.1", .port = door.port});
    const auto answer = other.send({.target = "/v1/regions"});
    REQUIRE(answer);
    CHECK(answer->body == "[\"global\"]");
  }
  door.log->set(Mood::well);
  const auto repeated = door.register_job("k1");
  CHECK(repeated.status == 200);
  CHECK(repeated.header("X-Nomad-Index") == "1");
  CHECK(door.versions() == 1);
}

TEST_CASE("an answer that comes too late is nobody's") {
  std::unique_ptr<net::Responder> late;
  std::mutex mutex;
  net::HttpServer server(
      [&](const net::ServerRequest& request, net::Responder responder) {
        if (request.path != "/late") return responder.send(200, "text/plain", "in time");
        responder.give_up_after(milliseconds(20), 504, "given up");
        std::lock_guard lock(mutex);
        late = std::make_unique<net::Responder>(std::move(responder));
      },
      {.header_timeout = milliseconds(80)}, 1);
  net::HttpClient client(net::Endpoint{.host = "127.0.0.1", .port = *server.listen("127.0.0.1", 0)});
  const auto given_up = client.send({.target = "/late"});
  REQUIRE(given_up);
  CHECK(given_up->status == 504);
  CHECK(given_up->body == "given up");
  {
    std::lock_guard lock(mutex);
    late->send(200, "text/plain", "too late");
  }
  const auto next = client.send({.target = "/next"});
  REQUIRE(next);
  CHECK(next->body == "in time");
}
