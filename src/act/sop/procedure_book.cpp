// SPDX-License-Identifier: Apache-2.0
#include "act/sop/procedure_book.hpp"

#include "model/payload.hpp"

namespace bongsu::sop {

using model::IncidentId;

const Run* ProcedureBook::Find(IncidentId incident) const {
  const auto found = runs_.find(incident);
  return found == runs_.end() ? nullptr : &found->second.run;
}

void ProcedureBook::Reindex(IncidentId incident, Entry& entry) {
  due_.erase({entry.due, incident});
  entry.due = entry.closed ? kNever : entry.run.NextDue();
  if (entry.due != kNever) due_.emplace(entry.due, incident);
}

void ProcedureBook::Fold(const model::Record& record) {
  if (record.kind != model::Kind::kIncident && record.kind != model::Kind::kStep) return;
  const auto payload = model::PayloadOf(record);
  if (!payload) return;
  const bool is_step = record.kind == model::Kind::kStep;
  const auto hash = HashFromText((*payload)[is_step ? "incident" : "id"].AsString());
  if (!hash) return;
  const IncidentId incident{*hash};
  if (!is_step && (*payload)["memory"]["run"].IsArray()) {
    const TimePoint opened_at = ParseTime((*payload)["opened_at"].AsString()).value_or(record.ingest_time);
    runs_[incident].run = Run{(*payload)["procedure"], (*payload)["memory"]["run"], opened_at};
  }
  const auto found = runs_.find(incident);
  if (found == runs_.end()) return;
  Entry& entry = found->second;
  if (is_step) {
    entry.run.Put((*payload)["step"]);
  } else {
    const bool closed = (*payload)["state"].AsString() == "closed";
    if (closed && !entry.closed) closed_.push_back(incident);
    if (!closed && entry.closed) std::erase(closed_, incident);
    entry.closed = closed;
  }
  Reindex(incident, entry);
  if (closed_.size() > kMaxClosed) {
    runs_.erase(closed_.front());
    closed_.pop_front();
  }
}

void ProcedureBook::Save(const PutRow& put) const {
  const auto save = [&put](IncidentId incident, const Entry& entry) {
    put(json::ToString(json::Object{{"incident", ToText(incident)},
                                    {"procedure", entry.run.procedure()},
                                    {"run", entry.run.conditions()},
                                    {"started_at", ToMicros(entry.run.started_at())},
                                    {"closed", entry.closed}}));
  };
  for (const auto& [incident, entry] : runs_) {
    if (!entry.closed) save(incident, entry);
  }
  for (const IncidentId incident : closed_) save(incident, runs_.at(incident));
}

Result<void> ProcedureBook::Load(const json::Value& row) {
  BONGSU_TRY(const Hash128 hash, HashFromText(row["incident"].AsString()));
  const IncidentId incident{hash};
  Entry& entry = runs_[incident];
  entry.run = Run{row["procedure"], row["run"], FromMicros(row["started_at"].AsInt())};
  entry.closed = row["closed"].AsBool();
  if (entry.closed) closed_.push_back(incident);
  Reindex(incident, entry);
  return {};
}

void ProcedureBook::Add(IncidentId incident, const StepChange& change, const model::DeskAct* act,
                        desk::DeskBatch& batch) {
  Run after = runs_.at(incident).run;
  after.Put(change.step);
  const std::string id = ToText(incident);
  json::Value payload =
      json::Object{{"incident", id}, {"step", change.step}, {"act", change.act}, {"progress", after.Progress()}};
  if (act != nullptr) payload.Set("by", model::ToJson(act->by));
  if (change.out_of_order) payload.Set("out_of_order", true);
  batch.Add(model::Kind::kStep, id, json::ToString(payload));
}

Result<json::Value> ProcedureBook::Do(const model::DeskAct& act, std::size_t n, desk::DeskBatch& batch) {
  const auto hash = HashFromText(act.subject);
  const auto found = hash ? runs_.find(IncidentId{*hash}) : runs_.end();
  if (found == runs_.end()) {
    return Fail(Code::kNotFound, "incident.no_procedure", "incident {} is unknown or has no procedure", act.subject);
  }
  if (found->second.closed) return Fail(Code::kConflict, "incident.closed", "the incident is closed");
  BONGSU_TRY(const auto changes, found->second.run.Act(n, act, batch.now()));
  if (changes.empty()) return found->second.run.procedure()["steps"].AsArray()[n - 1];
  const IncidentId incident = found->first;
  for (const StepChange& change : changes) Add(incident, change, &act, batch);
  json::Value details = act.arguments;
  details.Set("step", static_cast<std::int64_t>(n));
  if (changes.front().out_of_order) details.Set("out_of_order", true);
  batch.Audit("step." + changes.front().act, act.subject, details);
  return changes.front().step;
}

TimePoint ProcedureBook::NextDue() const { return due_.empty() ? kNever : due_.begin()->first; }

void ProcedureBook::Tick(desk::DeskBatch& batch) {
  while (NextDue() <= batch.now()) {
    const IncidentId incident = due_.begin()->second;
    for (const StepChange& change : runs_.at(incident).run.Late(batch.now())) Add(incident, change, nullptr, batch);
  }
}

}  // namespace bongsu::sop
