// SPDX-License-Identifier: Apache-2.0
#include "scenario/player.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bongsu::scenario {
namespace {

constexpr Duration kLocal = 9h;    // Asia/Seoul
constexpr Duration kCalm = 10min;  // how long "no alarm" looks when it does not say

std::string Digits(TimePoint local) {
  std::string out;
  for (const char letter : FormatUtc(std::chrono::floor<std::chrono::seconds>(local))) {
    if (letter >= '0' && letter <= '9') out += letter;
  }
  return out;
}

/// {utc} {kst} {local} (14 digits) {local12} {date} {hm} {n}; other braces are the message's own.
std::string Fill(std::string text, TimePoint now, int n) {
  const TimePoint local = now + kLocal;
  const std::string clock = FormatUtc(std::chrono::floor<std::chrono::seconds>(local));
  const std::pair<std::string_view, std::string> values[]{
      {"{utc}", FormatUtc(now)},       {"{kst}", clock.substr(0, 19) + "+09:00"},
      {"{local}", Digits(local)},      {"{local12}", Digits(local).substr(0, 12)},
      {"{date}", clock.substr(0, 10)}, {"{hm}", clock.substr(11, 5)},
      {"{n}", std::to_string(n)},
  };
  for (const auto& [name, value] : values) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) {
      text.replace(at, name.size(), value);
    }
  }
  return text;
}

std::string Clock(TimePoint at) {
  return FormatUtc(std::chrono::floor<std::chrono::seconds>(at + kLocal)).substr(11, 8);
}

/// The step of `procedure` whose text holds `part`; null when there is none.
const json::Value& FindStep(const json::Value& procedure, std::string_view part) {
  static const json::Value kNone;
  for (const json::Value& step : procedure["steps"].AsArray()) {
    const json::Value& text = step["text"];
    if (text["ko"].AsString().find(part) != std::string_view::npos) return step;
    if (text["en"].AsString().find(part) != std::string_view::npos) return step;
  }
  return kNone;
}

bool StandsAs(const json::Value& step, std::string_view state) {
  const std::string_view is = step["state"].AsString();
  if (state == "late") return step["late"].AsBool();
  if (state == "hidden") return is == "skipped";
  return state.empty() ? is != "skipped" : is == state;
}

}  // namespace

TimePoint Player::Midnight() { return *ParseTime("2026-11-22T00:00:00+09:00"); }

Player::Player(Stage& stage, Report& report) : stage_{stage}, report_{report} {}

void Player::Play(const Step& step) {
  ++report_.steps;
  switch (step.kind) {
    case Step::Kind::kGiven:
      stage_.Give(step.entity);
      break;
    case Step::Kind::kAgency:
      break;  // the stage was made with it
    case Step::Kind::kWatch:
      if (auto watched = stage_.Watch(step.source); !watched) Fails(step, watched.error().message);
      break;
    case Step::Kind::kWait:
      stage_.PassTo(since_ = Midnight() + step.at);
      break;
    case Step::Kind::kSend:
      Send(step);
      break;
    case Step::Kind::kAct:
      Act(step);
      break;
    case Step::Kind::kAlarm:
      Alarm(step);
      break;
    case Step::Kind::kClear:
      Clear(step);
      break;
    case Step::Kind::kNoAlarm:
      NoAlarm(step);
      break;
    case Step::Kind::kSuppressed:
      Suppressed(step);
      break;
    case Step::Kind::kProcedure:
      Procedure(step);
      break;
    case Step::Kind::kStep:
      ProcedureStep(step);
      break;
    case Step::Kind::kNotice:
      Notice(step);
      break;
    case Step::Kind::kNoNotice:
      NoNotice(step);
      break;
    case Step::Kind::kIncident:
      Incident(step);
      break;
    case Step::Kind::kBoard:
      Board(step);
      break;
  }
}

void Player::Finish() {
  for (const std::size_t i : Unexpected({})) {
    const Room::Told& told = stage_.room().told()[i];
    report_.failed.push_back(fmt::format("end: alarm {} ({}) was not expected", told.row.rule, told.row.title.en));
  }
}

void Player::Fails(const Step& step, std::string_view why) {
  report_.failed.push_back(fmt::format("{}: {} — {}", step.line, step.text, why));
}

TimePoint Player::PassBy(const Step& step, Duration otherwise) {
  const TimePoint until = since_ + step.within.value_or(otherwise);
  stage_.PassTo(std::max(until, stage_.now()));
  return until;
}

// What happens.

void Player::Send(const Step& step) {
  for (int n = 0; n < step.times; ++n) {
    since_ = Midnight() + step.at + n * step.every;
    stage_.PassTo(since_);
    const auto sent = stage_.Send(step.source, Fill(step.topic, since_, n + 1), Fill(step.body, since_, n + 1));
    if (!sent) Fails(step, sent.error().message);
  }
}

void Player::Act(const Step& step) {
  since_ = stage_.now();
  model::DeskAct act;
  act.verb = step.verb;
  act.by = {step.by, step.by};
  act.arguments = step.arguments;
  if (step.rule == "incident") {
    const incidents::Incident* incident = IncidentNow();
    if (incident == nullptr) return Fails(step, "there is no incident yet");
    act.subject = ToText(incident->id);
  } else {
    const alarms::AlarmRow* row = stage_.room().Newest(step.rule);
    if (row != nullptr && row->parent) row = stage_.room().alarms().Find(*row->parent);  // the row people see
    if (row == nullptr) return Fails(step, "there is no such alarm");
    subject_ = row->id;
    act.subject = ToText(row->id);
  }
  const auto done = stage_.room().Act(act, static_cast<std::size_t>(step.count));
  if (!done && !step.refused) Fails(step, done.error().message);
  if (done && step.refused) Fails(step, "the desk did it");
}

// What is expected.

/// Alarms that rang and nobody claimed.
std::vector<std::size_t> Player::Unexpected(std::string_view rule) const {
  std::vector<std::size_t> out;
  const auto& told = stage_.room().told();
  for (std::size_t i = 0; i < told.size(); ++i) {
    if (told[i].rings() && !claimed_.contains(i) && (rule.empty() || told[i].row.rule == rule)) out.push_back(i);
  }
  return out;
}

void Player::Alarm(const Step& step) {
  const TimePoint until = PassBy(step);
  const auto& told = stage_.room().told();
  for (const std::size_t i : Unexpected(step.rule)) {
    const alarms::AlarmRow& row = told[i].row;
    if (told[i].at > until || told[i].at < since_ || (step.severity != 0 && row.severity != step.severity)) continue;
    if (!step.seat.empty() && row.position != step.seat) continue;
    subject_ = row.id;
    // Until then further events of the same condition only count in its row.
    for (std::size_t j = i; j < told.size(); ++j) {
      const bool same = told[j].row.id == row.id && told[j].row.severity == row.severity;
      if (same && told[j].at <= until) claimed_.insert(j);
    }
    const auto count = static_cast<int>(stage_.room().alarms().Find(row.id)->count);
    if (step.count != 0 && count != step.count) Fails(step, fmt::format("its row counts {}", count));
    return;
  }
  Fails(step, "it did not come in time");
}

void Player::Clear(const Step& step) {
  const TimePoint until = PassBy(step);
  for (const Room::Told& told : stage_.room().told()) {
    const bool ended = told.why == "cleared" || told.why == "withdrawn";
    if (!ended || told.row.rule != step.rule || told.at > until || told.at < since_) continue;
    subject_ = told.row.id;
    return;
  }
  Fails(step, "it did not clear in time");
}

void Player::NoAlarm(const Step& step) {
  PassBy(step, kCalm);
  for (const std::size_t i : Unexpected(step.rule)) {
    const Room::Told& told = stage_.room().told()[i];
    Fails(step, fmt::format("alarm {} came at {}: {}", told.row.rule, Clock(told.at), told.row.title.en));
    claimed_.insert(i);
  }
}

void Player::Suppressed(const Step& step) {
  PassBy(step);
  const alarms::AlarmBook& book = stage_.room().alarms();
  for (const alarms::AlarmRow* row : book.Board()) {
    if (row->rule != step.rule || !row->suppressed || !row->parent) continue;
    const alarms::AlarmRow* parent = book.Find(*row->parent);
    if (parent != nullptr && parent->rule == step.under) return;
  }
  Fails(step, fmt::format("no alarm of {} is held back under one of {}", step.rule, step.under));
}

const incidents::Incident* Player::IncidentNow() {
  const alarms::AlarmRow* row = subject_ ? stage_.room().alarms().Find(*subject_) : nullptr;
  return row != nullptr && row->incident ? stage_.room().incidents().Find(*row->incident) : nullptr;
}

void Player::Procedure(const Step& step) {
  PassBy(step);
  const incidents::Incident* incident = IncidentNow();
  if (incident == nullptr) return Fails(step, "there is no incident");
  const std::string_view id = incident->procedure["id"].AsString();
  if (id != step.procedure) Fails(step, id.empty() ? "no procedure began" : fmt::format("{} began", id));
}

void Player::ProcedureStep(const Step& step) {
  const incidents::Incident* incident = IncidentNow();
  const sop::Run* run = incident == nullptr ? nullptr : stage_.room().procedures().Find(incident->id);
  if (run == nullptr) return Fails(step, "no procedure began");
  const json::Value& found = FindStep(run->procedure(), step.step_text);
  if (found.IsNull()) return Fails(step, fmt::format("{} has no such step", run->procedure()["id"].AsString()));
  if (!StandsAs(found, step.state)) {
    return Fails(step, fmt::format("it is {}{}", found["state"].AsString(), found["late"].AsBool() ? ", late" : ""));
  }
  if (!step.within) return;
  const auto due = ParseTime(found["due_at"].AsString());
  if (!due) return Fails(step, "it has no due time");
  if (*due - incident->opened_at > *step.within) {
    Fails(step, fmt::format("it is due after {}", FormatDuration(*due - incident->opened_at)));
  }
}

void Player::Notice(const Step& step) {
  const TimePoint until = PassBy(step);
  const auto& notices = stage_.room().notices();
  for (std::size_t i = 0; i < notices.size(); ++i) {
    const auto& [at, notice] = notices[i];
    const bool wanted = notice.peer == step.peer && (step.notice.empty() || notice.kind == step.notice);
    if (wanted && at >= since_ && at <= until && claimed_notices_.insert(i).second) return;
  }
  Fails(step, "it is not in the outbox");
}

void Player::NoNotice(const Step& step) {
  PassBy(step);
  const auto& notices = stage_.room().notices();
  for (std::size_t i = 0; i < notices.size(); ++i) {
    if (claimed_notices_.contains(i)) continue;
    Fails(step, fmt::format("{} {} is in the outbox", notices[i].notice.peer, notices[i].notice.kind));
  }
}

void Player::Incident(const Step& step) {
  const incidents::Incident* incident = IncidentNow();
  if (incident == nullptr) return Fails(step, "there is no incident");
  const auto alarms = static_cast<int>(incident->alarms.size());
  if (step.count != 0 && alarms != step.count) Fails(step, fmt::format("it has {} alarms", alarms));
  const std::string_view state = incidents::StateName(incident->state);
  if (!step.state.empty() && state != step.state) Fails(step, fmt::format("it is {}", state));
}

void Player::Board(const Step& step) {
  const auto board = stage_.room().alarms().Board();
  const auto rows = std::ranges::count_if(board, [](const alarms::AlarmRow* row) { return !row->parent; });
  if (rows != step.count) Fails(step, fmt::format("it has {}", rows));
}

}  // namespace bongsu::scenario
