#include "drivers/task/registry.h"

#include "drivers/task/docker/docker_driver.h"
#include "drivers/task/mock/mock_driver.h"
#include "drivers/task/raw_exec/raw_exec_driver.h"

namespace orch {

DriverRegistry DriverRegistry::with_defaults(const Options& options) {
  DriverRegistry registry;
  if (options.offers("docker")) registry.add(std::make_unique<DockerDriver>(options.docker));
  if (options.mock && options.offers("mock_driver")) registry.add(std::make_unique<MockDriver>());
  if (options.offers("raw_exec")) registry.add(std::make_unique<RawExecDriver>(options.raw_exec));
  return registry;
}

void DriverRegistry::add(std::unique_ptr<TaskDriver> driver) {
  std::string name = driver->name();
  drivers_[std::move(name)] = std::move(driver);
}

TaskDriver* DriverRegistry::find(const std::string& name) const {
  const auto it = drivers_.find(name);
  return it == drivers_.end() ? nullptr : it->second.get();
}

std::vector<TaskDriver*> DriverRegistry::all() const {
  std::vector<TaskDriver*> list;
  for (const auto& [name, driver] : drivers_) list.push_back(driver.get());
  return list;
}

}  // namespace orch
