#include "tests/bench/bare_commit.h"

#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include <filesystem>

#include "core/base/assert.h"
#include "tests/bench/reactor.h"

namespace orch::bench {

struct BareCommit::Impl {
  MDB_env* env = nullptr;
  MDB_dbi rows = 0;
  std::uint64_t next = 1;
};

BareCommit::BareCommit(const std::string& folder) : impl_(new Impl) {
  std::filesystem::create_directories(folder);
  MDB_txn* txn = nullptr;
  bool made = mdb_env_create(&impl_->env) == 0 && mdb_env_set_mapsize(impl_->env, std::size_t{4} << 30) == 0 &&
              mdb_env_set_maxdbs(impl_->env, 1) == 0 &&
              mdb_env_open(impl_->env, folder.c_str(), MDB_NOTLS | MDB_NORDAHEAD, 0600) == 0 &&
              mdb_txn_begin(impl_->env, nullptr, 0, &txn) == 0 &&
              mdb_dbi_open(txn, "rows", MDB_CREATE | MDB_INTEGERKEY, &impl_->rows) == 0 && mdb_txn_commit(txn) == 0;
  ORCH_ASSERT(made, "a bare LMDB environment can be made");
  const int file = open((folder + "/data.mdb").c_str(), O_WRONLY | O_CLOEXEC);
  const std::string zeros(1 << 20, '\0');
  const off_t begin = lseek(file, 0, SEEK_END);
  for (int i = 0; i < 64; ++i) {
    made = made && pwrite(file, zeros.data(), zeros.size(),
                          begin + static_cast<off_t>(i) * static_cast<off_t>(zeros.size())) > 0;
  }
  ORCH_ASSERT(made && fsync(file) == 0, "the file can be filled ahead");
  close(file);
}

BareCommit::~BareCommit() {
  mdb_env_close(impl_->env);
  delete impl_;
}

std::vector<double> BareCommit::run(int count, std::size_t size) {
  std::vector<double> milliseconds;
  const std::string bytes(size, 'x');
  for (int i = 0; i < count; ++i) {
    const std::int64_t start = now_ns();
    MDB_txn* txn = nullptr;
    MDB_val key{sizeof impl_->next, &impl_->next}, value{bytes.size(), const_cast<char*>(bytes.data())};
    const bool done = mdb_txn_begin(impl_->env, nullptr, 0, &txn) == 0 &&
                      mdb_put(txn, impl_->rows, &key, &value, MDB_APPEND) == 0 && mdb_txn_commit(txn) == 0;
    ORCH_ASSERT(done, "a bare commit succeeds");
    ++impl_->next;
    milliseconds.push_back(static_cast<double>(now_ns() - start) / 1e6);
  }
  return milliseconds;
}

}  // namespace orch::bench
