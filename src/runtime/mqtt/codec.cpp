// SPDX-License-Identifier: Apache-2.0
#include "runtime/mqtt/codec.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bongsu::mqtt {
namespace {

// Control packet types, section 2.1.2.
enum Type : std::uint8_t {
  kConnect = 1,
  kConnAck,
  kPublish,
  kPubAck,
  kPubRec,
  kPubRel,
  kPubComp,
  kSubscribe,
  kSubAck,
  kUnsubscribe,
  kUnsubAck,
  kPingReq,
  kPingResp,
  kDisconnect
};

// ---- writing

void PutU16(std::string& out, std::uint16_t value) {
  out += static_cast<char>(value >> 8U);
  out += static_cast<char>(value & 0xFFU);
}

void PutU32(std::string& out, std::uint32_t value) {
  PutU16(out, static_cast<std::uint16_t>(value >> 16U));
  PutU16(out, static_cast<std::uint16_t>(value & 0xFFFFU));
}

void PutText(std::string& out, std::string_view text) {
  text = text.substr(0, 65'535);
  PutU16(out, static_cast<std::uint16_t>(text.size()));
  out += text;
}

void PutVariable(std::string& out, std::size_t value) {
  do {
    auto byte = static_cast<std::uint8_t>(value % 128);
    value /= 128;
    if (value > 0) byte |= 0x80U;
    out += static_cast<char>(byte);
  } while (value > 0);
}

std::string Frame(Type type, std::uint8_t flags, std::string_view body) {
  std::string out;
  out.reserve(body.size() + 5);
  out += static_cast<char>((type << 4U) | flags);
  PutVariable(out, body.size());
  out += body;
  return out;
}

// ---- reading

/// Walks over the body of one packet; after a failure every read gives zero and `ok` stays false.
class Walker {
 public:
  explicit Walker(std::string_view bytes) : rest_{bytes} {}

  std::uint8_t U8() { return static_cast<std::uint8_t>(Number(1)); }
  std::uint16_t U16() { return static_cast<std::uint16_t>(Number(2)); }
  std::uint32_t U32() { return static_cast<std::uint32_t>(Number(4)); }
  std::string_view Text() { return Bytes(U16()); }
  std::size_t Variable() {
    std::size_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      const std::uint8_t byte = U8();
      value |= static_cast<std::size_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    ok = false;
    return 0;
  }
  std::string_view Bytes(std::size_t count) {
    if (count > rest_.size()) {
      ok = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view Rest() { return std::exchange(rest_, {}); }
  bool empty() const { return rest_.empty(); }

  bool ok = true;

 private:
  std::uint64_t Number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const char byte : Bytes(bytes)) value = (value << 8U) | static_cast<unsigned char>(byte);
    return value;
  }
  std::string_view rest_;
};

struct Properties {
  std::optional<std::uint16_t> server_keep_alive_s;
  std::string reason_text;
};

/// Reads the properties of a packet (section 2.2.2) and keeps the two that we act on.
Properties ReadProperties(Walker& walker) {
  Properties found;
  Walker inside{walker.Bytes(walker.Variable())};
  while (inside.ok && !inside.empty()) {
    const std::size_t id = inside.Variable();
    switch (id) {
      case 0x01:
      case 0x17:
      case 0x19:
      case 0x24:
      case 0x25:
      case 0x28:
      case 0x29:
      case 0x2A:
        inside.U8();
        break;
      case 0x13:
        found.server_keep_alive_s = inside.U16();
        break;
      case 0x21:
      case 0x22:
      case 0x23:
        inside.U16();
        break;
      case 0x02:
      case 0x11:
      case 0x18:
      case 0x27:
        inside.U32();
        break;
      case 0x0B:
        inside.Variable();
        break;
      case 0x1F:
        found.reason_text = inside.Text();
        break;
      case 0x03:
      case 0x08:
      case 0x09:
      case 0x12:
      case 0x15:
      case 0x16:
      case 0x1A:
      case 0x1C:
        inside.Text();
        break;
      case 0x26:
        inside.Text();
        inside.Text();
        break;
      default:
        inside.ok = false;
    }
  }
  if (!inside.ok) walker.ok = false;
  return found;
}

Packet ReadConnAck(Walker& walker, Version version) {
  ConnAck ack;
  ack.session_present = (walker.U8() & 1U) != 0;
  ack.reason = walker.U8();
  if (version == Version::k5 && !walker.empty()) {
    Properties properties = ReadProperties(walker);
    ack.server_keep_alive_s = properties.server_keep_alive_s;
    ack.reason_text = std::move(properties.reason_text);
  }
  return ack;
}

Packet ReadPublish(Walker& walker, std::uint8_t flags, Version version) {
  Publish publish;
  publish.again = (flags & 8U) != 0;
  publish.qos = (flags >> 1U) & 3U;
  publish.retain = (flags & 1U) != 0;
  publish.topic = walker.Text();
  if (publish.qos > 0) publish.packet_id = walker.U16();
  if (version == Version::k5) ReadProperties(walker);
  if (publish.qos > 2 || (publish.qos > 0 && publish.packet_id == 0)) walker.ok = false;
  // We never announce topic aliases, so a topic must be there; wildcards are no topic (section 3.3.2.1).
  if (publish.topic.empty() || publish.topic.find_first_of("+#") != std::string::npos) walker.ok = false;
  if (walker.ok) publish.payload = walker.Rest();
  return publish;
}

Packet ReadPubAck(Walker& walker, Version version, PubAck::Step step) {
  PubAck ack;
  ack.step = step;
  ack.packet_id = walker.U16();
  if (version == Version::k5 && !walker.empty()) ack.reason = walker.U8();
  if (version == Version::k5 && !walker.empty()) ReadProperties(walker);
  return ack;
}

Packet ReadSubAck(Walker& walker, Version version) {
  SubAck ack;
  ack.packet_id = walker.U16();
  if (version == Version::k5) ReadProperties(walker);
  for (const char reason : walker.Rest()) ack.reasons.push_back(static_cast<std::uint8_t>(reason));
  return ack;
}

Packet ReadDisconnect(Walker& walker) {
  Disconnect end;
  if (!walker.empty()) end.reason = walker.U8();
  if (!walker.empty()) end.reason_text = ReadProperties(walker).reason_text;
  return end;
}

}  // namespace

std::string Encode(const Connect& connect, Version version) {
  std::uint8_t flags = connect.clean_start ? 2U : 0U;
  if (!connect.user.empty()) flags |= 0x80U;
  if (!connect.password.empty()) flags |= 0x40U;
  std::string body;
  PutText(body, "MQTT");
  body += static_cast<char>(version);
  body += static_cast<char>(flags);
  PutU16(body, connect.keep_alive_s);
  if (version == Version::k5) {
    std::string properties;
    properties += '\x11';
    PutU32(properties, connect.session_expiry_s);
    properties += '\x21';
    PutU16(properties, std::max<std::uint16_t>(1, connect.receive_maximum));
    properties += '\x27';
    PutU32(properties, connect.max_packet);
    PutVariable(body, properties.size());
    body += properties;
  }
  PutText(body, connect.client_id);
  if (!connect.user.empty()) PutText(body, connect.user);
  if (!connect.password.empty()) PutText(body, connect.password);
  return Frame(kConnect, 0, body);
}

std::string EncodeSubscribe(std::uint16_t packet_id, const std::vector<std::string>& filters, Version version) {
  std::string body;
  PutU16(body, packet_id);
  if (version == Version::k5) body += '\0';
  for (const std::string& filter : filters) {
    PutText(body, filter);
    body += '\x01';
  }
  return Frame(kSubscribe, 2, body);
}

std::string Encode(const Publish& publish, Version version) {
  std::string body;
  PutText(body, publish.topic);
  if (publish.qos > 0) PutU16(body, publish.packet_id);
  if (version == Version::k5) body += '\0';
  body += publish.payload;
  const auto flags =
      static_cast<std::uint8_t>((publish.again ? 8U : 0U) | (publish.qos << 1U) | (publish.retain ? 1U : 0U));
  return Frame(kPublish, flags, body);
}

std::string Encode(const PubAck& ack, Version version) {
  std::string body;
  PutU16(body, ack.packet_id);
  if (version == Version::k5 && ack.reason != 0) body += static_cast<char>(ack.reason);
  return Frame(kPubAck, 0, body);
}

std::string EncodePubRel(std::uint16_t packet_id) {
  std::string body;
  PutU16(body, packet_id);
  return Frame(kPubRel, 2, body);  // reason 0 is left out in 5 too
}

std::string EncodePingReq() { return Frame(kPingReq, 0, {}); }

std::string EncodeDisconnect(Version version) {
  (void)version;  // reason 0 is left out in 5 too (section 3.14.2.1)
  return Frame(kDisconnect, 0, {});
}

Result<std::optional<Packet>> Reader::Next() {
  const std::string_view rest = std::string_view(buffer_).substr(taken_);
  const auto malformed = [](std::string_view what) {
    return Fail(Code::kInvalidArgument, "mqtt.malformed", "the broker sent a malformed {}", what);
  };
  std::size_t length = 0;
  std::size_t header = 1;
  for (unsigned shift = 0;; shift += 7) {
    if (header >= rest.size()) return std::nullopt;
    const auto byte = static_cast<std::uint8_t>(rest[header++]);
    length |= static_cast<std::size_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) break;
    if (shift == 21) return malformed("length");  // four bytes at most, section 1.5.5
  }
  if (length > max_packet_)
    return Fail(Code::kTooLarge, "mqtt.too_large", "a packet of {} bytes; at most {}", length, max_packet_);
  if (rest.size() < header + length) return std::nullopt;

  Walker walker{rest.substr(header, length)};
  const auto first = static_cast<std::uint8_t>(rest[0]);
  std::optional<Packet> packet;
  switch (first >> 4U) {
    case kConnAck:
      packet = ReadConnAck(walker, version_);
      break;
    case kPublish:
      packet = ReadPublish(walker, first & 15U, version_);
      break;
    case kPubAck:
      packet = ReadPubAck(walker, version_, PubAck::Step::kAcknowledged);
      break;
    case kPubRec:
      packet = ReadPubAck(walker, version_, PubAck::Step::kReceived);
      break;
    case kPubComp:
      packet = ReadPubAck(walker, version_, PubAck::Step::kComplete);
      break;
    case kSubAck:
      packet = ReadSubAck(walker, version_);
      break;
    case kPingResp:
      packet = PingResp{};
      break;
    case kDisconnect:
      packet = ReadDisconnect(walker);
      break;
    default:
      return Fail(Code::kNotSupported, "mqtt.unexpected", "a packet of type {} is not for a client like us",
                  first >> 4U);
  }
  if (!walker.ok) return malformed(fmt::format("packet of type {}", first >> 4U));
  taken_ += header + length;
  if (taken_ == buffer_.size() || taken_ > (64U << 10U)) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  return packet;
}

std::string_view ReasonText(std::uint8_t reason, Version version) {
  if (version == Version::k311) {
    constexpr std::array<std::string_view, 6> kOld{
        "accepted",           "protocol version refused",  "client id refused",
        "server unavailable", "bad user name or password", "not authorised"};
    return reason < kOld.size() ? kOld[reason] : "unknown reason";
  }
  constexpr std::array<std::pair<std::uint8_t, std::string_view>, 14> kNew{{{0x00, "success"},
                                                                            {0x80, "unspecified error"},
                                                                            {0x81, "malformed packet"},
                                                                            {0x82, "protocol error"},
                                                                            {0x84, "protocol version not supported"},
                                                                            {0x85, "client id not valid"},
                                                                            {0x86, "bad user name or password"},
                                                                            {0x87, "not authorised"},
                                                                            {0x88, "server unavailable"},
                                                                            {0x8B, "server shutting down"},
                                                                            {0x8D, "keep alive timeout"},
                                                                            {0x8E, "session taken over"},
                                                                            {0x93, "receive maximum exceeded"},
                                                                            {0x97, "quota exceeded"}}};
  const auto found = std::ranges::find(kNew, reason, &decltype(kNew)::value_type::first);
  return found == kNew.end() ? "unknown reason" : found->second;
}

}  // namespace bongsu::mqtt
