// Ids of one cluster's objects, as text and back (core/base/id_codec.h).
#pragma once

#include <string>
#include <string_view>

#include "core/base/id_codec.h"
#include "core/base/numbers.h"
#include "core/model/json_writer.h"

namespace orch {

inline std::string evaluation_id(std::string_view cluster, EvaluationNumber n) {
  return n ? IdCodec(cluster).uuid(IdKind::evaluation, n.value) : std::string();
}
inline std::string allocation_id(std::string_view cluster, AllocationNumber n) {
  return n ? IdCodec(cluster).uuid(IdKind::allocation, n.value) : std::string();
}
inline std::string deployment_id(std::string_view cluster, DeploymentNumber n) {
  return n ? IdCodec(cluster).uuid(IdKind::deployment, n.value) : std::string();
}

/// A member that holds an object's id, or an empty text for none of it.
template <class Number>
void id_member(JsonWriter& json, JsonKey key, const IdCodec& ids, IdKind kind, Number n) {
  json.key(key);
  if (!n) {
    json.value("");
    return;
  }
  const auto text = ids.text(kind, n.value);
  json.value(std::string_view(text.data(), text.size()));
}

/// None for a text that is no id of this cluster; whether the object exists is another question.
inline AllocationNumber allocation_number(std::string_view cluster, std::string_view uuid) {
  const auto n = IdCodec(cluster).number(IdKind::allocation, uuid);
  return n ? AllocationNumber{*n} : AllocationNumber{};
}
inline EvaluationNumber evaluation_number(std::string_view cluster, std::string_view uuid) {
  const auto n = IdCodec(cluster).number(IdKind::evaluation, uuid);
  return n ? EvaluationNumber{*n} : EvaluationNumber{};
}
inline DeploymentNumber deployment_number(std::string_view cluster, std::string_view uuid) {
  const auto n = IdCodec(cluster).number(IdKind::deployment, uuid);
  return n ? DeploymentNumber{*n} : DeploymentNumber{};
}

}  // namespace orch
