#include "drivers/log/lmdb/lmdb_log.h"

#include <fcntl.h>
#include <lmdb.h>
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
#include <vector>

#include "core/base/assert.h"
#include "core/base/checksum.h"
#include "drivers/log/lmdb/zero_filler.h"

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

constexpr std::size_t row_bytes = std::size_t{1} << 30;  // a batch beyond is several rows of one transaction

constexpr std::size_t aligned(std::size_t n) { return (n + 7) & ~std::size_t{7}; }

LogError error_of(int code, const std::string& what) {
  const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG || code == MDB_MAP_FULL;
  const bool damaged = code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID;
  std::string text = what + ": " + mdb_strerror(code);
  if (full) text += "; free space on the data disk and retry";
  return {full      ? LogError::Kind::full
          : damaged ? LogError::Kind::damaged
                    : LogError::Kind::unavailable,
          std::move(text)};
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
  MDB_env* env = nullptr;
  MDB_dbi groups = 0;
  int lock = -1;
  std::uint64_t page_size = 4096;
  std::unique_ptr<ZeroFiller> filler;
  std::atomic<LogIndex> head{0};
  std::string row;  // reused by append
  mutable std::mutex mutex;
  mutable std::condition_variable grown;

  ~Impl() {
    filler.reset();
    if (env != nullptr) mdb_env_close(env);
    if (lock >= 0) close(lock);
  }

  std::expected<void, LogError> open(const Options& options);
  std::expected<void, LogError> read_identity(bool may_create);
  LogIndex find_head(MDB_txn* txn) const;
  bool has_room(std::size_t wanted) const;
  LogError append_failed(int code, std::size_t wanted) const;
  void fill_row(std::span<const Bytes> batch, std::size_t size);
  int put_rows(MDB_txn* txn, LogIndex first, std::span<const Bytes> batch);

  std::expected<void, LogError> check_length(std::uint64_t wanted) const;
  /// Bytes of the file that hold data.
  std::uint64_t used() const {
    MDB_envinfo info;
    mdb_env_info(env, &info);
    return (info.me_last_pgno + 1) * page_size;
  }
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
  if (auto whole = check_length(2 * page_size); !whole) return whole;
  if (int code = mdb_env_create(&env)) return std::unexpected(error_of(code, "log environment"));
  mdb_env_set_mapsize(env, options.map_size);
  mdb_env_set_maxdbs(env, 2);
  mdb_env_set_maxreaders(env, 1024);
  const unsigned flags = MDB_NOTLS | MDB_NORDAHEAD | (options.read_only ? MDB_RDONLY : 0);
  if (int code = mdb_env_open(env, folder.c_str(), flags, 0600)) {
    return std::unexpected(error_of(code, "open the log in " + folder));
  }
  MDB_stat stat;
  mdb_env_stat(env, &stat);
  page_size = stat.ms_psize;
  if (auto whole = check_length(used()); !whole) return whole;
  if (auto identity = read_identity(!options.read_only); !identity) return identity;
  if (!options.read_only) {
    filler = std::make_unique<ZeroFiller>(folder + "/data.mdb", used());
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
  MDB_txn* txn = nullptr;
  if (int code = mdb_txn_begin(env, nullptr, may_create ? 0 : MDB_RDONLY, &txn)) {
    return std::unexpected(error_of(code, "read the log in " + folder));
  }
  MDB_dbi meta = 0;
  const unsigned create = may_create ? MDB_CREATE : 0;
  int code = mdb_dbi_open(txn, "meta", create, &meta);
  if (code == 0) code = mdb_dbi_open(txn, "groups", create | MDB_INTEGERKEY, &groups);
  MDB_val key{sizeof id_key - 1, const_cast<char*>(id_key)}, value{};
  if (code == 0) code = mdb_get(txn, meta, &key, &value);
  if (code == 0) {
    id.assign(static_cast<const char*>(value.mv_data), value.mv_size);
  } else if (code == MDB_NOTFOUND && may_create) {
    id = new_id();
    value = {id.size(), id.data()};
    code = mdb_put(txn, meta, &key, &value, 0);
  }
  if (code != 0) {
    mdb_txn_abort(txn);
    return std::unexpected(error_of(code, "read the log's id in " + folder));
  }
  head = find_head(txn);
  if (may_create) {
    code = mdb_txn_commit(txn);
    if (code != 0) return std::unexpected(error_of(code, "create the log in " + folder));
  } else {
    mdb_txn_commit(txn);  // keeps the handles of a read transaction open
  }
  return {};
}

LogIndex LmdbLog::Impl::find_head(MDB_txn* txn) const {
  MDB_cursor* cursor = nullptr;
  if (mdb_cursor_open(txn, groups, &cursor) != 0) return 0;
  MDB_val key, value;
  LogIndex found = 0;
  if (mdb_cursor_get(cursor, &key, &value, MDB_LAST) == 0) {
    RowHeader header;
    std::memcpy(&found, key.mv_data, sizeof found);
    std::memcpy(&header, value.mv_data, sizeof header);
    found += header.count - 1;
  }
  mdb_cursor_close(cursor);
  return found;
}

// Whether the disk, and what the process may make of a file, have so much room left.
bool LmdbLog::Impl::has_room(std::size_t wanted) const {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  if (!error && space.available < wanted) return false;
  struct rlimit files {};
  return getrlimit(RLIMIT_FSIZE, &files) != 0 || files.rlim_cur == RLIM_INFINITY || files.rlim_cur >= used() + wanted;
}

// What a failed commit came to. LMDB writes data pages before the page that makes them count, so the question is
// whether the newest batch is there. When that cannot be read any more, nobody knows.
LogError LmdbLog::Impl::append_failed(int code, std::size_t wanted) const {
  // LMDB reports a write that the end of the room cuts short as EIO.
  if (code == EIO && !has_room(wanted)) code = ENOSPC;
  LogError failed = error_of(code, "append to the log");
  MDB_txn* txn = nullptr;
  if (mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) != 0) {
    return {LogError::Kind::outcome_unknown, failed.message + "; restart the agent"};
  }
  const LogIndex found = find_head(txn);
  mdb_txn_abort(txn);
  if (found != head.load(std::memory_order_relaxed)) failed.kind = LogError::Kind::outcome_unknown;
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

int LmdbLog::Impl::put_rows(MDB_txn* txn, LogIndex first, std::span<const Bytes> batch) {
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
    MDB_val key{sizeof first, &first}, value{row.size(), row.data()};
    if (int code = mdb_put(txn, groups, &key, &value, MDB_APPEND)) return code;
    first += count;
    batch = batch.subspan(count);
  }
  return 0;
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
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(log.env, nullptr, 0, &txn);
  if (code == 0) {
    code = log.put_rows(txn, first, groups);
    if (code != 0) mdb_txn_abort(txn);
    if (code == 0) code = mdb_txn_commit(txn);
  }
  log.filler->settle(log.used());
  if (code != 0) return std::unexpected(log.append_failed(code, wanted));
  {
    std::lock_guard lock(log.mutex);
    log.head.store(first + groups.size() - 1, std::memory_order_release);
  }
  log.grown.notify_all();
  return first;
}

std::expected<void, LogError> LmdbLog::read(LogIndex from, const Visitor& visit) const {
  if (from == 0) from = 1;
  MDB_txn* txn = nullptr;
  if (int code = mdb_txn_begin(impl_->env, nullptr, MDB_RDONLY, &txn)) {
    return std::unexpected(error_of(code, "read the log"));
  }
  MDB_cursor* cursor = nullptr;
  int code = mdb_cursor_open(txn, impl_->groups, &cursor);
  std::expected<void, LogError> result;
  if (code == 0) {
    MDB_val key{sizeof from, &from}, value;
    // The row that holds `from` begins at it or before it.
    code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    LogIndex begins = 0;
    if (code == 0) std::memcpy(&begins, key.mv_data, sizeof begins);
    if (code == MDB_NOTFOUND) {
      code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    } else if (code == 0 && begins > from) {
      code = mdb_cursor_get(cursor, &key, &value, MDB_PREV);
      if (code == MDB_NOTFOUND) {
        result =
            std::unexpected(LogError{LogError::Kind::damaged, "the log begins after index " + std::to_string(from)});
      }
    }
    bool more = true;
    while (code == 0 && more) {
      std::memcpy(&begins, key.mv_data, sizeof begins);
      const char* row = static_cast<const char*>(value.mv_data);
      RowHeader header{};
      if (value.mv_size >= sizeof header) std::memcpy(&header, row, sizeof header);
      if (header.magic != row_magic ||
          header.checksum != checksum(row + sizeof header, value.mv_size - sizeof header)) {
        result = std::unexpected(
            LogError{LogError::Kind::damaged,
                     "the batch at index " + std::to_string(begins) +
                         " does not match its checksum: the disk has changed it; restore the data folder"});
        break;
      }
      std::size_t at = sizeof header + aligned(header.count * sizeof(std::uint32_t));
      for (std::uint32_t i = 0; i < header.count && more; ++i) {
        std::uint32_t length;
        std::memcpy(&length, row + sizeof header + i * sizeof length, sizeof length);
        if (begins + i >= from) more = visit(begins + i, {reinterpret_cast<const std::byte*>(row + at), length});
        at += aligned(length);
      }
      if (more) code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
  }
  mdb_txn_abort(txn);
  if (code != 0 && code != MDB_NOTFOUND && result) return std::unexpected(error_of(code, "read the log"));
  return result;
}

bool LmdbLog::wait(LogIndex after, Duration timeout) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->grown.wait_for(lock, std::chrono::nanoseconds(timeout.ns), [&] { return head() > after; });
}

}  // namespace orch
