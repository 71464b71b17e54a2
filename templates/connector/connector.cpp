// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/@NAME@/connector.hpp"

#include "sense/connectors/@NAME@/codec.hpp"

namespace bongsu::@NAME@ {

void Connector::Receive(const std::shared_ptr<ingest::Source>& source, std::string bytes, std::function<void(bool on_disk)> settled) {
  ingest::Row row{std::move(bytes), std::nullopt};
  if (auto document = Decode(row.bytes)) row.document = *std::move(document);  // else the gate holds the bytes
  ingest::Delivery delivery;
  delivery.format = "@NAME@";
  delivery.rows.push_back(std::move(row));
  gate_.Submit(source, std::move(delivery), [settled = std::move(settled)](const ingest::Outcome& outcome) { settled(!outcome.again); });
}

void Connector::Describe(std::vector<ingest::ConnectorStatus>& statuses) const {
  for (ingest::ConnectorStatus& status : statuses) {
    if (status.kind == "@NAME@") status.address = "@NAME@";
  }
}

}  // namespace bongsu::@NAME@
