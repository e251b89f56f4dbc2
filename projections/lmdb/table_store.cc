#include "projections/lmdb/table_store.h"

#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "core/base/assert.h"
#include "projections/lmdb/store_stamp.h"

namespace orch {
namespace {

constexpr const char* table_names[table_count] = {
    "meta",        "job_ids",            "jobs",              "job_versions",      "job_chunks",  "job_evaluations",
    "job_deployments", "chunks",         "evaluation_chunks", "node_changes",       "allocation_desired",
    "allocation_client", "allocation_health", "evaluations",  "deployments",       "nodes",       "node_ids",
    "services", "events", "refusals"};
constexpr char format[] = "10";
constexpr char applied_key[] = "applied";
constexpr std::size_t pooled_readers = 64;

MDB_val val(std::string_view s) { return {s.size(), const_cast<char*>(s.data())}; }
std::string_view view(const MDB_val& v) { return {static_cast<const char*>(v.mv_data), v.mv_size}; }

}  // namespace

struct LmdbTableStore::Impl {
  std::string folder;
  Options options;
  MDB_env* env = nullptr;
  std::array<MDB_dbi, table_count> tables{};
  std::uint64_t length = 0;  // the file is at least so long
  mutable std::mutex mutex;
  mutable std::vector<MDB_txn*> idle;  // reset read transactions

  ~Impl() {
    for (MDB_txn* txn : idle) mdb_txn_abort(txn);
    if (env != nullptr) mdb_env_close(env);
  }

  std::string file() const { return folder + "/data.mdb"; }
  StoreStamp stamp(bool closed) const {
    return {format, options.log_id, closed ? StoreStamp::closed : options.boot_id, file_bytes()};
  }
  bool is_ours(const std::optional<StoreStamp>& found) const;  ///< so far as the stamp says
  bool is_cut_off() const;
  int open();
  bool is_ahead() const;
  void keep_length();

  std::uint64_t file_bytes() const {
    struct stat status {};
    return ::stat(file().c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  }
  /// How much of the file has a meaning, by its newest meta page.
  std::uint64_t used_bytes() const {
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(env, &info);
    mdb_env_stat(env, &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
  }
  void close() {
    if (env != nullptr) mdb_env_close(env);
    env = nullptr;
  }
};

bool LmdbTableStore::Impl::is_ours(const std::optional<StoreStamp>& found) const {
  return found && found->format == format && found->log_id == options.log_id &&
         (found->boot_id == StoreStamp::closed || found->boot_id == options.boot_id) &&
         found->file_bytes <= file_bytes();
}

// Somebody cut the file, or a copy of it ended early. Pages that are missing must not be touched.
bool LmdbTableStore::Impl::is_cut_off() const { return used_bytes() > file_bytes(); }

int LmdbTableStore::Impl::open() {
  if (int code = mdb_env_create(&env)) return code;
  mdb_env_set_mapsize(env, options.map_size);
  mdb_env_set_maxdbs(env, table_count);
  mdb_env_set_maxreaders(env, 4096);
  if (int code = mdb_env_open(env, folder.c_str(), MDB_NOTLS | MDB_NOSYNC | MDB_NORDAHEAD, 0600)) return code;
  if (is_cut_off()) return MDB_CORRUPTED;
  int dead = 0;
  mdb_reader_check(env, &dead);  // readers of a killed process
  MDB_txn* txn = nullptr;
  if (int code = mdb_txn_begin(env, nullptr, 0, &txn)) return code;
  for (std::size_t i = 0; i < table_count; ++i) {
    if (int code = mdb_dbi_open(txn, table_names[i], MDB_CREATE, &tables[i])) {
      mdb_txn_abort(txn);
      return code;
    }
  }
  return mdb_txn_commit(txn);
}

// Rows of an index that the log does not have.
bool LmdbTableStore::Impl::is_ahead() const {
  MDB_txn* txn = nullptr;
  if (mdb_txn_begin(env, nullptr, MDB_RDONLY, &txn) != 0) return true;
  MDB_val key = val(applied_key), value{};
  LogIndex applied = 0;
  if (mdb_get(txn, tables[0], &key, &value) == 0)
    std::memcpy(&applied, value.mv_data, std::min(sizeof applied, value.mv_size));
  mdb_txn_abort(txn);
  return applied > options.log_head;
}

// LMDB counts pages at the end that a transaction took and gave back, and does not write them. Without them the file
// would look cut off.
void LmdbTableStore::Impl::keep_length() {
  const std::uint64_t used = used_bytes();
  if (used <= length) return;
  length = file_bytes();
  if (length < used && ::truncate(file().c_str(), static_cast<off_t>(used)) == 0) length = used;
}

LmdbTableStore::LmdbTableStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LmdbTableStore::~LmdbTableStore() {
  // Rows first, then the word that they can be trusted.
  if (impl_->env != nullptr && mdb_env_sync(impl_->env, 1) == 0) (void)write_stamp(impl_->folder, impl_->stamp(true));
}

std::expected<std::unique_ptr<LmdbTableStore>, std::string> LmdbTableStore::open(const std::string& folder,
                                                                                 Options options) {
  auto impl = std::make_unique<Impl>();
  impl->folder = folder;
  impl->options = std::move(options);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return std::unexpected("create " + folder + ": " + error.message());
  auto found = read_stamp(folder);
  int code = 0;
  if (!impl->is_ours(found) || impl->open() != 0 || impl->is_ahead()) {
    impl->close();
    found.reset();
    remove_stamp(folder);
    std::filesystem::remove(impl->file(), error);
    std::filesystem::remove(folder + "/lock.mdb", error);
    code = impl->open();
  }
  // Before the first commit, which may reuse pages that older rows are on: after a power loss these are worth nothing,
  // whatever the stamp said until now.
  if (code == 0) impl->keep_length();
  if (code == 0 && (!found || found->boot_id != impl->options.boot_id)) code = write_stamp(folder, impl->stamp(false));
  if (code != 0) return std::unexpected("open the views in " + folder + ": " + mdb_strerror(code));
  return std::unique_ptr<LmdbTableStore>(new LmdbTableStore(std::move(impl)));
}

class LmdbTableStore::Snapshot final : public ReadSnapshot {
 public:
  explicit Snapshot(const Impl& store) : store_(store) {
    {
      std::lock_guard lock(store_.mutex);
      if (!store_.idle.empty()) {
        txn_ = store_.idle.back();
        store_.idle.pop_back();
      }
    }
    const int code = txn_ != nullptr ? mdb_txn_renew(txn_) : mdb_txn_begin(store_.env, nullptr, MDB_RDONLY, &txn_);
    ORCH_ASSERT(code == 0, "a read transaction of the views can be opened");
  }

  ~Snapshot() override {
    for (MDB_cursor* cursor : cursors_) {
      if (cursor != nullptr) mdb_cursor_close(cursor);
    }
    mdb_txn_reset(txn_);
    std::lock_guard lock(store_.mutex);
    if (store_.idle.size() < pooled_readers) {
      store_.idle.push_back(txn_);
    } else {
      mdb_txn_abort(txn_);
    }
  }

  LogIndex applied() const override {
    LogIndex index = 0;
    if (auto value = get(Table::meta, applied_key); value && value->size() == sizeof index) {
      std::memcpy(&index, value->data(), sizeof index);
    }
    return index;
  }

  std::optional<std::string_view> get(Table table, std::string_view key) const override {
    MDB_val k = val(key), v;
    if (mdb_get(txn_, store_.tables[static_cast<std::size_t>(table)], &k, &v) != 0) return {};
    return view(v);
  }

  std::optional<Row> at_or_after(Table table, std::string_view key) const override {
    MDB_val k = val(key), v;
    if (mdb_cursor_get(cursor(table), &k, &v, MDB_SET_RANGE) != 0) return {};
    return Row{view(k), view(v)};
  }

  std::optional<Row> at_or_before(Table table, std::string_view key) const override {
    MDB_cursor* c = cursor(table);
    MDB_val k = val(key), v;
    int code = mdb_cursor_get(c, &k, &v, MDB_SET_RANGE);
    if (code == 0 && view(k) == key) return Row{view(k), view(v)};
    code = mdb_cursor_get(c, &k, &v, code == 0 ? MDB_PREV : MDB_LAST);
    if (code != 0) return {};
    return Row{view(k), view(v)};
  }

  void scan(Table table, std::string_view from, const std::function<bool(Row)>& visit) const override {
    // A cursor of its own: `visit` may seek in the same table.
    MDB_cursor* c = nullptr;
    if (mdb_cursor_open(txn_, store_.tables[static_cast<std::size_t>(table)], &c) != 0) return;
    MDB_val k = val(from), v;
    for (int code = mdb_cursor_get(c, &k, &v, from.empty() ? MDB_FIRST : MDB_SET_RANGE); code == 0;
         code = mdb_cursor_get(c, &k, &v, MDB_NEXT)) {
      if (!visit({view(k), view(v)})) break;
    }
    mdb_cursor_close(c);
  }

 private:
  MDB_cursor* cursor(Table table) const {
    MDB_cursor*& c = cursors_[static_cast<std::size_t>(table)];
    if (c == nullptr) {
      const int code = mdb_cursor_open(txn_, store_.tables[static_cast<std::size_t>(table)], &c);
      if (code != 0) remove_stamp(store_.folder);  // so that the next start builds them anew
      ORCH_ASSERT(code == 0, "a cursor can be opened in a read transaction");
    }
    return c;
  }

  const Impl& store_;
  MDB_txn* txn_ = nullptr;
  mutable std::array<MDB_cursor*, table_count> cursors_{};
};

std::unique_ptr<ReadSnapshot> LmdbTableStore::snapshot() const { return std::make_unique<Snapshot>(*impl_); }

bool LmdbTableStore::commit(LogIndex applied, std::span<const Change> changes) {
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(impl_->env, nullptr, 0, &txn);
  MDB_cursor* cursor = nullptr;
  Table open = Table::meta;
  for (const Change& change : changes) {
    if (code != 0) break;
    if (cursor == nullptr || change.table != open) {
      if (cursor != nullptr) mdb_cursor_close(cursor);
      open = change.table;
      code = mdb_cursor_open(txn, impl_->tables[static_cast<std::size_t>(open)], &cursor);
      if (code != 0) break;
    }
    MDB_val key = val(change.key);
    if (!change.erased) {
      MDB_val value = val(change.value);
      code = mdb_cursor_put(cursor, &key, &value, 0);
    } else {
      MDB_val value;
      if (mdb_cursor_get(cursor, &key, &value, MDB_SET) == 0) code = mdb_cursor_del(cursor, 0);
    }
  }
  if (cursor != nullptr) mdb_cursor_close(cursor);
  if (code == 0) {
    MDB_val key = val(applied_key), value{sizeof applied, &applied};
    code = mdb_put(txn, impl_->tables[0], &key, &value, 0);
  }
  if (code == 0) {
    code = mdb_txn_commit(txn);
    impl_->keep_length();
  } else if (txn != nullptr) {
    mdb_txn_abort(txn);
  }
  // LMDB reports a write that the end of the disk cut short as EIO.
  const bool no_room = code == ENOSPC || code == EDQUOT || code == EFBIG || code == EIO || code == MDB_MAP_FULL;
  // The views can always be built anew, and are at the next start; an agent that cannot write them must not go on
  // answering from old ones.
  if (code != 0 && !no_room) remove_stamp(impl_->folder);
  ORCH_ASSERT(code == 0 || no_room, "the views take what was folded");
  return code == 0;
}

}  // namespace orch
