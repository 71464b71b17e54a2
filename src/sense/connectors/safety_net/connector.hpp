// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Agencies that push events to us: sign in with an apiKey, then send with the session key. The answer comes after the disk.

#include <functional>
#include <string>

#include "runtime/http_message.hpp"
#include "sense/ingest/gate.hpp"

namespace bongsu::safety_net {

class Connector {
 public:
  Connector(ingest::Gate& gate, const Clock& clock, const Log& log) : gate_{gate}, clock_{clock}, log_{log} {}

  /// POST /link/{source}/api/getAuth.json; a good one is a sign of life of the link.
  http::Response SignIn(const std::string& source, const http::Request& request);
  /// POST /link/{source}/linkHttp/recvEvent.json
  void Receive(const std::string& source, http::Request request, http::Respond respond);

  void Describe(std::vector<ingest::ConnectorStatus>& statuses) const;

 private:
  std::shared_ptr<ingest::Source> Find(const std::string& source) const;
  http::Response Refuse(const std::shared_ptr<ingest::Source>& source, int status, std::string_view reason, std::string_view why);

  ingest::Gate& gate_;
  const Clock& clock_;
  const Log& log_;
};

}  // namespace bongsu::safety_net
