// Texts put together from three or more pieces: fmt::format("{} of {}", a, b), until the compiler has std::format.
//
// For .cc files only: a header that includes it makes everyone pay. It is fmt's small front, which costs a file next to
// nothing; with fmt's code in it (FMT_HEADER_ONLY) each would take three seconds longer, so the code is linked. Not on
// hot paths, where text is appended. The format is checked when it is compiled. `L` (a number by the locale) is never
// used: what core says must not depend on the machine, and tests/tidy/layers.py looks for it.
#pragma once

#include <fmt/core.h>
