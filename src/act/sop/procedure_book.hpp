// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Procedures of a tenant's incidents: begun by the kIncident record that opens the incident, moved by kStep records.

#include <deque>
#include <map>
#include <set>

#include "act/sop/run.hpp"
#include "know/desk/port.hpp"
#include "model/alarm_change.hpp"

namespace bongsu::sop {

class ProcedureBook final : public desk::Book {
 public:
  static constexpr std::size_t kMaxClosed = 10'000;  ///< Runs of closed incidents kept; the oldest leave first.

  /// An act on step `n` of an incident. Answers the step.
  /// @param act  subject: incident id; arguments as Run::Act
  /// @errors kNotFound incident.no_procedure · kConflict incident.closed, and those of Run::Act
  Result<json::Value> Do(const model::DeskAct& act, std::size_t n, desk::DeskBatch& batch);

  void Clear() override { *this = ProcedureBook{}; }
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "procedures"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;
  TimePoint NextDue() const override;
  void Tick(desk::DeskBatch& batch) override;  ///< Steps become late, at the second.

  const Run* Find(model::IncidentId incident) const;

 private:
  struct Entry {
    Run run;
    bool closed = false;
    TimePoint due = kNever;  ///< As it stands in due_.
  };
  void Add(model::IncidentId incident, const StepChange& change, const model::DeskAct* act, desk::DeskBatch& batch);
  void Reindex(model::IncidentId incident, Entry& entry);

  std::map<model::IncidentId, Entry> runs_;
  std::set<std::pair<TimePoint, model::IncidentId>> due_;
  std::deque<model::IncidentId> closed_;  ///< Oldest first.
};

}  // namespace bongsu::sop
