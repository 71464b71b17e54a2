// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a source of kind safety_net has beside the keys of every source.

#include <string>

#include "base/config.hpp"

namespace bongsu::safety_net {

struct SourceOptions {
  Secret<std::string> api_key;
  std::string send_cd;
};

template <class Visitor>
void Describe(Visitor& v, SourceOptions& c) {
  v.Field("api_key", c.api_key, "What the peer signs in with.");
  v.Field("send_cd", c.send_cd, "Institution code the peer must send; empty for any.");
}

}  // namespace bongsu::safety_net
