// SPDX-License-Identifier: Apache-2.0
// Small files of the recorded shapes against the real senses behind a real HTTP server.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "replay/command.hpp"
#include "replay/dataset.hpp"
#include "runtime/http_server.hpp"
#include "sense/ingest/fake_append.hpp"
#include "sense/senses.hpp"

namespace bongsu::replay {
namespace {

namespace fs = std::filesystem;

constexpr double kScale = 86'400 * 4;  // a day in a quarter of a second

/// The senses of the packs behind HTTP, without a door.
struct House {
  House() {
    sense::Definition definition;
    EXPECT_TRUE(definition.AddPacks("packs"));
    EXPECT_TRUE(definition.AddServerConfig(
        json::Value{}, *json::Parse(R"({"syslog":{"tcp":"127.0.0.1:0","max_connections":8}})"), "test"));
    auto made = sense::Senses::Make({.shards = shards,
                                     .append = append,
                                     .clock = clock,
                                     .metrics = metrics,
                                     .log = log,
                                     .tenant_ordinal = [this](std::string_view name) { return Ordinal(name); },
                                     .place_of = {},
                                     .read_record = {}},
                                    std::move(definition));
    EXPECT_TRUE(made) << made.error().message;
    senses = *std::move(made);
    auto opened = runtime::HttpServer::Open(
        shards, {},
        [this](http::Request request, http::Respond respond) { Answer(std::move(request), std::move(respond)); },
        [](const http::Request&, const std::function<void(runtime::UpgradeAnswer)>& answer) { answer({}); }, metrics,
        log);
    EXPECT_TRUE(opened);
    server = *std::move(opened);
    shards.Start();
    EXPECT_TRUE(senses->Start());
  }
  ~House() { shards.Stop(); }

  std::optional<std::uint16_t> Ordinal(std::string_view name) {
    constexpr std::array<std::string_view, 5> kTenants{"default", "seoul", "los-angeles", "south-metro", "cyber-range"};
    const auto found = std::ranges::find(kTenants, name);
    if (found == kTenants.end()) return std::nullopt;
    return static_cast<std::uint16_t>(found - kTenants.begin());
  }

  void Answer(http::Request request, http::Respond respond) {
    const std::string tenant{request.Header("NGSILD-Tenant")};
    const auto& at = request.segments;
    if (fail_next > 0 &&
        request.method == "POST") {  // the answer gets lost: the server has the message, the sender does not know
      --fail_next;
      respond = [respond = std::move(respond)](const http::Response&) {
        respond(http::ProblemResponse({Code::kUnavailable, "test.lost", "lost"}));
      };
    }
    if (request.path == "/health") {
      json::Value body;
      body.Set("clock", json::Object{{"now", FormatUtc(clock.Now())}, {"scale", kScale}});
      return respond(http::JsonResponse(200, body));
    }
    if (at.size() == 4 && at[2] == "connectors") {
      return senses->Statuses(tenant, [id = at[3], respond](const std::vector<ingest::ConnectorStatus>& all) {
        const auto found = std::ranges::find(all, id, &ingest::ConnectorStatus::id);
        respond(found == all.end() ? http::JsonResponse(404, std::string("{}"))
                                   : http::JsonResponse(200, ToJson(*found)));
      });
    }
    for (const ingest::Door& door : senses->Doors()) {
      const std::string last = door.path.substr(door.path.rfind('/'));
      const bool push = at.size() == 4 && at[2] == "ingest" && last == "/{source}";
      if (!push && !(at.size() > 1 && request.path.ends_with(last))) continue;
      const std::string source = push ? at[3] : at[1];
      return door.receive({tenant, source, std::move(request)}, std::move(respond));
    }
    respond(http::JsonResponse(404, std::string("{}")));
  }

  std::string Url() const { return fmt::format("http://127.0.0.1:{}", server->port()); }

  ScaledClock clock{*ParseTime("2026-01-01T00:00:00Z"), kScale};
  Metrics metrics;
  runtime::Shards shards{1};
  ingest::FakeAppend append{clock};
  Log log{Log::Level::kOff};
  std::unique_ptr<sense::Senses> senses;
  std::unique_ptr<runtime::HttpServer> server;
  std::atomic<int> fail_next{0};
};

class Replay : public ::testing::Test {
 protected:
  Replay() {
    folder =
        fs::temp_directory_path() /
        fmt::format(
            "bongsu-replay-test-{}",
            ToText(Hash128{static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(this)),
                           static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count())}));
    fs::create_directories(folder);
  }
  ~Replay() override { fs::remove_all(folder); }
  void Write(const std::string& name, std::string_view text) { std::ofstream(folder / name, std::ios::binary) << text; }
  json::Value PlayAll(const House& house, const std::vector<std::string>& only = {}) {
    Options options;
    options.data = folder.string();
    options.all = true;
    options.only = only;
    auto report = Play(options, house.Url());
    EXPECT_TRUE(report) << report.error().message;
    return report.value_or(json::Value{});
  }
  fs::path folder;
};

void ExpectCounts(const json::Value& counts, int rows, int accepted, int duplicate, int quarantined, int refused) {
  EXPECT_EQ(counts["rows_in"].AsInt(), rows);
  EXPECT_EQ(counts["accepted"].AsInt(), accepted);
  EXPECT_EQ(counts["duplicate"].AsInt(), duplicate);
  EXPECT_EQ(counts["quarantined"].AsInt(), quarantined);
  EXPECT_EQ(counts["refused"].AsInt(), refused);
}

constexpr std::string_view kAir =
    "datetime,station,SO2_ppm,NO2_ppm,CO_ppm,O3_ppm,PM10_ugm3,PM2_5_ugm3\n"
    "2017-01-18 00:00,101,0.004,0.059,1.2,0.002,73,57\n2017-01-18 00:00,102,,,,,,\n2017-01-18 "
    "01:00,101,0.004,0.059,1.2,0.002,n/a,57\n"
    "2017-01-18 00:00,101,0.004,0.059,1.2,0.002,73,57\n";

TEST_F(Replay, CountsABlankCellAsAcceptedARepeatAsDuplicateAndABadCellAsQuarantined) {
  Write("seoul_air_hourly_test.csv", kAir);
  Write("seoul_air_stations.csv", "station,name,latitude,longitude\n101,Jongno-gu,37.5720164,127.0050075\n");
  House house;

  const json::Value report = PlayAll(house);

  ExpectCounts(report, 4, 2, 1, 1, 0);
  const auto event = model::EventFromRecord(house.append.log.at(0));
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, "air.reading");
  ASSERT_TRUE(event->place);
  EXPECT_NEAR(event->place->point.lat_deg, 37.5720164, 1e-9);
  EXPECT_FALSE(event->clock_suspect);
}

TEST_F(Replay, PlaysEverySetOverItsOwnProtocolAndTheSumsAddUp) {
  Write("seoul_air_hourly_test.csv", kAir);
  Write("kr_disaster_messages_test.csv",
        "create_date,location_name,sender,msg\n2020/02/23 10:00:00,서울특별시,시청,\"화재, 우회\"\n2020/02/23 "
        "11:00:00,서울특별시,시청,b\n");
  Write("metr_la_speed_test.csv", "timestamp,773869,767541\n2012-03-01 00:00,64.375,67.6\n2012-03-01 00:05,,62\n");
  Write("smfr_dispatch_test.csv",
        "Inc Type Code,Inc Type Desc,City,Station First Due,Response Type,911 Date,Property Use,Incident Category,Inc "
        "Type Desc 2,X,Y\n"
        "321,EMS call,LITTLETON,13,Emergent,5/3/2019 9:29,Street,RESCUE,321 - EMS call,-11691800,4810800\n"
        "321,EMS call,LITTLETON,13,Emergent,5/3/2019 9:29,Street,RESCUE,321 - EMS call,-11691800,4810800\n"
        "111,Building fire,LITTLETON,13,Emergent,someday,House,FIRE,111 - Building fire,,\n");
  Write("loghub_OpenSSH_test.log",
        "Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user webmaster from 173.234.31.186\n"
        "Dec 10 06:55:48 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 "
        "ssh2\n"
        "Dec 10 06:55:48 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 "
        "ssh2\n");
  Write(
      "suricata_test_alerts.ndjson",
      R"({"timestamp":"2018-03-23T14:37:19.037299-0600","event_type":"alert","src_ip":"10.0.0.1","alert":{"signature":"ET SCAN","severity":2}})"
      "\nnot json\n");
  House house;

  const json::Value report = PlayAll(house);

  const json::Value& sources = report["sources"];
  ExpectCounts(sources["seoul-air"], 4, 2, 1, 1, 0);
  ExpectCounts(sources["disaster-messages"], 2, 2, 0, 0, 0);
  ExpectCounts(sources["metr-la"], 2, 2, 0, 0, 0);
  ExpectCounts(sources["dispatches"], 3, 1, 1, 1, 0);
  ExpectCounts(sources["openssh"], 3, 2, 1, 0, 0);
  ExpectCounts(sources["suricata"], 2, 1, 0, 1, 0);
  ExpectCounts(report, 16, 10, 3, 3, 0);
}

TEST_F(Replay, ARowWhoseAnswerGotLostIsSentAgainAndCountedOnce) {
  Write("seoul_air_hourly_test.csv", kAir);
  House house;
  house.fail_next = 2;

  const json::Value report = PlayAll(house);

  EXPECT_GE(report["sources"]["seoul-air"]["sent_again"].AsInt(), 2);
  EXPECT_EQ(report["rows_in"].AsInt(), report["accepted"].AsInt() + report["duplicate"].AsInt() +
                                           report["quarantined"].AsInt() + report["refused"].AsInt());
  EXPECT_EQ(report["duplicate"].AsInt(), 1);
}

TEST_F(Replay, RefusesASpeedThatIsNotTheServersClock) {
  Write("seoul_air_hourly_test.csv", kAir);
  const House house;
  Options options;
  options.data = folder.string();
  options.speed = 1;

  const auto report = Play(options, house.Url());

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().reason, "app.usage");
}

TEST(ReplayOptions, KnowWhatTheyAreAndSayWhatTheyAreNot) {
  const std::vector<std::string> good{"--data",  "d",  "--only", "seoul-air,openssh", "--for", "6h",
                                      "--speed", "60", "--json"};
  const auto options = ParseOptions(good);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->only.size(), 2U);
  EXPECT_EQ(*options->length, Duration{6h});
  EXPECT_FALSE(ParseOptions(std::vector<std::string>{"--only", "x", "--data", "d"}));
  EXPECT_FALSE(ParseOptions(std::vector<std::string>{"--data"}));
  EXPECT_FALSE(ParseOptions(std::vector<std::string>{}));
  EXPECT_FALSE(ParseOptions(std::vector<std::string>{"--data", "d", "--speed", "fast"}));
}

// The recorded files themselves; they are not part of the repository.
TEST(RecordedData, SumsAddUp) {
  const char* const folder = std::getenv("BONGSU_RECORDED_DATA");
  if (folder == nullptr) GTEST_SKIP() << "BONGSU_RECORDED_DATA names no folder";
  House house;
  Options options;
  options.data = folder;
  options.all = std::getenv("BONGSU_RECORDED_ALL") != nullptr;

  const auto report = Play(options, house.Url());

  ASSERT_TRUE(report) << report.error().message;
  std::printf("%s\n", json::ToString(*report).c_str());
  const auto number = [&](std::string_view name) { return (*report)[name].AsInt(); };
  EXPECT_EQ(number("rows_in"), number("accepted") + number("duplicate") + number("quarantined") + number("refused"));
  EXPECT_EQ(number("refused"), 0);
}

}  // namespace
}  // namespace bongsu::replay
