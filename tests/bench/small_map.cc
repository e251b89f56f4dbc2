// Preloaded into a program that runs under valgrind (tests/bench/builds.py): valgrind has 128 GiB of address space in
// all, and LMDB environments ask for more than that. They get a part of it.
#include <dlfcn.h>
#include <lmdb.h>

#include <algorithm>
#include <cstddef>

extern "C" int mdb_env_set_mapsize(MDB_env* env, std::size_t size) {
  using Set = int (*)(MDB_env*, std::size_t);
  static const auto set = reinterpret_cast<Set>(dlsym(RTLD_NEXT, "mdb_env_set_mapsize"));
  return set(env, std::min(size, std::size_t{8} << 30));
}
