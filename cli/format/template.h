// The option -t: an answer of the API printed through a template in the language of Go's text/template.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <string>

namespace orch::cli {

/// The template's text with its actions carried out on `data`; an error says what is wrong with the template, or which
/// field the data have not.
std::expected<std::string, std::string> fill_template(const std::string& text, const boost::json::value& data);

}  // namespace orch::cli
