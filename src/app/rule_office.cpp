// SPDX-License-Identifier: Apache-2.0
#include "app/rule_office.hpp"

namespace bongsu::app {
namespace {

json::Value ToJson(const rules::Complaint& complaint) {
  json::Value out;
  out.Set("file", complaint.file);
  out.Set("line", complaint.line);
  out.Set("column", complaint.column);
  out.Set("code", complaint.code);
  out.Set("message", complaint.message);
  if (!complaint.rule.empty()) out.Set("rule", complaint.rule);
  return out;
}

json::Array Texts(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

/// What the desk's record and its audit say.
json::Value Summary(const rules::ReloadPlan& plan) {
  json::Value out;
  out.Set("version", plan.set->version());
  out.Set("rules", static_cast<std::int64_t>(plan.set->rules().size()));
  out.Set("added", Texts(plan.added));
  out.Set("changed", Texts(plan.changed));
  out.Set("removed", Texts(plan.removed));
  out.Set("kept", Texts(plan.kept));
  return out;
}

/// Versions that begin here: events before are not theirs to judge, after a restart neither.
json::Value Fresh(const rules::ReloadPlan& plan) {
  json::Value fresh{json::Object{}};
  for (const auto* ids : {&plan.added, &plan.changed}) {
    for (const std::string& id : *ids) fresh.Set(id, plan.set->Find(id)->version);
  }
  return fresh;
}

}  // namespace

void RuleOffice::Reload(const guard::Who& who, Answer answer) {
  const std::size_t here = house_.shards.Current();
  const auto run = std::make_shared<Run>();
  run->who = who;
  run->answer = [this, here, answer = std::move(answer)](Result<json::Value> result) {
    house_.shards.Post(here < house_.shards.size() ? here : 0,
                       [answer, result = std::move(result)] { answer(result); });
  };
  house_.shards.Post(0, [this, run] {
    if (running_)
      return run->answer(
          Fail(Code::kConflict, "rules.reloading", "the rules are being reloaded; ask again when that is done"));
    running_ = true;
    Plan(run);
  });
}

void RuleOffice::Plan(const RunPtr& run) {
  const auto running = house_.stages.rules(0);
  run->before = running->version();
  const bool queued = house_.pool.Run([this, run, running] {
    auto plan = rules::PlanReload(*running, rules::RuleSet::Load({house_.packs}, {}));
    house_.shards.Post(0, [this, run, plan = std::move(plan)]() mutable {
      if (!plan) return Finish(run, tl::unexpected<Error>(plan.error()));
      run->plan = std::move(*plan);
      for (const rules::Complaint& complaint : run->plan.complaints) {
        house_.log.Error("rules.does_not_load",
                         {{"at", fmt::format("{}:{}:{}", complaint.file, complaint.line, complaint.column)},
                          {"message", complaint.message}});
      }
      if (run->plan.set->version() == run->before) return Finish(run, {});
      Widen(run);
    });
  });
  if (!queued)
    Finish(run,
           Fail(Code::kOverloaded, "rules.busy", "too much is being read from the disk; ask again in a few seconds"));
}

void RuleOffice::Widen(const RunPtr& run) {
  house_.context.Widen(run->plan.set->ContextAttributes(),
                       [this, run] { house_.shards.Post(0, [this, run] { Record(run); }); });
}

/// The act comes first: should the power fail between the two, a restart loads these rules, and the act is on record.
void RuleOffice::Record(const RunPtr& run) {
  const auto position = std::make_shared<model::Position>();
  const auto propose = [run, position](desk::DeskBatch& batch, const guard::TenantDesk&) -> Result<json::Value> {
    const json::Value summary = Summary(run->plan);
    json::Value payload = summary;
    payload.Set("what", "rules");
    payload.Set("before", run->before);
    *position = batch.Add(model::Kind::kConfig, "rules", json::ToString(payload)).position;
    batch.Audit("rules.reload", "rules", summary);
    return json::Value{};
  };
  house_.desks.OnDesk(guard::kPlatformTenant, guard::ActorOf(run->who), false, propose,
                      [this, run, position](const Result<json::Value>& done) {
                        if (!done) return Finish(run, tl::unexpected<Error>(done.error()));
                        Append(run, *position);
                      });
}

void RuleOffice::Append(const RunPtr& run, model::Position cause) {
  house_.stages.Prepare(run->plan.set);
  journal::Batch batch;
  batch.admission = model::Admission::kUrgent;  // an outcome of an act that is on record
  for (std::uint16_t partition = 0; partition < house_.append.partitions(); ++partition) {
    model::Record record;
    record.kind = model::Kind::kConfig;
    record.position.partition = partition;
    record.event_time = house_.stages.Now();
    record.source = "platform";
    record.subject = "rules";
    record.cause = cause;
    json::Value payload{json::Object{{"what", "rules"}, {"version", run->plan.set->version()}}};
    if (partition == 0) payload.Set("fresh", Fresh(run->plan));
    record.payload = json::ToString(payload);
    batch.records.push_back({std::move(record), {}});
  }
  house_.append.Append(std::move(batch), [this, run](const Result<journal::Committed>& done) {
    if (!done) return Finish(run, tl::unexpected<Error>(done.error()));
    house_.stages.SwitchAll(run->plan.set->version(),
                            [this, run] { house_.shards.Post(0, [this, run] { Finish(run, {}); }); });
  });
}

void RuleOffice::Finish(const RunPtr& run, const Result<void>& done) {
  running_ = false;
  if (!done) {
    house_.log.Failure("rules.not_reloaded", done.error());
    return run->answer(tl::unexpected<Error>(done.error()));
  }
  json::Value answer = Summary(run->plan);
  json::Array complaints;
  for (const rules::Complaint& complaint : run->plan.complaints) complaints.push_back(ToJson(complaint));
  house_.log.Info("rules.reloaded",
                  {{"version", run->plan.set->version()},
                   {"changed", static_cast<std::int64_t>(run->plan.added.size() + run->plan.changed.size() +
                                                         run->plan.removed.size())},
                   {"kept", static_cast<std::int64_t>(run->plan.kept.size())}});
  answer.Set("complaints", std::move(complaints));
  run->answer(std::move(answer));
}

}  // namespace bongsu::app
