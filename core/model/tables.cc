#include "core/model/tables.h"

#include "core/model/table_reader.h"

namespace orch {

flatbuffers::uoffset_t TableWriter::put(const Value& value, const std::string* name) {
  const flatbuffers::uoffset_t called = name != nullptr ? put(*name) : 0;
  flatbuffers::uoffset_t behind = 0;
  if (const auto* text = value.as_string()) behind = put(*text);
  if (const auto* list = value.as_list()) behind = put(*list);
  if (const auto* map = value.as_map()) behind = put(*map);
  const flatbuffers::uoffset_t start = to_.StartTable();
  if (const auto* whole = value.as_int()) to_.AddElement(slot_of(ValueFields::whole), *whole);
  if (const auto* real = value.as_double()) to_.AddElement(slot_of(ValueFields::real), *real);
  if (value.as_string() != nullptr) offset(ValueFields::text, behind);
  if (value.as_list() != nullptr) offset(ValueFields::list, behind);
  if (value.as_map() != nullptr) offset(ValueFields::map, behind);
  if (name != nullptr) offset(ValueFields::name, called);
  if (const auto* truth = value.as_bool()) to_.AddElement(slot_of(ValueFields::truth), detail::raw(*truth));
  return to_.EndTable(start);
}

void TableReader::value(const Table& table, Value& value, int depth) {
  const auto as = [&](unsigned number, auto v) {
    const std::uintptr_t found = field(table, number);
    if (found == 0 || error_ != nullptr) return;
    if (!value.is_null()) return void(fail("a value is two things at once"));
    get(found, v, depth);
    value = Value(std::move(v));
  };
  as(ValueFields::truth, false);
  as(ValueFields::whole, std::int64_t{0});
  as(ValueFields::real, 0.0);
  as(ValueFields::text, std::string());
  as(ValueFields::list, Value::List());
  as(ValueFields::map, Value::Map());
}

std::string_view TableReader::text_at(std::uintptr_t at) {
  const std::size_t size = load<flatbuffers::uoffset_t>(at);
  at += sizeof(flatbuffers::uoffset_t);
  if (!spend(1) || !room(at, size)) return {};
  if (size > texts_left_) {
    fail("there is more in the tables than is ever read");
    return {};
  }
  texts_left_ -= size;
  return {reinterpret_cast<const char*>(at), size};
}

namespace {

template <class T>
std::string encode(const T& object) {
  flatbuffers::FlatBufferBuilder to(1024);
  to.Finish(flatbuffers::Offset<void>(TableWriter(to).write(object)));
  return {reinterpret_cast<const char*>(to.GetBufferPointer()), to.GetSize()};
}

template <class T>
std::expected<T, std::string> decode(std::span<const std::byte> bytes) {
  TableReader reader(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  T object;
  reader.read_root(object);
  if (reader.error() != nullptr) return std::unexpected(reader.error());
  return object;
}

template <class T, class Wire>
std::expected<T, std::string> read(const Wire& table) {
  TableReader reader;
  T object;
  reader.read(reinterpret_cast<const std::uint8_t*>(&table), object);  // a table's address is where it begins
  if (reader.error() != nullptr) return std::unexpected(reader.error());
  return object;
}

}  // namespace

flatbuffers::Offset<wire::Job> write_job(flatbuffers::FlatBufferBuilder& to, const Job& job) {
  return TableWriter(to).write(job);
}
std::expected<Job, std::string> read_job(const wire::Job& table) { return read<Job>(table); }
flatbuffers::Offset<wire::Node> write_node(flatbuffers::FlatBufferBuilder& to, const Node& node) {
  return TableWriter(to).write(node);
}
std::expected<Node, std::string> read_node(const wire::Node& table) { return read<Node>(table); }

std::string encode_job(const Job& job) { return encode(job); }
std::expected<Job, std::string> decode_job(std::span<const std::byte> bytes) { return decode<Job>(bytes); }
std::string encode_node(const Node& node) { return encode(node); }
std::expected<Node, std::string> decode_node(std::span<const std::byte> bytes) { return decode<Node>(bytes); }
std::string encode_task_states(const TaskStates& states) { return encode(states); }
std::expected<TaskStates, std::string> decode_task_states(std::span<const std::byte> bytes) {
  return decode<TaskStates>(bytes);
}

flatbuffers::Offset<ServiceTables> write_services(flatbuffers::FlatBufferBuilder& to,
                                                  const std::vector<RunningService>& services) {
  TableWriter writer(to);
  std::vector<flatbuffers::Offset<wire::RunningService>> tables;
  for (const RunningService& service : services) tables.emplace_back(writer.write(service));
  return to.CreateVector(tables);
}
std::expected<std::vector<RunningService>, std::string> read_services(const ServiceTables& tables) {
  TableReader reader;
  std::vector<RunningService> services;
  for (const wire::RunningService* table : tables) {
    reader.read(reinterpret_cast<const std::uint8_t*>(table), services.emplace_back());
  }
  if (reader.error() != nullptr) return std::unexpected(reader.error());
  return services;
}

}  // namespace orch
