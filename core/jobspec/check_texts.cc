#include "core/jobspec/check_texts.h"

#include <algorithm>
#include <concepts>
#include <string_view>

#include "core/model/field_path.h"

namespace orch {
namespace {

constexpr std::size_t most_errors = 10;

/// Walks the field tables.
class Walk {
 public:
  explicit Walk(std::vector<std::string>& errors) : errors_(errors), limit_(errors.size() + most_errors) {}

  template <HasFields T>
  void look(const T& object) {
    T::fields(object, [&](const char* json, const char*, const auto& member) { inside({.field = json}, member); });
  }

 private:
  template <class T>
  void inside(FieldStep step, const T& member) {
    if (errors_.size() >= limit_) return;
    step.before = last_;
    last_ = &step;
    look(member);
    last_ = step.before;
  }
  bool at_top(std::string_view field) const { return last_->before == nullptr && last_->field == field; }
  void look(const std::string& text) {
    if (at_top("ID") || at_top("Name")) return;
    const bool names = last_->field != nullptr &&
                       (std::string_view(last_->field) == "Name" || at_top("Region") || at_top("Namespace"));
    bool control = false;
    for (char c : text) {
      if (c == '\0') return bad("contains a null character");
      control |= static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    }
    if (names && control) bad("contains a control character");
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
    for (std::size_t i = 0; i < list.size() && errors_.size() < limit_; ++i) inside({.item = i}, list[i]);
  }
  template <class T>
  void look(const std::map<std::string, T>& map) {
    for (const auto& [key, item] : map) {
      if (errors_.size() >= limit_) return;
      if (key.find('\0') != std::string::npos) bad("has a key with a null character");
      inside({.key = key, .of_map = true}, item);
    }
  }
  template <class T>
    requires std::is_arithmetic_v<T>
  void look(T) {}
  void look(Duration) {}

  void bad(std::string_view what) {
    if (errors_.size() < limit_) errors_.push_back(path_to(last_) + " " + std::string(what));
  }

  std::vector<std::string>& errors_;
  std::size_t limit_;
  const FieldStep* last_ = nullptr;
};

}  // namespace

void check_texts(const Job& job, std::vector<std::string>& errors) { Walk(errors).look(job); }

}  // namespace orch
