// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Joins the codec to the gate: whole messages in, each handed to its source, the peer answered when it is on disk.

#include <memory>
#include <string>
#include <vector>

#include "sense/ingest/gate.hpp"

namespace bongsu::@NAME@ {

class Connector {
 public:
  explicit Connector(ingest::Gate& gate) : gate_{gate} {}

  /// Hands one message on. `settled` runs once: true when it is on disk (acknowledge), false when it must come again.
  void Receive(const std::shared_ptr<ingest::Source>& source, std::string bytes, std::function<void(bool on_disk)> settled);
  /// Fills in address and state of sources of this kind.
  void Describe(std::vector<ingest::ConnectorStatus>& statuses) const;

 private:
  ingest::Gate& gate_;
};

}  // namespace bongsu::@NAME@
