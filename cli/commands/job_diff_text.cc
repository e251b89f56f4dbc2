#include "cli/commands/job_diff_text.h"

#include <algorithm>

#include "cli/format/color.h"
#include "core/model/json_text.h"

namespace orch::cli {
namespace {

std::string marker(DiffType type) {
  switch (type) {
    case DiffType::none: return "";
    case DiffType::added: return "+ ";
    case DiffType::deleted: return "- ";
    case DiffType::edited: break;
  }
  return "+/- ";
}

std::string coloured(DiffType type, const std::string& text) {
  if (type == DiffType::added) return green(text);
  if (type == DiffType::deleted) return red(text);
  return type == DiffType::edited ? light_yellow(text) : text;
}

std::string annotations(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& a : list) out += (out.empty() ? " (" : ", ") + a;
  return out.empty() ? out : out + ")";
}

struct Widths {
  std::size_t name = 0, mark = 0;
};

Widths widths(const std::vector<FieldDiff>& fields, const std::vector<ObjectDiff>& objects) {
  Widths w;
  for (const FieldDiff& f : fields) {
    w.name = std::max(w.name, f.name.size());
    w.mark = std::max(w.mark, marker(f.type).size());
  }
  for (const ObjectDiff& o : objects) w.mark = std::max(w.mark, marker(o.type).size());
  return w;
}

class Writer {
 public:
  explicit Writer(bool verbose) : verbose_(verbose) {}
  std::string out;

  void line(std::size_t indent, DiffType type, std::size_t mark_width, const std::string& text) {
    const std::string mark = marker(type);
    out += std::string(indent, ' ') + coloured(type, mark) +
           std::string(mark_width - std::min(mark_width, mark.size()), ' ') + text + "\n";
  }

  void inside(const std::vector<FieldDiff>& fields, const std::vector<ObjectDiff>& objects, std::size_t indent,
              std::size_t least_mark = 0) {
    Widths w = widths(fields, objects);
    w.mark = std::max(w.mark, least_mark);
    for (const FieldDiff& f : fields) {
      std::string value;
      switch (f.type) {
        case DiffType::added: value = quoted(f.after); break;
        case DiffType::deleted: value = quoted(f.before); break;
        case DiffType::edited: value = quoted(f.before) + " => " + quoted(f.after); break;
        case DiffType::none: value = quoted(f.after);
      }
      line(indent, f.type, w.mark,
           bold(f.name) + ": " + std::string(w.name - f.name.size(), ' ') + value + annotations(f.annotations));
    }
    for (const ObjectDiff& o : objects) {
      line(indent, o.type, w.mark, o.name + " {");
      inside(o.fields, o.objects, indent + 2);
      out += std::string(indent + w.mark, ' ') + "}\n";
    }
  }

  void job(const JobDiff& diff) {
    line(0, diff.type, 0, "Job: " + quoted(diff.id));
    // One column of marks for the job's own lines and its groups.
    std::size_t mark = widths(diff.fields, diff.objects).mark;
    for (const TaskGroupDiff& g : diff.task_groups) mark = std::max(mark, marker(g.type).size());
    const bool open = diff.type == DiffType::edited || verbose_;
    if (open) inside(diff.fields, diff.objects, 0, mark);
    for (const TaskGroupDiff& g : diff.task_groups) group(g, mark);
  }

 private:
  void group(const TaskGroupDiff& g, std::size_t mark) {
    std::string updates;
    for (const auto& [name, count] : g.updates)
      updates += (updates.empty() ? " (" : ", ") + std::to_string(count) + " " + name;
    if (!updates.empty()) updates += ")";
    line(0, g.type, mark, "Task Group: " + quoted(g.name) + updates);
    Widths w = widths(g.fields, g.objects);
    for (const TaskDiff& t : g.tasks) w.mark = std::max(w.mark, marker(t.type).size());
    // What is inside stands under the group's name, which a shorter mark than others have has pushed to the right.
    const std::size_t indent = 2 + mark - std::min(mark, marker(g.type).size());
    if (g.type == DiffType::edited || verbose_) inside(g.fields, g.objects, indent, w.mark);
    for (const TaskDiff& t : g.tasks) {
      line(indent, t.type, w.mark, "Task: " + quoted(t.name) + annotations(t.annotations));
      const bool open = t.type == DiffType::edited || (verbose_ && t.type != DiffType::none);
      if (open) inside(t.fields, t.objects, indent + 2);
    }
  }

  bool verbose_;
};

}  // namespace

std::string job_diff_text(const JobDiff& diff, bool verbose) {
  Writer writer(verbose);
  writer.job(diff);
  if (!writer.out.empty()) writer.out.pop_back();
  return writer.out;
}

}  // namespace orch::cli
