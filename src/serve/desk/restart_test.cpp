// SPDX-License-Identifier: Apache-2.0
// The books over the real desk and journal: what people see is the same after the process died.
#include <gtest/gtest.h>

#include <future>

#include "know/desk/desk.hpp"
#include "know/journal/engine_makers_fake.hpp"
#include "runtime/committer.hpp"
#include "serve/desk/live_frames.hpp"
#include "serve/desk/tenant_desk.hpp"

namespace bongsu::api {
namespace {

constexpr std::string_view kBell = R"(
id: bell
version: 1
title: {ko: 비상벨}
steps:
  - {text: {ko: 응답}, due: 10s}
  - {text: {ko: 확인}}
  - {text: {ko: 종결}}
)";

/// One life of the process over a journal.
class Life {
 public:
  Life(journal::JournalPort& engine, const sop::Library& library)
      : incidents_{[&library](std::string_view id, std::string_view service, TimePoint at) {
          return library.Start(id, service, at);
        }},
        committer_{engine, shards_, clock_, metrics_, Log{Log::Level::kOff}},
        desk_{3,
              {committer_, engine, clock_, metrics_, Log{Log::Level::kOff},
               [](std::chrono::milliseconds, const std::function<void()>&) {}}} {
    for (desk::Book* book : std::initializer_list<desk::Book*>{&alarms_, &incidents_, &procedures_, &outbox_}) {
      desk_.AddBook(*book);
    }
    desk_.OnCommitted([this](std::span<const model::Record> records) {
      for (const model::Record& record : records) frames_ += LiveFrame(record).has_value();
    });
    EXPECT_TRUE(committer_.Start());
    EXPECT_TRUE(desk_.Recover());
    shards_.Start();
  }
  ~Life() {
    committer_.Stop();
    shards_.Stop();
  }
  Result<json::Value> Act(const std::function<Result<json::Value>(desk::DeskBatch&)>& propose) {
    std::promise<Result<json::Value>> done;
    shards_.Post(
        0, [&] { desk_.Act("kim", propose, [&](Result<json::Value> answer) { done.set_value(std::move(answer)); }); });
    return done.get_future().get();
  }
  std::string Screen() {
    std::promise<std::string> done;
    shards_.Post(0, [&] {
      desk_.Read([&] {
        std::string text = json::ToString(DeskSnapshot(alarms_, incidents_));
        for (const incidents::Incident* incident : incidents_.List(true)) {
          text += json::ToString(ToJson(*incident)) + json::ToString(json::Value{incident->timeline});
        }
        for (const alarms::AlarmRow* row : alarms_.Closed()) text += json::ToString(ToJson(*row));
        done.set_value(std::move(text));
      });
    });
    return done.get_future().get();
  }
  Result<json::Value> Take(const model::Finding& finding) {
    return Act([&](desk::DeskBatch& batch) -> Result<json::Value> {
      alarms_.OnFinding(finding, batch);
      return json::Value{};
    });
  }

  journal::SharedClock clock_;
  Metrics metrics_;
  runtime::Shards shards_{1};
  alarms::AlarmBook alarms_;
  incidents::IncidentBook incidents_;
  sop::ProcedureBook procedures_;
  dispatch::OutboxBook outbox_{{}};
  runtime::Committer committer_;
  desk::Desk desk_;
  int frames_ = 0;
};

model::Finding Camera(int n) {
  model::Finding finding;
  finding.tenant = 3;
  finding.rule = "camera-frozen";
  finding.key = fmt::format("C-{:04}", n);
  finding.entity = "urn:ngsi-ld:Camera:" + finding.key;
  finding.id = model::FindingId(3, finding.rule, finding.key, journal::kNoon);
  finding.first_at = finding.last_at = finding.received_at = journal::kNoon;
  finding.title.ko = "카메라 정지";
  finding.service = "ems";
  finding.procedure = "bell";
  finding.parent_key = "urn:ngsi-ld:NetworkSwitch:SW-031";
  return finding;
}

template <class Maker>
class RestartTest : public ::testing::Test {
 protected:
  Maker maker_;
};
TYPED_TEST_SUITE(RestartTest, journal::EngineMakers);

TYPED_TEST(RestartTest, ShowsTheSameBoardAndStoriesAfterTheProcessDied) {
  sop::Library library;
  ASSERT_TRUE(library.Add(kBell, "bell.yaml"));
  const model::Person kim{"00000000000000000000000K1M", "김상황"};
  std::string before;
  {
    Life life{this->maker_.engine(), library};
    for (int n = 0; n < 14; ++n) ASSERT_TRUE(life.Take(Camera(n)));
    model::Finding dead = Camera(31);
    dead.entity = dead.parent_key;
    dead.parent_key.clear();
    dead.id = model::FindingId(3, dead.rule, "SW-031", journal::kNoon);
    ASSERT_TRUE(life.Take(dead));
    const std::string id = ToText(Hash128{model::AlarmIdOf(3, dead.rule, dead.key)});
    const auto alarm = [&](std::string verb, json::Value arguments) {
      const model::DeskAct act{std::move(verb), id, kim, false, std::move(arguments)};
      return life.Act([&](desk::DeskBatch& batch) { return life.alarms_.Do(act, batch); });
    };
    const auto acked = alarm("acknowledge", {});
    ASSERT_TRUE(acked);
    EXPECT_EQ((*acked)["children"].AsInt(), 14);
    const model::DeskAct step{"step", std::string((*acked)["incident"].AsString()), kim, false,
                              json::Object{{"act", "done"}}};
    ASSERT_TRUE(life.Act([&](desk::DeskBatch& batch) { return life.procedures_.Do(step, 1, batch); }));
    ASSERT_TRUE(alarm("close", json::Object{{"disposition", "real"}}));
    ASSERT_TRUE(life.Take(Camera(99)));
    before = life.Screen();
    EXPECT_GT(life.frames_, 40);
    EXPECT_EQ(life.incidents_.List(false).size(), 1U);
  }

  this->maker_.Restart();
  Life again{this->maker_.engine(), library};

  EXPECT_EQ(again.Screen(), before);
  ASSERT_TRUE(again.Take(Camera(99)));
  EXPECT_EQ(again.Screen(), before);
  EXPECT_EQ(again.frames_, 0);
}

}  // namespace
}  // namespace bongsu::api
