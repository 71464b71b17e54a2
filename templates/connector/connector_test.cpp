// SPDX-License-Identifier: Apache-2.0
// The whole way over a real socket: bytes, the gate, a record.
#include "sense/connectors/@NAME@/connector.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include "sense/ingest/connector_fake.hpp"

namespace bongsu::@NAME@ {
namespace {

constexpr std::string_view kMappings =
    "mapping: m\nformat: @NAME@\nevent: {type: @NAME@.reading, id: none, fields: {value: /value}}\n";
constexpr std::string_view kConfig = "sources:\n  - {id: s, kind: @NAME@, mappings: [m]}\n";

void Send(std::uint16_t port, std::string_view bytes) {
  boost::asio::io_context loop;
  boost::asio::ip::udp::socket socket{loop, boost::asio::ip::udp::v4()};
  socket.send_to(boost::asio::buffer(bytes), {boost::asio::ip::make_address("127.0.0.1"), port});
}

TEST(@TITLE@Connector, AMessageBecomesAnEventAndWhatItCannotReadIsHeld) {
  ingest::ConnectorHouse house{Make(), kMappings, kConfig};
  ASSERT_TRUE(house.opened) << house.opened.error().message;
  const auto port = static_cast<std::uint16_t>(house.connector().Ports()["s"].AsInt());

  Send(port, R"({"value":21.5})");
  ASSERT_TRUE(ingest::ConnectorHouse::Eventually([&] { return house.Records().size() == 1; }));
  Send(port, "{");
  ASSERT_TRUE(ingest::ConnectorHouse::Eventually([&] { return house.Records().size() == 2; }));

  EXPECT_EQ(json::ToString(house.Records()[0]["fields"]), R"({"value":21.5})");
  EXPECT_EQ(house.Records()[1]["reason"].AsString(), "json.bad");
  EXPECT_EQ(house.StatusOf("s").address, fmt::format("udp:{}", port));
  EXPECT_EQ(house.StatusOf("s").counts.accepted, 1U);
}

}  // namespace
}  // namespace bongsu::@NAME@
