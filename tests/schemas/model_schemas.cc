// The schemas of what core/model holds, from its field tables: schemas/job.fbs, node.fbs, task.fbs and services.fbs.
//
//   model_schemas write FOLDER   writes them
//   model_schemas check FOLDER   the test: they are what the tables say, and the numbers of each table are 1, 2, 3, …
//
// A table per struct, named as the struct; a field per ORCH_FIELD, named as the member, in the order of their numbers.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/running_service.h"
#include "core/model/table_writer.h"
#include "core/model/task_state.h"

using namespace orch;

namespace {

std::vector<std::string> problems;

/// The name of T without its namespace, as the compiler tells it.
template <class T>
std::string name_of() {
  const std::string whole = __PRETTY_FUNCTION__;
  const std::size_t begin = whole.find("T = ") + 4, end = whole.find_first_of(";]", begin);
  const std::string name = whole.substr(begin, end - begin);
  return name.substr(name.rfind(':') == std::string::npos ? 0 : name.rfind(':') + 1);
}

class Schema {
 public:
  explicit Schema(std::vector<std::string> includes = {}, std::set<std::string> known = {})
      : includes_(std::move(includes)), known_(std::move(known)) {}

  template <class T>
  Schema& add() {
    define<T>();
    return *this;
  }
  const std::set<std::string>& known() const { return known_; }

  std::string text(const std::string& title) const {
    std::string out = "// " + title +
                      "\n//\n// Written from the field tables in core/model/ by tools/schemas: what a field means "
                      "stands there. Times and "
                      "durations are\n// nanoseconds. A field that is left out has its default; `default_text` is the "
                      "default of a text, and "
                      "without one it is\n// empty, as lists and maps are. `= null`: unset, which is something else "
                      "than 0 or false. A map is a "
                      "list of entries, by name.\n";
    for (const std::string& other : includes_) out += "include \"" + other + "\";\n";
    if (includes_.empty()) out += "attribute \"default_text\";\n";
    return out + "\nnamespace orch.wire;\n" + body_;
  }

 private:
  template <class T>
  void define() {
    if constexpr (HasFields<T>) {
      table<T>();
    } else if constexpr (std::is_enum_v<T>) {
      words<T>();
    } else if constexpr (std::is_same_v<T, Value>) {
      value();
    } else if constexpr (requires { typename T::mapped_type; }) {
      entry<typename T::mapped_type>();
    } else if constexpr (detail::is_optional<T> ||
                         (requires { typename T::value_type; } && !std::is_same_v<T, std::string>)) {
      define<typename T::value_type>();
    }
  }

  template <class T>
  void table() {
    if (!known_.insert(name_of<T>()).second) return;
    std::map<unsigned, std::string> lines;
    for_each_field<T>([&]<unsigned number, class Member>(const Field<number>& field, Member T::*member) {
      define<Member>();
      if (lines.contains(number))
        problems.push_back(name_of<T>() + "." + field.name + " has the number of another field");
      lines[number] = "  " + std::string(field.name) + ":" + type<Member>() +
                      more<Member>(name_of<T>() + "." + field.name, preset<T>().*member, number) + ";\n";
    });
    if (lines.empty() || lines.rbegin()->first != lines.size())
      problems.push_back("the numbers of " + name_of<T>() + " are not 1, 2, 3, …: one is missing");
    body_ += "\ntable " + name_of<T>() + " {\n";
    for (const auto& [number, line] : lines) body_ += line;
    body_ += "}\n";
  }

  template <class T>
  void words() {
    if (!known_.insert(name_of<T>()).second) return;
    body_ += "\nenum " + name_of<T>() + " : ubyte {\n";
    for (std::uint8_t i = 0; i < word_count(T{}); ++i)
      body_ += "  " + std::string(text_of(static_cast<T>(i))) + " = " + std::to_string(i) + ",\n";
    body_ += "}\n";
  }
  static std::string_view text_of(TaskLife life) { return orch::text(life); }

  template <class T>
  void entry() {
    define<T>();
    if constexpr (!std::is_same_v<T, Value>) {
      const std::string name = entry_name<T>();
      if (!known_.insert(name).second) return;
      static_assert(EntryFields::name == 1 && EntryFields::value == 2);
      body_ += "\ntable " + name + " {\n  name:string (id: 0, key);\n  value:" + type<T>() + " (id: 1);\n}\n";
    }
  }

  void value() {
    if (!known_.insert("Value").second) return;
    static_assert(ValueFields::name == 1 && ValueFields::truth == 2 && ValueFields::whole == 3 &&
                  ValueFields::real == 4 && ValueFields::text == 5 && ValueFields::list == 6 && ValueFields::map == 7);
    body_ +=
        "\n// Whatever a job file may say where orch fixes no fields: one of its members is there, or none for null.\n"
        "table Value {\n"
        "  name:string (id: 0);  // of an entry of a map\n"
        "  truth:bool = null (id: 1);\n"
        "  whole:long = null (id: 2);\n"
        "  real:double = null (id: 3);\n"
        "  text:string (id: 4);\n"
        "  list:[Value] (id: 5);\n"
        "  map:[Value] (id: 6);\n"
        "}\n";
  }

  template <class T>
  static std::string entry_name() {
    if constexpr (std::is_same_v<T, Value>)
      return "Value";
    else if constexpr (std::is_same_v<T, std::string>)
      return "TextEntry";
    else if constexpr (std::is_same_v<T, StringList>)
      return "TextListEntry";
    else
      return name_of<T>() + "Entry";
  }

  template <class T>
  static std::string type() {
    if constexpr (std::is_same_v<T, bool>)
      return "bool";
    else if constexpr (std::is_same_v<T, std::int32_t>)
      return "int";
    else if constexpr (std::is_same_v<T, std::int64_t> || std::is_same_v<T, Duration> || std::is_same_v<T, WallTime>)
      return "long";
    else if constexpr (std::is_same_v<T, double>)
      return "double";
    else if constexpr (std::is_same_v<T, std::string>)
      return "string";
    else if constexpr (std::is_same_v<T, Value>)
      return "Value";
    else if constexpr (HasFields<T> || std::is_enum_v<T>)
      return name_of<T>();
    else if constexpr (detail::is_optional<T>)
      return type<typename T::value_type>();
    else if constexpr (requires { typename T::mapped_type; })
      return "[" + entry_name<typename T::mapped_type>() + "]";
    else
      return "[" + type<typename T::value_type>() + "]";
  }

  /// Default and id.
  template <class T>
  static std::string more(const std::string& where, const T& preset_value, unsigned number) {
    const std::string id = "id: " + std::to_string(number - 1);
    if constexpr (std::is_enum_v<T>) {
      return " = " + std::string(text_of(preset_value)) + " (" + id + ")";
    } else if constexpr (detail::is_scalar<T>) {
      const auto raw = detail::raw(preset_value);
      if (raw == 0) return " (" + id + ")";
      return " = " + (std::is_same_v<T, bool> ? std::string("true") : std::to_string(raw)) + " (" + id + ")";
    } else if constexpr (std::is_same_v<T, std::string>) {
      return " (" + id + (preset_value.empty() ? "" : ", default_text: \"" + preset_value + "\"") + ")";
    } else {
      if (preset_value != T{}) problems.push_back(where + ": only scalars and texts have a default");
      bool nullable = false;
      if constexpr (detail::is_optional<T>) nullable = detail::is_scalar<typename T::value_type>;
      return (nullable ? " = null (" : " (") + id + ")";
    }
  }

  std::vector<std::string> includes_;
  std::set<std::string> known_;  // tables that stand in this file or in one that it includes
  std::string body_;
};

std::map<std::string, std::string> schemas() {
  Schema job;
  job.add<Job>();
  Schema node({"job.fbs"}, job.known()), task({"job.fbs"}, job.known()), services({"job.fbs"}, job.known());
  return {{"job.fbs", job.text("A job as it was registered: core/model/job.h.")},
          {"node.fbs", node.add<Node>().text("A node as its client describes it: core/model/node.h.")},
          {"task.fbs",
           task.add<TaskStates>().text("What a node reports of an allocation's tasks: core/model/task_state.h.")},
          {"services.fbs",
           services.add<RunningService>().text("A service that runs on a node: core/model/running_service.h.")}};
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string word = argc == 3 ? argv[1] : "";
  if (word != "write" && word != "check") return std::fputs("usage: model_schemas write|check FOLDER\n", stderr), 2;
  const auto made = schemas();
  for (const auto& [name, text] : made) {
    const std::string path = std::string(argv[2]) + "/" + name;
    if (word == "write" && problems.empty()) std::ofstream(path, std::ios::binary) << text;
    if (content_of(path) != text) problems.push_back(path + " is not what core/model says: run tools/schemas");
  }
  for (const std::string& problem : problems) std::printf("%s\n", problem.c_str());
  std::printf("%zu schemas, %zu problems\n", made.size(), problems.size());
  return problems.empty() ? 0 : 1;
}
