#include "drivers/node/client_api.h"

#include <boost/json.hpp>
#include <charconv>
#include <memory>
#include <optional>

#include "core/model/json_indent.h"
#include "drivers/node/client.h"
#include "drivers/node/files.h"
#include "drivers/node/stats.h"

namespace orch::client {
namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";

/// Status of a file error: listing commands answer 500, reading ones 400, as Nomad does.
void send_error(net::Responder& responder, int status, std::string text) {
  responder.send(status, plain_text, std::move(text));
}

}  // namespace

struct ClientApi::Call {
  ClientRequest request;
  std::shared_ptr<net::Responder> responder;

  std::string param(const std::string& name) const {
    auto it = request.params.find(name);
    return it == request.params.end() ? "" : it->second;
  }
  bool flag(const std::string& name) const {
    auto it = request.params.find(name);
    return it != request.params.end() && (it->second.empty() || it->second == "true" || it->second == "1");
  }
  /// A whole number, 0 when absent; nothing, with the answer sent, when it is none.
  std::optional<std::uint64_t> number(const std::string& name) const {
    const std::string text = param(name);
    if (text.empty()) return 0;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return value;
    send_error(*responder, 400, name + ": expected a whole number, got \"" + text + "\"");
    return std::nullopt;
  }
};

ClientApi::ClientApi(Client& client) : client_(client) {}

bool ClientApi::is_about_this_node(const std::vector<std::string>& path,
                                   const std::map<std::string, std::string>& params) const {
  if (!client_.started()) return true;
  if (path.size() == 3) {
    const auto asked = params.find("node_id");
    return asked == params.end() || asked->second.empty() || asked->second == client_.node_id();
  }
  if (path.size() != 5) return true;
  const std::string& id = path[2] == "allocation" ? path[3] : path[4];
  const auto found = client_.find_allocation(id);
  return found.has_value() || found.error().status != 404;
}

void ClientApi::handle(ClientRequest request, net::Responder responder) {
  if (!client_.started()) return send_error(responder, 503, "the node client is not running now");
  Call call{std::move(request), std::make_shared<net::Responder>(std::move(responder))};
  const std::vector<std::string>& path = call.request.segments;
  const bool read = call.request.method == "GET";
  if (path.size() == 1 && path[0] == "stats") {
    if (!read) return send_error(*call.responder, 405, "Invalid method");
    return on_a_thread(call, [this, call] { host_stats(call); });
  }
  if (path.size() == 1 && path[0] == "gc") {
    client_.collect_garbage("");
    return call.responder->send(200, "", "");
  }
  if (path.size() == 3 && path[0] == "allocation") {
    return on_a_thread(call, [this, call] { allocation(call); });
  }
  if (path.size() >= 2 && path[0] == "fs") {
    if (!read) return send_error(*call.responder, 405, "Invalid method");
    if (path.size() != 3 || path[2].empty()) return send_error(*call.responder, 500, "alloc id not present");
    return on_a_thread(call, [this, call] { path_is_logs(call.request.segments[1]) ? logs(call) : files(call); });
  }
  send_error(*call.responder, 404, "Path not found: /v1/client");
}

void ClientApi::on_a_thread(const Call& call, net::Pool::Job work) {
  if (client_.requests().run(std::move(work))) return;
  send_error(*call.responder, 503, "too many requests are under way on this node");
}

void ClientApi::host_stats(Call call) {
  std::string json = client_.host_stats();
  if (call.flag("pretty")) json = indented_json(json);
  call.responder->send(200, "application/json", std::move(json));
}

void ClientApi::allocation(Call call) {
  const std::string id = call.request.segments[1], what = call.request.segments[2];
  const auto found = client_.find_allocation(id);
  if (!found) return send_error(*call.responder, found.error().status, found.error().message);
  if (what == "stats") {
    auto usage = client_.allocation_stats(id, call.param("task"));
    if (!usage) return send_error(*call.responder, 500, usage.error());
    std::string json = allocation_stats_json(*usage, read_moment().wall);
    if (call.flag("pretty")) json = indented_json(json);
    return call.responder->send(200, "application/json", std::move(json));
  }
  if (what == "gc") {
    client_.collect_garbage(id);
    return call.responder->send(200, "", "");
  }
  if (what == "restart" || what == "signal") {
    if (call.request.method == "GET") return send_error(*call.responder, 405, "Invalid method");
    boost::json::error_code bad;
    const boost::json::value body = boost::json::parse(call.request.body.empty() ? "{}" : call.request.body, bad);
    if (bad || !body.is_object()) return send_error(*call.responder, 400, "the body must be a JSON object");
    const auto text = [&](std::string_view name) {
      const auto* value = body.get_object().if_contains(name);
      return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    std::string task = text("TaskName");
    if (task.empty()) task = text("Task");
    auto done = what == "restart" ? client_.restart_task(id, task) : client_.signal_task(id, task, text("Signal"));
    if (!done) return send_error(*call.responder, 500, done.error());
    return call.responder->send(200, "application/json", "{}");
  }
  send_error(*call.responder, 404, "\"" + what + "\" is not supported for an allocation on a node");
}

bool ClientApi::path_is_logs(const std::string& segment) { return segment == "logs"; }

void ClientApi::files(Call call) {
  const std::string what = call.request.segments[1];
  const auto found = client_.find_allocation(call.request.segments[2]);
  if (!found) return send_error(*call.responder, found.error().status, found.error().message);
  const AllocFiles files(found->path);
  const std::string path = call.param("path");
  if (what == "ls" || what == "stat") {
    if (what == "stat" && path.empty()) return send_error(*call.responder, 500, "must provide a file name");
    auto json = what == "ls" ? files.list(path) : files.stat(path);
    if (!json) return send_error(*call.responder, 500, json.error().message);
    if (call.flag("pretty")) *json = indented_json(*json);
    return call.responder->send(200, "application/json", std::move(*json));
  }
  if (what != "cat" && what != "readat" && what != "stream") {
    return send_error(*call.responder, 404, "Path not found: /v1/client/fs/" + what);
  }
  if (path.empty()) return send_error(*call.responder, 500, "must provide a file name");
  FollowOptions options;
  const auto offset = call.number("offset"), limit = call.number("limit");
  if (!offset || !limit) return;
  if (auto readable = files.check_readable(path); !readable) {
    return send_error(*call.responder, 400, readable.error().message);
  }
  if (what == "readat") {
    constexpr std::uint64_t most = 64u << 20;  // an answer is held in memory; more than that is a stream's work
    auto bytes = files.read(path, *offset, *limit == 0 ? most : std::min(*limit, most));
    if (!bytes) return send_error(*call.responder, 400, bytes.error().message);
    return call.responder->send(200, plain_text, std::move(*bytes));
  }
  options.offset = *offset;
  options.plain = what == "cat" || call.flag("plain");
  options.follow = what == "stream" && call.param("follow") != "false";
  const std::string origin = call.param("origin");
  if (!origin.empty() && origin != "start" && origin != "end") {
    return send_error(*call.responder, 400, "origin: expected \"start\" or \"end\", got \"" + origin + "\"");
  }
  options.from_end = origin == "end";
  options.stop = [this] { return client_.stopping(); };
  options.finished = [this, id = found->id] { return client_.is_finished(id); };
  const auto writer = call.responder->stream(200, plain_text);
  files.follow_file(path, options, *writer);
}

void ClientApi::logs(Call call) {
  const std::string task = call.param("task"), type = call.param("type");
  if (task.empty()) return send_error(*call.responder, 500, "must provide task name");
  if (type != "stdout" && type != "stderr") {
    return send_error(*call.responder, 500, "must provide log type (stdout/stderr)");
  }
  const auto found = client_.find_allocation(call.request.segments[2]);
  if (!found) return send_error(*call.responder, found.error().status, found.error().message);
  bool known = false;
  for (const std::string& name : found->tasks) known = known || name == task;
  if (!known) {
    return send_error(*call.responder, 400,
                      "task group \"" + found->group + "\" does not have task with name \"" + task + "\"");
  }
  const std::string origin = call.param("origin");
  if (!origin.empty() && origin != "start" && origin != "end") {
    return send_error(*call.responder, 400, "origin: expected \"start\" or \"end\", got \"" + origin + "\"");
  }
  const auto offset = call.number("offset");
  if (!offset) return;
  FollowOptions options;
  options.offset = *offset;
  options.from_end = origin == "end";
  options.follow = call.flag("follow");
  options.plain = call.flag("plain");
  options.stop = [this] { return client_.stopping(); };
  options.finished = [this, id = found->id] { return client_.is_finished(id); };
  const auto writer = call.responder->stream(200, plain_text);
  AllocFiles(found->path).follow_logs(task, type, options, client_.rotator(), *writer);
}

}  // namespace orch::client
