// SPDX-License-Identifier: Apache-2.0
#include "act/notifications/channels/mqtt/address.hpp"

#include <algorithm>
#include <charconv>

#include "runtime/http_message.hpp"

namespace bongsu::notifications {

Result<MqttAddress> MqttAddressOf(const Endpoint& endpoint) {
  MqttAddress out;
  std::string_view text = endpoint.uri;
  const auto bad = [&] {
    return Fail(Code::kInvalidArgument, "mqtt.bad_url", "'{}' is not mqtt[s]://[user[:password]@]host[:port]/topic",
                endpoint.uri.substr(endpoint.uri.find('@') == std::string::npos ? 0 : endpoint.uri.find('@')));
  };
  out.secure = text.starts_with("mqtts://");
  if (!out.secure && !text.starts_with("mqtt://")) return bad();
  text.remove_prefix(out.secure ? 8 : 7);
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash + 1 == text.size()) return bad();
  out.topic = text.substr(slash + 1);
  if (out.topic.find_first_of("+#") != std::string::npos) return bad();
  text = text.substr(0, slash);
  if (const auto at = text.rfind('@'); at != std::string_view::npos) {
    const auto who = text.substr(0, at);
    const auto colon = std::min(who.find(':'), who.size());
    BONGSU_TRY(out.user, http::PercentDecode(who.substr(0, colon)));
    if (colon < who.size()) {
      BONGSU_TRY(out.password, http::PercentDecode(who.substr(colon + 1)));
    }
    text.remove_prefix(at + 1);
  }
  out.port = out.secure ? "8883" : "1883";
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
    out.port = text.substr(colon + 1);
    int number = 0;
    const auto [rest, error] = std::from_chars(out.port.data(), out.port.data() + out.port.size(), number);
    if (error != std::errc{} || rest != out.port.data() + out.port.size() || number < 1 || number > 65535) return bad();
    text = text.substr(0, colon);
  }
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (text.empty()) return bad();
  out.host = text;
  for (const auto& [key, value] : endpoint.notifier) {
    if (key == "MQTT-Version" && value == "mqtt3.1.1") out.version = mqtt::Version::k311;
    if (key == "MQTT-QoS" && (value == "1" || value == "2")) out.qos = static_cast<std::uint8_t>(value.front() - '0');
  }
  return out;
}

std::string MqttPayload(const Endpoint& endpoint, const std::string& notification) {
  json::Writer out;
  out.Object().Key("metadata").Object().Key("Content-Type").String(endpoint.accept);
  for (const auto& [name, value] : endpoint.headers) out.Key(name).String(value);
  out.End().Key("body").Raw(notification).End();
  return out.Take();
}

}  // namespace bongsu::notifications
