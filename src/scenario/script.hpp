// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A scenario as an official reads it: what is there, what happens when, what people do, and what must come of it.
/// The language: docs/formats/scenario.md.

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace bongsu::scenario {

struct Step {
  enum class Kind : std::uint8_t {
    kGiven,
    kAgency,
    kWatch,
    kWait,
    kSend,
    kAct,
    kAlarm,  ///< An alarm is told.
    kClear,  ///< Its condition ends.
    kNoAlarm,
    kSuppressed,  ///< It came under another's row and burdens nobody.
    kProcedure,
    kStep,  ///< of the procedure
    kNotice,
    kNoNotice,
    kIncident,
    kBoard,  ///< Rows that stand for themselves.
  } kind = Kind::kWait;
  int line = 0;
  std::string text;  ///< The line as it was written.

  // kWait, kSend, kWatch
  Duration at{0};  ///< Time of the day.
  std::string source;
  std::string topic;
  std::string body;  ///< What the linked system says, with {placeholders}.
  int times = 1;
  Duration every{0};

  json::Value entity;  ///< kGiven

  // kAct
  std::string verb;       ///< acknowledge | shelve | unshelve | close | undo | step | notify
  json::Value arguments;  ///< As the desk takes them.
  std::string by = "kim";
  bool refused = false;  ///< The desk must say no.

  // kAct, expectations
  std::string rule;       ///< Alarm of this rule; "incident" for the incident of the alarm spoken of last.
  std::string under;      ///< kSuppressed: rule of the row above it.
  std::string procedure;  ///< kProcedure
  std::string step_text;  ///< kStep: part of its text, Korean or English.
  std::string state;      ///< kStep: open | done | impossible | late | hidden; kIncident; empty: any that is shown.
  std::string peer;       ///< kAgency, kNotice, kAct notify
  std::string channel;    ///< kAgency
  std::string notice;     ///< kNotice: its kind.
  std::string seat;       ///< kAlarm: video | cyber; empty: any.
  int severity = 0;       ///< kAlarm; 0: any.
  int count = 0;          ///< kAlarm: events in the row; kIncident: alarms; kBoard: rows; kAct step: which; 0: any.
  std::optional<Duration> within;
};

struct Script {
  std::string title;
  std::vector<Step> steps;
};

/// @errors kInvalidArgument scenario.bad_line (FILE:LINE)
Result<Script> ReadScript(std::string_view text, std::string_view file);

}  // namespace bongsu::scenario
