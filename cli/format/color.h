// Colour, on a terminal that wants it and nowhere else.
#pragma once

#include <string>

namespace orch::cli {

/// Decided once: standard output is a terminal, and neither NO_COLOR nor -no-color was given.
void set_color(bool wanted);
bool color();

std::string bold(const std::string& text);
std::string red(const std::string& text);
std::string green(const std::string& text);
std::string yellow(const std::string& text);
std::string light_yellow(const std::string& text);
std::string blue(const std::string& text);

}  // namespace orch::cli
