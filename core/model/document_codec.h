// Documents in the log: a struct with a field table (fields.h) as tagged values.
//
// Each field is written under a tag made of its JSON name, in the order of the table, and fields that equal their
// default are left out, so a document stays small and a field added later costs old records nothing. A reader skips
// tags that it doesn't know. Equal structs give equal bytes. Reading bounds every length and depth, so bytes from
// anywhere are either a document or an error, never a crash.
//
//   document format (1 byte: 1), then an object
//   object   tag and kind of each field (3 bytes, little-endian: tag << 3 | kind), then its value
//   list     kind (1 byte) and value of each item
//   map      name (length, bytes), kind and value of each entry, by name
//   value    nothing: –; truth: 1 byte; whole: a zigzag varint; real: 8 bytes; text: length, bytes;
//            object, list, map: length in bytes, then what stands above. Lengths are varints.
//
// FlexBuffers held these documents before: the same job took 2.6 times the bytes and ten times the work to write.
#pragma once

#include <cstddef>
#include <cstdint>
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

/// The tag of a field: 21 bits of a hash of its name. Two fields of one struct must not share one (tests check).
std::uint32_t field_tag(std::string_view json_name);

}  // namespace orch
