// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Whom the centre tells: agencies and departments, and the channel that reaches each. Data, not code: a `peers:` list
/// in the configuration or in a pack (docs/formats/notices.md).

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "model/place.hpp"

namespace bongsu::dispatch {

struct Peer {
  std::string id;  ///< What procedures and notices call it: "112", "maintenance".
  model::LText name;
  std::string channel;  ///< safety_net | webhook; empty: it is told by telephone only.
  std::string url;      ///< Where the channel reaches it.
  std::string phone;    ///< What to dial when the channel is down; empty for none.
  std::string source;   ///< The linked system whose events it sends; they are answered. Empty for none.
  // safety_net
  std::string api_key;  ///< Secret; never shown or logged.
  std::string send_cd;  ///< Our institution code.
  std::string rcv_cd;   ///< Theirs.
  std::string sys_cd = "IPC";
  std::string report_evt_id = "MTSUC230";  ///< Event type of what we report first; table 2.3 of operation-centre.md.
  std::chrono::minutes zone{540};          ///< Local time of its 14-digit times, ahead of UTC.
};

using Peers = std::map<std::string, Peer, std::less<>>;

/// @param list  the `peers:` sequence
/// @param base  what a url that begins with "/" is put behind, "http://127.0.0.1:9100"; empty: such a url is an error
/// @errors kInvalidArgument peers.bad (file, line, column)
Result<Peers> ParsePeers(const yaml::Node& list, std::string_view file, std::string_view base = {});
/// {id,name,channel,phone}: what a console may know; no url, no key.
json::Value ToJson(const Peer& peer);

}  // namespace bongsu::dispatch
