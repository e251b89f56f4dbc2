// How deep and how large what comes from outside may be: one set of bounds, the same at every door.
//
// A level is one list, map or object inside another. A free-form value (a driver's `config`) is bounded by itself, so
// that whatever stands around it (a job, a list of allocations, an answer) stays within what every reader takes:
// nothing may enter the log that a later reader refuses. What is beyond a bound is a refusal that names it.
#pragma once

#include <cstddef>

namespace orch {

/// Of a free-form value, from its own root.
inline constexpr std::size_t deepest_value = 32;

/// Of a document that somebody hands in, as JSON or as a job file: what stands around a value needs less than half.
inline constexpr std::size_t deepest_document = 64;

/// Of what an agent or its client reads back of orch's own: also what records from before these bounds hold.
inline constexpr std::size_t deepest_answer = 128;

/// A job file as text.
inline constexpr std::size_t largest_job_file = std::size_t{4} << 20;

}  // namespace orch
