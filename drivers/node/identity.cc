#include "drivers/node/identity.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "drivers/uuid/uuid.h"
#include "projections/files/durable_file.h"

namespace orch::client {
namespace {

std::expected<std::string, std::string> load_or_make(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) {
    const std::string made = random_uuid();
    if (auto written = write_file_durably(path, made + "\n"); !written) {
      return std::unexpected("write " + path + ": " + written.error().message());
    }
    return made;
  }
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (!file || !is_uuid(text)) {
    return std::unexpected(path + ": expected a UUID; restore the file, or remove it to join as a new node");
  }
  return text;
}

}  // namespace

std::expected<Identity, std::string> load_identity(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return std::unexpected("create folder " + folder + ": " + failed.message());
  auto id = load_or_make(folder + "/node-id");
  if (!id) return std::unexpected(id.error());
  auto secret = load_or_make(folder + "/secret-id");
  if (!secret) return std::unexpected(secret.error());
  return Identity{std::move(*id), std::move(*secret)};
}

}  // namespace orch::client
