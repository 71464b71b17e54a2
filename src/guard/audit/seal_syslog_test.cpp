// SPDX-License-Identifier: Apache-2.0
#include "guard/audit/seal_syslog.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "guard/audit/verify.hpp"

namespace bongsu::audit {
namespace {

constexpr std::string_view kSeal = R"({"tenant":0,"n":7,"head":"ab","at":"2026-11-22T05:32:41.250Z","signature":"cd"})";

/// A collector on loopback, on a port of its own.
class Collector {
 public:
  explicit Collector(int type) : handle_{::socket(AF_INET, type, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(handle_, reinterpret_cast<sockaddr*>(&address), size), 0);
    if (type == SOCK_STREAM) EXPECT_EQ(::listen(handle_, 4), 0);
    EXPECT_EQ(::getsockname(handle_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    target_ = {type == SOCK_STREAM, "127.0.0.1", std::to_string(ntohs(address.sin_port))};
  }
  ~Collector() { ::close(handle_); }
  const SyslogTarget& target() const { return target_; }
  std::string Datagram() const {
    std::array<char, 4096> bytes{};
    const ssize_t got = ::recv(handle_, bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }
  std::string Stream() const {
    const int peer = ::accept(handle_, nullptr, nullptr);
    std::string all;
    std::array<char, 4096> bytes{};
    for (ssize_t got = 0; (got = ::recv(peer, bytes.data(), bytes.size(), 0)) > 0;)
      all.append(bytes.data(), static_cast<std::size_t>(got));
    ::close(peer);
    return all;
  }

 private:
  int handle_;
  SyslogTarget target_;
};

TEST(SealSyslog, IsAMessageOfRfc5424WithTheTimeOfTheSeal) {
  EXPECT_EQ(SyslogMessage(kSeal, "centre-1", 42),
            fmt::format("<109>1 2026-11-22T05:32:41.250Z centre-1 bongsu 42 audit.seal - {}", kSeal));
}

TEST(SealSyslog, ReadsTheAddressOfTheCollectorAndRefusesWhatIsNone) {
  const auto udp = ReadSyslogTarget("udp://collector.example");
  const auto tcp = ReadSyslogTarget("tcp://[::1]:601");

  ASSERT_TRUE(udp && tcp);
  EXPECT_FALSE(udp->tcp);
  EXPECT_EQ(udp->port, "514");
  EXPECT_TRUE(tcp->tcp);
  EXPECT_EQ(tcp->host, "::1");
  EXPECT_EQ(tcp->port, "601");
  for (const char* bad : {"", "10.0.0.9:514", "tls://10.0.0.9", "udp://", "udp://h:0", "udp://h:port", "tcp://[::1"}) {
    EXPECT_FALSE(ReadSyslogTarget(bad)) << bad;
  }
}

TEST(SealSyslog, GoesOverUdpAsOneDatagramAMessage) {
  const Collector collector{SOCK_DGRAM};

  EXPECT_EQ(SendSyslog(collector.target(), {"one", "two"}), 2U);

  EXPECT_EQ(collector.Datagram(), "one");
  EXPECT_EQ(collector.Datagram(), "two");
}

TEST(SealSyslog, GoesOverTcpWithCountedOctets) {
  const Collector collector{SOCK_STREAM};

  EXPECT_EQ(SendSyslog(collector.target(), {"one", "twice"}), 2U);

  EXPECT_EQ(collector.Stream(), "3 one5 twice");
}

TEST(SealSyslog, SaysThatNobodyWasThere) {
  SyslogTarget gone;
  {
    const Collector collector{SOCK_STREAM};
    gone = collector.target();
  }

  EXPECT_EQ(SendSyslog(gone, {"one"}), 0U);
}

TEST(SealSyslog, TheCollectorsFileReadsAsASealFile) {
  const auto crypto = std::move(*crypto::MakeSodiumCrypto());
  const auto key = crypto->MakeSigningKey();
  const Seal seal = MakeSeal(*crypto, key, 3, {7, std::string(64, 'a')}, FromMicros(1'795'300'000'250'000));
  const std::string path = ::testing::TempDir() + "/collected" + std::to_string(::getpid());
  std::ofstream(path) << "Nov 22 05:32:40 centre-1 sshd[7]: session opened\n"
                      << "Nov 22 05:32:41 centre-1 bongsu[42]: " << ToText(seal) << "\n"
                      << SyslogMessage(ToText(seal), "centre-1", 42) << "\r\n";

  const auto seals = ReadSealFile(path);

  ASSERT_TRUE(seals) << seals.error().message;
  ASSERT_EQ(seals->size(), 2U);
  EXPECT_TRUE(IsGenuine(*crypto, key.open, seals->back()));
  std::remove(path.c_str());
}

}  // namespace
}  // namespace bongsu::audit
