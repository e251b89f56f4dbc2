#include "core/jobspec/check_texts.h"

#include <algorithm>
#include <concepts>
#include <string_view>

namespace orch {
namespace {

constexpr std::size_t most_errors = 10;

/// Walks the field tables; the path is kept as it goes.
class Walk {
 public:
  explicit Walk(std::vector<std::string>& errors) : errors_(errors), limit_(errors.size() + most_errors) {}

  template <HasFields T>
  void look(const T& object) {
    T::fields(object, [&](const char* json, const char*, const auto& member) { inside(std::string(".") + json, member); });
  }

 private:
  template <class T>
  void inside(const std::string& step, const T& member) {
    if (errors_.size() >= limit_) return;
    const std::size_t length = path_.size();
    path_ += path_.empty() && step[0] == '.' ? step.substr(1) : step;
    look(member);
    path_.resize(length);
  }
  void look(const std::string& text) {
    if (path_ == "ID" || path_ == "Name") return;
    if (text.find('\0') != std::string::npos) return bad("contains a null character");
    const bool names = path_.ends_with(".Name") || path_ == "Region" || path_ == "Namespace";
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (names && std::any_of(text.begin(), text.end(), is_control)) bad("contains a control character");
  }
  void look(const Value& value) {
    if (const std::string* text = value.as_string()) return look(*text);
    if (const Value::List* list = value.as_list()) return look(*list);
    if (const Value::Map* map = value.as_map()) return look(*map);
  }
  template <class T>
  void look(const std::optional<T>& member) {
    if (member) look(*member);
  }
  template <class T>
  void look(const std::vector<T>& list) {
    for (std::size_t i = 0; i < list.size() && errors_.size() < limit_; ++i) inside("[" + std::to_string(i) + "]", list[i]);
  }
  template <class T>
  void look(const std::map<std::string, T>& map) {
    for (const auto& [key, item] : map) {
      if (errors_.size() >= limit_) return;
      if (key.find('\0') != std::string::npos) bad("has a key with a null character");
      inside("[" + key + "]", item);
    }
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  void look(T) {}
  void look(Duration) {}

  void bad(std::string_view what) {
    if (errors_.size() < limit_) errors_.push_back(path_ + " " + std::string(what));
  }

  std::vector<std::string>& errors_;
  std::size_t limit_;
  std::string path_;
};

}  // namespace

void check_texts(const Job& job, std::vector<std::string>& errors) { Walk(errors).look(job); }

}  // namespace orch
