#include "projections/lmdb/store_stamp.h"

#include <unistd.h>

#include <fstream>

#include "projections/files/durable_file.h"

namespace orch {
namespace {

std::string path_of(const std::string& folder) { return folder + "/stamp"; }

}  // namespace

std::optional<StoreStamp> read_stamp(const std::string& folder) {
  std::ifstream file(path_of(folder));
  StoreStamp stamp;
  if (!(file >> stamp.format >> stamp.log_id >> stamp.boot_id >> stamp.file_bytes)) return {};
  return stamp;
}

std::expected<void, std::error_code> write_stamp(const std::string& folder, const StoreStamp& stamp) {
  return write_file_durably(path_of(folder), stamp.format + "\n" + stamp.log_id + "\n" + stamp.boot_id + "\n" +
                                                 std::to_string(stamp.file_bytes) + "\n");
}

void remove_stamp(const std::string& folder) { ::unlink(path_of(folder).c_str()); }

}  // namespace orch
