// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/@NAME@/codec.hpp"

namespace bongsu::@NAME@ {

Result<json::Value> Decode(std::string_view bytes) {
  if (bytes.size() > kMaxMessageBytes)
    return Fail(Code::kTooLarge, "@NAME@.too_large", "a message of {} bytes; at most {}", bytes.size(),
                kMaxMessageBytes);
  return json::Parse(bytes);
}

}  // namespace bongsu::@NAME@
