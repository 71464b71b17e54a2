// SPDX-License-Identifier: Apache-2.0
// Silence of a link: one event when it begins, one when it ends, both in the journal, so that a rule can tell somebody.
#include <algorithm>

#include "model/core_context.hpp"
#include "sense/ingest/gate_state.hpp"

namespace bongsu::ingest {
namespace {

constexpr std::chrono::milliseconds kShortest{20};
constexpr std::chrono::milliseconds kLongest{1000};

model::EntityPatch StatusPatch(const std::string& entity, bool silent, TimePoint at) {
  json::Value status;
  status.Set("type", "Property");
  status.Set("value", silent ? "silent" : "ok");
  status.Set("observedAt", FormatUtc(at));
  json::Value body;
  body.Set("id", entity);
  body.Set("type", model::ExpandCore("AgencyLink"));
  body.Set(model::ExpandCore("status"), std::move(status));
  return {model::PatchOp::kUpsert, entity, std::move(body)};
}

}  // namespace

void Gate::CheckSilence(std::size_t shard) {
  if (!running_) return;
  const TimePoint now = deps_.clock.Now();
  TimePoint next = kNever;
  for (const auto& [source, state] : shards_[shard]->states) {
    const Duration after = source->config.silence_after;
    // A link that was never heard is shown as such; it has not fallen silent.
    if (after <= Duration{0} || !state->heard_at || state->silent || state->telling) continue;
    const TimePoint due = *state->heard_at + after;
    if (due <= now) {
      TellSilence(*state, true, *state->heard_at, now);
    } else {
      next = std::min(next, due);
    }
  }
  auto delay = kLongest;
  if (next != kNever) {
    const double real_ms = static_cast<double>((next - now).count()) / 1000.0 / std::max(deps_.clock.scale(), 1e-6);
    delay = std::clamp(std::chrono::milliseconds{static_cast<std::int64_t>(std::min(real_ms, 1e6)) + 1}, kShortest,
                       kLongest);
  }
  deps_.shards.After(shard, delay, [this, shard] { CheckSilence(shard); });
}

void Gate::TellSilence(State& state, bool silent, TimePoint last, TimePoint now) {
  const SourceConfig& config = state.source->config;
  model::Event event;
  event.tenant = state.tenant;
  event.source = config.id;
  event.id = fmt::format("{}-{}", silent ? "silent" : "back", ToMicros(silent ? last : now));
  event.type = silent ? "source.silent" : "source.back";
  event.admission = model::Admission::kUrgent;
  event.log_source = {"linkage", "bongsu", "silence"};
  event.at = now;
  event.entity = config.entity;
  if (!config.entity.empty() && deps_.place_of) event.place = deps_.place_of(state.tenant, config.entity);
  event.fields = {{"source", config.id},
                  {"kind", config.kind},
                  {"last_message_at", FormatUtc(last)},
                  {"silence_after_s", static_cast<double>(config.silence_after.count()) / 1e6}};
  if (!silent) event.fields.emplace_back("silent_for_s", static_cast<double>((now - last).count()) / 1e6);
  journal::Batch batch;
  batch.admission = model::Admission::kUrgent;
  batch.records.push_back({ToRecord(event, deps_.append.partitions()), std::nullopt});
  if (!config.entity.empty()) {
    batch.records.push_back(
        {ToRecord(StatusPatch(config.entity, silent, now), state.tenant, now, config.id, deps_.append.partitions()),
         0});
  }
  state.telling = true;
  deps_.append.Append(std::move(batch), [this, &state, silent](const Result<journal::Committed>& committed) {
    state.telling = false;
    if (committed) {
      state.silent = silent;
      deps_.log.Info(silent ? "sense.source_silent" : "sense.source_back",
                     {{"source", state.source->config.id}, {"tenant", state.source->config.tenant}});
    } else {
      state.Note(deps_.clock.Now(), committed.error());  // tried again at the next look
    }
  });
}

}  // namespace bongsu::ingest
