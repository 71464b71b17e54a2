// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a source of kind @NAME@ has beside the keys of every source.
/// manifest.yaml says the same; a test compares them.

#include <string>

#include "base/config.hpp"

namespace bongsu::@NAME@ {

struct SourceOptions {
  std::string host = "127.0.0.1";
  std::int64_t port = 0;
};

template <class Visitor>
void Describe(Visitor& v, SourceOptions& c) {
  v.Field("host", c.host, "Address to listen on.");
  v.Field("port", c.port, "Port to listen on; 0 takes a free one and the ready line says which.");
}

}  // namespace bongsu::@NAME@
