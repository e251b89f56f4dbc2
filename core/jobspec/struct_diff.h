// The difference of two model structs of one type, by their field table: what job_diff.cc makes diffs of jobs, groups
// and tasks from.
//
// Nothing is said of a struct by name here but where Nomad's diff departs from the rule. One side may be absent; the
// answer is sorted by name. Blocks in lists are paired by what they are called, or (nameless ones) by being equal.
#pragma once

#include <algorithm>
#include <concepts>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/jobspec/job_diff.h"
#include "core/model/job.h"
#include "core/model/json_text.h"

namespace orch::diff {

/// How one text became another, "" being none.
DiffType type_of(const std::string& before, const std::string& after);

/// Name → value of the primitives of an object; what is flattened of maps and free values is among them.
using Flat = std::map<std::string, std::string>;

inline std::string shown(bool v) { return v ? "true" : "false"; }
inline std::string shown(double v) {
  std::string out;
  append_number(out, v);
  return out;
}
template <std::integral T>
  requires(!std::same_as<T, bool>)
std::string shown(T v) {
  return std::to_string(v);
}

/// Adds a free value: lists and maps as `name[0]`, `name[key]`.
void flatten(Flat& flat, const std::string& name, const Value& value);

/// The fields that differ, and those that don't if they are wanted.
std::vector<FieldDiff> diff_fields(const Flat& before, const Flat& after, bool unchanged_too);

/// As all that a diff shows is.
template <class T>
bool sorted_by_name(const std::vector<T>& list) {
  return std::is_sorted(list.begin(), list.end(), [](const T& x, const T& y) { return x.name < y.name; });
}

/// What blocks in lists are called one by one: a list `Services` holds objects `Service`.
std::string singular(const std::string& name);

inline constexpr std::size_t most_comparisons = 1'000'000;

// Elements of lists that are the same thing when these are equal.
inline std::string identity(const Service& s) { return s.name; }
inline std::string identity(const ServiceCheck& c) { return c.name; }
inline std::string identity(const Port& p) { return p.label; }
template <class T>
std::string identity(const T&) {
  return {};
}

template <HasFields T>
ObjectDiff diff_object(const std::string& name, const T* before, const T* after);

/// Walks one struct's fields on both sides at once.
template <class T>
class Walk {
 public:
  Walk(const T* before, const T* after, std::set<std::string> left_out = {}) : left_out_(std::move(left_out)) {
    static const T absent{};
    const T& b = before != nullptr ? *before : absent;
    const T& a = after != nullptr ? *after : absent;
    std::vector<const void*> members;
    T::fields(b, [&](const char*, const char*, const auto& member) { members.push_back(&member); });
    std::size_t ordinal = 0;
    T::fields(a, [&](const char* json, const char*, const auto& member) {
      using Member = std::remove_cvref_t<decltype(member)>;
      ORCH_ASSERT(ordinal < members.size(), "a field table lists the same members of both sides");
      const auto& other = *static_cast<const Member*>(members[ordinal++]);
      if (left_out_.contains(json)) return;
      take(json, before != nullptr ? &other : nullptr, after != nullptr ? &member : nullptr);
    });
    std::stable_sort(objects.begin(), objects.end(), [](const ObjectDiff& x, const ObjectDiff& y) {
      return x.name != y.name ? x.name < y.name : std::string_view(text(x.type)) < text(y.type);
    });
  }

  Flat before_flat, after_flat;
  std::vector<ObjectDiff> objects;

 private:
  void keep(ObjectDiff object) {
    if (object.type != DiffType::none) objects.push_back(std::move(object));
  }

  template <class V>
    requires std::is_arithmetic_v<V>
  void take(const std::string& name, const V* before, const V* after) {
    if (before != nullptr) before_flat[name] = shown(*before);
    if (after != nullptr) after_flat[name] = shown(*after);
  }
  void take(const std::string& name, const std::string* before, const std::string* after) {
    if (before != nullptr) before_flat[name] = *before;
    if (after != nullptr) after_flat[name] = *after;
  }
  void take(const std::string& name, const Duration* before, const Duration* after) {
    if (before != nullptr) before_flat[name] = shown(before->ns);
    if (after != nullptr) after_flat[name] = shown(after->ns);
  }
  void take(const std::string& name, const Value::Map* before, const Value::Map* after) {
    Flat b, a;
    for (const auto& [key, item] : before != nullptr ? *before : Value::Map()) flatten(b, key, item);
    for (const auto& [key, item] : after != nullptr ? *after : Value::Map()) flatten(a, key, item);
    if (b == a) return;
    keep({.type = b.empty() ? DiffType::added : a.empty() ? DiffType::deleted : DiffType::edited,
          .name = name,
          .fields = diff_fields(b, a, true)});
  }
  void take(const std::string& name, const StringMap* before, const StringMap* after) {
    if (before != nullptr) {
      for (const auto& [key, item] : *before) before_flat[name + "[" + key + "]"] = item;
    }
    if (after != nullptr) {
      for (const auto& [key, item] : *after) after_flat[name + "[" + key + "]"] = item;
    }
  }
  // A check's headers: one field each, several values of one header joined.
  void take(const std::string& name, const std::map<std::string, StringList>* before,
            const std::map<std::string, StringList>* after) {
    auto joined = [](const auto* from) {
      Flat to;
      if (from == nullptr) return to;
      for (const auto& [key, list] : *from) {
        for (const std::string& item : list) to[key] += (to[key].empty() ? "" : ",") + item;
      }
      return to;
    };
    const Flat b = joined(before), a = joined(after);
    if (b == a) return;
    keep({.type = b.empty() ? DiffType::added : a.empty() ? DiffType::deleted : DiffType::edited,
          .name = name,
          .fields = diff_fields(b, a, true)});
  }
  void take(const std::string& name, const StringList* before, const StringList* after) {
    static const StringList none;
    const StringList& b = before != nullptr ? *before : none;
    const StringList& a = after != nullptr ? *after : none;
    // Compared as sets; sorted by the old value, so what is new stands first.
    const std::set<std::string> olds(b.begin(), b.end()), news(a.begin(), a.end());
    ObjectDiff object{.name = name};
    bool added = false, deleted = false;
    for (const std::string& v : news) {
      if (!olds.contains(v)) object.fields.push_back({DiffType::added, name, "", v, {}}), added = true;
    }
    for (const std::string& v : olds) {
      if (news.contains(v)) {
        object.fields.push_back({DiffType::none, name, v, v, {}});
      } else {
        object.fields.push_back({DiffType::deleted, name, v, "", {}}), deleted = true;
      }
    }
    if (!added && !deleted) return;
    object.type = added && deleted ? DiffType::edited : added ? DiffType::added : DiffType::deleted;
    keep(std::move(object));
  }
  template <class V>
  void take(const std::string& name, const std::optional<V>* before, const std::optional<V>* after) {
    take(name, before != nullptr && *before ? &**before : nullptr, after != nullptr && *after ? &**after : nullptr);
  }
  template <HasFields V>
  void take(const std::string& name, const V* before, const V* after) {
    if (before == nullptr && after == nullptr) return;
    keep(diff_object(name, before, after));
  }
  template <HasFields V>
  void take(const std::string& name, const std::vector<V>* before, const std::vector<V>* after) {
    static const std::vector<V> none;
    const std::vector<V>& b = before != nullptr ? *before : none;
    const std::vector<V>& a = after != nullptr ? *after : none;
    std::vector<bool> matched(b.size());
    std::multimap<std::string, std::size_t> by_identity;
    for (std::size_t i = 0; i < b.size(); ++i) by_identity.emplace(identity(b[i]), i);
    std::size_t next = 0;
    for (const V& element : a) {
      const std::string id = identity(element);
      const V* old = nullptr;
      auto match = [&](std::size_t i) { matched[i] = true, old = &b[i]; };
      if (!id.empty()) {
        if (const auto it = by_identity.find(id); it != by_identity.end()) {
          match(it->second);
          by_identity.erase(it);
        }
      } else if (b.size() * a.size() > most_comparisons) {
        // Too many nameless blocks to look for each: equal ones are taken to stand in the same order.
        while (next < b.size() && (matched[next] || !(b[next] == element))) ++next;
        if (next < b.size()) match(next);
      } else {
        for (std::size_t i = 0; i < b.size() && old == nullptr; ++i) {
          if (!matched[i] && b[i] == element) match(i);
        }
      }
      if (old == nullptr || !(*old == element)) keep(diff_object(singular(name), old, &element));
    }
    for (std::size_t i = 0; i < b.size(); ++i) {
      if (!matched[i]) keep(diff_object<V>(singular(name), &b[i], nullptr));
    }
  }

  std::set<std::string> left_out_;
};

template <HasFields T>
ObjectDiff diff_object(const std::string& name, const T* before, const T* after) {
  ORCH_ASSERT(before != nullptr || after != nullptr, "what is compared is there on one side at least");
  // Nomad shows no stagger in a plan: it has no meaning in a deployment.
  Walk<T> walk(before, after,
               std::is_same_v<T, UpdateStrategy> ? std::set<std::string>{"Stagger"} : std::set<std::string>());
  ObjectDiff object{.name = name};
  if (before == nullptr) {
    object.type = DiffType::added;
  } else if (after == nullptr) {
    object.type = DiffType::deleted;
  } else if (!(*before == *after)) {
    object.type = DiffType::edited;
  }
  object.fields = diff_fields(walk.before_flat, walk.after_flat, true);
  object.objects = std::move(walk.objects);
  ORCH_ASSERT(sorted_by_name(object.fields) && sorted_by_name(object.objects), "a diff is sorted by name");
  return object;
}

}  // namespace orch::diff
