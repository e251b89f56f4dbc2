// LMDB as this project uses it: an environment, two kinds of transactions, cursors. The one place that sees lmdb.h.
//
// Each object owns what it opened and closes it: a transaction that was not committed changes nothing. A cursor ends
// before its transaction does (also before a `commit`), a transaction before its environment.
// Only a WriteTransaction can change anything, so a function that takes a ReadTransaction is known not to.
// Keys and values that are read are views into the mapped file: valid until the transaction ends, and in a
// WriteTransaction until its next change. Nothing is copied.
//
// Threads: an Environment belongs to all; one writer at a time (a second one waits); a ReadTransaction may move from
// thread to thread, but is used by one at a time. Errors are values: "not there" is an empty optional, everything else
// that goes wrong is an Error.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

struct MDB_env;
struct MDB_txn;
struct MDB_cursor;

namespace orch::lmdb {

/// A code of LMDB or an errno; never "not found".
struct Error {
  int code;

  std::string text() const;
  bool is_no_room() const;       ///< the disk, the quota, the file's limit or the map is full
  bool is_input_output() const;  ///< also what LMDB says when the end of the room cut a write short
  bool is_damage() const;        ///< the file holds no tree any more, or no LMDB file at all
  static Error no_room();        ///< as of a full disk
};

template <class T>
using Result = std::expected<T, Error>;

struct Entry {
  std::string_view key, value;
};

/// A named table of an environment. It is opened in a transaction that commits and then stays valid for all.
class Table {
 public:
  Table() = default;

 private:
  friend class Transaction;
  friend class WriteTransaction;
  explicit Table(unsigned handle) : handle_(handle) {}
  unsigned handle_ = 0;
};

enum class Keys {
  bytes,    ///< compared as bytes
  numbers,  ///< 8 bytes each, compared as this machine's unsigned integers
};

/// Walks a table; a move that finds nothing answers empty.
class Cursor {
 public:
  Cursor(Cursor&& other) noexcept : cursor_(std::exchange(other.cursor_, nullptr)) {}
  Cursor& operator=(Cursor&& other) noexcept {
    std::swap(cursor_, other.cursor_);
    return *this;
  }
  ~Cursor();

  Result<std::optional<Entry>> first();
  Result<std::optional<Entry>> last();
  Result<std::optional<Entry>> next();
  Result<std::optional<Entry>> previous();
  Result<std::optional<Entry>> at_or_after(std::string_view key);
  Result<std::optional<Entry>> at_or_before(std::string_view key);

 protected:
  friend class Transaction;
  explicit Cursor(MDB_cursor* cursor) : cursor_(cursor) {}
  MDB_cursor* cursor_;
};

/// A cursor that also changes; neighbouring keys cost less this way than one by one.
class WriteCursor : public Cursor {
 public:
  Result<void> put(std::string_view key, std::string_view value);
  Result<void> erase(std::string_view key);  ///< no error when it is not there

 private:
  friend class WriteTransaction;
  explicit WriteCursor(MDB_cursor* cursor) : Cursor(cursor) {}
};

/// What both kinds can do.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept : txn_(std::exchange(other.txn_, nullptr)) {}
  Transaction& operator=(Transaction&& other) noexcept {
    std::swap(txn_, other.txn_);
    return *this;
  }
  ~Transaction();  ///< what was not committed has not happened

  Result<std::optional<std::string_view>> get(Table table, std::string_view key) const;
  Result<Cursor> cursor(Table table) const;

 protected:
  explicit Transaction(MDB_txn* txn) : txn_(txn) {}
  Result<MDB_cursor*> open_cursor(Table table) const;
  Result<Table> open(const char* name, unsigned flags);
  Result<void> end();
  MDB_txn* txn_;
};

/// One instant of all tables.
class ReadTransaction : public Transaction {
 public:
  /// An error when there is no such table. `keep_tables` makes what was opened valid for later transactions, and ends.
  Result<Table> open_table(const char* name, Keys keys = Keys::bytes);
  Result<void> keep_tables() { return end(); }

  /// Lets go of its instant and keeps its place among the readers; `renew` takes the newest instant.
  void release();
  Result<void> renew();

 private:
  friend class Environment;
  explicit ReadTransaction(MDB_txn* txn) : Transaction(txn) {}
};

class WriteTransaction : public Transaction {
 public:
  /// Makes the table when it is missing.
  Result<Table> open_table(const char* name, Keys keys = Keys::bytes);
  /// The environment's only table, when it was opened for no named ones.
  Result<Table> open_unnamed();

  Result<void> put(Table table, std::string_view key, std::string_view value);
  /// `key` is above all that the table holds; pages are filled completely.
  Result<void> append(Table table, std::string_view key, std::string_view value);
  Result<void> erase(Table table, std::string_view key);  ///< no error when it is not there
  Result<WriteCursor> write_cursor(Table table);

  Result<void> commit() { return end(); }

 private:
  friend class Environment;
  explicit WriteTransaction(MDB_txn* txn) : Transaction(txn) {}
};

class Environment {
 public:
  struct Options {
    std::size_t map_size;    ///< address space, not disk: the file cannot grow beyond
    unsigned tables = 0;     ///< named ones, at most
    unsigned readers = 126;  ///< at a time, of all processes, at most
    bool read_only = false;
    bool flush = true;       ///< each commit reaches the disk before it is answered
    bool read_ahead = true;  ///< by the kernel; of no use where rows are looked for here and there
  };

  /// `folder` exists; the file in it is made unless `read_only`.
  static Result<Environment> open(const std::string& folder, const Options& options);
  Environment(Environment&& other) noexcept : env_(std::exchange(other.env_, nullptr)) {}
  Environment& operator=(Environment&& other) noexcept {
    std::swap(env_, other.env_);
    return *this;
  }
  ~Environment();

  Result<ReadTransaction> read() const;
  Result<WriteTransaction> write();

  /// Bytes of the file that the newest commit gave a meaning; a shorter file has been cut.
  std::uint64_t used_bytes() const;
  std::uint64_t page_size() const;
  Result<void> flush();        ///< everything that was committed is on the disk
  void forget_dead_readers();  ///< of processes that were killed; they would keep pages from being used again

 private:
  explicit Environment(MDB_env* env) : env_(env) {}
  MDB_env* env_;
};

}  // namespace orch::lmdb
