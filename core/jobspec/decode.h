// From the tree to the model, driven by the field tables: one walk for every block.
//
// A block's keys are the hcl names of its struct's fields; a key that is none of them is an error with the nearest known
// one. Values are decoded weakly, as Nomad does: "3" is a number where one is wanted, 3 is text where text is wanted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/jobspec/syntax_tree.h"
#include "core/model/job.h"

namespace orch::syntax {

class Decoder {
 public:
  Decoder(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  /// The one job of a file's items.
  Job job(const Object& items);

  Diagnostics take() { return std::move(found_); }
  bool failed() const { return !found_.list.empty(); }

 private:
  static constexpr std::size_t most_diagnostics = 20;

  /// The message is led by the path.
  void wrong(Position at, const std::string& message, std::string hint = {});
  void add(Position at, std::string message, std::string hint);
  void expected(const Node& node, const std::string& name, const char* what, std::string hint = {});
  void unknown(const Item& item, std::vector<std::string> known);
  /// "group: 'g', task: 't'": the blocks that are being read, the job apart.
  std::string path() const;

  /// The bodies behind a key: one per block or list element, with the label that names it (from the block's labels, or
  /// from the keys of an object when there are none).
  struct Body {
    Position at;
    std::string label;
    const Object* items;
  };
  std::vector<Body> bodies(const Item& item, bool labelled, const char* what);

  // Blocks with rules of their own; every other one is its field table.
  bool special(const Item& item, Constraint& constraint);
  bool special(const Item& item, Affinity& affinity);
  bool special(const Item& item, NetworkResource& network);
  bool special(const Item& item, Resources& resources);
  bool special(const Item& item, TaskGroup& group);
  bool special(const Item& item, Task& task);
  bool special(const Item& item, Job& job);
  bool special(const Item& item, Periodic& periodic);
  bool special(const Item& item, Service& service);
  void finish(Service& service);
  template <class T>
  void finish(T&) {}
  template <class T>
  bool special(const Item&, T&) {
    return false;
  }
  template <class C>
  bool short_form(const Item& item, C& criterion);

  template <class T>
  void fields(const Object& items, const std::string& block, T& object);

  void value(const Item& item, bool& v);
  void value(const Item& item, std::int32_t& v);
  void value(const Item& item, std::int64_t& v);
  void value(const Item& item, double& v);
  void value(const Item& item, std::string& v);
  void value(const Item& item, Duration& v);
  void value(const Item& item, Value& v);
  void value(const Item& item, Value::Map& v);
  void value(const Item& item, StringList& v);
  void value(const Item& item, StringMap& v);
  void value(const Item& item, std::map<std::string, StringList>& v);
  template <class T>
  void value(const Item& item, std::optional<T>& v);
  template <HasFields T>
  void value(const Item& item, T& object);
  template <HasFields T>
  void value(const Item& item, std::vector<T>& list);

  bool whole(const Node& node, const std::string& name, std::int64_t least, std::int64_t most, std::int64_t& out);
  std::string scalar_text(const Node& node, const std::string& name);
  Value free_value(const Node& node);
  void add_free(Value::Map& map, const Item& item);

  std::string_view text_, file_;
  Diagnostics found_;
  std::vector<std::string> path_;  // "job", "group: 'g'", …
  std::optional<Vault> job_vault_;
  std::optional<CheckRestart> service_restart_;  // of the service that is being read
};

}  // namespace orch::syntax
