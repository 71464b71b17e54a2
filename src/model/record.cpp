// SPDX-License-Identifier: Apache-2.0
#include "model/record.hpp"

#include <array>

namespace bongsu::model {

std::uint16_t PartitionOf(std::uint16_t tenant, std::string_view routing_key, std::uint16_t partitions) {
  const std::array<char, 2> ordinal{static_cast<char>(tenant & 0xFFU), static_cast<char>(tenant >> 8U)};
  return static_cast<std::uint16_t>(Hash64Parts({{ordinal.data(), ordinal.size()}, routing_key}) % partitions);
}

}  // namespace bongsu::model
