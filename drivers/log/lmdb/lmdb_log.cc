#include "drivers/log/lmdb/lmdb_log.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

#include "core/base/assert.h"
#include "core/base/checksum.h"
#include "drivers/log/lmdb/zero_filler.h"
#include "projections/lmdb/environment.h"

namespace orch {
namespace {

constexpr std::uint32_t row_magic = 0x4742524f;  // "ORBG"
constexpr char id_key[] = "id";

/// What stands before the groups of a row; then `count` lengths of 4 bytes, then the groups, each at a multiple of 8.
struct RowHeader {
  std::uint32_t magic;
  std::uint32_t count;
  std::uint64_t checksum;  // of all that follows
};

constexpr std::uint64_t least_page_size = 4096;          // the two first pages of any LMDB file are at least so long
constexpr std::size_t row_bytes = std::size_t{1} << 30;  // a batch beyond is several rows of one transaction

constexpr std::size_t aligned(std::size_t n) { return (n + 7) & ~std::size_t{7}; }

LogError error_of(lmdb::Error error, const std::string& what) {
  std::string text = what + ": " + error.text();
  if (error.is_no_room()) text += "; free space on the data disk and retry";
  return {error.is_no_room()  ? LogError::Kind::full
          : error.is_damage() ? LogError::Kind::damaged
                              : LogError::Kind::unavailable,
          std::move(text)};
}

std::string_view key_of(const LogIndex& index) { return {reinterpret_cast<const char*>(&index), sizeof index}; }

LogIndex index_of(std::string_view key) {
  LogIndex index = 0;
  ORCH_ASSERT(key.size() == sizeof index, "a row's key is an index");
  std::memcpy(&index, key.data(), sizeof index);
  return index;
}

std::string new_id() {
  unsigned char bytes[16];
  ORCH_ASSERT(getrandom(bytes, sizeof bytes, 0) == sizeof bytes, "the kernel gives 16 random bytes");
  static constexpr char hex[] = "0123456789abcdef";
  std::string id;
  for (unsigned char b : bytes) {
    id += hex[b >> 4];
    id += hex[b & 15];
  }
  return id;
}

}  // namespace

struct LmdbLog::Impl {
  std::string folder, id;
  std::optional<lmdb::Environment> environment;
  lmdb::Table groups;
  int lock = -1;
  std::unique_ptr<ZeroFiller> filler;
  std::atomic<LogIndex> head{0};
  std::string row;  // reused by append
  mutable std::mutex mutex;
  mutable std::condition_variable grown;

  ~Impl() {
    filler.reset();
    environment.reset();
    if (lock >= 0) close(lock);
  }

  std::expected<void, LogError> open(const Options& options);
  std::expected<void, LogError> read_identity(bool may_create);
  lmdb::Result<void> open_tables(lmdb::WriteTransaction txn);
  lmdb::Result<void> open_tables(lmdb::ReadTransaction txn);
  LogIndex find_head(const lmdb::Transaction& txn) const;
  bool has_room(std::size_t wanted) const;
  LogError append_failed(lmdb::Error error, std::size_t wanted) const;
  void fill_row(std::span<const Bytes> batch, std::size_t size);
  lmdb::Result<void> put_rows(lmdb::WriteTransaction& txn, LogIndex first, std::span<const Bytes> batch);
  lmdb::Result<void> write(LogIndex first, std::span<const Bytes> batch);

  std::expected<void, LogError> check_length(std::uint64_t wanted) const;
};

std::expected<void, LogError> LmdbLog::Impl::open(const Options& options) {
  std::error_code error;
  if (!options.read_only) std::filesystem::create_directories(folder, error);
  if (error) {
    return std::unexpected(LogError{LogError::Kind::unavailable, "create " + folder + ": " + error.message()});
  }
  if (!options.read_only) {
    lock = ::open((folder + "/lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) != 0) {
      return std::unexpected(
          LogError{LogError::Kind::unavailable,
                   "the log in " + folder + " is held by another agent; stop it first, or use another data folder"});
    }
  }
  if (auto whole = check_length(2 * least_page_size); !whole) return whole;
  auto opened = lmdb::Environment::open(folder, {.map_size = options.map_size,
                                                 .tables = 2,
                                                 .readers = 1024,
                                                 .read_only = options.read_only,
                                                 .read_ahead = false});
  if (!opened) return std::unexpected(error_of(opened.error(), "open the log in " + folder));
  environment.emplace(std::move(*opened));
  if (auto whole = check_length(environment->used_bytes()); !whole) return whole;
  if (auto identity = read_identity(!options.read_only); !identity) return identity;
  if (!options.read_only) {
    filler = std::make_unique<ZeroFiller>(folder + "/data.mdb", environment->used_bytes());
  }
  return {};
}

// A page that the file has lost ends the process that touches it, so its length is compared with what its first two
// pages say before any other is looked at. (They are asked first: beside a live agent the file grows.)
std::expected<void, LogError> LmdbLog::Impl::check_length(std::uint64_t wanted) const {
  std::error_code error;
  const std::uint64_t length = std::filesystem::file_size(folder + "/data.mdb", error);
  if (error || length == 0 || length >= wanted) return {};
  return std::unexpected(LogError{LogError::Kind::damaged, "the log's file " + folder + "/data.mdb is cut off: it is " +
                                                               std::to_string(length) +
                                                               " bytes long and should be at least " +
                                                               std::to_string(wanted) + "; restore the data folder"});
}

std::expected<void, LogError> LmdbLog::Impl::read_identity(bool may_create) {
  const auto open = [&]() -> lmdb::Result<void> {
    if (may_create) {
      auto txn = environment->write();
      return txn ? open_tables(std::move(*txn)) : std::unexpected(txn.error());
    }
    auto txn = environment->read();
    return txn ? open_tables(std::move(*txn)) : std::unexpected(txn.error());
  };
  if (auto done = open(); !done) return std::unexpected(error_of(done.error(), "read the log in " + folder));
  if (id.empty()) {
    return std::unexpected(
        LogError{LogError::Kind::damaged, "the log in " + folder + " has no id; it is no log of orch"});
  }
  return {};
}

lmdb::Result<void> LmdbLog::Impl::open_tables(lmdb::WriteTransaction txn) {
  const auto meta = txn.open_table("meta");
  if (!meta) return std::unexpected(meta.error());
  const auto opened = txn.open_table("groups", lmdb::Keys::numbers);
  if (!opened) return std::unexpected(opened.error());
  groups = *opened;
  const auto known = txn.get(*meta, id_key);
  if (!known) return std::unexpected(known.error());
  id = *known ? std::string(**known) : new_id();
  if (!*known) {
    if (auto put = txn.put(*meta, id_key, id); !put) return put;
  }
  head = find_head(txn);
  return txn.commit();
}

lmdb::Result<void> LmdbLog::Impl::open_tables(lmdb::ReadTransaction txn) {
  const auto meta = txn.open_table("meta");
  if (!meta) return std::unexpected(meta.error());
  const auto opened = txn.open_table("groups", lmdb::Keys::numbers);
  if (!opened) return std::unexpected(opened.error());
  groups = *opened;
  const auto known = txn.get(*meta, id_key);
  if (!known) return std::unexpected(known.error());
  if (*known) id = **known;
  head = find_head(txn);
  return txn.keep_tables();
}

LogIndex LmdbLog::Impl::find_head(const lmdb::Transaction& txn) const {
  auto cursor = txn.cursor(groups);
  if (!cursor) return 0;
  const auto row = cursor->last();
  if (!row || !*row) return 0;
  RowHeader header;
  std::memcpy(&header, (*row)->value.data(), sizeof header);
  return index_of((*row)->key) + header.count - 1;
}

// Whether the disk, and what the process may make of a file, have so much room left.
bool LmdbLog::Impl::has_room(std::size_t wanted) const {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (!error && space.available < wanted) return false;
  struct rlimit files {};
  return getrlimit(RLIMIT_FSIZE, &files) != 0 || files.rlim_cur == RLIM_INFINITY ||
         files.rlim_cur >= environment->used_bytes() + wanted;
}

// What a failed commit came to. LMDB writes data pages before the page that makes them count, so the question is
// whether the newest batch is there. When that cannot be read any more, nobody knows.
LogError LmdbLog::Impl::append_failed(lmdb::Error error, std::size_t wanted) const {
  // LMDB reports a write that the end of the room cuts short as an error of input and output.
  if (error.is_input_output() && !has_room(wanted)) error = lmdb::Error::no_room();
  LogError failed = error_of(error, "append to the log");
  const auto txn = environment->read();
  if (!txn) return {LogError::Kind::outcome_unknown, failed.message + "; restart the agent"};
  if (find_head(*txn) != head.load(std::memory_order_relaxed)) failed.kind = LogError::Kind::outcome_unknown;
  return failed;
}

LmdbLog::LmdbLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LmdbLog::~LmdbLog() = default;

std::expected<std::unique_ptr<LmdbLog>, LogError> LmdbLog::open(const std::string& folder, Options options) {
  auto impl = std::make_unique<Impl>();
  impl->folder = folder;
  if (auto opened = impl->open(options); !opened) return std::unexpected(opened.error());
  return std::unique_ptr<LmdbLog>(new LmdbLog(std::move(impl)));
}

const std::string& LmdbLog::id() const { return impl_->id; }
LogIndex LmdbLog::oldest() const { return 1; }
LogIndex LmdbLog::head() const { return impl_->head.load(std::memory_order_acquire); }

// One row: header, table of lengths, groups.
void LmdbLog::Impl::fill_row(std::span<const Bytes> batch, std::size_t size) {
  row.assign(size, '\0');
  std::size_t place = sizeof(RowHeader), at = place + aligned(batch.size() * sizeof(std::uint32_t));
  for (Bytes g : batch) {
    const auto length = static_cast<std::uint32_t>(g.size());
    std::memcpy(row.data() + place, &length, sizeof length);
    std::memcpy(row.data() + at, g.data(), g.size());
    place += sizeof length;
    at += aligned(g.size());
  }
  const RowHeader header{row_magic, static_cast<std::uint32_t>(batch.size()),
                         checksum(row.data() + sizeof(RowHeader), size - sizeof(RowHeader))};
  std::memcpy(row.data(), &header, sizeof header);
}

lmdb::Result<void> LmdbLog::Impl::put_rows(lmdb::WriteTransaction& txn, LogIndex first, std::span<const Bytes> batch) {
  while (!batch.empty()) {
    std::size_t size = sizeof(RowHeader), count = 0;
    while (count < batch.size() && (count == 0 || size < row_bytes)) {
      size += aligned(batch[count].size()) + 2 * sizeof(std::uint32_t);
      ++count;
    }
    const auto part = batch.first(count);
    size = sizeof(RowHeader) + aligned(count * sizeof(std::uint32_t));
    for (Bytes g : part) size += aligned(g.size());
    fill_row(part, size);
    if (auto put = txn.append(groups, key_of(first), row); !put) return put;
    first += count;
    batch = batch.subspan(count);
  }
  return {};
}

lmdb::Result<void> LmdbLog::Impl::write(LogIndex first, std::span<const Bytes> batch) {
  auto txn = environment->write();
  if (!txn) return std::unexpected(txn.error());
  if (auto put = put_rows(*txn, first, batch); !put) return put;
  return txn->commit();
}

std::expected<LogIndex, LogError> LmdbLog::append(std::span<const Bytes> groups) {
  ORCH_ASSERT(!groups.empty(), "an append carries at least one group");
  Impl& log = *impl_;
  constexpr std::size_t tree_pages = 256u << 10;  // branch, leaf and free-list pages of one commit, by far
  std::size_t wanted = tree_pages;
  for (Bytes g : groups) {
    if (g.size() > group_bytes_max) {
      return std::unexpected(LogError{LogError::Kind::too_large, "a record group of " + std::to_string(g.size()) +
                                                                    " bytes is larger than what the log takes (" +
                                                                    std::to_string(group_bytes_max) + " bytes)"});
    }
    wanted += aligned(g.size()) + 2 * sizeof(std::uint32_t);
  }

  const LogIndex first = log.head.load(std::memory_order_relaxed) + 1;
  log.filler->reserve(wanted);
  const auto written = log.write(first, groups);
  log.filler->settle(log.environment->used_bytes());
  if (!written) return std::unexpected(log.append_failed(written.error(), wanted));
  {
    std::lock_guard lock(log.mutex);
    log.head.store(first + groups.size() - 1, std::memory_order_release);
  }
  log.grown.notify_all();
  return first;
}

std::expected<void, LogError> LmdbLog::read(LogIndex from, const Visitor& visit) const {
  from = std::max<LogIndex>(from, 1);
  const auto failed = [](lmdb::Error error) { return std::unexpected(error_of(error, "read the log")); };
  const auto txn = impl_->environment->read();
  if (!txn) return failed(txn.error());
  auto cursor = txn->cursor(impl_->groups);
  if (!cursor) return failed(cursor.error());
  auto found = cursor->at_or_before(key_of(from));  // the row that holds `from` begins at it or before it
  if (found && !*found && head() != 0) {
    return std::unexpected(LogError{LogError::Kind::damaged, "the log begins after index " + std::to_string(from)});
  }
  for (; found && *found; found = cursor->next()) {
    const LogIndex begins = index_of((*found)->key);
    const std::string_view value = (*found)->value;
    const char* row = value.data();
    RowHeader header{};
    if (value.size() >= sizeof header) std::memcpy(&header, row, sizeof header);
    if (header.magic != row_magic || header.checksum != checksum(row + sizeof header, value.size() - sizeof header)) {
      return std::unexpected(
          LogError{LogError::Kind::damaged,
                   "the batch at index " + std::to_string(begins) +
                       " does not match its checksum: the disk has changed it; restore the data folder"});
    }
    std::size_t at = sizeof header + aligned(header.count * sizeof(std::uint32_t));
    for (std::uint32_t i = 0; i < header.count; ++i) {
      std::uint32_t length;
      std::memcpy(&length, row + sizeof header + i * sizeof length, sizeof length);
      if (begins + i >= from && !visit(begins + i, {reinterpret_cast<const std::byte*>(row + at), length})) return {};
      at += aligned(length);
    }
  }
  if (!found) return failed(found.error());
  return {};
}

bool LmdbLog::wait(LogIndex after, Duration timeout) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->grown.wait_for(lock, std::chrono::nanoseconds(timeout.ns), [&] { return head() > after; });
}

}  // namespace orch
