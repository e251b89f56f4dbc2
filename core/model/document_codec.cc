#include "core/model/document_codec.h"

#include <bit>
#include <cstring>
#include <type_traits>
#include <vector>

#include "core/base/hash.h"

namespace orch {
namespace {

constexpr int depth_max = 64;
constexpr char format = 1;
constexpr std::size_t key_size = 3;

enum class Kind : std::uint8_t { nothing, truth, whole, real, text, object, list, map };

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
constexpr Kind kind_of() {
  if constexpr (std::same_as<T, bool>) return Kind::truth;
  else if constexpr (std::integral<T> || std::same_as<T, Duration>) return Kind::whole;
  else if constexpr (std::same_as<T, double>) return Kind::real;
  else if constexpr (std::same_as<T, std::string>) return Kind::text;
  else if constexpr (HasFields<T>) return Kind::object;
  else if constexpr (IsOptional<T>::value) return kind_of<typename T::value_type>();
  else if constexpr (requires { typename T::mapped_type; }) return Kind::map;
  else return Kind::list;
}
template <class T>
Kind kind_of(const T&) {
  return kind_of<T>();
}
Kind kind_of(const Value& value) {
  return std::visit(
      [](const auto& v) {
        if constexpr (std::same_as<std::remove_cvref_t<decltype(v)>, std::monostate>) return Kind::nothing;
        else return kind_of(v);
      },
      value.storage());
}

std::uint32_t tag_of(const char* name) {
  const std::size_t size = std::strlen(name);
  std::uint64_t h = size;
  for (std::size_t i = 0; i < size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, name + i, size - i < 8 ? size - i : 8);
    h = mix(h, word);
  }
  return static_cast<std::uint32_t>(h >> 43);
}

/// The tags of a struct's fields, in the order of its table.
template <HasFields T>
class Tags {
 public:
  static const std::uint32_t* all() {
    static const Tags tags;
    return tags.list_.data();
  }

 private:
  Tags() {
    T object{};
    T::fields(object, [&](const char* name, const char*, const auto&) { list_.push_back(tag_of(name)); });
  }
  std::vector<std::uint32_t> list_;
};

class Writer {
 public:
  explicit Writer(char first) {
    out_.reserve(1024);
    out_ += first;
  }
  std::string take() { return std::move(out_); }

  template <HasFields T>
  void fields(const T& object) {
    static const T defaults{};
    const std::uint32_t* next_tag = Tags<T>::all();
    T::fields(object, [&](const char*, const char*, const auto& member) {
      const std::uint32_t tag = *next_tag++;
      // Both walks list the same members, so the default of this one stands at the same offset.
      const auto offset = reinterpret_cast<const char*>(&member) - reinterpret_cast<const char*>(&object);
      const auto& preset = *reinterpret_cast<const std::remove_cvref_t<decltype(member)>*>(
          reinterpret_cast<const char*>(&defaults) + offset);
      if (member == preset) return;
      const std::uint32_t key = tag << 3 | static_cast<std::uint32_t>(kind_of(member));
      out_.append(reinterpret_cast<const char*>(&key), key_size);
      write(member);
    });
  }

 private:
  void varint(std::uint64_t v) {
    char bytes[10];
    std::size_t size = 0;
    for (; v >= 128; v >>= 7) bytes[size++] = static_cast<char>(v | 128);
    bytes[size++] = static_cast<char>(v);
    out_.append(bytes, size);
  }
  void text(std::string_view v) {
    varint(v.size());
    out_.append(v);
  }
  /// What `inside` writes, behind its length.
  template <class F>
  void framed(F&& inside) {
    const std::size_t begin = out_.size();
    out_ += '\0';
    inside();
    std::size_t size = out_.size() - begin - 1;
    if (size < 128) {
      out_[begin] = static_cast<char>(size);
      return;
    }
    char bytes[10];
    std::size_t length = 0;
    for (; size >= 128; size >>= 7) bytes[length++] = static_cast<char>(size | 128);
    bytes[length++] = static_cast<char>(size);
    out_.replace(begin, 1, bytes, length);
  }
  template <class T>
  void item(const T& v) {
    out_ += static_cast<char>(kind_of(v));
    write(v);
  }

  void write(bool v) { out_ += v ? '\1' : '\0'; }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void write(T v) {
    const auto wide = static_cast<std::int64_t>(v);
    varint(static_cast<std::uint64_t>(wide) << 1 ^ static_cast<std::uint64_t>(wide >> 63));
  }
  void write(Duration v) { write(v.ns); }
  void write(double v) {
    const auto bits = std::bit_cast<std::uint64_t>(v);
    out_.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  }
  void write(const std::string& v) { text(v); }
  template <HasFields T>
  void write(const T& object) {
    framed([&] { fields(object); });
  }
  template <class T>
  void write(const std::optional<T>& v) { write(*v); }
  template <class T>
  void write(const std::vector<T>& list) {
    framed([&] {
      for (const T& v : list) item(v);
    });
  }
  template <class T>
  void write(const std::map<std::string, T>& map) {
    framed([&] {
      for (const auto& [name, v] : map) {
        text(name);
        item(v);
      }
    });
  }
  void write(const Value& value) {
    std::visit(
        [&](const auto& v) {
          if constexpr (!std::same_as<std::remove_cvref_t<decltype(v)>, std::monostate>) write(v);
        },
        value.storage());
  }

  std::string out_;
};

/// Reads what fits; the first thing that doesn't is the error, and nothing is read after it.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string error;

  /// Up to the end of the bytes at hand.
  template <HasFields T>
  void fields(T& object, int depth) {
    // Written in the order of the table, so one walk takes them all; what is left then has a tag from elsewhere.
    const std::uint32_t* const tags = Tags<T>::all();
    const std::uint32_t* next_tag = tags;
    std::uint32_t key = next_key();
    T::fields(object, [&](const char*, const char*, auto& member) {
      if (key >> 3 != *next_tag++) return;
      field(member, depth);
      key = next_key();
    });
    while (good() && !rest_.empty()) {
      const std::uint32_t tag = next_key() >> 3;
      const std::size_t before = rest_.size();
      next_tag = tags;
      T::fields(object, [&](const char*, const char*, auto& member) {
        if (*next_tag++ == tag && rest_.size() == before) field(member, depth);
      });
      if (good() && rest_.size() == before) skip_field();
    }
  }

 private:
  bool good() const { return error.empty(); }
  void bad(const char* what) {
    if (good()) error = what;
  }
  void damaged() { bad("the document is damaged"); }

  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      damaged();
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      v |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return v;
    }
    damaged();
    return 0;
  }
  /// Of the next field; a number that is no key at the end, or once something was wrong.
  std::uint32_t next_key() const {
    constexpr std::uint32_t none = 0xffffffff;
    if (rest_.size() < key_size || !good()) return none;
    std::uint32_t key = 0;
    std::memcpy(&key, rest_.data(), key_size);
    return key;
  }
  template <class T>
  void field(T& member, int depth) {
    const auto kind = static_cast<Kind>(next_key() & 7);
    take(key_size);
    read(kind, member, depth + 1);
  }
  void skip_field() {
    if (rest_.size() < key_size) return damaged();
    const auto kind = static_cast<Kind>(next_key() & 7);
    take(key_size);
    switch (kind) {
      case Kind::nothing: break;
      case Kind::truth: take(1); break;
      case Kind::whole: varint(); break;
      case Kind::real: take(8); break;
      default: take(varint());
    }
  }
  Kind item_kind() {
    const std::string_view byte = take(1);
    if (byte.empty() || static_cast<unsigned char>(byte[0]) > 7) damaged();
    return good() ? static_cast<Kind>(byte[0]) : Kind::nothing;
  }
  bool fits(Kind kind, Kind wanted, const char* expected) {
    if (kind != wanted) bad(expected);
    return good();
  }
  /// `inside` sees the bytes of one framed value only.
  template <class F>
  void framed(int depth, F&& inside) {
    if (depth > depth_max) return bad("the document is nested deeper than 64");
    const std::string_view own = take(varint());
    const std::string_view after = rest_;
    rest_ = own;
    inside();
    rest_ = after;
  }

  void read(Kind kind, bool& v, int) {
    if (!fits(kind, Kind::truth, "the document does not fit its fields: expected a truth value")) return;
    const std::string_view byte = take(1);
    v = !byte.empty() && byte[0] != 0;
  }
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void read(Kind kind, T& v, int) {
    if (!fits(kind, Kind::whole, "the document does not fit its fields: expected a whole number")) return;
    const std::uint64_t zigzag = varint();
    v = static_cast<T>(static_cast<std::int64_t>(zigzag >> 1 ^ (~(zigzag & 1) + 1)));
  }
  void read(Kind kind, Duration& v, int depth) { read(kind, v.ns, depth); }
  void read(Kind kind, double& v, int) {
    if (!fits(kind, Kind::real, "the document does not fit its fields: expected a number")) return;
    const std::string_view bytes = take(8);
    if (bytes.size() == 8) std::memcpy(&v, bytes.data(), 8);
  }
  void read(Kind kind, std::string& v, int) {
    if (fits(kind, Kind::text, "the document does not fit its fields: expected text")) v = take(varint());
  }
  template <HasFields T>
  void read(Kind kind, T& object, int depth) {
    if (!fits(kind, Kind::object, "the document does not fit its fields: expected an object")) return;
    framed(depth, [&] { fields(object, depth); });
  }
  template <class T>
  void read(Kind kind, std::optional<T>& v, int depth) { read(kind, v.emplace(), depth); }
  template <class T>
  void read(Kind kind, std::vector<T>& list, int depth) {
    if (!fits(kind, Kind::list, "the document does not fit its fields: expected a list")) return;
    framed(depth, [&] {
      while (good() && !rest_.empty()) {
        const Kind of_item = item_kind();
        if (good()) read(of_item, list.emplace_back(), depth + 1);
      }
    });
  }
  template <class T>
  void read(Kind kind, std::map<std::string, T>& map, int depth) {
    if (!fits(kind, Kind::map, "the document does not fit its fields: expected a map")) return;
    framed(depth, [&] {
      while (good() && !rest_.empty()) {
        const std::string_view name = take(varint());
        const Kind of_item = item_kind();
        if (good()) read(of_item, map.try_emplace(map.end(), std::string(name))->second, depth + 1);
      }
    });
  }
  void read(Kind kind, Value& value, int depth) {
    auto as = [&](auto v) {
      read(kind, v, depth);
      value = Value(std::move(v));
    };
    switch (kind) {
      case Kind::nothing: value = Value(); break;
      case Kind::truth: as(false); break;
      case Kind::whole: as(std::int64_t{0}); break;
      case Kind::real: as(0.0); break;
      case Kind::text: as(std::string()); break;
      case Kind::list: as(Value::List()); break;
      case Kind::map: as(Value::Map()); break;
      case Kind::object: bad("the document does not fit its fields: expected a free value");
    }
  }

  std::string_view rest_;
};

template <class T>
std::string encode(const T& object) {
  Writer writer(format);
  writer.fields(object);
  return writer.take();
}

template <class T>
std::expected<T, std::string> decode(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.empty() || text.front() != format) return std::unexpected("the document is of a format that is not known");
  T object;
  Reader reader(text.substr(1));
  reader.fields(object, 0);
  if (!reader.error.empty()) return std::unexpected(std::move(reader.error));
  return object;
}

}  // namespace

std::string encode_job(const Job& job) { return encode(job); }
std::expected<Job, std::string> decode_job(std::span<const std::byte> bytes) { return decode<Job>(bytes); }
std::string encode_node(const Node& node) { return encode(node); }
std::expected<Node, std::string> decode_node(std::span<const std::byte> bytes) { return decode<Node>(bytes); }

std::uint32_t field_tag(std::string_view json_name) { return tag_of(std::string(json_name).c_str()); }

}  // namespace orch
