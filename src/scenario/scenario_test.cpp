// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "scenario/run.hpp"

namespace bongsu::scenario {
namespace {

std::vector<std::string> CityFiles() {
  std::vector<std::string> files;
  for (const char* const folder : {"tests/scenario", "packs"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".city") files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Scenario, EveryCityFileHoldsAgainstThePacks) {
  const auto files = CityFiles();
  ASSERT_FALSE(files.empty());
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};

    const auto script = ReadScript(text, file);
    ASSERT_TRUE(script) << script.error().message;
    const auto report = RunScript(*script, "packs");

    ASSERT_TRUE(report) << report.error().message;
    for (const std::string& failed : report->failed) ADD_FAILURE() << file << ":" << failed;
  }
}

TEST(Scenario, SaysWhichExpectationFailed) {
  const auto script = ReadScript("expect alarm bell-pressed within 15 s\n", "x.city");
  ASSERT_TRUE(script);

  const auto report = RunScript(*script, "packs");

  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->failed.size(), 1U);
  EXPECT_TRUE(report->failed[0].starts_with("1: "));
}

TEST(Scenario, ReadsKoreanAndEnglishTheSame) {
  const auto korean = ReadScript(R"(기대 경보 bell-pressed 15 초 안에
시각 10:40:00
기대 경보 없음
기대 통보 없음
기대 통보 112 종류 report
기대 상황 경보 2 건
기대 현황판 2 줄
기대 억제 camera 아래 switch
조치 종결 bell-pressed 처리 real
조치 단계 3 답 yes
조치 통보 112 종류 report 담당 lee 거부)",
                                 "x.city");
  const auto english = ReadScript(R"(expect alarm bell-pressed within 15 s
at 10:40:00
expect no alarm
expect no notice
expect notice to 112 kind report
expect incident with 2 alarms
expect board with 2 rows
expect suppressed camera under switch
act close bell-pressed as real
act step 3 answer yes
act notify 112 kind report by lee refused)",
                                  "x.city");

  ASSERT_TRUE(korean) << korean.error().message;
  ASSERT_TRUE(english) << english.error().message;
  ASSERT_EQ(korean->steps.size(), english->steps.size());
  const auto facts = [](const Step& s) {
    return std::tuple{s.kind,  s.within, s.verb,   json::ToString(s.arguments), s.rule, s.under, s.peer, s.notice,
                      s.count, s.by,     s.refused};
  };
  for (std::size_t i = 0; i < english->steps.size(); ++i) {
    EXPECT_EQ(facts(korean->steps[i]), facts(english->steps[i])) << english->steps[i].text;
  }
}

std::vector<std::string> Failures(std::string_view text, const std::string& packs = "packs") {
  const auto script = ReadScript(text, "x.city");
  if (!script) return {script.error().message};
  const auto report = RunScript(*script, packs);
  return report ? report->failed : std::vector<std::string>{report.error().message};
}

constexpr std::string_view kBell =
    R"(given {"id":"urn:ngsi-ld:EmergencyBell:B-1","type":"EmergencyBell","location":[126.6,35.81]}
at 10:40:00 bell topic city/bell/B-1/press {"id":"B-1","ts":"{utc}","press":"1"}
)";

TEST(Scenario, GoesOnThroughTheDeskToProcedureActsAndNotices) {
  const std::string text = std::string{kBell} + R"(agency 112 safety_net
expect alarm bell-pressed severity 2 count 1 seat video within 15 s
expect procedure bell
expect step "Answer the bell" open within 10 s
expect step "112 hotline" hidden
at 10:40:11
expect step "Answer the bell" late
act acknowledge bell-pressed
act acknowledge bell-pressed by lee refused
expect no notice
act step 3 answer danger
expect step "112 hotline"
act notify 112 kind report
expect notice to 112 kind report
act shelve bell-pressed 30 min because "works"
act undo bell-pressed
act close bell-pressed as false_sensor
expect incident closed
)";

  EXPECT_EQ(Failures(text), std::vector<std::string>{});
}

TEST(Scenario, SaysWhatTheDeskHasInsteadOfWhatWasExpected) {
  const std::string text = std::string{kBell} + R"(expect alarm bell-pressed within 15 s
expect procedure underpass
expect step "Answer the bell" done
expect step "Answer the bell" within 5 s
expect incident with 2 alarms
expect notice to 112
act notify 112 kind report
act acknowledge fire-119
)";

  const auto failed = Failures(text);

  ASSERT_EQ(failed.size(), 7U);
  EXPECT_TRUE(failed[0].ends_with("bell began")) << failed[0];
  EXPECT_TRUE(failed[1].ends_with("it is open, late")) << failed[1];
  EXPECT_TRUE(failed[2].ends_with("it is due after 10s")) << failed[2];
  EXPECT_TRUE(failed[3].ends_with("it has 1 alarms")) << failed[3];
  EXPECT_TRUE(failed[4].ends_with("it is not in the outbox")) << failed[4];
  EXPECT_TRUE(failed[5].ends_with("there is no agency '112'")) << failed[5];
  EXPECT_TRUE(failed[6].ends_with("there is no such alarm")) << failed[6];
}

TEST(Scenario, HoldsTheCamerasOfADeadSwitchBackUnderItsRow) {
  namespace fs = std::filesystem;
  const fs::path packs = fs::path{testing::TempDir()} / "scenario-packs";
  fs::remove_all(packs);
  fs::copy("packs", packs, fs::copy_options::recursive);
  std::ofstream{packs / "ems/rules/camera-lost.yaml"} << R"(title: Camera lost
id: camera-lost
status: stable
logsource: {category: device, product: vms}
detection:
  lost: {type: vms.video_loss}
  condition: lost
level: low
bongsu: {number: 33, version: 1, service: ems, severity: 4, title: {ko: "영상 끊김", en: "Camera lost"}, key: "{entity}", parent_key: "{entity.refSwitch}", place: entity, procedure: cabinet-fault}
)";
  std::string text;
  for (int n = 1; n <= 4; ++n) {
    text += fmt::format(
        R"(given {{"id":"urn:ngsi-ld:Camera:C-{}","type":"Camera","location":[126.6,35.8],"refSwitch":"urn:ngsi-ld:NetworkSwitch:SW-1"}}
)",
        n);
  }
  text += R"(given {"id":"urn:ngsi-ld:NetworkSwitch:SW-1","type":"NetworkSwitch","location":[126.6,35.8]}
at 16:40:00 vms {"eventId":"L-1","eventType":"VideoLoss","cameraId":"C-1","server":"VS-1","occurredAt":"{kst}","text":"x"}
at 16:40:00 vms {"eventId":"L-2","eventType":"VideoLoss","cameraId":"C-2","server":"VS-1","occurredAt":"{kst}","text":"x"}
at 16:40:00 vms {"eventId":"L-3","eventType":"VideoLoss","cameraId":"C-3","server":"VS-1","occurredAt":"{kst}","text":"x"}
expect alarm camera-lost severity 4 within 1 s
expect alarm camera-lost severity 4 within 1 s
expect alarm camera-lost severity 4 within 1 s
expect alarm switch-down severity 3 within 2 min
expect suppressed camera-lost under switch-down
expect board with 1 row
expect incident with 4 alarms
at 16:45:00 vms {"eventId":"L-4","eventType":"VideoLoss","cameraId":"C-4","server":"VS-1","occurredAt":"{kst}","text":"x"}
expect no alarm camera-lost within 1 min
expect incident with 5 alarms
act close switch-down as real
expect incident closed
)";

  EXPECT_EQ(Failures(text, packs.string()), std::vector<std::string>{});
}

TEST(Scenario, RefusesALineItCannotRead) {
  EXPECT_EQ(ReadScript("hope for the best\n", "x.city").error().reason, "scenario.bad_line");
  for (const std::string_view line :
       {"expect alarm", "expect alarm x within soon", "expect step bell", "expect step \"bell\" soon",
        "expect incident with alarms", "expect suppressed x", "expect board with rows", "expect luck", "act hope x",
        "act close x as usual", "act shelve x", "act step 1 later", "act undo x twice", "agency 112 pigeon",
        "at noon"}) {
    EXPECT_EQ(ReadScript(line, "x.city").error().reason, "scenario.bad_line") << line;
  }
}

}  // namespace
}  // namespace bongsu::scenario
