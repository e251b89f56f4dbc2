// A job's diff as Nomad's JSON.
#include "core/jobspec/job_diff.h"
#include "core/model/json_text.h"

namespace orch {
namespace {

void append_type(std::string& out, DiffType type) {
  out += "\"Type\":\"";
  out += text(type);
  out += '"';
}

template <class T, class F>
void append_list(std::string& out, const char* name, const std::vector<T>& list, F&& write) {
  out += ",\"";
  out += name;
  out += "\":";
  if (list.empty()) {
    out += "null";
    return;
  }
  char separator = '[';
  for (const T& item : list) {
    out += separator;
    write(item);
    separator = ',';
  }
  out += ']';
}

void append_texts(std::string& out, const char* name, const std::vector<std::string>& list) {
  append_list(out, name, list, [&](const std::string& s) { append_quoted(out, s); });
}

void append_fields(std::string& out, const std::vector<FieldDiff>& fields) {
  append_list(out, "Fields", fields, [&](const FieldDiff& f) {
    out += '{';
    append_type(out, f.type);
    out += ",\"Name\":" + quoted(f.name) + ",\"Old\":" + quoted(f.before) + ",\"New\":" + quoted(f.after);
    append_texts(out, "Annotations", f.annotations);
    out += '}';
  });
}

void append_objects(std::string& out, const std::vector<ObjectDiff>& objects) {
  append_list(out, "Objects", objects, [&](const ObjectDiff& o) {
    out += '{';
    append_type(out, o.type);
    out += ",\"Name\":" + quoted(o.name);
    append_fields(out, o.fields);
    append_objects(out, o.objects);
    out += '}';
  });
}

}  // namespace

std::string diff_to_json(const JobDiff& diff) {
  std::string out = "{";
  append_type(out, diff.type);
  out += ",\"ID\":" + quoted(diff.id);
  append_fields(out, diff.fields);
  append_objects(out, diff.objects);
  append_list(out, "TaskGroups", diff.task_groups, [&](const TaskGroupDiff& g) {
    out += '{';
    append_type(out, g.type);
    out += ",\"Name\":" + quoted(g.name);
    append_fields(out, g.fields);
    append_objects(out, g.objects);
    append_list(out, "Tasks", g.tasks, [&](const TaskDiff& t) {
      out += '{';
      append_type(out, t.type);
      out += ",\"Name\":" + quoted(t.name);
      append_fields(out, t.fields);
      append_objects(out, t.objects);
      append_texts(out, "Annotations", t.annotations);
      out += '}';
    });
    out += ",\"Updates\":";
    if (g.updates.empty()) out += "null";
    char separator = '{';
    for (const auto& [name, count] : g.updates) {
      out += separator;
      out += quoted(name) + ":" + std::to_string(count);
      separator = ',';
    }
    out += g.updates.empty() ? "}" : "}}";
  });
  out += '}';
  return out;
}

}  // namespace orch
