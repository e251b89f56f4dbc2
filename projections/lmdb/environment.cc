#include "projections/lmdb/environment.h"

#include <lmdb.h>

#include <cerrno>

#include "core/base/assert.h"

namespace orch::lmdb {
namespace {

MDB_val value_of(std::string_view text) { return {text.size(), const_cast<char*>(text.data())}; }
std::string_view view_of(const MDB_val& value) { return {static_cast<const char*>(value.mv_data), value.mv_size}; }

Result<void> result_of(int code) {
  if (code != 0) return std::unexpected(Error{code});
  return {};
}

Result<std::optional<Entry>> move(MDB_cursor* cursor, MDB_val key, MDB_cursor_op where) {
  ORCH_ASSERT(cursor != nullptr, "a cursor that was moved from is not used");
  MDB_val value{};
  const int code = mdb_cursor_get(cursor, &key, &value, where);
  if (code == MDB_NOTFOUND) return std::optional<Entry>();
  if (code != 0) return std::unexpected(Error{code});
  return Entry{view_of(key), view_of(value)};
}

unsigned flags_of(Keys keys) { return keys == Keys::numbers ? MDB_INTEGERKEY : 0; }

}  // namespace

// ---- errors ----

std::string Error::text() const { return mdb_strerror(code); }
bool Error::is_no_room() const { return code == ENOSPC || code == EDQUOT || code == EFBIG || code == MDB_MAP_FULL; }
bool Error::is_input_output() const { return code == EIO; }
bool Error::is_damage() const { return code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND || code == MDB_INVALID; }
Error Error::no_room() { return {ENOSPC}; }

// ---- cursors ----

Cursor::~Cursor() {
  if (cursor_ != nullptr) mdb_cursor_close(cursor_);
}

Result<std::optional<Entry>> Cursor::first() { return move(cursor_, {}, MDB_FIRST); }
Result<std::optional<Entry>> Cursor::last() { return move(cursor_, {}, MDB_LAST); }
Result<std::optional<Entry>> Cursor::next() { return move(cursor_, {}, MDB_NEXT); }
Result<std::optional<Entry>> Cursor::previous() { return move(cursor_, {}, MDB_PREV); }

Result<std::optional<Entry>> Cursor::at_or_after(std::string_view key) {
  // LMDB takes no empty key, and everything is after it.
  return key.empty() ? first() : move(cursor_, value_of(key), MDB_SET_RANGE);
}

Result<std::optional<Entry>> Cursor::at_or_before(std::string_view key) {
  auto found = at_or_after(key);
  if (!found || (*found && (*found)->key == key)) return found;
  return *found ? previous() : last();
}

Result<void> WriteCursor::put(std::string_view key, std::string_view value) {
  MDB_val k = value_of(key), v = value_of(value);
  return result_of(mdb_cursor_put(cursor_, &k, &v, 0));
}

Result<void> WriteCursor::erase(std::string_view key) {
  const auto found = move(cursor_, value_of(key), MDB_SET);
  if (!found) return std::unexpected(found.error());
  return *found ? result_of(mdb_cursor_del(cursor_, 0)) : Result<void>();
}

// ---- transactions ----

Transaction::~Transaction() {
  if (txn_ != nullptr) mdb_txn_abort(txn_);
}

Result<std::optional<std::string_view>> Transaction::get(Table table, std::string_view key) const {
  ORCH_ASSERT(txn_ != nullptr, "a transaction that has ended is not used");
  MDB_val k = value_of(key), v{};
  const int code = mdb_get(txn_, table.handle_, &k, &v);
  if (code == MDB_NOTFOUND) return std::optional<std::string_view>();
  if (code != 0) return std::unexpected(Error{code});
  return view_of(v);
}

Result<MDB_cursor*> Transaction::open_cursor(Table table) const {
  ORCH_ASSERT(txn_ != nullptr, "a transaction that has ended is not used");
  MDB_cursor* cursor = nullptr;
  if (const int code = mdb_cursor_open(txn_, table.handle_, &cursor)) return std::unexpected(Error{code});
  return cursor;
}

Result<Cursor> Transaction::cursor(Table table) const {
  const auto opened = open_cursor(table);
  if (!opened) return std::unexpected(opened.error());
  return Cursor(*opened);
}

Result<Table> Transaction::open(const char* name, unsigned flags) {
  ORCH_ASSERT(txn_ != nullptr, "a transaction that has ended is not used");
  MDB_dbi handle = 0;
  if (const int code = mdb_dbi_open(txn_, name, flags, &handle)) return std::unexpected(Error{code});
  return Table(handle);
}

Result<void> Transaction::end() {
  ORCH_ASSERT(txn_ != nullptr, "a transaction ends once");
  return result_of(mdb_txn_commit(std::exchange(txn_, nullptr)));  // it is gone, whatever the answer
}

Result<Table> ReadTransaction::open_table(const char* name, Keys keys) { return open(name, flags_of(keys)); }

void ReadTransaction::release() {
  ORCH_ASSERT(txn_ != nullptr, "a transaction that has ended is not used");
  mdb_txn_reset(txn_);
}

Result<void> ReadTransaction::renew() {
  ORCH_ASSERT(txn_ != nullptr, "a transaction that has ended is not used");
  return result_of(mdb_txn_renew(txn_));
}

Result<Table> WriteTransaction::open_table(const char* name, Keys keys) {
  return open(name, MDB_CREATE | flags_of(keys));
}

Result<Table> WriteTransaction::open_unnamed() { return open(nullptr, 0); }

Result<void> WriteTransaction::put(Table table, std::string_view key, std::string_view value) {
  ORCH_ASSERT(txn_ != nullptr, "a transaction that has ended is not used");
  MDB_val k = value_of(key), v = value_of(value);
  return result_of(mdb_put(txn_, table.handle_, &k, &v, 0));
}

Result<void> WriteTransaction::append(Table table, std::string_view key, std::string_view value) {
  ORCH_ASSERT(txn_ != nullptr, "a transaction that has ended is not used");
  MDB_val k = value_of(key), v = value_of(value);
  const int code = mdb_put(txn_, table.handle_, &k, &v, MDB_APPEND);
  ORCH_ASSERT(code != MDB_KEYEXIST, "what is appended has a key above all others");
  return result_of(code);
}

Result<void> WriteTransaction::erase(Table table, std::string_view key) {
  ORCH_ASSERT(txn_ != nullptr, "a transaction that has ended is not used");
  MDB_val k = value_of(key);
  const int code = mdb_del(txn_, table.handle_, &k, nullptr);
  return result_of(code == MDB_NOTFOUND ? 0 : code);
}

Result<WriteCursor> WriteTransaction::write_cursor(Table table) {
  const auto opened = open_cursor(table);
  if (!opened) return std::unexpected(opened.error());
  return WriteCursor(*opened);
}

// ---- the environment ----

Result<Environment> Environment::open(const std::string& folder, const Options& options) {
  ORCH_ASSERT(options.map_size != 0, "an environment is given its address space");
  MDB_env* env = nullptr;
  if (const int code = mdb_env_create(&env)) return std::unexpected(Error{code});
  Environment made(env);
  mdb_env_set_mapsize(env, options.map_size);
  mdb_env_set_maxdbs(env, options.tables);
  mdb_env_set_maxreaders(env, options.readers);
  // NOTLS: a read transaction belongs to an object, not to the thread that began it.
  const unsigned flags = MDB_NOTLS | (options.read_only ? MDB_RDONLY : 0) | (options.flush ? 0 : MDB_NOSYNC) |
                         (options.read_ahead ? 0 : MDB_NORDAHEAD);
  if (const int code = mdb_env_open(env, folder.c_str(), flags, 0600)) return std::unexpected(Error{code});
  return made;
}

Environment::~Environment() {
  if (env_ != nullptr) mdb_env_close(env_);
}

Result<ReadTransaction> Environment::read() const {
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn)) return std::unexpected(Error{code});
  return ReadTransaction(txn);
}

Result<WriteTransaction> Environment::write() {
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(env_, nullptr, 0, &txn)) return std::unexpected(Error{code});
  return WriteTransaction(txn);
}

std::uint64_t Environment::used_bytes() const {
  MDB_envinfo info;
  mdb_env_info(env_, &info);
  return (info.me_last_pgno + 1) * page_size();
}

std::uint64_t Environment::page_size() const {
  MDB_stat stat;
  mdb_env_stat(env_, &stat);
  return stat.ms_psize;
}

Result<void> Environment::flush() { return result_of(mdb_env_sync(env_, 1)); }

void Environment::forget_dead_readers() {
  int dead = 0;
  mdb_reader_check(env_, &dead);
}

}  // namespace orch::lmdb
