// Servers as one node client sees them: a list of allocations that tests edit, and all that the client has told.
#pragma once

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "drivers/node/server_api.h"

namespace orch::test {

/// What outlives a client: shared by the FakeServerApi of each client over the same servers.
class FakeServer {
 public:
  /// A whole allocation of one task on the driver "fake"; `job` may override members of the task group.
  static boost::json::object allocation(const std::string& id, std::uint64_t index,
                                        boost::json::object group_extra = {}, boost::json::object task_extra = {}) {
    namespace json = boost::json;
    json::object task{{"Name", "t"}, {"Driver", "fake"}, {"KillTimeout", 1000000000}};
    for (auto& [key, value] : task_extra) task[key] = value;
    json::object group{{"Name", "g"}, {"Count", 1}, {"Tasks", json::array{task}}};
    for (auto& [key, value] : group_extra) group[key] = value;
    json::object ports{{"Device", "lo"}, {"IP", "127.0.0.1"}, {"MBits", 10},
                       {"DynamicPorts", json::array{json::object{{"Label", "db"}, {"Value", 24062}}}}};
    return {{"ID", id},
            {"Name", "example.g[0]"},
            {"NodeID", "node"},
            {"JobID", "example"},
            {"TaskGroup", "g"},
            {"Namespace", "default"},
            {"DesiredStatus", "run"},
            {"ClientStatus", "pending"},
            {"CreateIndex", index},
            {"ModifyIndex", index},
            {"AllocModifyIndex", index},
            {"Job", json::object{{"ID", "example"}, {"Name", "example"}, {"Type", "batch"}, {"Version", 0},
                                 {"TaskGroups", json::array{group}}}},
            {"TaskResources", json::object{{"t", json::object{{"CPU", 500}, {"MemoryMB", 256},
                                                              {"Networks", json::array{ports}}}}}}};
  }

  void put(boost::json::object allocation) {
    std::lock_guard lock(mutex);
    ++index;
    const std::string id(allocation["ID"].as_string());
    allocation["AllocModifyIndex"] = index;
    allocations[id] = std::move(allocation);
    put_at = std::chrono::steady_clock::now();
    changed.notify_all();
  }
  void edit(const std::string& id, const std::function<void(boost::json::object&)>& change) {
    boost::json::object copy;
    {
      std::lock_guard lock(mutex);
      copy = allocations[id];
    }
    change(copy);
    put(std::move(copy));
  }
  void drop(const std::string& id) {
    std::lock_guard lock(mutex);
    ++index;
    allocations.erase(id);
    changed.notify_all();
  }

  /// Waits until what the client has told fulfils `good`, under the lock.
  bool wait_until(const std::function<bool()>& good) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), good);
  }
  bool wait_for_status(const std::string& id, const std::string& status) {
    return wait_until(
        [&] { return told[id].if_contains("ClientStatus") && told[id]["ClientStatus"] == status.c_str(); });
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::uint64_t index = 1;
  std::map<std::string, boost::json::object> allocations;
  std::map<std::string, boost::json::object> told;  // by allocation, the latest
  std::vector<std::string> statuses;                // of every report, in order
  boost::json::array services;
  int registrations = 0, heartbeats = 0, failures_to_come = 0;
  bool forgotten = false;  // the node has to register again
  std::string node_json;
  std::chrono::steady_clock::time_point put_at;
};

class FakeServerApi : public client::ServerApi {
 public:
  explicit FakeServerApi(FakeServer& server) : server_(server) {}

  std::expected<Duration, client::ApiError> register_node(const Node& node, const std::string&) override {
    std::lock_guard lock(server_.mutex);
    if (auto error = trouble()) return std::unexpected(*error);
    ++server_.registrations;
    server_.forgotten = false;
    for (const auto& [name, driver] : node.drivers) server_.node_json = name + (driver.healthy ? " fit" : " unwell");
    server_.changed.notify_all();
    return milliseconds(200);
  }
  std::expected<Duration, client::ApiError> heartbeat(const std::string&) override {
    std::lock_guard lock(server_.mutex);
    if (auto error = trouble()) return std::unexpected(*error);
    if (server_.forgotten)
      return std::unexpected(client::ApiError{client::ApiError::Kind::unknown_node, "node not found"});
    ++server_.heartbeats;
    server_.changed.notify_all();
    return milliseconds(200);
  }
  std::expected<Allocations, client::ApiError> allocations(const std::string&, std::uint64_t index,
                                                           Duration wait) override {
    std::unique_lock lock(server_.mutex);
    if (index > 0) {
      server_.changed.wait_for(lock, std::chrono::nanoseconds(wait.ns),
                               [&] { return cancelled_ || server_.index > index; });
    }
    if (auto error = trouble()) return std::unexpected(*error);
    boost::json::array list;
    for (const auto& [id, allocation] : server_.allocations) list.push_back(allocation);
    return Allocations{server_.index, boost::json::serialize(list)};
  }
  std::expected<void, client::ApiError> update_allocations(const std::string&, const std::string& body,
                                                           const std::string&) override {
    std::lock_guard lock(server_.mutex);
    if (auto error = trouble()) return std::unexpected(*error);
    boost::json::value report = boost::json::parse(body);
    for (auto& item : report.as_object()["Alloc"].as_array()) {
      auto& object = item.as_object();
      server_.statuses.emplace_back(object["ClientStatus"].as_string());
      server_.told[std::string(object["ID"].as_string())] = object;
    }
    server_.changed.notify_all();
    return {};
  }
  std::expected<void, client::ApiError> update_services(const std::string&, const std::string& body,
                                                        const std::string&) override {
    std::lock_guard lock(server_.mutex);
    if (auto error = trouble()) return std::unexpected(*error);
    server_.services = boost::json::parse(body).as_object()["Services"].as_array();
    server_.changed.notify_all();
    return {};
  }
  void cancel() override {
    std::lock_guard lock(server_.mutex);
    cancelled_ = true;
    server_.changed.notify_all();
  }

 private:
  std::optional<client::ApiError> trouble() {
    if (cancelled_) return client::ApiError{client::ApiError::Kind::cancelled, "cancelled"};
    if (server_.failures_to_come > 0) {
      --server_.failures_to_come;
      return client::ApiError{client::ApiError::Kind::unreachable, "connection refused"};
    }
    return std::nullopt;
  }

  FakeServer& server_;
  bool cancelled_ = false;
};

}  // namespace orch::test
