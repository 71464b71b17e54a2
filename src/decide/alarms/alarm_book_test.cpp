// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/alarm_book.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "know/desk/fake_desk.hpp"

namespace bongsu::alarms {
namespace {

using model::AlarmState;
using model::FindingStatus;

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
const model::Person kKim{"00000000000000000000000KIM", "김상황"};
const model::Person kLee{"00000000000000000000000LEE", "이관제"};

class AlarmBookTest : public ::testing::Test {
 protected:
  explicit AlarmBookTest(double clock_scale = 1.0) : desk{kNoon, clock_scale} { desk.Keep(book); }

  model::Finding Bell(std::string_view device, TimePoint at, std::uint32_t revision = 1) const {
    model::Finding finding;
    finding.tenant = 1;
    finding.rule = "bell-press";
    finding.rule_version = "2";
    finding.key = device;
    finding.entity = fmt::format("urn:ngsi-ld:EmergencyBell:{}", device);
    finding.id = model::FindingId(1, finding.rule, finding.key, at);
    finding.revision = revision;
    finding.window_start = finding.first_at = finding.last_at = at;
    finding.received_at = at + 200ms;
    finding.severity = 2;
    finding.title = {"비상벨", "Emergency bell"};
    finding.service = "safety";
    finding.position = "video";
    finding.procedure = "bell";
    finding.sources = {"bell-gateway"};
    finding.place = model::Place{.point = {35.8, 126.6},
                                 .accuracy_m = {},
                                 .name = {},
                                 .address = {},
                                 .district = {},
                                 .floor = {},
                                 .entity = finding.entity};
    return finding;
  }
  /// A finding that is told to the desk at once.
  model::Finding Told(std::string_view device = "B-0118", TimePoint at = kNoon) {
    const model::Finding finding = Bell(device, at);
    Take(finding);
    return finding;
  }
  /// A camera behind a pole switch that gives no picture.
  model::Finding Camera(int n, int pole = 31) const {
    auto frozen = Bell(fmt::format("C-{:04}", n), kNoon);
    frozen.rule = "camera-frozen";
    frozen.id = model::FindingId(1, frozen.rule, frozen.key, kNoon);
    frozen.parent_key = SwitchId(pole);
    return frozen;
  }
  /// The pole switch itself is dead.
  model::Finding DeadSwitch(int pole = 31, std::string rule = "camera-net-dead") const {
    auto dead = Bell(fmt::format("SW-{:03}", pole), kNoon);
    dead.rule = std::move(rule);
    dead.id = model::FindingId(1, dead.rule, dead.key, kNoon);
    dead.entity = SwitchId(pole);
    return dead;
  }
  static std::string SwitchId(int pole) { return fmt::format("urn:ngsi-ld:NetworkSwitch:SW-{:03}", pole); }
  /// Tells the next revision of a finding, changed by `change`.
  void Amend(model::Finding& finding, const std::function<void(model::Finding&)>& change) {
    ++finding.revision;
    change(finding);
    Take(finding);
  }
  void End(model::Finding& finding) {
    Amend(finding, [](model::Finding& f) { f.clears = true; });
  }
  void Take(const model::Finding& finding) {
    (void)desk.Do([&](desk::DeskBatch& batch) {
      book.OnFinding(finding, batch);
      return Result<json::Value>{nullptr};
    });
  }
  Result<json::Value> Act(std::string verb, const model::Finding& about, const model::Person& by = kKim,
                          json::Value arguments = {}, bool supervisor = false) {
    const model::DeskAct act{std::move(verb), ToText(IdOf(about)), by, supervisor, std::move(arguments)};
    return desk.Do([&](desk::DeskBatch& batch) { return book.Do(act, batch); }, by.id);
  }
  Result<json::Value> Close(const model::Finding& about, std::string_view disposition, const model::Person& by = kKim) {
    return Act("close", about, by, json::Object{{"disposition", disposition}});
  }
  Result<json::Value> Shelve(const model::Finding& about, std::int64_t minutes = 60, bool supervisor = false) {
    return Act("shelve", about, kKim, json::Object{{"reason", "공사 중"}, {"minutes", minutes}}, supervisor);
  }
  /// The incident that lists this alarm alone is closed.
  void CloseIncidentOf(const model::Finding& about) {
    const json::Value closed = json::Object{{"id", ToText(Hash128{1, 1})},
                                            {"alarms", json::Array{ToText(IdOf(about))}},
                                            {"disposition", "real"},
                                            {"owner", model::ToJson(kKim)},
                                            {"change", json::Object{{"why", "closed"}, {"by", model::ToJson(kKim)}}}};
    (void)desk.Do([&](desk::DeskBatch& batch) {
      batch.Add(model::Kind::kIncident, "", json::ToString(closed));
      return Result<json::Value>{nullptr};
    });
  }
  /// Why the desk said no; empty when it did not.
  static std::string Reason(const Result<json::Value>& answer) {
    return answer ? "" : std::string{answer.error().reason};
  }
  static model::AlarmId IdOf(const model::Finding& f) {
    return model::AlarmId{model::AlarmIdOf(f.tenant, f.rule, f.key)};
  }
  const AlarmRow& Row(const model::Finding& finding) const { return *book.Find(IdOf(finding)); }
  /// Rows that stand for themselves, in board order.
  std::vector<const AlarmRow*> Shown() const {
    std::vector<const AlarmRow*> shown;
    for (const AlarmRow* row : book.Board()) {
      if (!row->parent) shown.push_back(row);
    }
    return shown;
  }
  bool InFlood() { return book.flood().At("video", desk.clock().Now()); }
  std::string BoardText() const {
    std::string text;
    for (const AlarmRow* row : book.Board()) text += json::ToString(ToJson(*row)) + "\n";
    return text;
  }

  desk::FakeDesk desk;
  AlarmBook book;
};

/// `--clock scale=60`: an hour of the city a minute.
class AlarmBookOnAScaledClockTest : public AlarmBookTest {
 protected:
  AlarmBookOnAScaledClockTest() : AlarmBookTest{60.0} {}
};

TEST_F(AlarmBookTest, ShowsOneRowForAFindingWithEverythingTheOperatorAsks) {
  const auto bell = Bell("B-0118", kNoon - 2s);

  Take(bell);

  const json::Value row = ToJson(Row(bell));
  EXPECT_EQ(row["state"].AsString(), "unacked");
  EXPECT_EQ(row["occurrence"].AsInt(), 1);
  EXPECT_EQ(row["rule_version"].AsInt(), 2);
  EXPECT_EQ(row["detect_delay_ms"].AsInt(), 200);
  EXPECT_EQ(row["place"]["lat"].AsDouble(), 35.8);
  EXPECT_EQ(row["source"].AsString(), "bell-gateway");
  EXPECT_EQ(row["title"]["en"].AsString(), "Emergency bell");
  EXPECT_TRUE(row["owner"].IsNull());
}

TEST_F(AlarmBookTest, IgnoresAFindingThatWasTakenBefore) {
  const auto bell = Told();
  const std::size_t records = desk.records().size();

  Take(bell);

  EXPECT_EQ(desk.records().size(), records);
  EXPECT_EQ(Row(bell).count, 1U);
}

TEST_F(AlarmBookTest, TakesNothingTwiceWhenTheJournalIsToldAgain) {
  std::vector<model::Finding> journal;
  for (int i = 0; i < 100; ++i) {
    journal.push_back(Bell("B-0118", kNoon + std::chrono::seconds{i}));
    journal.back().record = {3, static_cast<std::uint64_t>(i) + 1};
  }
  for (int i = 0; i < 100; ++i) {
    journal.push_back(journal[static_cast<std::size_t>(i)]);
    journal.back().revision = 2;
    journal.back().status = FindingStatus::kFinal;
    journal.back().record.seq += 100;
  }
  for (const model::Finding& finding : journal) Take(finding);
  ASSERT_EQ(Row(journal[0]).count, 100U);
  const std::size_t records = desk.records().size();

  for (const model::Finding& finding : journal) Take(finding);

  EXPECT_EQ(Row(journal[0]).count, 100U);
  EXPECT_EQ(desk.records().size(), records);
}

TEST_F(AlarmBookTest, CountsARepeatInsteadOfMakingARow) {
  for (int i = 0; i < 30; ++i) Take(Bell("B-0118", kNoon + std::chrono::seconds{i}));

  EXPECT_EQ(book.Board().size(), 1U);
  EXPECT_EQ(book.Board()[0]->count, 30U);
  EXPECT_EQ(book.Board()[0]->occurrence, 1);
}

TEST_F(AlarmBookTest, FollowsTheCountOfAFindingThatGrows) {
  auto fault = Bell("SW-031", kNoon);
  fault.count = 3;
  Take(fault);

  Amend(fault, [](model::Finding& f) { f.count = 14; });

  EXPECT_EQ(Row(fault).count, 14U);
}

TEST_F(AlarmBookTest, KeepsAnUnansweredAlarmOnTheDeskAfterItClears) {
  auto bell = Told();

  End(bell);

  EXPECT_EQ(Row(bell).state, AlarmState::kReturned);
  EXPECT_EQ(book.Board().size(), 1U);
}

TEST_F(AlarmBookTest, NumbersTheOccurrenceWhenItComesBackAfterNormal) {
  auto bell = Told();
  ASSERT_TRUE(Act("acknowledge", bell));
  End(bell);
  ASSERT_EQ(Row(bell).state, AlarmState::kNormal);

  Take(Bell("B-0118", kNoon + 5min));

  EXPECT_EQ(Row(bell).state, AlarmState::kUnacked);
  EXPECT_EQ(Row(bell).occurrence, 2);
}

TEST_F(AlarmBookTest, CountsWhatIsOnlyRecordedWithoutRaisingTheAlarmAgain) {
  auto bell = Told();
  ASSERT_TRUE(Act("acknowledge", bell));
  End(bell);
  auto recorded = Bell("B-0118", kNoon + 1min);
  recorded.severity = 0;

  Take(recorded);
  Amend(recorded, [](model::Finding& f) { f.status = FindingStatus::kFinal; });

  EXPECT_EQ(Row(bell).state, AlarmState::kNormal);
  EXPECT_EQ(Row(bell).occurrence, 1);
  EXPECT_EQ(Row(bell).count, 2U);
}

TEST_F(AlarmBookTest, LeavesAClosedRowAnsweredWhenACorrectionTakesItsEndBack) {
  auto bell = Told();
  End(bell);
  ASSERT_TRUE(Close(bell, "real"));

  Amend(bell, [](model::Finding& f) {
    f.clears = false;
    f.status = FindingStatus::kCorrected;
  });

  EXPECT_TRUE(Row(bell).closed);
  EXPECT_EQ(Row(bell).state, AlarmState::kNormal);
}

TEST_F(AlarmBookTest, BeginsAgainAfterClosing) {
  const auto bell = Told();
  ASSERT_TRUE(Close(bell, "false_sensor"));
  EXPECT_TRUE(book.Board().empty());
  EXPECT_EQ(book.Closed().size(), 1U);

  Take(Bell("B-0118", kNoon + 1h));

  EXPECT_EQ(Row(bell).occurrence, 2);
  EXPECT_EQ(Row(bell).count, 1U);
  EXPECT_FALSE(Row(bell).closed);
  EXPECT_TRUE(book.Closed().empty());
}

TEST_F(AlarmBookTest, ShowsAWithdrawnFindingAsCorrectedAndReturned) {
  auto bell = Told();

  Amend(bell, [](model::Finding& f) { f.status = FindingStatus::kWithdrawn; });

  EXPECT_EQ(ToJson(Row(bell))["status"].AsString(), "corrected");
  EXPECT_EQ(Row(bell).state, AlarmState::kReturned);
  ASSERT_EQ(Row(bell).corrections.size(), 1U);
  EXPECT_TRUE(Row(bell).corrections[0]["new"]["withdrawn"].AsBool());
}

TEST_F(AlarmBookTest, KeepsOldAndNewFactsOfACorrection) {
  auto bell = Told();

  Amend(bell, [](model::Finding& f) {
    f.status = FindingStatus::kCorrected;
    f.place->point = {35.9, 126.6};
  });

  ASSERT_EQ(Row(bell).corrections.size(), 1U);
  EXPECT_EQ(Row(bell).corrections[0]["old"]["place"]["lat"].AsDouble(), 35.8);
  EXPECT_EQ(Row(bell).corrections[0]["new"]["place"]["lat"].AsDouble(), 35.9);
}

TEST_F(AlarmBookTest, RaisesAgainWhenACorrectionTakesBackThatTheConditionEnded) {
  auto signal = Told("TS-014");
  End(signal);
  ASSERT_EQ(Row(signal).state, AlarmState::kReturned);

  Amend(signal, [](model::Finding& f) {
    f.clears = false;
    f.status = FindingStatus::kCorrected;
  });

  EXPECT_EQ(Row(signal).state, AlarmState::kUnacked);
}

TEST_F(AlarmBookTest, StaysClearedWhenAFindingThatSomebodyElseEndedBecomesFinal) {
  auto call = Told("112-1");
  auto finished = Bell("112-1", kNoon + 20min);
  finished.clears = true;
  Take(finished);

  Amend(call, [](model::Finding& f) { f.status = FindingStatus::kFinal; });

  EXPECT_EQ(Row(call).state, AlarmState::kReturned);
}

TEST_F(AlarmBookTest, DoesNotEndWhatCameAgainWhenTheEarlierFindingBecomesFinal) {
  auto first = Told();
  End(first);
  Take(Bell("B-0118", kNoon + 60s));

  Amend(first, [](model::Finding& f) { f.status = FindingStatus::kFinal; });

  EXPECT_EQ(Row(first).state, AlarmState::kUnacked);
}

TEST_F(AlarmBookTest, LetsAnOlderFindingCorrectTheCountButNotTheFacts) {
  auto first = Told();
  auto second = Bell("B-0118", kNoon + 1min);
  second.title.ko = "비상벨 2회";
  Take(second);

  Amend(first, [](model::Finding& f) {
    f.status = FindingStatus::kWithdrawn;
    f.count = 0;
  });

  EXPECT_EQ(Row(first).title.ko, "비상벨 2회");
  EXPECT_EQ(Row(first).state, AlarmState::kUnacked);
  EXPECT_EQ(Row(first).count, 1U);
  EXPECT_EQ(Row(first).status, FindingStatus::kProvisional);
}

TEST_F(AlarmBookTest, AsksAgainWhenAnAnsweredConditionGetsWorse) {
  auto water = Bell("UP-2", kNoon);
  water.severity = 3;
  Take(water);
  ASSERT_TRUE(Act("acknowledge", water));

  Amend(water, [](model::Finding& f) { f.severity = 1; });

  EXPECT_EQ(Row(water).state, AlarmState::kUnacked);
  EXPECT_EQ(Row(water).severity, 1);
  EXPECT_EQ(Row(water).severities.size(), 2U);
  EXPECT_EQ(Row(water).owner, kKim);
}

TEST_F(AlarmBookTest, PutsNothingAsideAgainThatGotCriticalAfterItWasTakenOut) {
  auto water = Told("UP-2");
  ASSERT_TRUE(Shelve(water));
  ASSERT_TRUE(Act("unshelve", water));
  Amend(water, [](model::Finding& f) { f.severity = 1; });

  EXPECT_EQ(Reason(Act("undo", water)), "alarm.nothing_to_undo");

  EXPECT_FALSE(Row(water).shelved);
}

TEST_F(AlarmBookTest, GivesAnAlarmOneOwnerAndNamesThemToTheLoser) {
  const auto bell = Told();
  ASSERT_TRUE(Act("acknowledge", bell, kKim));

  const auto second = Act("acknowledge", bell, kLee);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "alarm.already_owned");
  EXPECT_EQ(Row(bell).owner, kKim);
  EXPECT_EQ(desk.audits().size(), 1U);
}

TEST_F(AlarmBookTest, ShelvesForAnHourUnlessToldAndReturnsByItself) {
  const auto bell = Told();
  ASSERT_TRUE(Act("shelve", bell, kKim, json::Object{{"reason", "공사 중"}}));
  ASSERT_TRUE(Row(bell).shelved);
  EXPECT_EQ(Row(bell).shelved->until, kNoon + 1h);

  desk.Advance(59min);
  EXPECT_TRUE(Row(bell).shelved);
  desk.Advance(1min);

  EXPECT_FALSE(Row(bell).shelved);
  EXPECT_EQ(Row(bell).state, AlarmState::kUnacked);
}

TEST_F(AlarmBookTest, RefusesAShelfThatIsTooLongWithoutReasonOrCritical) {
  const auto bell = Told();
  auto fire = Bell("FD-0331", kNoon);
  fire.severity = 1;
  Take(fire);

  EXPECT_EQ(Reason(Shelve(bell, 481)), "alarm.shelf_minutes");
  EXPECT_EQ(Reason(Act("shelve", bell)), "alarm.shelf_reason");
  EXPECT_EQ(Reason(Shelve(fire)), "alarm.shelf_critical");
  EXPECT_TRUE(Shelve(fire, 60, true));
}

TEST_F(AlarmBookTest, TakesAnActBackWithinTenSecondsForItsOwnActor) {
  const auto bell = Told();
  ASSERT_TRUE(Close(bell, "false_ai"));

  EXPECT_EQ(Reason(Act("undo", bell, kLee)), "alarm.nothing_to_undo");
  desk.Advance(10s);
  ASSERT_TRUE(Act("undo", bell, kKim));

  EXPECT_FALSE(Row(bell).closed);
  EXPECT_EQ(Row(bell).state, AlarmState::kUnacked);
  EXPECT_FALSE(Row(bell).owner);
}

TEST_F(AlarmBookTest, RefusesToTakeBackAfterTenSeconds) {
  const auto bell = Told();
  ASSERT_TRUE(Act("acknowledge", bell));
  desk.Advance(10s + 1us);

  EXPECT_EQ(Reason(Act("undo", bell)), "alarm.undo_expired");
  EXPECT_EQ(Row(bell).state, AlarmState::kAcked);
}

TEST_F(AlarmBookOnAScaledClockTest, TakesAnActBackWithinTenSecondsAsPeopleLiveThem) {
  const auto bell = Told();
  ASSERT_TRUE(Act("acknowledge", bell));
  desk.Advance(60 * 10s);

  EXPECT_TRUE(Act("undo", bell));
}

TEST_F(AlarmBookOnAScaledClockTest, SaysTheAgeOfAnActTooOldAsPeopleLiveIt) {
  const auto bell = Told();
  ASSERT_TRUE(Act("acknowledge", bell));
  desk.Advance(60 * 12s);

  const auto undone = Act("undo", bell);

  ASSERT_FALSE(undone);
  EXPECT_EQ(undone.error().reason, "alarm.undo_expired");
  EXPECT_EQ(undone.error().message, "an act is taken back within 10 s, this one is 12 s old");
}

TEST_F(AlarmBookTest, LeavesAnAnswerTakenBackAsReturnedWhenTheConditionWentMeanwhile) {
  auto bell = Told();
  ASSERT_TRUE(Act("acknowledge", bell));
  End(bell);

  ASSERT_TRUE(Act("undo", bell));

  EXPECT_EQ(Row(bell).state, AlarmState::kReturned);
}

TEST_F(AlarmBookTest, RefusesToCloseWithoutADisposition) {
  const auto bell = Told();

  EXPECT_EQ(Reason(Act("close", bell)), "alarm.disposition");
  EXPECT_EQ(Reason(Close(bell, "whatever")), "alarm.disposition");
}

TEST_F(AlarmBookTest, PutsTheCamerasOfADeadSwitchUnderOneRow) {
  for (int n = 0; n < 7; ++n) Take(Camera(n));
  const auto dead = DeadSwitch();

  Take(dead);
  for (int n = 7; n < 14; ++n) Take(Camera(n));

  EXPECT_EQ(Shown().size(), 1U);
  EXPECT_EQ(Row(dead).children, 14);
  EXPECT_TRUE(Row(Camera(3)).suppressed);
  EXPECT_FALSE(InFlood());
}

TEST_F(AlarmBookTest, GathersACauseThatAFloodHadGroupedAlready) {
  for (int n = 0; n < 15; ++n) {
    Take(Camera(n));
    desk.Advance(1ms);
  }
  Take(Camera(99, 32));
  ASSERT_TRUE(InFlood());
  ASSERT_EQ(Row(Camera(0)).children, 14);
  const auto dead = DeadSwitch(31, "camera-frozen");

  Take(dead);

  EXPECT_EQ(Row(dead).children, 15);
  EXPECT_FALSE(Row(dead).parent);
  EXPECT_FALSE(Row(Camera(99, 32)).parent);
  for (int n = 0; n < 15; ++n) EXPECT_EQ(Row(Camera(n)).children, 0) << n;
}

TEST_F(AlarmBookTest, ClosesTheRowsUnderARowWithItAndBringsThemBackTogether) {
  const auto dead = DeadSwitch();
  const auto camera = Camera(1);
  Take(dead);
  Take(camera);

  ASSERT_TRUE(Close(dead, "real"));
  EXPECT_TRUE(Row(camera).closed);
  ASSERT_TRUE(Act("undo", dead, kKim));

  EXPECT_FALSE(Row(camera).closed);
  EXPECT_EQ(Row(camera).state, AlarmState::kUnacked);
}

TEST_F(AlarmBookTest, LetsARowStandForItselfWhenTheOneAboveItIsClosedWithoutIt) {
  const auto dead = DeadSwitch();
  const auto camera = Camera(1);
  Take(dead);
  Take(camera);
  ASSERT_EQ(Row(camera).parent, IdOf(dead));

  CloseIncidentOf(dead);

  EXPECT_TRUE(Row(dead).closed);
  EXPECT_EQ(Row(dead).children, 0);
  ASSERT_EQ(Shown().size(), 1U);
  EXPECT_EQ(Shown()[0]->id, IdOf(camera));
  EXPECT_FALSE(Row(camera).suppressed);
}

TEST_F(AlarmBookTest, LetsARowStandForItselfWhenClosingItAloneIsTakenBack) {
  const auto dead = DeadSwitch();
  const auto camera = Camera(1);
  Take(dead);
  Take(camera);
  ASSERT_TRUE(Close(dead, "real"));

  ASSERT_TRUE(Act("undo", camera));

  EXPECT_TRUE(Row(dead).closed);
  ASSERT_EQ(Shown().size(), 1U);
  EXPECT_EQ(Shown()[0]->id, IdOf(camera));
}

TEST_F(AlarmBookTest, BringsARowOutOfItsFloodGroupWhenItGetsWorse) {
  for (int n = 0; n < 12; ++n) Take(Bell(fmt::format("B-{:04}", n), kNoon));
  auto worse = Bell("B-0007", kNoon);
  const auto leader = Row(worse).parent;
  ASSERT_TRUE(leader);
  const auto children = book.Find(*leader)->children;

  Amend(worse, [](model::Finding& f) { f.severity = 1; });

  EXPECT_FALSE(Row(worse).parent);
  EXPECT_EQ(book.Board().front()->id, IdOf(worse));
  EXPECT_EQ(book.Find(*leader)->children, children - 1);
}

TEST_F(AlarmBookTest, ShowsAtMostSixRowsForTwoHundredAlarmsOfThreeCausesWithTheCriticalOnTop) {
  for (int i = 0; i < 200; ++i) {
    auto finding = Bell(fmt::format("D-{:04}", i), kNoon + std::chrono::milliseconds{300 * i});
    const int cause = i % 3;
    finding.rule = std::array{"camera-frozen", "bell-press", "fire-119"}[static_cast<std::size_t>(cause)];
    finding.severity = cause == 2 ? 1 : 3;
    // One cause stays in a street, one in a district, one is spread over the city.
    const double spread_m = std::array{100.0, 900.0, 6000.0}[static_cast<std::size_t>(cause)];
    finding.place->point = model::Offset({35.8, 126.6}, i * 37.0, spread_m * (i % 10) / 10);
    desk.clock().Set(kNoon + std::chrono::milliseconds{300 * i});
    Take(finding);
  }

  const auto shown = Shown();
  EXPECT_EQ(book.Board().size(), 200U);
  EXPECT_LE(shown.size(), 6U);
  ASSERT_FALSE(shown.empty());
  EXPECT_EQ(shown.front()->severity, 1);
  std::int64_t total = 0;
  for (const AlarmRow* row : shown) total += 1 + row->children;
  EXPECT_EQ(total, 200);
}

TEST_F(AlarmBookTest, FoldsToTheSameBoardAfterARestart) {
  for (int i = 0; i < 15; ++i) Take(Bell(fmt::format("B-{:04}", i), kNoon + std::chrono::seconds{i}));
  const auto first = Bell("B-0000", kNoon);
  ASSERT_TRUE(Act("acknowledge", first));
  ASSERT_TRUE(Act("comment", first, kKim, json::Object{{"text", "확인"}}));
  const std::string before = BoardText();

  desk.Refold();

  EXPECT_EQ(BoardText(), before);
  EXPECT_TRUE(InFlood());
  Take(first);
  EXPECT_EQ(BoardText(), before);
}

TEST(Flood, BeginsAboveTenInTenMinutesAndEndsBelowFive) {
  Flood flood;
  for (int i = 0; i < 10; ++i) flood.Raised("video", kNoon + std::chrono::seconds{i});
  EXPECT_FALSE(flood.At("video", kNoon + 10s));
  flood.Raised("video", kNoon + 10s);

  EXPECT_TRUE(flood.At("video", kNoon + 10s));
  EXPECT_FALSE(flood.At("cyber", kNoon + 10s));
  EXPECT_TRUE(flood.At("video", kNoon + 10min));
  EXPECT_FALSE(flood.At("video", kNoon + 10min + 8s));
}

TEST(Flood, CountsEachTenMinutesOfEightHours) {
  Flood flood;
  for (int i = 0; i < 12; ++i) flood.Raised("video", kNoon);
  flood.Raised("cyber", kNoon + 10min);

  const auto rate = flood.Rate(kNoon + 10min);

  ASSERT_EQ(rate.size(), 48U);
  EXPECT_EQ(rate[46], 12);
  EXPECT_EQ(rate[47], 1);
  EXPECT_DOUBLE_EQ(flood.FloodShare(kNoon + 10min), 1.0 / 48);
  EXPECT_EQ(flood.Rate(kNoon + 9h)[47], 0);
}

}  // namespace
}  // namespace bongsu::alarms
