#include "drivers/task/docker/container_mounts.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <vector>

#include "drivers/task/config_reader.h"

namespace orch {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr char setting[] = " (the client option \"docker.volumes.enabled\" is off on this node)";

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  const auto [left, right] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return left == folder.end();
}

/// The source as the engine is to have it, relative ones below the task's folder.
std::expected<std::string, std::string> host_path(const std::string& source, const TaskConfig& task,
                                                  const DockerOptions& options) {
  const fs::path root = fs::path(task.alloc_dir).parent_path();
  fs::path path = fs::path(source).is_absolute() ? fs::path(source) : fs::path(task.task_dir) / source;
  path = path.lexically_normal();
  if (!path.has_filename() && path.has_parent_path() && path != path.root_path()) path = path.parent_path();
  std::error_code error;
  const bool inside = is_inside(path, root.lexically_normal()) &&
                      is_inside(fs::weakly_canonical(path, error), fs::weakly_canonical(root, error)) && !error;
  if (!inside && !options.volumes_enabled) {
    return std::unexpected("volumes are not enabled; cannot mount host paths: \"" + source + "\"" + setting);
  }
  return path.string();
}

std::expected<std::string, std::string> bind_of(const std::string& volume, const std::string& volume_driver,
                                                const TaskConfig& task, const DockerOptions& options) {
  std::vector<std::string> parts = split(volume, ':');
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty() || parts[1].empty()) {
    return std::unexpected("invalid docker volume: \"" + volume + "\"; expected SOURCE:TARGET or SOURCE:TARGET:MODE");
  }
  if (!volume_driver.empty() && parts[0][0] != '/') {
    if (!options.volumes_enabled) {
      return std::unexpected("volumes are not enabled; cannot use volume driver \"" + volume_driver + "\"" + setting);
    }
    return volume;
  }
  auto source = host_path(parts[0], task, options);
  if (!source) return source;
  std::string bind = *source + ":" + parts[1];
  if (parts.size() == 3) bind += ":" + parts[2];
  return bind;
}

json::object texts_of(const Value::Map& block, const std::string& key) {
  json::object made;
  for (const auto& [name, value] : config_map(block, key)) made[name] = value;
  return made;
}

std::expected<void, std::string> add_options(json::object& mount, const Value::Map& block, const std::string& where) {
  for (const Value::Map& options : config_blocks(block, "bind_options")) {
    if (const std::string wrong = unknown_member(options, {"propagation"}); !wrong.empty())
      return std::unexpected(where + " -> bind_options" + " -> " + wrong);
    mount["BindOptions"] = json::object{{"Propagation", config_text(options, "propagation")}};
  }
  for (const Value::Map& options : config_blocks(block, "tmpfs_options")) {
    if (const std::string wrong = unknown_member(options, {"size", "mode"}); !wrong.empty())
      return std::unexpected(where + " -> tmpfs_options" + " -> " + wrong);
    json::object tmpfs;
    if (const auto size = config_whole(options, "size"); size > 0) tmpfs["SizeBytes"] = size;
    if (const auto mode = config_whole(options, "mode"); mode > 0) tmpfs["Mode"] = mode;
    mount["TmpfsOptions"] = std::move(tmpfs);
  }
  for (const Value::Map& options : config_blocks(block, "volume_options")) {
    if (const std::string wrong = unknown_member(options, {"no_copy", "labels", "driver_config"}); !wrong.empty())
      return std::unexpected(where + " -> volume_options" + " -> " + wrong);
    json::object volume{{"NoCopy", config_truth(options, "no_copy")}, {"Labels", texts_of(options, "labels")}};
    for (const Value::Map& driver : config_blocks(options, "driver_config")) {
      if (const std::string wrong = unknown_member(driver, {"name", "options"}); !wrong.empty())
        return std::unexpected(where + " -> driver_config" + " -> " + wrong);
      volume["DriverConfig"] =
          json::object{{"Name", config_text(driver, "name")}, {"Options", texts_of(driver, "options")}};
    }
    mount["VolumeOptions"] = std::move(volume);
  }
  return {};
}

std::expected<json::object, std::string> mount_of(const Value::Map& block, const std::string& key,
                                                  const TaskConfig& task, const DockerOptions& options) {
  static const std::vector<std::string> members = {"type",         "source",        "target",        "readonly",
                                                   "bind_options", "tmpfs_options", "volume_options"};
  if (const std::string wrong = unknown_member(block, members); !wrong.empty())
    return std::unexpected(key + " -> " + wrong);
  const std::string type = config_text(block, "type", "volume"), target = config_text(block, "target");
  std::string source = config_text(block, "source");
  if (!target.starts_with('/'))
    return std::unexpected(key + ": target must be an absolute path, got \"" + target + "\"");
  if (type == "bind") {
    auto path = host_path(source, task, options);
    if (!path) return std::unexpected(key + ": " + path.error());
    source = std::move(*path);
  } else if (type == "volume") {
    if (!options.volumes_enabled)
      return std::unexpected(key + ": volumes are not enabled; cannot mount volume: \"" + source + "\"" + setting);
  } else if (type != "tmpfs") {
    return std::unexpected(key + ": type must be \"bind\", \"volume\" or \"tmpfs\", got \"" + type + "\"");
  }
  json::object mount{{"Type", type}, {"Target", target}, {"ReadOnly", config_truth(block, "readonly")}};
  if (type != "tmpfs") mount["Source"] = source;
  if (auto added = add_options(mount, block, key); !added) return std::unexpected(added.error());
  return mount;
}

}  // namespace

std::expected<ContainerMounts, std::string> container_mounts(const TaskConfig& task, const DockerOptions& options) {
  ContainerMounts made;
  made.binds = {json::value(task.alloc_dir + ":/alloc"), json::value(task.task_dir + "/local:/local"),
                json::value(task.task_dir + "/secrets:/secrets")};
  const std::string volume_driver = config_text(task.config, "volume_driver");
  for (const std::string& volume : config_texts(task.config, "volumes")) {
    auto bind = bind_of(volume, volume_driver, task, options);
    if (!bind) return std::unexpected("volumes: " + bind.error());
    made.binds.push_back(json::value(*bind));
  }
  for (const char* key : {"mounts", "mount"}) {
    for (const Value::Map& block : config_blocks(task.config, key)) {
      auto mount = mount_of(block, key, task, options);
      if (!mount) return std::unexpected(mount.error());
      made.mounts.push_back(std::move(*mount));
    }
  }
  return made;
}

}  // namespace orch
