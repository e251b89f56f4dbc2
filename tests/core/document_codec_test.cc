#include <doctest/doctest.h>

#include <map>
#include <string>

#include "core/model/document_codec.h"

using namespace orch;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

/// Walks all structs that a document can hold, each field's type included.
class Tags {
 public:
  int structs = 0;

  template <HasFields T>
  void look(const T& object) {
    ++structs;
    std::map<std::uint32_t, std::string> seen;
    T::fields(object, [&](const char* name, const char*, const auto& member) {
      const auto [it, fresh] = seen.emplace(field_tag(name), name);
      CHECK_MESSAGE(fresh, name << " has the tag of " << it->second);
      look(member);
    });
  }

 private:
  template <class T>
  void look(const std::optional<T>&) { look(T{}); }
  template <class T>
  void look(const std::vector<T>&) { look(T{}); }
  template <class T>
  void look(const std::map<std::string, T>&) { look(T{}); }
  void look(const std::string&) {}
  void look(const Value&) {}
  void look(Duration) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  void look(T) {}
};

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
                 {"list", Value(Value::List{Value(1), Value(Value::Map{{"db", Value(6379)}}), Value(Value::List{})})}};
  group.tasks = {task, task};
  job.task_groups = {group};
  return job;
}

}  // namespace

TEST_CASE("no two fields of a struct share a tag") {
  Tags tags;
  tags.look(Job{});
  tags.look(Node{});
  CHECK(tags.structs > 20);
}

TEST_CASE("a document gives back what was written, and equal structs give equal bytes") {
  const Job job = rich_job();
  const std::string bytes = encode_job(job);
  const auto back = decode_job(bytes_of(bytes));
  REQUIRE(back);
  CHECK(*back == job);
  CHECK(encode_job(*back) == bytes);
  CHECK(encode_job(Job{}).size() == 1);
  CHECK(!decode_job(bytes_of(std::string())));
  Node node;
  node.id = "n";
  node.drivers["docker"] = {.detected = true, .healthy = true};
  node.resources.networks = {{.ip = "10.0.0.1", .mbits = 1000}};
  const std::string node_bytes = encode_node(node);
  const auto same = decode_node(bytes_of(node_bytes));
  REQUIRE(same);
  CHECK(*same == node);
}

TEST_CASE("fields that a reader does not know are skipped, wherever they stand") {
  // A node read as a job: all that they share is kept, the rest has no place.
  Node node;
  node.id = "shared";
  node.datacenter = "only of a node";
  node.attributes = {{"a", "b"}};
  node.resources.cpu = 4;
  node.name = "named";
  const std::string bytes = encode_node(node);
  const auto job = decode_job(bytes_of(bytes));
  REQUIRE(job);
  CHECK(job->id == "shared");
  CHECK(job->name == "named");
}

TEST_CASE("damaged documents are errors") {
  const std::string bytes = encode_job(rich_job());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    const auto cut = decode_job(bytes_of(bytes.substr(0, size)));
    if (cut) CHECK(!(*cut == rich_job()));  // cut between two fields, the rest is as if it were absent
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ 1 << bit);
      if (const auto read = decode_job(bytes_of(changed))) CHECK(encode_job(*read).size() <= 2 * bytes.size());
    }
  }
  // A list in a list in a list …, deeper than anything that is read.
  Value deep;
  for (int i = 0; i < 80; ++i) deep = Value(Value::List{deep});
  Job job;
  job.task_groups.resize(1);
  job.task_groups[0].tasks.resize(1);
  job.task_groups[0].tasks[0].config = {{"deep", deep}};
  const std::string too_deep = encode_job(job);
  const auto read = decode_job(bytes_of(too_deep));
  REQUIRE(!read);
  CHECK(read.error() == "the document is nested deeper than 64");
}
