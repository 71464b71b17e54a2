// SPDX-License-Identifier: Apache-2.0
#include "runtime/mqtt/codec.hpp"

#include <gtest/gtest.h>

namespace bongsu::mqtt {
namespace {

using namespace std::string_literals;

std::string Hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

TEST(MqttCodec, WritesAConnectOfBothVersionsAsTheStandardsLayItOut) {
  const Connect connect{.client_id = "b",
                        .user = "u",
                        .password = "p",
                        .keep_alive_s = 30,
                        .clean_start = false,
                        .session_expiry_s = 60,
                        .receive_maximum = 10,
                        .max_packet = 256};

  EXPECT_EQ(Hex(Encode(connect, Version::k311)), "101300044d51545404c0001e000162000175000170");
  EXPECT_EQ(Hex(Encode(connect, Version::k5)),
            "102100044d51545405c0001e0d"
            "110000003c"
            "21000a"
            "2700000100"
            "000162000175000170");
}

TEST(MqttCodec, ReadsAPublishThatComesInPieces) {
  Reader reader{Version::k5};
  const std::string bytes = Encode(
      Publish{.topic = "a/b", .payload = "hi", .qos = 1, .retain = false, .again = true, .packet_id = 7}, Version::k5);

  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    reader.Feed(bytes.substr(i, 1));
    const auto early = reader.Next();
    ASSERT_TRUE(early);
    EXPECT_FALSE(*early);
  }
  reader.Feed(bytes.substr(bytes.size() - 1));
  const auto packet = reader.Next();

  ASSERT_TRUE(packet && *packet);
  const auto& publish = std::get<Publish>(**packet);
  EXPECT_EQ(publish.topic, "a/b");
  EXPECT_EQ(publish.payload, "hi");
  EXPECT_EQ(publish.packet_id, 7);
  EXPECT_TRUE(publish.again);
}

TEST(MqttCodec, ReadsAcknowledgementsWithAndWithoutProperties) {
  Reader five{Version::k5};
  five.Feed("\x20\x06\x01\x00\x03\x13\x00\x3c"s + "\x90\x04\x00\x05\x00\x01"s + "\x40\x02\x00\x09"s + "\xd0\x00"s +
            "\xe0\x01\x8b"s);
  Reader old{Version::k311};
  old.Feed("\x20\x02\x00\x05"s);

  const auto ack = five.Next();
  ASSERT_TRUE(ack && *ack);
  EXPECT_TRUE(std::get<ConnAck>(**ack).session_present);
  EXPECT_EQ(std::get<ConnAck>(**ack).server_keep_alive_s, 60);
  EXPECT_EQ(std::get<SubAck>(**five.Next()).reasons, std::vector<std::uint8_t>{1});
  EXPECT_EQ(std::get<PubAck>(**five.Next()).packet_id, 9);
  EXPECT_TRUE(std::holds_alternative<PingResp>(**five.Next()));
  EXPECT_EQ(std::get<Disconnect>(**five.Next()).reason, 0x8B);
  EXPECT_EQ(std::get<ConnAck>(**old.Next()).reason, 5);
  EXPECT_EQ(ReasonText(5, Version::k311), "not authorised");
}

TEST(MqttCodec, RefusesWhatIsMalformedOrTooLarge) {
  const auto reason = [](std::string bytes, std::size_t most = 1U << 20U) {
    Reader reader{Version::k5, most};
    reader.Feed(bytes);
    const auto packet = reader.Next();
    return packet ? "none"s : packet.error().reason;
  };

  EXPECT_EQ(reason("\x30\xff\xff\xff\xff"s), "mqtt.malformed");
  EXPECT_EQ(reason("\x30\x05\x00\x09"
                   "abc"s),
            "mqtt.malformed");
  EXPECT_EQ(reason("\x36\x07\x00\x01"
                   "a\x00\x01\x00x"s),
            "mqtt.malformed");  // QoS 3
  EXPECT_EQ(reason("\x32\x06\x00\x01"
                   "a\x00\x00\x00"s),
            "mqtt.malformed");  // QoS 1 without an id
  EXPECT_EQ(reason("\x30\x04\x00\x01"
                   "#\x00"s),
            "mqtt.malformed");
  EXPECT_EQ(reason("\x30\xff\x7f"s, 100), "mqtt.too_large");
  EXPECT_EQ(reason("\x82\x00"s), "mqtt.unexpected");
}

TEST(MqttCodec, ReadsAndWritesTheStepsOfQosTwo) {
  Reader reader{Version::k311};
  reader.Feed("\x50\x02\x00\x07\x70\x02\x00\x07"s);

  const auto received = reader.Next().value().value();
  const auto complete = reader.Next().value().value();

  EXPECT_EQ(std::get<PubAck>(received).step, PubAck::Step::kReceived);
  EXPECT_EQ(std::get<PubAck>(complete).step, PubAck::Step::kComplete);
  EXPECT_EQ(std::get<PubAck>(complete).packet_id, 7);
  EXPECT_EQ(Hex(EncodePubRel(7)), "62020007");
}

}  // namespace
}  // namespace bongsu::mqtt
