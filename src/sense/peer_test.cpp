// SPDX-License-Identifier: Apache-2.0
// The connectors against programs that other people wrote: mosquitto and logger. Skipped where they are not installed.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "sense/ingest/fake_append.hpp"
#include "sense/senses.hpp"

namespace bongsu::sense {
namespace {

namespace fs = std::filesystem;

/// A child process; killed when it goes out of scope.
class Child {
 public:
  explicit Child(const std::vector<std::string>& words) {
    pid_ = fork();
    if (pid_ != 0) return;
    std::vector<char*> args;
    args.reserve(words.size() + 1);
    for (const std::string& word : words) args.push_back(const_cast<char*>(word.c_str()));
    args.push_back(nullptr);
    const int null = open("/dev/null", O_RDWR);
    dup2(null, 1);
    dup2(null, 2);
    execvp(args[0], args.data());
    _exit(127);
  }
  ~Child() { Kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  void Kill() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
};

int RunProgram(const std::vector<std::string>& words) { return Child(words).Wait(); }

bool Installed(std::string_view program) {
  for (const char* const folder : {"/usr/bin/", "/usr/sbin/"}) {
    if (fs::exists(std::string(folder) + std::string(program))) return true;
  }
  return false;
}

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

bool Answers(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = Loopback(port);
  const bool open = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return open;
}

template <class Condition>
bool Eventually(const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

/// The senses on one shard, as one process would have them; destroying it without Stop is what a kill leaves behind.
struct House {
  House(const std::string& broker, int version) {
    Definition definition;
    EXPECT_TRUE(definition.mappings.AddFile(
        "mapping: m\nevent: {type: x, id: \"{/n}\", fields: {n: /n}}\n---\nmapping: line\nformat: syslog\nevent: "
        "{type: line, id: none, fields: {msg: /msg, app: /app, floor: /sd/zone@32473/floor}}\n",
        "m.yaml"));
    const std::string brokers =
        broker.empty()
            ? ""
            : fmt::format("  mqtt: [{{id: b, url: \"{}\", client_id: test-{}, version: {}, keep_alive: 5s}}]\n", broker,
                          version, version);
    const auto config =
        ingest::ReadSenseConfig(fmt::format("sources:\n  - {{id: devices, kind: mqtt, mappings: [m], topics: "
                                            "[city/+/obs]}}\n  - {{id: lines, kind: syslog, mappings: [line]}}\n"
                                            "connectors:\n{}  syslog: {{udp: \"127.0.0.1:0\", tcp: \"127.0.0.1:0\"}}\n",
                                            brokers),
                                "s.yaml", definition.connectors, definition.config);
    EXPECT_TRUE(config) << config.error().message;
    auto made = Senses::Make({.shards = shards,
                              .append = append,
                              .clock = clock,
                              .metrics = metrics,
                              .log = log,
                              .tenant_ordinal = [](std::string_view) { return std::optional<std::uint16_t>{0}; },
                              .place_of = {},
                              .read_record = {}},
                             std::move(definition));
    EXPECT_TRUE(made) << made.error().message;
    senses = *std::move(made);
    shards.Start();
    const auto started = senses->Start();
    EXPECT_TRUE(started) << started.error().message;
  }
  ~House() { shards.Stop(); }

  template <class Work>
  auto OnShard(Work work) {
    std::promise<decltype(work())> promise;
    shards.Post(0, [&] { promise.set_value(work()); });
    return promise.get_future().get();
  }
  std::string State(std::string_view id) {
    std::promise<std::string> promise;
    senses->Statuses("default", [&](const std::vector<ingest::ConnectorStatus>& all) {
      promise.set_value(std::ranges::find(all, id, &ingest::ConnectorStatus::id)->state);
    });
    return promise.get_future().get();
  }
  std::vector<std::string> Fields() {
    return OnShard([&] {
      std::vector<std::string> fields;
      fields.reserve(append.log.size());
      for (const model::Record& record : append.log)
        fields.push_back(json::ToString((*json::Parse(record.payload))["fields"]));
      return fields;
    });
  }

  WallClock clock;
  Metrics metrics;
  runtime::Shards shards{1};
  ingest::FakeAppend append{clock};
  Log log{Log::Level::kOff};
  std::unique_ptr<Senses> senses;
};

class MqttPeer : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (!Installed("mosquitto") || !Installed("mosquitto_pub"))
      GTEST_SKIP() << "mosquitto and mosquitto-clients are not installed";
    folder = fs::temp_directory_path() / fmt::format("bongsu-mqtt-{}-{}", getpid(), GetParam());
    fs::create_directories(folder);
    port = FreePort();
    std::ofstream(folder / "m.conf") << fmt::format("listener {} 127.0.0.1\nallow_anonymous true\npersistence false\n",
                                                    port);
    StartBroker();
  }
  void TearDown() override {
    broker.reset();
    fs::remove_all(folder);
  }
  void StartBroker() {
    broker = std::make_unique<Child>(std::vector<std::string>{
        Installed("mosquitto") && fs::exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto", "-c",
        (folder / "m.conf").string()});
    ASSERT_TRUE(Eventually([&] { return Answers(port); }));
  }
  std::string Url() const { return fmt::format("mqtt://127.0.0.1:{}", port); }
  void Publish(std::string_view payload) {
    ASSERT_EQ(RunProgram({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(port), "-q", "1", "-t", "city/a/obs",
                          "-m", std::string(payload)}),
              0);
  }

  fs::path folder;
  std::uint16_t port = 0;
  std::unique_ptr<Child> broker;
};

TEST_P(MqttPeer, AMessageIsGivenAgainWhenTheProcessEndsBeforeTheDisk) {
  {
    House killed{Url(), GetParam()};
    ASSERT_TRUE(Eventually([&] { return killed.State("devices") == "connected"; }));
    killed.append.hold = true;
    Publish(R"({"n":1})");
    ASSERT_TRUE(Eventually([&] { return killed.OnShard([&] { return killed.append.held() == 1; }); }));
  }  // never committed, never acknowledged
  {
    House next{Url(), GetParam()};
    ASSERT_TRUE(Eventually([&] { return next.Fields().size() == 1; }));
    EXPECT_EQ(next.Fields()[0], R"({"n":1})");
    Publish(R"({"n":2})");
    ASSERT_TRUE(Eventually([&] { return next.Fields().size() == 2; }));
    next.senses->Stop();
    Publish(R"({"n":3})");
  }
  House last{Url(), GetParam()};
  ASSERT_TRUE(Eventually([&] { return !last.Fields().empty(); }));
  EXPECT_EQ(last.Fields().back(), R"({"n":3})");
  last.senses->Stop();
}

TEST_P(MqttPeer, AFullJournalHoldsTheMessageBackAndNothingIsLost) {
  House house{Url(), GetParam()};
  ASSERT_TRUE(Eventually([&] { return house.State("devices") == "connected"; }));
  house.OnShard([&] {
    house.append.fail_with = Error{Code::kOverloaded, "journal.class_full", "full"};
    return 0;
  });

  for (int i = 0; i < 5; ++i) Publish(fmt::format(R"({{"n":{}}})", i));
  EXPECT_TRUE(house.Fields().empty());
  house.OnShard([&] {
    house.append.fail_with.reset();
    return 0;
  });

  EXPECT_TRUE(Eventually([&] { return house.Fields().size() == 5; }));
  house.senses->Stop();
}

TEST_P(MqttPeer, ItComesBackWhenTheBrokerDoes) {
  House house{Url(), GetParam()};
  ASSERT_TRUE(Eventually([&] { return house.State("devices") == "connected"; }));

  broker->Kill();
  ASSERT_TRUE(Eventually([&] { return house.State("devices") == "error"; }));
  StartBroker();
  ASSERT_TRUE(Eventually([&] { return house.State("devices") == "connected"; }));
  Publish(R"({"n":9})");

  EXPECT_TRUE(Eventually([&] { return house.Fields().size() == 1; }));
  house.senses->Stop();
}

INSTANTIATE_TEST_SUITE_P(Versions, MqttPeer, ::testing::Values(4, 5),
                         [](const auto& info) { return info.param == 4 ? "V311" : "V5"; });

TEST(SyslogPeer, TakesWhatLoggerSendsOverUdpAndBothFramingsOfTcp) {
  if (!Installed("logger")) GTEST_SKIP() << "logger (bsdutils) is not installed";
  House house{"", 5};
  const json::Value ports = house.senses->Ports();
  const std::string udp = std::to_string(ports["syslog"]["udp"].AsInt());
  const std::string tcp = std::to_string(ports["syslog"]["tcp"].AsInt());

  EXPECT_EQ(RunProgram({"logger", "--server", "127.0.0.1", "--port", udp, "--udp", "--rfc5424", "--sd-id", "zone@32473",
                        "--sd-param", "floor=\"3\"", "-t", "gate", "문이 열림"}),
            0);
  ASSERT_TRUE(Eventually([&] { return house.Fields().size() == 1; }));
  EXPECT_EQ(RunProgram({"logger", "--server", "127.0.0.1", "--port", tcp, "--tcp", "--rfc5424=notime", "-t", "gate",
                        "by line"}),
            0);
  ASSERT_TRUE(Eventually([&] { return house.Fields().size() == 2; }));
  EXPECT_EQ(RunProgram({"logger", "--server", "127.0.0.1", "--port", tcp, "--tcp", "--octet-count", "--rfc3164", "-t",
                        "gate", "by count"}),
            0);
  ASSERT_TRUE(Eventually([&] { return house.Fields().size() == 3; }));

  EXPECT_EQ(house.Fields()[0], R"({"msg":"문이 열림","app":"gate","floor":"3"})");
  EXPECT_EQ(house.Fields()[1], R"({"msg":"by line","app":"gate"})");
  EXPECT_EQ(house.Fields()[2], R"({"msg":"by count","app":"gate"})");
  house.senses->Stop();
}

TEST(SyslogPeer, TakesWhatRsyslogForwards) {
  if (!Installed("rsyslogd") || !Installed("logger")) GTEST_SKIP() << "rsyslog is not installed";
  House house{"", 5};
  const fs::path folder = fs::temp_directory_path() / fmt::format("bongsu-rsyslog-{}", getpid());
  fs::create_directories(folder);
  const std::uint16_t port = FreePort();
  std::ofstream(folder / "r.conf") << fmt::format(
      "module(load=\"imudp\")\ninput(type=\"imudp\" address=\"127.0.0.1\" port=\"{}\")\n"
      "*.* action(type=\"omfwd\" target=\"127.0.0.1\" port=\"{}\" protocol=\"tcp\" TCP_Framing=\"octet-counted\" "
      "template=\"RSYSLOG_SyslogProtocol23Format\")\n",
      port, house.senses->Ports()["syslog"]["tcp"].AsInt());

  Child rsyslog({"rsyslogd", "-n", "-f", (folder / "r.conf").string(), "-i", (folder / "pid").string()});
  // Until rsyslog listens its port answers nothing; a datagram too early is lost, so send until one arrives.
  EXPECT_TRUE(Eventually([&] {
    RunProgram({"logger", "--server", "127.0.0.1", "--port", std::to_string(port), "--udp", "-t", "gate", "forwarded"});
    return !house.Fields().empty();
  }));

  EXPECT_NE(house.Fields().back().find("forwarded"), std::string::npos);
  house.senses->Stop();
  rsyslog.Kill();
  fs::remove_all(folder);
}

}  // namespace
}  // namespace bongsu::sense
