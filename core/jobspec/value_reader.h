// What every reader of a syntax tree needs: values decoded weakly, and notes of what is wrong and where.
//
// "3" is a number where one is wanted, 3 is text where text is wanted, as Nomad has it. Job files (decode.h) and the
// agent's configuration (cli/agent/config) are read on this.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/jobspec/syntax_tree.h"
#include "core/model/job.h"

namespace orch::syntax {

class ValueReader {
 public:
  ValueReader(std::string_view text, std::string_view file) : text_(text), file_(file) {}
  virtual ~ValueReader() = default;

  Diagnostics take() { return std::move(found_); }
  bool failed() const { return !found_.list.empty(); }

 protected:
  static constexpr std::size_t most_diagnostics = 20;

  /// Notes what is wrong; a reader may say more of where it stands.
  virtual void wrong(Position at, const std::string& message, std::string hint = {});
  void add(Position at, std::string message, std::string hint);
  void expected(const Node& node, const std::string& name, const char* what, std::string hint = {});

  /// The bodies behind a key: one per block or list element, with the label that names it (from the block's labels, or
  /// from the keys of an object when there are none).
  struct Body {
    Position at;
    std::string label;
    const Object* items;
  };
  std::vector<Body> bodies(const Item& item, bool labelled, const char* what);

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

  bool whole(const Node& node, const std::string& name, std::int64_t least, std::int64_t most, std::int64_t& out);
  std::string scalar_text(const Node& node, const std::string& name);
  Value free_value(const Node& node);
  void add_free(Value::Map& map, const Item& item);
  void bound(const Item& item, std::size_t levels);  ///< refuses more than a value may have

  std::string_view text_, file_;
  Diagnostics found_;
};

}  // namespace orch::syntax
