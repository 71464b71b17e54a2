// SPDX-License-Identifier: Apache-2.0
// Addresses of MQTT endpoints; the first line is the address, the second the version, the third the QoS.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "act/notifications/channels/mqtt/address.hpp"
#include "base/result.hpp"

using namespace bongsu;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto line = [&text] {
    const auto end = text.find('\n');
    const std::string_view out = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return std::string(out);
  };
  notifications::Endpoint endpoint;
  endpoint.uri = line();
  endpoint.notifier = {{"MQTT-Version", line()}, {"MQTT-QoS", line()}};
  const auto address = notifications::MqttAddressOf(endpoint);
  if (address) BONGSU_ASSERT(!address->host.empty() && !address->topic.empty() && address->qos <= 2);
  return 0;
}
