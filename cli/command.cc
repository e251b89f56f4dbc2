#include "cli/command.h"

#include <cstdlib>

#include "cli/format/color.h"

namespace orch::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

void GeneralOptions::add_to(CommandLine& line) {
  address = environment("ORCH_ADDR");
  if (address.empty()) address = environment("NOMAD_ADDR");
  if (address.empty()) address = default_address;
  region = environment("NOMAD_REGION");
  ns = environment("NOMAD_NAMESPACE");
  token = environment("NOMAD_TOKEN");
  line.set_general(true);
  line.add_option("address", address, "Address of the agent; also ORCH_ADDR, NOMAD_ADDR (http://127.0.0.1:4646)");
  line.add_option("region", region, "Region; also NOMAD_REGION");
  line.add_option("namespace", ns, "Namespace; also NOMAD_NAMESPACE");
  line.add_option("token", token, "Token, handed on in X-Nomad-Token; also NOMAD_TOKEN");
  line.add_color_flag();
  line.set_general(false);
}

}  // namespace orch::cli
