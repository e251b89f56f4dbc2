#include "core/loop/merge_reports.h"

#include <vector>

#include "core/base/assert.h"

namespace orch {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;
using Texts = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;
using States = flatbuffers::Vector<flatbuffers::Offset<wire::ReportedTasks>>;

template <class T>
flatbuffers::Offset<flatbuffers::Vector<T>> copy(Builder& b, const flatbuffers::Vector<T>* column) {
  if (column == nullptr) return 0;
  return b.CreateVector(column->data(), column->size());
}

flatbuffers::Offset<Texts> copy(Builder& b, const Texts* column) {
  if (column == nullptr) return 0;
  std::vector<flatbuffers::Offset<flatbuffers::String>> texts;
  texts.reserve(column->size());
  // Tasks that do the same report the same text: neighbours share it.
  std::string_view last;
  for (const flatbuffers::String* text : *column) {
    if (texts.empty() || text->string_view() != last) {
      last = text->string_view();
      texts.push_back(b.CreateString(text));
    } else {
      texts.push_back(texts.back());
    }
  }
  return b.CreateVector(texts);
}

flatbuffers::Offset<States> copy(Builder& b, const States* column) {
  if (column == nullptr) return 0;
  std::vector<flatbuffers::Offset<wire::ReportedTasks>> all;
  all.reserve(column->size());
  std::string_view last;
  for (const wire::ReportedTasks* reported : *column) {
    const std::string_view states = states_in(*reported);
    if (all.empty() || states != last) {
      last = states;
      all.push_back(reported_tasks(b, states));
    } else {
      all.push_back(all.back());
    }
  }
  return b.CreateVector(all);
}

}  // namespace

const wire::UpdateAllocations& report_in(const wire::Group& group) {
  ORCH_ASSERT(command_count(group) == 1, "a report is one command");
  const CommandIn command = command_in(group, 0);
  ORCH_ASSERT(command.type == wire::Command::UpdateAllocations, "a report is an UpdateAllocations command");
  return *static_cast<const wire::UpdateAllocations*>(command.table);
}

std::string merge_reports(std::span<const std::string* const> reports) {
  ORCH_ASSERT(!reports.empty(), "a group of reports has one to tell of");
  GroupBuilder merged;
  Builder& b = merged.flat();
  for (const std::string* bytes : reports) {
    const wire::UpdateAllocations& report = report_in(group_in(bytes_of(*bytes)));
    const auto allocations = copy(b, report.allocations());
    const auto status = copy(b, report.client_status());
    const auto health = copy(b, report.health());
    const auto descriptions = copy(b, report.descriptions());
    const auto states = copy(b, report.task_states());
    merged.add(wire::CreateUpdateAllocations(b, report.node(), allocations, status, health, descriptions, states));
  }
  return merged.finish({.actor = "nodes"});
}

}  // namespace orch
