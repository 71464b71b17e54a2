// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Plays a script on a stage: lets time pass, lets systems speak and people act, and compares what the desk made of it.

#include <set>
#include <string>
#include <vector>

#include "scenario/script.hpp"
#include "scenario/stage.hpp"

namespace bongsu::scenario {

struct Report {
  std::size_t steps = 0;
  std::vector<std::string> failed;  ///< "LINE: what was expected and what came"
  bool ok() const { return failed.empty(); }
};

class Player {
 public:
  Player(Stage& stage, Report& report);

  void Play(const Step& step);
  /// Alarms that rang and nobody expected fail the scenario.
  void Finish();

  /// 00:00:00 of the scenario's day, Asia/Seoul.
  static TimePoint Midnight();

 private:
  void Fails(const Step& step, std::string_view why);
  void Send(const Step& step);
  void Act(const Step& step);
  void Alarm(const Step& step);
  void Clear(const Step& step);
  void NoAlarm(const Step& step);
  void Suppressed(const Step& step);
  void Procedure(const Step& step);
  void ProcedureStep(const Step& step);
  void Notice(const Step& step);
  void NoNotice(const Step& step);
  void Incident(const Step& step);
  void Board(const Step& step);

  /// Lets the time of the expectation pass and says its end.
  TimePoint PassBy(const Step& step, Duration otherwise = {});
  std::vector<std::size_t> Unexpected(std::string_view rule) const;
  const incidents::Incident* IncidentNow();

  Stage& stage_;
  Report& report_;
  TimePoint since_ = Midnight();           ///< Time of the last `at` or `act`.
  std::optional<model::AlarmId> subject_;  ///< The alarm spoken of last.
  std::set<std::size_t> claimed_;          ///< Indexes of told alarms that were expected.
  std::set<std::size_t> claimed_notices_;
};

}  // namespace bongsu::scenario
