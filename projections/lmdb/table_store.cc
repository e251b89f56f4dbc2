#include "projections/lmdb/table_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "core/base/assert.h"
#include "projections/lmdb/environment.h"
#include "projections/lmdb/store_stamp.h"

namespace orch {
namespace {

constexpr const char* table_names[table_count] = {
    "meta",        "job_ids",            "jobs",              "job_versions",      "job_chunks",  "job_evaluations",
    "job_deployments", "chunks",         "evaluation_chunks", "node_changes",       "allocation_desired",
    "allocation_client", "allocation_health", "evaluations",  "deployments",       "nodes",       "node_ids",
    "services", "events", "refusals"};
constexpr char format[] = "12";
constexpr char applied_key[] = "applied";
constexpr std::size_t pooled_readers = 64;

}  // namespace

struct LmdbTableStore::Impl {
  std::string folder;
  Options options;
  std::optional<lmdb::Environment> environment;
  std::array<lmdb::Table, table_count> tables{};
  std::uint64_t length = 0;  // the file is at least so long
  mutable std::mutex mutex;
  mutable std::vector<lmdb::ReadTransaction> idle;  // released; after the environment, so that they end before it

  std::string file() const { return folder + "/data.mdb"; }
  StoreStamp stamp(bool closed) const {
    return {format, options.log_id, closed ? StoreStamp::closed : options.boot_id, file_bytes()};
  }
  bool is_ours(const std::optional<StoreStamp>& found) const;  ///< so far as the stamp says
  bool is_cut_off() const;
  std::expected<void, std::string> open();
  bool is_ahead() const;
  lmdb::Table table(Table name) const { return tables[static_cast<std::size_t>(name)]; }
  lmdb::Result<void> write(LogIndex applied, std::span<const Change> changes);
  void keep_length();

  std::uint64_t file_bytes() const {
    struct stat status {};
    return ::stat(file().c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
  }
};

bool LmdbTableStore::Impl::is_ours(const std::optional<StoreStamp>& found) const {
  return found && found->format == format && found->log_id == options.log_id &&
         (found->boot_id == StoreStamp::closed || found->boot_id == options.boot_id) &&
         found->file_bytes <= file_bytes();
}

// Somebody cut the file, or a copy of it ended early. Pages that are missing must not be touched.
bool LmdbTableStore::Impl::is_cut_off() const { return environment->used_bytes() > file_bytes(); }

std::expected<void, std::string> LmdbTableStore::Impl::open() {
  auto opened = lmdb::Environment::open(
      folder,
      {.map_size = options.map_size, .tables = table_count, .readers = 4096, .flush = false, .read_ahead = false});
  if (!opened) return std::unexpected(opened.error().text());
  environment.emplace(std::move(*opened));
  if (is_cut_off()) return std::unexpected("the file is cut off");
  environment->forget_dead_readers();
  auto txn = environment->write();
  if (!txn) return std::unexpected(txn.error().text());
  for (std::size_t i = 0; i < table_count; ++i) {
    const auto made = txn->open_table(table_names[i]);
    if (!made) return std::unexpected(made.error().text());
    tables[i] = *made;
  }
  if (auto committed = txn->commit(); !committed) return std::unexpected(committed.error().text());
  return {};
}

// Rows of an index that the log does not have.
bool LmdbTableStore::Impl::is_ahead() const {
  const auto txn = environment->read();
  const auto value = txn ? txn->get(table(Table::meta), applied_key) : std::unexpected(txn.error());
  if (!value) return true;
  LogIndex applied = 0;
  if (*value) std::memcpy(&applied, (*value)->data(), std::min(sizeof applied, (*value)->size()));
  return applied > options.log_head;
}

// LMDB counts pages at the end that a transaction took and gave back, and does not write them. Without them the file
// would look cut off.
void LmdbTableStore::Impl::keep_length() {
  const std::uint64_t used = environment->used_bytes();
  if (used <= length) return;
  length = file_bytes();
  if (length < used && ::truncate(file().c_str(), static_cast<off_t>(used)) == 0) length = used;
}

LmdbTableStore::LmdbTableStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

LmdbTableStore::~LmdbTableStore() {
  // Rows first, then the word that they can be trusted.
  if (impl_->environment->flush()) (void)write_stamp(impl_->folder, impl_->stamp(true));
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
  const auto unusable = [&](const std::string& why) {
    return std::unexpected("open the views in " + folder + ": " + why);
  };
  if (!impl->is_ours(found) || !impl->open() || impl->is_ahead()) {
    impl->environment.reset();
    found.reset();
    remove_stamp(folder);
    std::filesystem::remove(impl->file(), error);
    std::filesystem::remove(folder + "/lock.mdb", error);
    if (auto opened = impl->open(); !opened) return unusable(opened.error());
  }
  // Before the first commit, which may reuse pages that older rows are on: after a power loss these are worth nothing,
  // whatever the stamp said until now.
  impl->keep_length();
  if (!found || found->boot_id != impl->options.boot_id) {
    if (auto written = write_stamp(folder, impl->stamp(false)); !written) return unusable(written.error().message());
  }
  return std::unique_ptr<LmdbTableStore>(new LmdbTableStore(std::move(impl)));
}

class LmdbTableStore::Snapshot final : public ReadSnapshot {
 public:
  explicit Snapshot(const Impl& store) : store_(store), txn_(take(store)) {}

  ~Snapshot() override {
    for (auto& cursor : cursors_) cursor.reset();
    txn_.release();
    std::lock_guard lock(store_.mutex);
    if (store_.idle.size() < pooled_readers) store_.idle.push_back(std::move(txn_));
  }

  LogIndex applied() const override {
    LogIndex index = 0;
    if (auto value = get(Table::meta, applied_key); value && value->size() == sizeof index) {
      std::memcpy(&index, value->data(), sizeof index);
    }
    return index;
  }

  // A row that cannot be read is answered like one that is not there: the views are thrown away rather than repaired.
  std::optional<std::string_view> get(Table table, std::string_view key) const override {
    const auto value = txn_.get(store_.table(table), key);
    return value ? *value : std::nullopt;
  }

  std::optional<Row> at_or_after(Table table, std::string_view key) const override {
    return row(cursor(table).at_or_after(key));
  }

  std::optional<Row> at_or_before(Table table, std::string_view key) const override {
    return row(cursor(table).at_or_before(key));
  }

  void scan(Table table, std::string_view from, const std::function<bool(Row)>& visit) const override {
    auto cursor = txn_.cursor(store_.table(table));  // of its own: `visit` may seek in the same table
    if (!cursor) return;
    for (auto found = row(cursor->at_or_after(from)); found && visit(*found);) found = row(cursor->next());
  }

 private:
  static lmdb::ReadTransaction take(const Impl& store) {
    std::optional<lmdb::ReadTransaction> pooled;
    {
      std::lock_guard lock(store.mutex);
      if (!store.idle.empty()) {
        pooled = std::move(store.idle.back());
        store.idle.pop_back();
      }
    }
    if (pooled) {
      const bool renewed = pooled->renew().has_value();
      ORCH_ASSERT(renewed, "a read transaction of the views can be renewed");
      return std::move(*pooled);
    }
    auto txn = store.environment->read();
    ORCH_ASSERT(txn, "a read transaction of the views can be opened");
    return std::move(*txn);
  }

  static std::optional<Row> row(const lmdb::Result<std::optional<lmdb::Entry>>& found) {
    if (!found || !*found) return {};
    return Row{(*found)->key, (*found)->value};
  }

  lmdb::Cursor& cursor(Table table) const {
    auto& cursor = cursors_[static_cast<std::size_t>(table)];
    if (!cursor) {
      auto opened = txn_.cursor(store_.table(table));
      if (!opened) remove_stamp(store_.folder);  // so that the next start builds them anew
      ORCH_ASSERT(opened, "a cursor can be opened in a read transaction");
      cursor.emplace(std::move(*opened));
    }
    return *cursor;
  }

  const Impl& store_;
  lmdb::ReadTransaction txn_;
  mutable std::array<std::optional<lmdb::Cursor>, table_count> cursors_{};
};

std::unique_ptr<ReadSnapshot> LmdbTableStore::snapshot() const { return std::make_unique<Snapshot>(*impl_); }

lmdb::Result<void> LmdbTableStore::Impl::write(LogIndex applied, std::span<const Change> changes) {
  auto txn = environment->write();
  if (!txn) return std::unexpected(txn.error());
  for (std::size_t i = 0; i < changes.size();) {
    const Table name = changes[i].table;
    auto cursor = txn->write_cursor(table(name));
    if (!cursor) return std::unexpected(cursor.error());
    for (; i < changes.size() && changes[i].table == name; ++i) {
      const Change& change = changes[i];
      const auto done = change.erased ? cursor->erase(change.key) : cursor->put(change.key, change.value);
      if (!done) return done;
    }
  }
  const std::string_view index(reinterpret_cast<const char*>(&applied), sizeof applied);
  if (auto put = txn->put(table(Table::meta), applied_key, index); !put) return put;
  return txn->commit();
}

bool LmdbTableStore::commit(LogIndex applied, std::span<const Change> changes) {
  const auto written = impl_->write(applied, changes);
  impl_->keep_length();
  if (written) return true;
  // LMDB reports a write that the end of the disk cut short as an error of input and output.
  const bool no_room = written.error().is_no_room() || written.error().is_input_output();
  // The views can always be built anew, and are at the next start; an agent that cannot write them must not go on
  // answering from old ones.
  if (!no_room) remove_stamp(impl_->folder);
  ORCH_ASSERT(no_room, "the views take what was folded");
  return false;
}

}  // namespace orch
