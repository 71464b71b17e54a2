// SPDX-License-Identifier: Apache-2.0
#pragma once

/// MQTT control packets as a client needs them, versions 3.1.1 and 5. Pure: bytes to values and back.
/// Source: OASIS MQTT 3.1.1 (2014) and MQTT 5.0 (2019); section numbers in the comments are those of 5.0.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace bongsu::mqtt {

enum class Version : std::uint8_t { k311 = 4, k5 = 5 };

struct Connect {
  std::string client_id;
  std::string user;
  std::string password;
  std::uint16_t keep_alive_s = 30;
  bool clean_start = false;
  std::uint32_t session_expiry_s = 86'400;  ///< 5 only: how long the broker keeps what we missed.
  std::uint16_t receive_maximum = 1000;     ///< 5 only: QoS 1 messages in flight towards us.
  std::uint32_t max_packet = 1U << 20U;     ///< 5 only: bytes.
};

struct ConnAck {
  bool session_present = false;
  std::uint8_t reason = 0;  ///< 0: accepted. 3.1.1 codes 1 to 5, 5 codes from 0x80.
  std::optional<std::uint16_t> server_keep_alive_s;
  std::string reason_text;
};

struct Publish {
  std::string topic;
  std::string payload;
  std::uint8_t qos = 0;
  bool retain = false;
  bool again = false;           ///< DUP flag
  std::uint16_t packet_id = 0;  ///< 0 for QoS 0
};

/// PUBACK, or a step of QoS 2.
struct PubAck {
  enum class Step : std::uint8_t { kAcknowledged, kReceived, kComplete };  ///< PUBACK, PUBREC, PUBCOMP
  std::uint16_t packet_id = 0;
  std::uint8_t reason = 0;
  Step step = Step::kAcknowledged;
};

struct SubAck {
  std::uint16_t packet_id = 0;
  std::vector<std::uint8_t> reasons;  ///< Granted QoS, or >= 0x80: refused.
};

struct PingResp {};

struct Disconnect {
  std::uint8_t reason = 0;
  std::string reason_text;
};

using Packet = std::variant<ConnAck, Publish, PubAck, SubAck, PingResp, Disconnect>;

std::string Encode(const Connect& connect, Version version);
/// All filters with QoS 1. @param packet_id  not 0
std::string EncodeSubscribe(std::uint16_t packet_id, const std::vector<std::string>& filters, Version version);
std::string Encode(const Publish& publish, Version version);
/// A PUBACK, whatever its step.
std::string Encode(const PubAck& ack, Version version);
/// Answer to PUBREC (section 4.3.3).
std::string EncodePubRel(std::uint16_t packet_id);
std::string EncodePingReq();
std::string EncodeDisconnect(Version version);

/// Takes bytes as they come and gives whole packets.
class Reader {
 public:
  /// @param max_packet  a larger one is an error: the connection ends
  explicit Reader(Version version, std::size_t max_packet = 1U << 20U) : version_{version}, max_packet_{max_packet} {}

  void Feed(std::string_view bytes) { buffer_.append(bytes); }
  /// The next packet; nothing when it is not all there yet.
  /// @errors kInvalidArgument mqtt.malformed, kTooLarge mqtt.too_large, kNotSupported mqtt.unexpected
  Result<std::optional<Packet>> Next();

 private:
  Version version_;
  std::size_t max_packet_;
  std::string buffer_;
  std::size_t taken_ = 0;  ///< Bytes at the front that were read already.
};

/// What a CONNACK or DISCONNECT reason means, in words.
std::string_view ReasonText(std::uint8_t reason, Version version);

}  // namespace bongsu::mqtt
