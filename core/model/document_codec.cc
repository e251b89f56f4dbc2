#include "core/model/document_codec.h"

#include <flatbuffers/flexbuffers.h>

#include <cstdint>
#include <type_traits>

namespace orch {
namespace {

constexpr int depth_max = 64;

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

class Writer {
 public:
  Writer() : builder_(256, flexbuffers::BUILDER_FLAG_SHARE_KEYS_AND_STRINGS) {}

  template <HasFields T>
  void write(const T& object) {
    const T defaults{};
    builder_.Map([&] {
      T::fields(object, [&](const char* name, const char*, const auto& member) {
        // Both walks list the same members, so the default of this one stands at the same offset.
        const auto offset = reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&object);
        const auto& preset = *reinterpret_cast<const std::remove_cvref_t<decltype(member)>*>(
            reinterpret_cast<const char*>(&defaults) + offset);
        if (member == preset) return;
        builder_.Key(name);
        write(member);
      });
    });
  }
  void write(bool v) { builder_.Bool(v); }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void write(T v) { builder_.Int(v); }
  void write(double v) { builder_.Double(v); }
  void write(const std::string& v) { builder_.String(v); }
  void write(Duration v) { builder_.Int(v.ns); }
  template <class T>
  void write(const std::optional<T>& v) { write(*v); }
  template <class T>
  void write(const std::vector<T>& list) {
    builder_.Vector([&] {
      for (const T& item : list) write(item);
    });
  }
  template <class T>
  void write(const std::map<std::string, T>& map) {
    builder_.Map([&] {
      for (const auto& [key, item] : map) {
        builder_.Key(key);
        write(item);
      }
    });
  }
  void write(const Value& value) {
    std::visit(
        [&](const auto& v) {
          if constexpr (std::same_as<std::remove_cvref_t<decltype(v)>, std::monostate>) {
            builder_.Null();
          } else {
            write(v);
          }
        },
        value.storage());
  }

  std::string finish() {
    builder_.Finish();
    const auto& buffer = builder_.GetBuffer();
    return {reinterpret_cast<const char*>(buffer.data()), buffer.size()};
  }

 private:
  flexbuffers::Builder builder_;
};

/// Reads what matches and notes the first thing that doesn't.
class Reader {
 public:
  std::string error;

  template <HasFields T>
  void read(flexbuffers::Reference from, T& object, int depth) {
    if (!enter(from.IsMap(), "a map", depth)) return;
    const flexbuffers::Map map = from.AsMap();
    T::fields(object, [&](const char* name, const char*, auto& member) {
      const flexbuffers::Reference item = map[name];
      if (!item.IsNull()) read(item, member, depth + 1);
    });
  }
  void read(flexbuffers::Reference from, bool& v, int depth) {
    if (enter(from.IsBool(), "a bool", depth)) v = from.AsBool();
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void read(flexbuffers::Reference from, T& v, int depth) {
    if (enter(from.IsIntOrUint(), "a whole number", depth)) v = static_cast<T>(from.AsInt64());
  }
  void read(flexbuffers::Reference from, double& v, int depth) {
    if (enter(from.IsNumeric(), "a number", depth)) v = from.AsDouble();
  }
  void read(flexbuffers::Reference from, std::string& v, int depth) {
    if (enter(from.IsString(), "text", depth)) v = from.AsString().str();
  }
  void read(flexbuffers::Reference from, Duration& v, int depth) {
    if (enter(from.IsIntOrUint(), "a duration", depth)) v.ns = from.AsInt64();
  }
  template <class T>
  void read(flexbuffers::Reference from, std::optional<T>& v, int depth) { read(from, v.emplace(), depth); }
  template <class T>
  void read(flexbuffers::Reference from, std::vector<T>& list, int depth) {
    if (!enter(from.IsAnyVector(), "a list", depth)) return;
    for_each_item(from, [&](flexbuffers::Reference item) { read(item, list.emplace_back(), depth + 1); });
  }
  template <class T>
  void read(flexbuffers::Reference from, std::map<std::string, T>& map, int depth) {
    if (!enter(from.IsMap(), "a map", depth)) return;
    const flexbuffers::Map source = from.AsMap();
    const auto keys = source.Keys();
    const auto values = source.Values();
    for (std::size_t i = 0; i < keys.size(); ++i) read(values[i], map[keys[i].AsKey()], depth + 1);
  }
  void read(flexbuffers::Reference from, Value& value, int depth) {
    if (from.IsNull()) {
      value = Value();
    } else if (from.IsBool()) {
      value = Value(from.AsBool());
    } else if (from.IsIntOrUint()) {
      value = Value(from.AsInt64());
    } else if (from.IsFloat()) {
      value = Value(from.AsDouble());
    } else if (from.IsString()) {
      value = Value(from.AsString().str());
    } else if (from.IsMap()) {
      Value::Map map;
      read(from, map, depth);
      value = Value(std::move(map));
    } else {
      Value::List list;
      read(from, list, depth);
      value = Value(std::move(list));
    }
  }

 private:
  bool enter(bool fits, const char* expected, int depth) {
    if (!error.empty()) return false;
    if (depth > depth_max) error = "nested deeper than 64";
    if (!fits) error = std::string("expected ") + expected;
    return error.empty();
  }
  template <class F>
  void for_each_item(flexbuffers::Reference from, F&& f) {
    if (from.IsTypedVector()) {
      const auto items = from.AsTypedVector();
      for (std::size_t i = 0; i < items.size() && error.empty(); ++i) f(items[i]);
    } else {
      const auto items = from.AsVector();
      for (std::size_t i = 0; i < items.size() && error.empty(); ++i) f(items[i]);
    }
  }
};

template <class T>
std::string encode(const T& object) {
  Writer writer;
  writer.write(object);
  return writer.finish();
}

template <class T>
std::expected<T, std::string> decode(std::span<const std::byte> bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (bytes.size() < 3 || !flexbuffers::VerifyBuffer(data, bytes.size())) {
    return std::unexpected("the document is not a well-formed FlexBuffer");
  }
  T object;
  Reader reader;
  reader.read(flexbuffers::GetRoot(data, bytes.size()), object, 0);
  if (!reader.error.empty()) return std::unexpected("the document does not fit its fields: " + reader.error);
  return object;
}

}  // namespace

std::string encode_job(const Job& job) { return encode(job); }
std::expected<Job, std::string> decode_job(std::span<const std::byte> bytes) { return decode<Job>(bytes); }
std::string encode_node(const Node& node) { return encode(node); }
std::expected<Node, std::string> decode_node(std::span<const std::byte> bytes) { return decode<Node>(bytes); }

}  // namespace orch
