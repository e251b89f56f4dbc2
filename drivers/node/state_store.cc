#include "drivers/node/state_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "projections/files/durable_file.h"
#include "projections/lmdb/environment.h"

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

}  // namespace

struct StateStore::Impl {
  lmdb::Environment environment;
  std::string folder;
  lmdb::Table table;

  Impl(lmdb::Environment opened, std::string where) : environment(std::move(opened)), folder(std::move(where)) {}
  ~Impl() {
    // Everything is on the disk, so a reboot takes nothing away: the mark goes.
    if (environment.flush()) ::unlink((folder + "/open-since-boot").c_str());
  }

  /// One write transaction around `change`.
  template <class Change>
  std::expected<void, std::string> write(const char* doing, Change change) {
    const auto attempt = [&]() -> lmdb::Result<void> {
      auto txn = environment.write();
      if (!txn) return std::unexpected(txn.error());
      if (auto changed = change(*txn); !changed) return changed;
      return txn->commit();
    };
    const auto done = attempt();
    if (!done) return std::unexpected(std::string(doing) + " in " + folder + ": " + done.error().text());
    return {};
  }

  std::expected<void, std::string> put(const char* kind, const std::string& id, const std::string& json) {
    return write("store the state of an allocation",
                 [&](lmdb::WriteTransaction& txn) { return txn.put(table, kind + id, json); });
  }
};

StateStore::~StateStore() = default;

std::expected<std::unique_ptr<StateStore>, std::string> StateStore::open(const std::string& folder) {
  ::mkdir(folder.c_str(), 0700);
  std::unique_ptr<StateStore> store(new StateStore);
  const std::string marker = folder + "/open-since-boot";
  const std::string now = boot_id();
  if (const std::string then = first_line(marker); !then.empty() && then != now) {
    ::unlink((folder + "/data.mdb").c_str());
    ::unlink((folder + "/lock.mdb").c_str());
    store->dropped_ = true;
  }
  if (auto written = write_file_durably(marker, now + "\n"); !written) {
    return std::unexpected("write " + marker + ": " + written.error().message());
  }

  auto environment = lmdb::Environment::open(folder, {.map_size = map_size, .flush = false});
  if (!environment) return std::unexpected("open the node's state in " + folder + ": " + environment.error().text());
  store->impl_ = std::make_unique<Impl>(std::move(*environment), folder);
  Impl& impl = *store->impl_;
  auto opened = impl.write("open", [&](lmdb::WriteTransaction& txn) -> lmdb::Result<void> {
    const auto table = txn.open_unnamed();
    if (!table) return std::unexpected(table.error());
    impl.table = *table;
    return {};
  });
  if (!opened) return std::unexpected(opened.error());
  return store;
}

std::expected<std::vector<StateStore::Entry>, std::string> StateStore::load() const {
  const auto failed = [&](lmdb::Error error) {
    return std::unexpected("read the node's state in " + impl_->folder + ": " + error.text());
  };
  const auto txn = impl_->environment.read();
  if (!txn) return failed(txn.error());
  auto cursor = txn->cursor(impl_->table);
  if (!cursor) return failed(cursor.error());
  std::map<std::string, Entry> entries;
  auto row = cursor->first();
  for (; row && *row; row = cursor->next()) {
    const std::string name((*row)->key), text((*row)->value);
    Entry& entry = entries[name.substr(2)];
    entry.alloc_id = name.substr(2);
    (name[0] == 'a' ? entry.allocation : name[0] == 'r' ? entry.run : entry.taken) = text;
  }
  if (!row) return failed(row.error());
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
  return impl_->write("store what the servers know", [&](lmdb::WriteTransaction& txn) -> lmdb::Result<void> {
    for (const auto& [id, mark] : marks) {
      const auto allocation = txn.get(impl_->table, "a/" + id);
      if (!allocation) return std::unexpected(allocation.error());
      if (!*allocation) continue;
      if (auto put = txn.put(impl_->table, "t/" + id, mark); !put) return put;
    }
    return {};
  });
}

std::expected<void, std::string> StateStore::remove(const std::string& alloc_id) {
  return impl_->write("remove the state of an allocation", [&](lmdb::WriteTransaction& txn) -> lmdb::Result<void> {
    for (const char* kind : {"a/", "r/", "t/"}) {
      if (auto erased = txn.erase(impl_->table, kind + alloc_id); !erased) return erased;
    }
    return {};
  });
}

}  // namespace orch::client
