// Who this node is: an id and a secret that it made itself at its first start and keeps in its data folder.
//
// Both are random UUIDs. They are written once, durably (projections/files/durable_file.h), with mode 0600; a
// damaged file is an error that says so, never a silent new identity: a new id would orphan what runs here.
#pragma once

#include <expected>
#include <string>

namespace orch::client {

struct Identity {
  std::string node_id;
  std::string secret;
};

/// Reads `folder`/node-id and `folder`/secret-id, or makes them, and the folder too.
std::expected<Identity, std::string> load_identity(const std::string& folder);

}  // namespace orch::client
