#include <doctest/doctest.h>

#include <thread>

#include "drivers/task/mock/mock_driver.h"

using namespace orch;

namespace {

TaskConfig task_of(Value::Map config) {
  TaskConfig task;
  task.alloc_id = "a";
  task.task_name = "t";
  task.config = std::move(config);
  return task;
}

}  // namespace

TEST_CASE("mock tasks start, live and end as their config says") {
  MockDriver driver;
  const auto begin = [&](Value::Map config) {
    return driver.start(task_of(std::move(config)), [](const std::string&) {});
  };
  CHECK(begin({{"start_error", "no luck"}, {"start_error_recoverable", true}}).error().message == "no luck");
  CHECK(begin({{"start_error", "no luck"}, {"start_error_recoverable", true}}).error().recoverable);

  const auto failing = begin({{"run_for", "0s"}, {"exit_code", 3}, {"exit_err_msg", "because"}}).value();
  const auto exit = driver.wait(failing, seconds(5));
  REQUIRE(exit);
  CHECK(exit->exit_code == 3);
  CHECK(exit->error == "because");

  const auto endless = begin({{"kill_after", "1ms"}, {"signal_error", "deaf"}}).value();
  CHECK_FALSE(driver.wait(endless, Duration{}));
  CHECK(driver.signal(endless, "SIGHUP").error().message == "deaf");
  CHECK(driver.recover(endless, task_of({})));
  CHECK(driver.stop(endless, "", seconds(5)));
  CHECK(driver.wait(endless, Duration{})->signal == 15);
  CHECK(driver.list()->size() == 2);
  CHECK(driver.destroy(endless));
  CHECK_FALSE(driver.recover(endless, task_of({})));
}

TEST_CASE("a start that blocks ends when it is cancelled") {
  MockDriver driver;
  std::atomic<bool> ended = false;
  std::expected<std::string, DriverError> started;
  std::thread thread([&] {
    started = driver.start(task_of({{"start_block_for", "1h"}}), [](const std::string&) {});
    ended = true;
  });
  while (!ended) {
    driver.cancel_start("a", "t");
    std::this_thread::yield();
  }
  thread.join();
  CHECK(started.error().message == "the start was cancelled");
}
