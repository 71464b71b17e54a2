// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Incidents of a tenant. Alarm records open, join, move and end them; people own, release and close them or open
/// one by hand. It reads alarms from kAlarm records alone.
///
/// A new alarm joins the open incident of its parent row, or of the same entity and service when that one is at most
/// kJoinWithin old; else it opens its own.
///
/// Bounds: kMaxClosed closed incidents are kept, the oldest leave first.

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "act/incidents/incident.hpp"
#include "know/desk/port.hpp"

namespace bongsu::incidents {

/// Gives the procedure an incident begins with: {"procedure","run","progress"} or null (sop::Library::Start).
/// An empty id asks for the manual procedure of the service.
using StartProcedure = std::function<json::Value(std::string_view id, std::string_view service, TimePoint at)>;

class IncidentBook final : public desk::Book {
 public:
  static constexpr std::size_t kMaxClosed = 10'000;
  static constexpr auto kJoinWithin = std::chrono::minutes{30};

  explicit IncidentBook(StartProcedure start = {}) : start_{std::move(start)} {}

  /// @param act  verb open {title, severity, place?, service?, note?, drill?, alarms?} (no subject) | own {} | release
  /// {} |
  ///             close {disposition, note?}
  /// @errors kNotFound incident.unknown, alarm.unknown · kConflict incident.closed, incident.not_owner
  ///         kInvalidArgument incident.title, incident.severity, incident.disposition, incident.note
  ///         kNotSupported incident.unknown_act
  Result<json::Value> Do(const model::DeskAct& act, desk::DeskBatch& batch);

  void Clear() override;
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "incidents"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;
  void React(const model::Record& record, desk::DeskBatch& batch) override;

  const Incident* Find(model::IncidentId id) const;
  /// Newest first; open ones, then closed ones when asked for.
  std::vector<const Incident*> List(bool with_closed) const;

 private:
  using Ids = std::set<model::IncidentId>;
  /// What the book knows of an alarm.
  struct AlarmSeen {
    bool open = true;
    model::IncidentId incident;  ///< The one that lists it; zero: none yet. Incidents say so, alarm rows follow later.
  };

  void FoldIncident(const model::Record& record, const json::Value& payload);
  void Tell(model::IncidentId id, const model::Record& record, const json::Value& payload);
  void Evict();
  void Put(const Incident& incident, const Change& change, desk::DeskBatch& batch);
  Incident* FindOpen(model::IncidentId id);
  model::IncidentId IncidentOf(std::string_view alarm) const;

  void Raised(const json::Value& alarm, desk::DeskBatch& batch);
  void Join(const std::string& alarm, const json::Value& row, const Incident& into, desk::DeskBatch& batch);
  void Leave(const std::string& alarm, model::IncidentId from, model::IncidentId to, desk::DeskBatch& batch);
  void AlarmChanged(const json::Value& alarm, desk::DeskBatch& batch);
  void Group(const std::string& id, const json::Value& alarm, const Incident& from, desk::DeskBatch& batch);
  void FollowOwner(Incident incident, const json::Value& alarm, desk::DeskBatch& batch);
  void FollowEnd(Incident incident, const json::Value& alarm, desk::DeskBatch& batch);
  void FollowSeverity(Incident incident, const json::Value& alarm, desk::DeskBatch& batch);
  void Reopen(model::IncidentId id, const json::Value& alarm, desk::DeskBatch& batch);
  void StepChanged(const json::Value& step, desk::DeskBatch& batch);
  const Incident* IncidentFor(const json::Value& alarm, TimePoint now) const;

  Result<json::Value> Open(const model::DeskAct& act, desk::DeskBatch& batch);
  Result<json::Value> Close(Incident incident, const model::DeskAct& act, desk::DeskBatch& batch);

  StartProcedure start_;
  std::map<model::IncidentId, Incident> incidents_;
  std::map<std::string, Ids, std::less<>> by_entity_;  ///< Open incidents.
  std::map<std::string, AlarmSeen, std::less<>> alarms_;
  std::set<std::pair<TimePoint, model::IncidentId>> closed_;
};

}  // namespace bongsu::incidents
