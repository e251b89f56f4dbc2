// Documents in the log: a struct with a field table (fields.h) as one FlexBuffers map, keyed by JSON names.
//
// Fields that equal their default are left out, so a document stays small and a field added later costs old records
// nothing. Equal structs give equal bytes. Reading checks the buffer first and bounds depth, so bytes from anywhere are
// either a document or an error, never a crash.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "core/model/job.h"
#include "core/model/node.h"

namespace orch {

std::string encode_job(const Job& job);
std::expected<Job, std::string> decode_job(std::span<const std::byte> bytes);

std::string encode_node(const Node& node);
std::expected<Node, std::string> decode_node(std::span<const std::byte> bytes);

}  // namespace orch
