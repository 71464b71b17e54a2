// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Systems that push messages over HTTP: POST /api/v1/ingest/{source}.

#include <string>

#include "runtime/http_message.hpp"
#include "sense/ingest/gate.hpp"

namespace bongsu::http_push {

class Connector {
 public:
  explicit Connector(ingest::Gate& gate) : gate_{gate} {}

  /// Takes one message or a batch; answers once after the disk.
  /// @param tenant  name of the caller's tenant
  void Receive(std::string_view tenant, std::string_view source, http::Request request, http::Respond respond);
  void Describe(std::vector<ingest::ConnectorStatus>& statuses) const;

 private:
  ingest::Gate& gate_;
};

/// 200 with the counts; 429, 503 or 507 when the house could not take everything: send the same again, repeats are dropped.
http::Response AnswerOf(const ingest::Outcome& outcome);

}  // namespace bongsu::http_push
