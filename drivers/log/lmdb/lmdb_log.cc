#include "drivers/log/lmdb/lmdb_log.h"

#include <fcntl.h>
#include <sys/file.h>
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
#include <tuple>
#include <utility>

#include "core/base/assert.h"
#include "core/base/format.h"
#include "drivers/log/lmdb/batch_row.h"
#include "drivers/log/lmdb/zero_filler.h"
#include "drivers/uuid/uuid.h"
#include "projections/lmdb/environment.h"

namespace orch {
namespace {

constexpr char id_key[] = "id", format_key[] = "format";
constexpr std::uint64_t least_page_size = 4096;          // the two first pages of any LMDB file are at least so long
constexpr std::size_t row_bytes = std::size_t{1} << 30;  // a batch beyond is several rows of one transaction

LogError error_of(lmdb::Error error, const std::string& what) {
  std::string text = what + ": " + error.text();
  if (error.is_no_room()) text += "; free space on the data disk and retry";
  return {error.is_no_room()  ? LogError::Kind::full
          : error.is_damage() ? LogError::Kind::damaged
                              : LogError::Kind::unavailable,
          std::move(text)};
}

std::string_view key_of(const LogIndex& index) { return {reinterpret_cast<const char*>(&index), sizeof index}; }

// A key of another length is damage; it becomes 0, which is no row's index, so no checksum agrees with it.
LogIndex index_of(std::string_view key) {
  LogIndex index = 0;
  if (key.size() == sizeof index) std::memcpy(&index, key.data(), sizeof index);
  return index;
}

}  // namespace

struct LmdbLog::Impl {
  std::string folder, id, format;
  std::optional<lmdb::Environment> environment;
  lmdb::Table meta, groups;
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
  std::expected<void, LogError> check_length(std::uint64_t wanted) const;
  std::expected<void, LogError> read_identity();
  std::expected<void, LogError> read_or_make_identity();
  template <class Transaction>
  lmdb::Result<void> open_tables(Transaction& txn);
  std::expected<void, LogError> check_format() const;
  std::expected<LogIndex, LogError> find_head() const;
  std::expected<BatchRow, LogError> open_row(const lmdb::Entry& entry) const;
  LogError damaged(LogIndex index, const std::string& what) const;
  bool has_room(std::size_t wanted) const;
  LogError append_failed(lmdb::Error error, std::size_t wanted) const;
  lmdb::Result<void> put_rows(lmdb::WriteTransaction& txn, LogIndex first, std::span<const Bytes> batch);
  lmdb::Result<void> write(LogIndex first, std::span<const Bytes> batch);

  std::string file() const { return folder + "/data.mdb"; }
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
  if (auto known = options.read_only ? read_identity() : read_or_make_identity(); !known) return known;
  if (auto ours = check_format(); !ours) return ours;
  const auto newest = find_head();
  if (!newest) return std::unexpected(newest.error());
  head = *newest;
  if (!options.read_only) filler = std::make_unique<ZeroFiller>(file(), environment->used_bytes());
  return {};
}

// A page that the file has lost ends the process that touches it, so its length is compared with what its first two
// pages say before any other is looked at. (They are asked first: beside a live agent the file grows.)
std::expected<void, LogError> LmdbLog::Impl::check_length(std::uint64_t wanted) const {
  std::error_code error;
  const std::uint64_t length = std::filesystem::file_size(file(), error);
  if (error || length == 0 || length >= wanted) return {};
  return std::unexpected(LogError{
      LogError::Kind::damaged,
      fmt::format(
          "the log's file {} is cut off: it is {} bytes long and should be at least {}; restore the data folder",
          file(), length, wanted)});
}

template <class Transaction>
lmdb::Result<void> LmdbLog::Impl::open_tables(Transaction& txn) {
  for (auto [table, name, keys] :
       {std::tuple(&meta, "meta", lmdb::Keys::bytes), std::tuple(&groups, "groups", lmdb::Keys::numbers)}) {
    const auto opened = txn.open_table(name, keys);
    if (!opened) return std::unexpected(opened.error());
    *table = *opened;
  }
  for (auto [text, key] : {std::pair(&id, id_key), std::pair(&format, format_key)}) {
    const auto value = txn.get(meta, key);
    if (!value) return std::unexpected(value.error());
    if (*value) *text = **value;
  }
  return {};
}

std::expected<void, LogError> LmdbLog::Impl::read_identity() {
  const auto read = [&]() -> lmdb::Result<void> {
    auto txn = environment->read();
    if (!txn) return std::unexpected(txn.error());
    if (auto opened = open_tables(*txn); !opened) return opened;
    return txn->keep_tables();
  };
  if (auto done = read(); !done) return std::unexpected(error_of(done.error(), "read the log in " + folder));
  return {};
}

std::expected<void, LogError> LmdbLog::Impl::read_or_make_identity() {
  const auto read = [&]() -> lmdb::Result<void> {
    auto txn = environment->write();
    if (!txn) return std::unexpected(txn.error());
    if (auto opened = open_tables(*txn); !opened) return opened;
    if (id.empty() && format.empty()) {
      id = random_key();
      format = std::to_string(log_format);
      if (auto put = txn->put(meta, id_key, id); !put) return put;
      if (auto put = txn->put(meta, format_key, format); !put) return put;
    }
    return txn->commit();
  };
  if (auto done = read(); !done) return std::unexpected(error_of(done.error(), "open the log in " + folder));
  return {};
}

// A log is never converted: what an older build wrote, an older build reads.
std::expected<void, LogError> LmdbLog::Impl::check_format() const {
  if (format == std::to_string(log_format)) return {};
  return std::unexpected(LogError{
      LogError::Kind::unavailable,
      fmt::format("the log in {} was written by another build of orch (its format is {}, this build's is {}); go on "
                  "with that build, or give this one an empty folder to begin anew",
                  folder, format.empty() ? "1" : format, log_format)});
}

LogError LmdbLog::Impl::damaged(LogIndex index, const std::string& what) const {
  return {LogError::Kind::damaged,
          fmt::format("the batch at index {} of {} {}: the disk has changed it; restore the data folder", index, file(),
                      what)};
}

std::expected<BatchRow, LogError> LmdbLog::Impl::open_row(const lmdb::Entry& entry) const {
  const LogIndex first = index_of(entry.key);
  auto row = BatchRow::open(first, entry.value);
  if (!row) return std::unexpected(damaged(first, row.error()));
  return *row;
}

std::expected<LogIndex, LogError> LmdbLog::Impl::find_head() const {
  const auto txn = environment->read();
  auto cursor = txn ? txn->cursor(groups) : std::unexpected(txn.error());
  const auto entry = cursor ? cursor->last() : std::unexpected(cursor.error());
  if (!entry) return std::unexpected(error_of(entry.error(), "read the log in " + folder));
  if (!*entry) return 0;
  const auto row = open_row(**entry);
  if (!row) return std::unexpected(row.error());
  return row->last();
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
  const auto found = find_head();
  if (!found) return {LogError::Kind::outcome_unknown, failed.message + "; restart the agent"};
  if (*found != head.load(std::memory_order_relaxed)) failed.kind = LogError::Kind::outcome_unknown;
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

lmdb::Result<void> LmdbLog::Impl::put_rows(lmdb::WriteTransaction& txn, LogIndex first, std::span<const Bytes> batch) {
  while (!batch.empty()) {
    std::size_t size = 0, count = 0;
    while (count < batch.size() && (count == 0 || size < row_bytes)) size += batch[count++].size();
    BatchRow::fill(row, first, batch.first(count));
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
  for (Bytes g : groups) {
    if (g.size() > group_bytes_max) {
      return std::unexpected(
          LogError{LogError::Kind::too_large,
                   fmt::format("a record group of {} bytes is larger than what the log takes ({} bytes)", g.size(),
                               group_bytes_max)});
    }
  }
  const std::size_t wanted = tree_pages + BatchRow::size_of(groups);
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
  for (LogIndex expected = 0; found && *found; found = cursor->next()) {
    const auto row = impl_->open_row(**found);
    if (!row) return std::unexpected(row.error());
    if (expected != 0 && row->first() != expected) {
      return std::unexpected(impl_->damaged(row->first(), "does not go on where the one before it ended"));
    }
    if (!row->each(from, visit)) return {};
    expected = row->last() + 1;
  }
  if (!found) return failed(found.error());
  return {};
}

bool LmdbLog::wait(LogIndex after, Duration timeout) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->grown.wait_for(lock, std::chrono::nanoseconds(timeout.ns), [&] { return head() > after; });
}

}  // namespace orch
