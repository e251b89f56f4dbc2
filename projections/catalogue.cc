#include "projections/catalogue.h"

#include <boost/json.hpp>
#include <map>

#include "core/model/json_limits.h"

namespace orch {
namespace {

namespace json = boost::json;

json::array list_in(std::string_view text) {
  json::error_code error;
  json::value parsed = parse_answer(text, error);
  return !error && parsed.is_array() ? std::move(parsed.get_array()) : json::array();
}

std::string id_of(const json::object& service) {
  const json::value* id = service.if_contains("ID");
  return id != nullptr && id->is_string() ? std::string(id->get_string()) : std::string();
}

}  // namespace

std::string catalogue_row(std::string_view before, std::string_view told, LogIndex index) {
  std::map<std::string, json::object> earlier;
  for (json::value& item : list_in(before)) {
    if (json::object* service = item.if_object()) earlier.emplace(id_of(*service), std::move(*service));
  }
  json::array row = list_in(told);
  for (json::value& item : row) {
    json::object* service = item.if_object();
    if (service == nullptr) continue;
    json::value created = index, modified = index;
    if (const auto known = earlier.find(id_of(*service)); known != earlier.end()) {
      created = known->second["CreateIndex"];
      const json::value then = known->second["ModifyIndex"];
      known->second.erase("CreateIndex");
      known->second.erase("ModifyIndex");
      if (known->second == *service) modified = then;
    }
    (*service)["CreateIndex"] = std::move(created);
    (*service)["ModifyIndex"] = std::move(modified);
  }
  return json::serialize(row);
}

}  // namespace orch
