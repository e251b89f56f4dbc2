// From the tree to the model, driven by the field tables: one walk for every block.
//
// A block's keys are the hcl names of its struct's fields; a key that is none of them is an error with the nearest
// known one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/jobspec/value_reader.h"
#include "core/model/job.h"

namespace orch::syntax {

class Decoder final : public ValueReader {
 public:
  using ValueReader::ValueReader;

  /// The one job of a file's items.
  Job job(const Object& items);

 private:
  /// The message is led by the path.
  void wrong(Position at, const std::string& message, std::string hint = {}) override;
  void unknown(const Item& item, std::vector<std::string> known);
  /// "group: 'g', task: 't'": the blocks that are being read, the job apart.
  std::string path() const;

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

  using ValueReader::value;
  template <class T>
  void value(const Item& item, std::optional<T>& v);
  template <HasFields T>
  void value(const Item& item, T& object);
  template <HasFields T>
  void value(const Item& item, std::vector<T>& list);

  std::vector<std::string> path_;  // "job", "group: 'g'", …
  std::optional<Vault> job_vault_;
  std::optional<CheckRestart> service_restart_;  // of the service that is being read
};

}  // namespace orch::syntax
