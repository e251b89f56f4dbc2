#include "core/jobspec/struct_diff.h"

namespace orch::diff {

DiffType type_of(const std::string& before, const std::string& after) {
  if (before == after) return DiffType::none;
  return before.empty() ? DiffType::added : after.empty() ? DiffType::deleted : DiffType::edited;
}

void flatten(Flat& flat, const std::string& name, const Value& value) {
  if (const bool* b = value.as_bool()) flat[name] = shown(*b);
  if (const std::int64_t* i = value.as_int()) flat[name] = shown(*i);
  if (const double* d = value.as_double()) flat[name] = shown(*d);
  if (const std::string* s = value.as_string()) flat[name] = *s;
  if (const Value::List* list = value.as_list()) {
    for (std::size_t i = 0; i < list->size(); ++i) flatten(flat, name + "[" + std::to_string(i) + "]", (*list)[i]);
  }
  if (const Value::Map* map = value.as_map()) {
    for (const auto& [key, item] : *map) flatten(flat, name + "[" + key + "]", item);
  }
}

std::vector<FieldDiff> diff_fields(const Flat& before, const Flat& after, bool unchanged_too) {
  std::set<std::string> names;
  for (const auto& [name, value] : before) names.insert(name);
  for (const auto& [name, value] : after) names.insert(name);
  std::vector<FieldDiff> fields;
  for (const std::string& name : names) {
    const auto b = before.find(name), a = after.find(name);
    FieldDiff field{.name = name,
                    .before = b == before.end() ? std::string() : b->second,
                    .after = a == after.end() ? std::string() : a->second};
    field.type = type_of(field.before, field.after);
    if (field.type != DiffType::none || (unchanged_too && !field.before.empty())) fields.push_back(std::move(field));
  }
  return fields;
}

std::string singular(const std::string& name) {
  static const std::map<std::string, std::string> names = {{"Affinities", "Affinity"},
                                                           {"Artifacts", "Artifact"},
                                                           {"Checks", "Check"},
                                                           {"Constraints", "Constraint"},
                                                           {"Devices", "Device"},
                                                           {"Networks", "Network"},
                                                           {"Services", "Service"},
                                                           {"Spreads", "Spread"},
                                                           {"Templates", "Template"},
                                                           {"SpreadTarget", "SpreadTarget"},
                                                           {"DynamicPorts", "Dynamic Port"},
                                                           {"ReservedPorts", "Static Port"}};
  const auto it = names.find(name);
  return it == names.end() ? name : it->second;
}

}  // namespace orch::diff
