// Rows of services: what a node offers, with the indexes at which each appeared and changed.
#include "core/model/job_json.h"
#include "core/model/tables.h"
#include "projections/catalogue.h"
#include "projections/folds.h"

namespace orch {

void ServiceFold::changed(const FoldedGroup& group, const Event& event, Changes& out) {
  out.touch(Noun::services, group.index);
  const auto& command = group.command_of<wire::UpdateServices>(event);
  std::string& services = services_of({event.number});
  std::expected<std::vector<RunningService>, std::string> told;
  if (command.services() != nullptr) told = read_services(*command.services());
  services = catalogue_row(services, told ? services_to_json(*told) : "[]", group.index);
  out.put(Table::services, version_key(event.number, group.index), services);
}

std::string& ServiceFold::services_of(NodeNumber n) {
  const auto [known, fresh] = services_.try_emplace(n.value);
  if (fresh) {
    const auto snapshot = store_.snapshot();
    const std::string key = key_of(n.value);
    const auto newest = snapshot->at_or_after(Table::services, key);
    if (newest && newest->key.starts_with(key)) known->second = newest->value;
  }
  return known->second;
}

}  // namespace orch
