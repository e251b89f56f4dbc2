#include "drivers/node/state_store.h"

#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "drivers/node/identity.h"

namespace orch::client {
namespace {

// Address space only: pages are used as they are needed.
constexpr std::size_t map_size = std::size_t{4} << 30;

std::string boot_id() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string text;
  std::getline(file, text);
  return text;
}

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  return text;
}

MDB_val value_of(const std::string& text) { return {text.size(), const_cast<char*>(text.data())}; }

}  // namespace

struct StateStore::Impl {
  MDB_env* env = nullptr;
  MDB_dbi dbi = 0;
  std::string folder;

  ~Impl() {
    if (env == nullptr) return;
    const bool flushed = mdb_env_sync(env, 1) == 0;
    mdb_env_close(env);
    if (flushed) ::unlink((folder + "/open-since-boot").c_str());
  }

  /// One write transaction around `change`, which answers an LMDB code.
  template <class Change>
  std::expected<void, std::string> write(const char* doing, Change change) {
    MDB_txn* txn = nullptr;
    int code = mdb_txn_begin(env, nullptr, 0, &txn);
    if (code == 0) {
      code = change(txn);
      if (code == 0) {
        code = mdb_txn_commit(txn);
      } else {
        mdb_txn_abort(txn);
      }
    }
    if (code == 0) return {};
    return std::unexpected(std::string(doing) + " in " + folder + ": " + mdb_strerror(code));
  }

  std::expected<void, std::string> put(const char* kind, const std::string& id, const std::string& json) {
    return write("store the state of an allocation", [&](MDB_txn* txn) {
      const std::string name = kind + id;
      MDB_val key = value_of(name), value = value_of(json);
      return mdb_put(txn, dbi, &key, &value, 0);
    });
  }
};

StateStore::~StateStore() = default;

std::expected<std::unique_ptr<StateStore>, std::string> StateStore::open(const std::string& folder) {
  ::mkdir(folder.c_str(), 0700);
  std::unique_ptr<StateStore> store(new StateStore);
  store->impl_ = std::make_unique<Impl>();
  Impl& impl = *store->impl_;
  impl.folder = folder;
  const std::string marker = folder + "/open-since-boot";
  const std::string now = boot_id();
  if (const std::string then = first_line(marker); !then.empty() && then != now) {
    ::unlink((folder + "/data.mdb").c_str());
    ::unlink((folder + "/lock.mdb").c_str());
    store->dropped_ = true;
  }
  if (auto written = write_file_durably(marker, now + "\n", 0600); !written) return std::unexpected(written.error());

  const auto failed = [&](int code) {
    return std::unexpected("open the node's state in " + folder + ": " + mdb_strerror(code));
  };
  MDB_env* env = nullptr;
  if (const int code = mdb_env_create(&env); code != 0) return failed(code);
  mdb_env_set_mapsize(env, map_size);
  if (const int code = mdb_env_open(env, folder.c_str(), MDB_NOSYNC | MDB_NOTLS, 0600); code != 0) {
    mdb_env_close(env);
    return failed(code);
  }
  impl.env = env;
  auto opened = impl.write("open", [&](MDB_txn* txn) { return mdb_dbi_open(txn, nullptr, 0, &impl.dbi); });
  if (!opened) return std::unexpected(opened.error());
  return store;
}

std::expected<std::vector<StateStore::Entry>, std::string> StateStore::load() const {
  std::map<std::string, Entry> entries;
  MDB_txn* txn = nullptr;
  MDB_cursor* cursor = nullptr;
  int code = mdb_txn_begin(impl_->env, nullptr, MDB_RDONLY, &txn);
  if (code == 0) code = mdb_cursor_open(txn, impl_->dbi, &cursor);
  MDB_val key, value;
  if (code == 0) code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
  for (; code == 0; code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
    const std::string name(static_cast<const char*>(key.mv_data), key.mv_size);
    std::string text(static_cast<const char*>(value.mv_data), value.mv_size);
    Entry& entry = entries[name.substr(2)];
    entry.alloc_id = name.substr(2);
    (name[0] == 'a' ? entry.allocation : name[0] == 'r' ? entry.run : entry.taken) = std::move(text);
  }
  if (cursor != nullptr) mdb_cursor_close(cursor);
  if (txn != nullptr) mdb_txn_abort(txn);
  if (code != MDB_NOTFOUND)
    return std::unexpected("read the node's state in " + impl_->folder + ": " + mdb_strerror(code));
  std::vector<Entry> list;
  for (auto& [id, entry] : entries) list.push_back(std::move(entry));
  return list;
}

std::expected<void, std::string> StateStore::put_allocation(const std::string& alloc_id, const std::string& json) {
  return impl_->put("a/", alloc_id, json);
}

std::expected<void, std::string> StateStore::put_run(const std::string& alloc_id, const std::string& json) {
  return impl_->put("r/", alloc_id, json);
}

std::expected<void, std::string> StateStore::put_taken(const std::map<std::string, std::string>& marks) {
  return impl_->write("store what the servers know", [&](MDB_txn* txn) {
    for (const auto& [id, mark] : marks) {
      const std::string allocation = "a/" + id, taken = "t/" + id;
      MDB_val there = value_of(allocation), key = value_of(taken), value = value_of(mark), found{};
      int code = mdb_get(txn, impl_->dbi, &there, &found);
      if (code == MDB_NOTFOUND) continue;
      if (code == 0) code = mdb_put(txn, impl_->dbi, &key, &value, 0);
      if (code != 0) return code;
    }
    return 0;
  });
}

std::expected<void, std::string> StateStore::remove(const std::string& alloc_id) {
  return impl_->write("remove the state of an allocation", [&](MDB_txn* txn) {
    for (const char* kind : {"a/", "r/", "t/"}) {
      const std::string name = kind + alloc_id;
      MDB_val key = value_of(name);
      const int code = mdb_del(txn, impl_->dbi, &key, nullptr);
      if (code != 0 && code != MDB_NOTFOUND) return code;
    }
    return 0;
  });
}

}  // namespace orch::client
