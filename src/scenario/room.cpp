// SPDX-License-Identifier: Apache-2.0
#include "scenario/room.hpp"

#include <algorithm>

#include "model/payload.hpp"

namespace bongsu::scenario {

void Ledger::Append(journal::Batch batch, journal::AppendDone done) {
  auto records = std::make_shared<std::vector<model::Record>>();
  for (journal::NewRecord& item : batch.records) records->push_back(std::move(item.record));
  journal::AppendResult result = journal_.Append(*records);
  if (result.outcome == journal::Outcome::kDurable) {
    done(journal::Committed{std::move(records)});
  } else {
    done(tl::unexpected(std::move(result.error)));
  }
}

bool Room::Told::rings() const {
  return (why == "raised" || why == "repeated" || why == "escalated") && !row.suppressed && !row.shelved;
}

Room::Room(const ManualClock& clock, const sop::Library& procedures, dispatch::Peers peers)
    : clock_{clock},
      ledger_{clock.Now()},
      incidents_{[&procedures](std::string_view id, std::string_view service, TimePoint at) {
        return procedures.Start(id, service, at);
      }},
      outbox_{std::move(peers), true},
      desk_{0,
            {.append = ledger_,
             .journal = ledger_.journal(),
             .clock = clock,
             .metrics = metrics_,
             .log = Log{Log::Level::kOff},
             .after = [](std::chrono::milliseconds, const std::function<void()>&) {}}} {  // the stage wakes it
  desk_.AddBook(alarms_);
  desk_.AddBook(incidents_);
  desk_.AddBook(procedures_);
  desk_.AddBook(outbox_);
  desk_.OnCommitted([this](std::span<const model::Record> records) {
    for (const model::Record& record : records) Keep(record);
  });
}

void Room::Keep(const model::Record& record) {
  if (record.kind != model::Kind::kAlarm && record.kind != model::Kind::kNotice) return;
  const auto payload = model::PayloadOf(record);
  if (!payload) return;
  if (record.kind == model::Kind::kNotice) {
    if (auto notice = dispatch::NoticeFromJson(*payload)) notices_.push_back({clock_.Now(), std::move(*notice)});
  } else if (auto row = alarms::RowFromJson(*payload)) {
    told_.push_back({clock_.Now(), std::string{(*payload)["change"]["why"].AsString()}, std::move(*row)});
  }
}

void Room::Take(const model::Finding& finding) {
  desk_.Act({},
            [&](desk::DeskBatch& batch) -> Result<json::Value> {
              alarms_.OnFinding(finding, batch);
              return json::Value{};
            },
            {});
}

Result<json::Value> Room::Act(const model::DeskAct& act, std::size_t n) {
  Result<json::Value> answer = Fail(Code::kInternal, "desk.no_answer", "the desk did not answer");
  const auto propose = [&](desk::DeskBatch& batch) -> Result<json::Value> {
    if (act.verb == "notify") {
      model::DeskAct send = act;
      send.verb = "send";
      send.subject.clear();
      send.arguments.Set("incident", act.subject);
      return outbox_.Do(send, batch);
    }
    if (act.verb == "step") return procedures_.Do(act, n, batch);
    const auto hash = HashFromText(act.subject);
    return hash && incidents_.Find(model::IncidentId{*hash}) != nullptr ? incidents_.Do(act, batch)
                                                                        : alarms_.Do(act, batch);
  };
  desk_.Act(act.by.id, propose, [&](Result<json::Value> value) { answer = std::move(value); });
  return answer;
}

TimePoint Room::NextDue() const {
  const std::array<const desk::Book*, 3> books{&alarms_, &procedures_, &outbox_};
  TimePoint due = kNever;
  for (const desk::Book* book : books) due = std::min(due, book->NextDue());
  return due;
}

const alarms::AlarmRow* Room::Newest(std::string_view rule) const {
  const alarms::AlarmRow* newest = nullptr;
  for (const auto& rows : {alarms_.Board(), alarms_.Closed()}) {
    for (const alarms::AlarmRow* row : rows) {
      if (row->rule == rule && (newest == nullptr || row->raised_at > newest->raised_at)) newest = row;
    }
  }
  return newest;
}

}  // namespace bongsu::scenario
