#include "drivers/node/poller.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "tests/drivers/node/fake_server.h"

using namespace orch;
using namespace orch::client;
namespace json = boost::json;

namespace {

const std::string a = "aaaaaaaa-3cf8-4bd4-6007-a5f2b0938262", b = "bbbbbbbb-3cf8-4bd4-6007-a5f2b0938262";

json::object allocation(const std::string& id, std::uint64_t index) { return test::FakeServer::allocation(id, index); }

/// Answers the poll by a list of answers, then with "cancelled"; notes how it was asked.
class Script : public ServerApi {
 public:
  using Answer = std::expected<Allocations, ApiError>;
  std::deque<Answer> answers;
  std::vector<std::uint64_t> asked;
  std::vector<Duration> waits;

  void answer(std::uint64_t index, const json::array& list) {
    answers.emplace_back(Allocations{index, json::serialize(list)});
  }
  void wait_for_end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
  }

  std::expected<Duration, ApiError> register_node(const Node&, const std::string&) override {
    std::lock_guard lock(mutex_);
    ++registrations_;
    changed_.notify_all();
    return seconds(100);
  }
  std::expected<Duration, ApiError> heartbeat(const std::string&) override { return seconds(100); }
  Answer allocations(const std::string&, std::uint64_t index, Duration wait) override {
    std::lock_guard lock(mutex_);
    if (answers.empty()) {
      ended_ = true;
      changed_.notify_all();
      return std::unexpected(ApiError{ApiError::Kind::cancelled, ""});
    }
    asked.push_back(index);
    waits.push_back(wait);
    Answer answer = std::move(answers.front());
    answers.pop_front();
    return answer;
  }
  std::expected<void, ApiError> update_allocations(const std::string&, const std::string&,
                                                   const std::string&) override {
    return {};
  }
  std::expected<void, ApiError> update_services(const std::string&, const std::string&, const std::string&) override {
    return {};
  }
  void cancel() override {}
  void wait_for_registrations(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return registrations_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  int registrations_ = 0;
};

/// Polls by the script to its end; what was handed on and said stands in the members then.
struct Polled {
  Script script;
  std::vector<std::string> handed;  // "changed ids | listed ids @ index"
  std::vector<std::string> said;
  std::optional<Duration> again;
  int registrations = 1;  // to wait for

  void run() {
    const Say say = [this](auto level, const std::string& text) {
      if (level != "INFO") said.push_back(text);
    };
    StopSignal stopping;
    Registration registration(script, {"node-id", "secret"}, Node{}, say);
    Poller poller(
        script, registration, stopping,
        [this](Poller::News news) {
          std::string text;
          for (const AllocationSpec& spec : news.changed) text += spec.id.substr(0, 1);
          text += "|";
          for (const std::string& id : news.listed) text += id.substr(0, 1);
          handed.push_back(text + "@" + std::to_string(news.index));
          return again;
        },
        say);
    poller.start([&] { registration.start([] {}); });
    script.wait_for_end();
    script.wait_for_registrations(registrations);
    stopping.set();
    registration.stop();
    poller.stop();
  }
};

}  // namespace

TEST_CASE("only what is newer than what was handed on is handed on again, beside the whole list") {
  Polled polled;
  polled.script.answer(5, {allocation(a, 3)});
  polled.script.answer(6, {allocation(a, 3), allocation(b, 6)});
  polled.script.answer(7, {allocation(a, 7), allocation(b, 6)});
  polled.script.answer(8, {allocation(b, 6)});
  polled.script.answer(9, {allocation(a, 7), allocation(b, 6)});
  polled.run();
  CHECK(polled.handed == std::vector<std::string>{"a|a@5", "b|ab@6", "a|ab@7", "|b@8", "a|ab@9"});
  CHECK(polled.script.asked == std::vector<std::uint64_t>{0, 5, 6, 7, 8});
  CHECK(polled.said.empty());
}

TEST_CASE("an answer that is older than the one before is not handed on, and the count begins anew") {
  Polled polled;
  polled.script.answer(5, {allocation(a, 3)});
  polled.script.answer(4, {allocation(b, 4)});
  polled.script.answer(4, {allocation(a, 3)});
  polled.run();
  CHECK(polled.handed == std::vector<std::string>{"a|a@5", "|a@4"});
  CHECK(polled.script.asked == std::vector<std::uint64_t>{0, 5, 0});
}

TEST_CASE("who takes the news decides how long the next question may wait") {
  Polled polled;
  polled.again = seconds(2);
  polled.script.answer(5, {});
  polled.script.answer(6, {});
  polled.run();
  CHECK(polled.script.waits == std::vector<Duration>{seconds(60), seconds(2)});
}

TEST_CASE("what can't be read is told once and asked for again; one bad allocation spoils no other") {
  Polled polled;
  polled.script.answers.emplace_back(ServerApi::Allocations{5, "{}"});
  polled.script.answers.emplace_back(ServerApi::Allocations{5, "["});
  const std::string path = "../../../../../../../../etc/cron.d/a";  // as long as a UUID, and would be a folder's name
  polled.script.answer(5, {json::object{{"Name", "without an id"}}, allocation(path, 3), allocation(a, 3)});
  polled.run();
  CHECK(polled.handed == std::vector<std::string>{"a|a@5"});
  CHECK(polled.script.asked == std::vector<std::uint64_t>{0, 0, 0});
  REQUIRE(polled.said.size() == 3);
  CHECK(polled.said[0] == "allocations: the answer is no JSON list");
}

TEST_CASE("a node that the servers don't know is registered again") {
  Polled polled;
  polled.registrations = 2;
  polled.script.answers.emplace_back(std::unexpected(ApiError{ApiError::Kind::unknown_node, "node not found"}));
  polled.script.answer(5, {allocation(a, 3)});
  polled.run();
  CHECK(polled.handed == std::vector<std::string>{"a|a@5"});
  CHECK(polled.said == std::vector<std::string>{"allocations: node not found"});
}
