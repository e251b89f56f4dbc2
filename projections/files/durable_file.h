// Writing a small file so that it is whole whatever happens: after a crash or a power loss its path holds either what
// was there before or all of the new content, and once the call has answered it holds the new content.
//
// The content goes into a file beside it, is flushed, takes the path's name, and the folder is flushed. A crash in
// between leaves `PATH.unfinished`, which the next write of the path takes over. Any thread; one writer a path at a
// time. It stands here because the views are the lowest layer that touches a disk.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <system_error>

namespace orch {

inline constexpr char unfinished_suffix[] = ".unfinished";

/// The folder exists. After an error the path holds what it held before, unless only the last flush failed.
std::expected<void, std::error_code> write_file_durably(const std::string& path, std::string_view content,
                                                        unsigned mode = 0600);

}  // namespace orch
