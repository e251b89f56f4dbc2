// A scenario file: comments, commands and the answers that they got, as one readable transcript.
//
//     # A comment, and empty lines: kept as they are.
//     > command words
//     | lines that belong to the command: a job file, mostly
//     answer lines
//
// `--update` writes the answers that were got now in place of those that stand there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orch::scenario {

struct Step {
  std::vector<std::string> before;  // comments and empty lines
  std::string command;              // empty: what follows the last command
  std::string document;
  std::vector<std::string> answers;
};

std::vector<Step> read_transcript(std::string_view text);
std::string write_transcript(const std::vector<Step>& steps);

std::vector<std::string> words_of(std::string_view line);

}  // namespace orch::scenario
