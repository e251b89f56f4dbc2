// Rules of networks and ports, and of services and checks, which name them.
#include <algorithm>
#include <cctype>

#include "core/base/duration_text.h"
#include "core/base/format.h"
#include "core/jobspec/validate.h"
#include "core/jobspec/validate_rules.h"

namespace orch {
namespace {

bool is_port_label(const std::string& label) {
  if (label.empty() || label.size() > 57) return false;
  for (char c : label) {
    if (!(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-')) return false;
  }
  return true;
}

// RFC 1123: letters, digits and dashes inside, at most 63. What is filled in when the task runs counts as good.
bool is_service_name(std::string name) {
  for (std::size_t at = name.find("${"); at != std::string::npos; at = name.find("${", at)) {
    const std::size_t end = name.find('}', at);
    if (end == std::string::npos) return false;
    name.replace(at, end + 1 - at, "x");
  }
  if (name.empty() || name.size() > 63 || name.front() == '-' || name.back() == '-') return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

Errors check_service(const Service& service) {
  Errors errors;
  if (!is_service_name(service.name)) {
    errors.push_back(
        "Service name must be valid per RFC 1123 and can contain only alphanumeric characters or dashes and must be no "
        "longer than 63 characters");
  }
  if (service.address_mode != "auto" && service.address_mode != "host" && service.address_mode != "driver") {
    errors.push_back("Service address_mode must be \"auto\", \"host\", or \"driver\"; not \"" + service.address_mode +
                     "\"");
  }
  for (const ServiceCheck& check : service.checks) {
    const std::string intro = "Check " + check.name + " invalid: ";
    static const std::set<std::string> types = {"grpc", "http", "script", "tcp"};
    if (!types.contains(check.type)) {
      errors.push_back(intro + "invalid type (\"" + check.type +
                       "\"), must be one of \"http\", \"tcp\", or \"script\" type");
      continue;
    }
    static const std::set<std::string> states = {"", "critical", "passing", "warning"};
    if (!states.contains(check.initial_status)) {
      errors.push_back(intro + "invalid initial check state (" + check.initial_status +
                       "), must be one of \"passing\", \"warning\", \"critical\" or empty");
    }
    if (check.check_restart) {
      const CheckRestart& r = *check.check_restart;
      if (r.limit < 0)
        errors.push_back(intro + "check_restart limit must be greater than or equal to 0 but found " +
                         std::to_string(r.limit));
      if (r.grace && r.grace->ns < 0)
        errors.push_back(intro + "check_restart grace can't be negative: " + duration_text(*r.grace));
    }
    if (check.type == "http" && check.path.empty()) errors.push_back(intro + "http type must have a valid http path");
    if (check.type == "script" && check.command.empty())
      errors.push_back(intro + "script type must have a valid script path");
    if (check.interval.ns == 0)
      errors.push_back(intro + "missing required value interval. Interval cannot be less than 1s");
    else if (check.interval < seconds(1))
      errors.push_back(intro + "interval (" + duration_text(check.interval) + ") cannot be lower than 1s");
    if (check.timeout.ns == 0)
      errors.push_back(intro + "missing required value timeout. Timeout cannot be less than 1s");
    else if (check.timeout < seconds(1))
      errors.push_back(intro + "timeout (" + duration_text(check.timeout) +
                       ") is lower than required minimum timeout 1s");
    if (check.type != "script" && service.port_label.empty() && check.port_label.empty()) {
      errors.push_back(intro + "check requires a port but neither check nor service \"" + service.name +
                       "\" have a port");
    }
  }
  return errors;
}

}  // namespace

void check_ports(const std::vector<NetworkResource>& networks, const std::string& owner,
                 std::map<std::int32_t, std::string>& statics, Errors& errors) {
  for (const NetworkResource& network : networks) {
    std::set<std::string> labels;
    auto look = [&](const Port& port) {
      if (!is_port_label(port.label))
        errors.push_back("Port label \"" + port.label +
                         "\" does not conform to naming requirements: letters, digits, _ and -");
      if (!labels.insert(port.label).second)
        errors.push_back("Port label \"" + port.label + "\" is used more than once");
      if (port.value < 0 || port.value > 65535) {
        errors.push_back(fmt::format("Port \"{}\" must be between 1 and 65535; got {}", port.label, port.value));
      } else if (port.value != 0) {
        const auto [it, fresh] = statics.emplace(port.value, owner + ":" + port.label);
        if (!fresh) errors.push_back(fmt::format("Static port {} already reserved by {}", port.value, it->second));
      }
      if (port.to < 0 || port.to > 65535)
        errors.push_back(fmt::format("Port \"{}\" maps to {}, which is no port", port.label, port.to));
    };
    for (const Port& port : network.reserved_ports) look(port);
    for (const Port& port : network.dynamic_ports) look(port);
  }
}

void add_labels(const std::vector<NetworkResource>& networks, std::set<std::string>& labels) {
  for (const NetworkResource& network : networks) {
    for (const Port& port : network.reserved_ports) labels.insert(port.label);
    for (const Port& port : network.dynamic_ports) labels.insert(port.label);
  }
}

void check_services(const std::vector<Service>& services, const std::set<std::string>& labels, Errors& errors) {
  std::set<std::string> names;
  for (const Service& service : services) {
    if (Errors found = check_service(service); !found.empty())
      errors.push_back("service \"" + service.name + "\" validation failed: " + error_list(found));
    if (!names.insert(service.name + service.port_label).second)
      errors.push_back("service \"" + service.name + "\" is duplicate");
    auto wants = [&](const std::string& label, const std::string& who) {
      if (label.find_first_not_of("0123456789") == std::string::npos || labels.contains(label)) return;
      errors.push_back("port label \"" + label + "\" referenced by " + who + " does not exist");
    };
    wants(service.port_label, "services " + service.name);
    for (const ServiceCheck& check : service.checks) wants(check.port_label, "check " + check.name);
  }
}

}  // namespace orch
