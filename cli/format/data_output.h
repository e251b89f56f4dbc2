// The options -json and -t: data for programs in place of text for people.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "cli/command_line.h"

namespace orch::cli {

struct DataOutput {
  bool json = false;
  std::string format;

  void add_to(CommandLine& app);
  bool wanted() const { return json || !format.empty(); }
  /// Prints the data and nothing else; the command's exit code.
  int print(const boost::json::value& data) const;
};

}  // namespace orch::cli
