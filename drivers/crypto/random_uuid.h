// A random UUID from the kernel: for identities and idempotency keys. Thread-safe. It cannot fail.
#pragma once

#include <string>

namespace orch {

/// 36 characters, lower case.
std::string random_uuid();

}  // namespace orch
