// The drivers of one agent, by the names that job files say.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/runner/task_driver.h"
#include "drivers/task/driver_options.h"

namespace orch {

class DriverRegistry {
 public:
  using Options = DriverOptions;
  static DriverRegistry with_defaults(const Options& options);

  void add(std::unique_ptr<TaskDriver> driver);
  TaskDriver* find(const std::string& name) const;
  std::vector<TaskDriver*> all() const;

 private:
  std::map<std::string, std::unique_ptr<TaskDriver>> drivers_;
};

}  // namespace orch
