// Structs as tables: what is written comes back, unset and empty stay apart, damage is an error; with flatc's code as
// the independent reader.
#include "core/model/tables.h"

#include <doctest/doctest.h>

#include <string>

#include "core/log/record.h"
#include "core/model/table_reader.h"
#include "job_generated.h"
#include "node_generated.h"
#include "task_generated.h"
#include "tests/core/every_field.h"

using namespace orch;

namespace {

/// Whether flatc's verifier takes the bytes for a buffer of that table.
template <class Table>
bool independent(const std::string& bytes) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return verifier.VerifyBuffer<Table>(nullptr);
}
const wire::Job& job_in(const std::string& bytes) { return *flatbuffers::GetRoot<wire::Job>(bytes.data()); }

Job rich_job() {
  Job job;
  job.id = job.name = "web";
  job.datacenters = {"dc1", "dc2"};
  job.meta = {{"empty", ""}, {"owner", std::string(300, 'x')}};
  job.priority = -7;
  TaskGroup group;
  group.name = "g";
  group.count = 1'000'000;
  group.update = UpdateStrategy{.min_healthy_time = seconds(10), .max_parallel = 0, .auto_revert = false};
  Task task;
  task.name = "t";
  task.config = {{"image", Value("redis")},
                 {"nothing", Value()},
                 {"truth", Value(false)},
                 {"whole", Value(std::int64_t{-1} << 62)},
                 {"real", Value(-0.5)},
                 {"empty", Value(Value::Map{})},
                 {"list", Value(Value::List{Value(1), Value(Value::Map{{"db", Value(6379)}}), Value(Value::List{})})}};
  group.tasks = {task, task};
  job.task_groups = {group};
  return job;
}

Job nested(int levels) {
  Value deep;
  for (int i = 0; i < levels; ++i) deep = Value(Value::List{deep});
  Job job;
  job.task_groups.resize(1);
  job.task_groups[0].tasks.resize(1);
  job.task_groups[0].tasks[0].config = {{"deep", deep}};
  return job;
}

/// `same` says whether the struct comes back as it was, and its bytes are a table to flatc's verifier as well.
template <class T, class Wire, class Encode, class Decode>
void check_each_field(Encode&& encode, Decode&& decode) {
  int changed = 0;
  EveryField<T>().visit([&](const T& object, const std::string& path) {
    CAPTURE(path);
    const std::string bytes = encode(object);
    CHECK(independent<Wire>(bytes));
    const auto back = decode(bytes_of(bytes));
    REQUIRE(back);
    CHECK(*back == object);
    CHECK_FALSE(*back == T{});
    ++changed;
  });
  CHECK(changed > 20);
  CHECK(decode(bytes_of(encode(T{}))) == T{});
}

template <class T, class Wire, class Decode>
void check_damage(const std::string& bytes, Decode&& decode, const T& whole) {
  int refused = 0, seen = 0;
  const auto look = [&](const std::string& damaged) {
    ++seen;
    const auto read = decode(bytes_of(damaged));
    if (!read) ++refused;
    // Two readers agree on what is damaged beyond reading; flatc's asks for more (alignment, zeros behind texts).
    if (independent<Wire>(damaged) && !read) {
      CHECK(read.error() != "the tables are damaged");
      CHECK(read.error() != "the tables are nested deeper than 61");
    }
  };
  constexpr std::size_t filling = 4;  // behind the last text, of no meaning
  for (std::size_t size = 0; size + filling <= bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    look(cut);
    if (const auto read = decode(bytes_of(cut))) CHECK_FALSE(*read == whole);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      look(changed);
    }
  }
  CHECK(refused > seen / 10);
}

}  // namespace

TEST_CASE("every field of a job comes back by itself, unset and empty apart") {
  check_each_field<Job, wire::Job>(encode_job, decode_job);
}
TEST_CASE("every field of a node comes back by itself") {
  check_each_field<Node, wire::Node>(encode_node, decode_node);
}
TEST_CASE("every field of task states comes back by itself") {
  check_each_field<TaskStates, wire::TaskStates>(encode_task_states, decode_task_states);
}

TEST_CASE("a job comes back as it was written") {
  const Job job = rich_job();
  const std::string bytes = encode_job(job);
  const auto back = decode_job(bytes_of(bytes));
  REQUIRE(back);
  CHECK(*back == job);
  CHECK(encode_job(Job{}).size() <= 16);
}

TEST_CASE("flatc's code reads what is written") {
  const std::string bytes = encode_job(rich_job());
  REQUIRE(independent<wire::Job>(bytes));
  const wire::Job& job = job_in(bytes);
  CHECK(job.id()->string_view() == "web");
  CHECK(job.priority() == -7);
  CHECK(job.type() == nullptr);  // has its default
  CHECK(job.meta()->LookupByKey("owner")->value()->size() == 300);
  CHECK(job.meta()->LookupByKey("empty")->value()->size() == 0);
  const wire::TaskGroup& group = *job.task_groups()->Get(0);
  CHECK(group.count() == 1'000'000);
  CHECK(group.ephemeral_disk() == nullptr);
  CHECK(group.update()->min_healthy_time() == flatbuffers::Optional<std::int64_t>(10'000'000'000));
  CHECK(group.update()->max_parallel() == flatbuffers::Optional<std::int32_t>(0));
  CHECK(group.update()->auto_revert() == flatbuffers::Optional<bool>(false));
  CHECK(group.update()->canary() == flatbuffers::nullopt);
  const auto& config = *group.tasks()->Get(1)->config();
  REQUIRE(config.size() == 7);
  CHECK(config.Get(1)->name()->string_view() == "image");
  CHECK(config.Get(1)->text()->string_view() == "redis");
  CHECK(config.Get(2)->list()->Get(1)->map()->Get(0)->whole() == flatbuffers::Optional<std::int64_t>(6379));
  CHECK(config.Get(0)->map()->size() == 0);
  CHECK(config.Get(6)->whole() == flatbuffers::Optional<std::int64_t>(std::int64_t{-1} << 62));
}

TEST_CASE("what flatc's code leaves out has its default, and an absent text is not an empty one") {
  flatbuffers::FlatBufferBuilder b;
  wire::JobBuilder job(b);
  b.Finish(job.Finish());
  const std::string bytes(reinterpret_cast<const char*>(b.GetBufferPointer()), b.GetSize());
  const auto read = decode_job(bytes_of(bytes));
  REQUIRE(read);
  CHECK(*read == Job{});
  CHECK(read->type == "service");
  Job untyped;
  untyped.type.clear();
  CHECK(decode_job(bytes_of(encode_job(untyped))) == untyped);
}

TEST_CASE("fields that a reader does not know are not seen") {
  // A table with more fields than the struct has: what an older build finds of a newer one's.
  flatbuffers::FlatBufferBuilder b;
  const auto name = b.CreateString("redis");
  const auto start = b.StartTable();
  b.AddOffset(slot_of(1), name);
  b.AddElement(slot_of(fields_max), std::int64_t{7});
  b.Finish(flatbuffers::Offset<void>(b.EndTable(start)));
  const std::string bytes(reinterpret_cast<const char*>(b.GetBufferPointer()), b.GetSize());
  DispatchPayload payload;
  TableReader reader(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  reader.read_root(payload);
  CHECK(reader.error() == nullptr);
  CHECK(payload.file == "redis");
}

TEST_CASE("damaged bytes are an error or another job, never a crash") {
  check_damage<Job, wire::Job>(encode_job(rich_job()), decode_job, rich_job());
  TaskState state{.life = TaskLife::dead, .failed = true, .started_at = {1}};
  state.events = {
      {.type = "Terminated", .time = {2}, .details = {{"exit_code", "1"}, {"signal", "0"}}, .exit_code = 1}};
  const TaskStates states{{{"a", state}, {"b", {}}}};
  check_damage<TaskStates, wire::TaskStates>(encode_task_states(states), decode_task_states, states);
}

TEST_CASE("a table may stand at any address") {
  const std::string bytes = encode_job(rich_job());
  for (std::size_t shift = 1; shift < 8; ++shift) {
    const std::string moved = std::string(shift, '?') + bytes;
    CHECK(decode_job(bytes_of(moved).subspan(shift)) == rich_job());
  }
}

TEST_CASE("depth is bounded, and a record of what is read is not too deep for flatc's verifier") {
  const std::string deep = encode_job(nested(57));
  CHECK(decode_job(bytes_of(deep)));
  CHECK(independent<wire::Job>(deep));
  GroupBuilder group;
  group.register_job(nested(57), false, 0);
  CHECK(verify(bytes_of(group.finish({}))));
  const auto deeper = decode_job(bytes_of(encode_job(nested(58))));
  REQUIRE(!deeper);
  CHECK(deeper.error() == "the tables are nested deeper than 61");
}

TEST_CASE("what little bytes claim to be much is refused") {
  // A list of lists of lists …, each of two entries that are the same one: 2^40 values in 2 kB.
  flatbuffers::FlatBufferBuilder b;
  flatbuffers::Offset<wire::Value> value = wire::CreateValue(b);
  for (int i = 0; i < 40; ++i) {
    const auto list = b.CreateVector(std::vector{value, value});
    value = wire::CreateValue(b, 0, flatbuffers::nullopt, flatbuffers::nullopt, flatbuffers::nullopt, 0, list);
  }
  const auto config = b.CreateVector(std::vector{value});
  wire::TaskBuilder task(b);
  task.add_config(config);
  const auto tasks = b.CreateVector(std::vector{task.Finish()});
  wire::TaskGroupBuilder group(b);
  group.add_tasks(tasks);
  const auto groups = b.CreateVector(std::vector{group.Finish()});
  wire::JobBuilder job(b);
  job.add_task_groups(groups);
  b.Finish(job.Finish());
  const std::string bytes(reinterpret_cast<const char*>(b.GetBufferPointer()), b.GetSize());
  const auto read = decode_job(bytes_of(bytes));
  REQUIRE(!read);
  CHECK(read.error() == "there is more in the tables than is ever read");
}

TEST_CASE("a value is one thing, a map has each name once") {
  const auto read = [](const auto& fill) {
    flatbuffers::FlatBufferBuilder b;
    const auto config = fill(b);
    wire::TaskBuilder task(b);
    task.add_config(config);
    const auto tasks = b.CreateVector(std::vector{task.Finish()});
    wire::TaskGroupBuilder group(b);
    group.add_tasks(tasks);
    const auto groups = b.CreateVector(std::vector{group.Finish()});
    wire::JobBuilder job(b);
    job.add_task_groups(groups);
    b.Finish(job.Finish());
    const std::string bytes(reinterpret_cast<const char*>(b.GetBufferPointer()), b.GetSize());
    const auto made = decode_job(bytes_of(bytes));
    return made ? std::string() : made.error();
  };
  CHECK(read([](auto& b) { return b.CreateVector(std::vector{wire::CreateValueDirect(b, "a", true, 1)}); }) ==
        "a value is two things at once");
  CHECK(read([](auto& b) {
          return b.CreateVector(std::vector{wire::CreateValueDirect(b, "a"), wire::CreateValueDirect(b, "a")});
        }) == "the entries of a map are out of order");
  CHECK(read([](auto& b) {
          return b.CreateVector(std::vector{wire::CreateValueDirect(b, "a"), wire::CreateValueDirect(b, "b")});
        }).empty());
}
