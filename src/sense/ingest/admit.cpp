// SPDX-License-Identifier: Apache-2.0
// The way of one delivery through the gate, on the shard of its source.
#include <algorithm>

#include "sense/ingest/gate_state.hpp"

namespace bongsu::ingest {
namespace {

constexpr Duration kClockAhead = 60s;  // architecture D16

/// Documents of one row, read once a format.
class Documents {
 public:
  using Read = std::function<Result<json::Value>(const FormatSpec&)>;
  Documents(const std::optional<json::Value>& given, Read read) : given_{given}, read_{std::move(read)} {}

  const Result<json::Value>& For(const FormatSpec& format) {
    if (given_) {
      if (!result_) result_ = *given_;
      return *result_;
    }
    const bool same = result_ && format.word == last_ && format.columns.empty() && !format.pattern;
    if (!same) result_ = read_(format);
    last_ = format.word;
    return *result_;
  }

 private:
  const std::optional<json::Value>& given_;
  Read read_;
  std::optional<Result<json::Value>> result_;
  std::string_view last_;  ///< Of a mapping, which outlives the row.
};

}  // namespace

void Gate::Take(State& state, Delivery delivery, TimePoint arrived, Done done) {
  auto work = std::make_shared<Work>();
  work->under_way = static_cast<std::int64_t>(std::max<std::size_t>(1, delivery.rows.size()));
  work->delivery = std::move(delivery);
  work->done = std::move(done);
  if (const auto opened = OpenHeld(state, work->delivery); !opened) {
    work->outcome.rows_in = work->outcome.refused = work->delivery.rows.size();
    work->outcome.again = opened.error();
    work->delivery.rows.clear();
  }
  if (!work->delivery.replay_of) {
    Heard(state, arrived);
    state.last_message_at = arrived;
  }
  for (std::size_t i = 0; i < work->delivery.rows.size(); ++i) TakeRow(state, *work, work->delivery, i, arrived);
  if (!work->delivery.replay_of) state.rate.Add(arrived, work->outcome.rows_in);

  const auto replayed = work->delivery.replay_of;
  if (replayed && !work->outcome.again && work->outcome.quarantined == 0 && work->outcome.refused == 0) {
    // What was held is done with, in the same batch as what came of it.
    Work::Pending& pending = work->open.empty() ? work->open[model::Admission::kEvent] : work->open.begin()->second;
    model::Record record;
    record.kind = model::Kind::kQuarantineDone;
    record.tenant = state.tenant;
    record.position.partition = state.partition;
    record.event_time = arrived;
    record.source = state.source->config.id;
    record.subject = QuarantineId(*replayed);
    record.cause = *replayed;
    record.payload = R"({"outcome":"replayed"})";
    pending.batch.records.push_back({std::move(record), std::nullopt});
  }
  for (auto& [admission, pending] : work->open) {
    pending.batch.admission = admission;
    if (!pending.batch.records.empty()) work->ready.push_back(std::move(pending));
  }
  work->open.clear();
  Flush(state, work);
}

void Gate::TakeRow(State& state, Work& work, const Delivery& delivery, std::size_t index, TimePoint arrived) {
  const Row& row = delivery.rows[index];
  const Source& source = *state.source;
  const auto refuse = [&](const Error& why) {
    ++work.outcome.rows_in;
    Hold(state, work, delivery, index, why, 1);
  };
  Documents documents{row.document, [&](const FormatSpec& format) -> Result<json::Value> {
                        return Decode(decoders_, format, row.bytes, arrived, source.zone);
                      }};
  Scope scope{.message = nullptr,
              .root = nullptr,
              .topic = delivery.topic,
              .groups = nullptr,
              .source = source.config.id,
              .tenant = source.config.tenant,
              .arrived = arrived,
              .zone = &source.zone};
  Groups groups;
  std::optional<Error> unread;
  for (const auto& mapping : source.mappings) {
    if (!mapping->MatchesTopic(delivery.topic)) continue;
    const Result<json::Value>& document = documents.For(mapping->format());
    if (!document) {
      unread = document.error();
      continue;
    }
    scope.message = scope.root = &*document;
    groups.clear();
    if (!mapping->Matches(scope, groups)) continue;
    scope.groups = &groups;
    const Surroundings surroundings{.place_of =
                                        [&](std::string_view entity) {
                                          return deps_.place_of ? deps_.place_of(state.tenant, entity) : std::nullopt;
                                        },
                                    .in_city = [&](model::LatLon point) -> std::optional<bool> {
                                      if (!source.boundary) return std::nullopt;
                                      return source.boundary->Contains(point);
                                    }};
    if (mapping->ignores()) {
      ++work.outcome.rows_in;
      ++work.outcome.accepted;
      return;
    }
    std::size_t refused = 0;
    std::optional<Error> first;
    for (Result<Meaning>& meaning : mapping->Apply(scope, surroundings)) {
      ++work.outcome.rows_in;
      if (meaning) {
        TakeMeaning(state, work, *std::move(meaning), index, arrived);
      } else {
        ++refused;
        if (!first) first = meaning.error();
      }
    }
    if (first) Hold(state, work, delivery, index, *first, refused);
    return;
  }
  if (unread) return refuse(*unread);
  refuse({Code::kInvalidArgument, "mapping.none",
          fmt::format("no mapping of source '{}' takes this message", source.config.id)});
}

/// In the place of each declared value stands its token; nothing readable goes further than this.
Result<void> Gate::SealPersonal(const State& state, Meaning& meaning) const {
  const bool entities = deps_.personal != nullptr && !deps_.personal->empty() && !meaning.patches.empty();
  if ((meaning.personal.empty() && !entities) || deps_.sealing == nullptr) return {};
  const std::string day = Today();
  const auto seal = [&](json::Value& value, sealing::DataClass data_class) -> Result<void> {
    BONGSU_TRY(std::string text,
               deps_.sealing->Seal(state.tenant, data_class, meaning.belongs, json::ToPlainText(value), day));
    value = json::Value{std::move(text)};
    return {};
  };
  for (const Meaning::Personal& one : meaning.personal) {
    if (one.patch) {
      json::Value* const member = meaning.patches[*one.patch].body.Find(one.name);
      json::Value* const value = member == nullptr ? nullptr : member->Find("value");
      if (value != nullptr) BONGSU_CHECK(seal(*value, one.data_class));
      continue;
    }
    for (auto& [name, value] : meaning.event.fields) {
      if (name == one.name) BONGSU_CHECK(seal(value, one.data_class));
    }
  }
  for (model::EntityPatch& patch : meaning.patches) {
    if (!entities) break;
    BONGSU_CHECK(deps_.personal->Seal(
        patch, {.types = {}, .value_of = {}, .keep_tokens = true},
        [&](sealing::DataClass data_class, const sealing::Belongs& belongs, std::string_view value) {
          const bool own = belongs.to != sealing::Belongs::To::kDay;
          return deps_.sealing->Seal(state.tenant, data_class, own ? belongs : meaning.belongs, value, day);
        }));
  }
  // An identity made of the content would let a guess be tried out.
  if (!meaning.personal.empty() && meaning.event.id.starts_with("content-"))
    meaning.event.id =
        "content-" + deps_.sealing->SurrogateOf(state.tenant, sealing::DataClass::kMessage, meaning.event.id);
  return {};
}

/// Of a message nobody understood nobody knows what in it is personal: where its source may send such values, all of
/// it.
Result<void> Gate::SealHeld(const State& state, Held& held) const {
  if (!state.source->has_personal || deps_.sealing == nullptr) return {};
  BONGSU_TRY(held.sealed, deps_.sealing->Seal(state.tenant, sealing::DataClass::kMessage, {}, held.bytes, Today()));
  held.size = held.bytes.size();
  held.message = held.reason;
  return {};
}

Result<void> Gate::OpenHeld(const State& state, Delivery& delivery) const {
  if (!delivery.replay_of || deps_.sealing == nullptr) return {};
  for (Row& row : delivery.rows) {
    if (!row.bytes.starts_with(kSealedHeld)) continue;
    std::optional<std::string> bytes;
    sealing::ReplaceTokens(row.bytes, [&](const sealing::Token& token) {
      bytes = deps_.sealing->Open(state.tenant, token);
      return std::string{};
    });
    if (!bytes) return Fail(Code::kConflict, "quarantine.erased", "what the message held was erased");
    row.bytes = *std::move(bytes);
  }
  return {};
}

void Gate::TakeMeaning(State& state, Work& work, Meaning meaning, std::size_t index, TimePoint arrived) {
  if (const auto sealed = SealPersonal(state, meaning); !sealed) {
    ++work.outcome.refused;
    work.outcome.again = sealed.error();
    return work.Complain(index, sealed.error());
  }
  model::Event& event = meaning.event;
  const SourceConfig& config = state.source->config;
  event.tenant = state.tenant;
  event.source = config.id;
  if (event.at > arrived + kClockAhead) {
    event.at = arrived;
    event.clock_suspect = true;
  }
  if (config.trust != "device") event.fields.emplace_back("source_trust", config.trust);
  model::Record record = ToRecord(event, deps_.append.partitions());
  if (!record.dedupe.IsZero()) {
    switch (state.dedupe.Ask(record.dedupe)) {
      case Dedupe::Answer::kKnown:
        ++work.outcome.duplicate;
        return;
      case Dedupe::Answer::kPending:
        work.waiting.emplace_back(record.dedupe, index);
        return;
      case Dedupe::Answer::kNew:
        break;
    }
  }
  if (!event.clock_suspect) state.newest = std::max(state.newest, event.at);
  if (config.lateness >= Duration{0} && state.newest != TimePoint{}) record.watermark = state.newest - config.lateness;

  Work::Pending& pending = work.open[event.admission];
  if (!record.dedupe.IsZero()) pending.identities.push_back(record.dedupe);
  ++pending.events;
  const std::size_t cause = pending.batch.records.size();
  pending.batch.records.push_back({std::move(record), std::nullopt});
  for (const model::EntityPatch& patch : meaning.patches) {
    pending.batch.records.push_back(
        {ToRecord(patch, state.tenant, event.at, config.id, deps_.append.partitions()), cause});
  }
  if (pending.events >= kRowsPerBatch) {
    pending.batch.admission = event.admission;
    work.ready.push_back(std::move(pending));
    work.open.erase(event.admission);
  }
}

void Gate::Hold(State& state, Work& work, const Delivery& delivery, std::size_t index, const Error& why,
                std::size_t rows) {
  const Row& row = delivery.rows[index];
  work.Complain(index, why);
  state.Note(deps_.clock.Now(), state.source->has_personal ? Error{why.code, why.reason, why.reason} : why);
  if (delivery.replay_of) {  // it is held already
    work.outcome.quarantined += rows;
    return;
  }
  Held held;
  held.source = held.connector = state.source->config.id;
  held.reason = why.reason;
  held.message = why.message.substr(0, 1000);
  held.topic = delivery.topic;
  held.format = delivery.format;
  held.rows = rows;
  held.bytes = row.bytes.empty() && row.document ? json::ToString(*row.document) : row.bytes;
  if (held.bytes.size() > kMaxHeldBytes || state.quarantine.Full()) {
    work.outcome.refused += rows;
    return;
  }
  model::Record record;
  record.kind = model::Kind::kQuarantine;
  record.tenant = state.tenant;
  record.position.partition = state.partition;
  record.event_time = deps_.clock.Now();
  record.source = state.source->config.id;
  const bool secret = state.source->has_personal && deps_.sealing != nullptr;
  if (const auto sealed = SealHeld(state, held); !sealed) {
    work.outcome.refused += rows;
    work.outcome.again = sealed.error();
    return;
  }
  record.payload = ToPayload(held);
  // The same refused bytes come again when the answer got lost: they are held once.
  record.dedupe = HashParts(
      {"held", std::to_string(state.tenant), record.source, held.topic,
       secret ? deps_.sealing->SurrogateOf(state.tenant, sealing::DataClass::kMessage, held.bytes) : held.bytes});
  switch (state.dedupe.Ask(record.dedupe)) {
    case Dedupe::Answer::kKnown:
      work.outcome.duplicate += rows;
      return;
    case Dedupe::Answer::kPending:
      work.waiting.emplace_back(record.dedupe, index);
      work.outcome.duplicate += rows - 1;
      return;
    case Dedupe::Answer::kNew:
      break;
  }
  Work::Pending& pending = work.open[model::Admission::kEvent];
  pending.identities.push_back(record.dedupe);
  pending.held_rows += rows;
  pending.held.emplace_back(pending.batch.records.size(), std::move(held));
  pending.batch.records.push_back({std::move(record), std::nullopt});
}

void Gate::Flush(State& state, const std::shared_ptr<Work>& work) {
  std::vector<Work::Pending> ready = std::move(work->ready);
  work->parts = ready.size() + work->waiting.size() + 1;
  const auto part_done = [this, &state, work] {
    if (--work->parts == 0) Finish(state, *work);
  };
  for (const auto& [id, index] : work->waiting) {
    state.dedupe.Wait(id, [work, part_done, row = index](const Result<void>& outcome) {
      if (outcome) {
        ++work->outcome.duplicate;
      } else {
        ++work->outcome.refused;
        work->outcome.again = outcome.error();
        work->Complain(row, outcome.error());
      }
      part_done();
    });
  }
  for (Work::Pending& pending : ready) {
    auto kept = std::make_shared<Work::Pending>(std::move(pending));
    journal::Batch batch = std::move(kept->batch);
    deps_.append.Append(std::move(batch), [&state, work, kept, part_done](Result<journal::Committed> committed) {
      if (committed) {
        for (const Hash128 id : kept->identities) state.dedupe.Commit(id);
        work->outcome.accepted += kept->events;
        work->outcome.quarantined += kept->held_rows;
        for (auto& [index, held] : kept->held) {
          const model::Record& record = (**committed)[index];
          state.quarantine.Add(ItemOf(held, record.position, record.ingest_time));
        }
        for (const model::Record& record : **committed) {
          if (record.kind == model::Kind::kQuarantineDone) state.quarantine.Done(record.cause, "replayed");
        }
      } else {
        const Error& why = committed.error();
        for (const Hash128 id : kept->identities) state.dedupe.Forget(id, why);
        work->outcome.refused += kept->events + kept->held_rows;
        work->outcome.again = why;
        work->Complain(0, why);
      }
      part_done();
    });
  }
  part_done();
}

void Gate::Finish(State& state, Work& work) {
  Outcome& outcome = work.outcome;
  state.source->under_way.fetch_sub(work.under_way);
  if (outcome.again) state.Note(deps_.clock.Now(), *outcome.again);
  Counts& counts = state.counts;
  counts.rows_in += outcome.rows_in;
  counts.accepted += outcome.accepted;
  counts.refused += outcome.refused;
  counts.duplicate += outcome.duplicate;
  counts.quarantined += outcome.quarantined;
  state.accepted->Add(outcome.accepted);
  state.refused->Add(outcome.refused);
  state.duplicate->Add(outcome.duplicate);
  state.quarantined->Add(outcome.quarantined);
  const Done done = std::move(work.done);
  if (done) done(std::move(outcome));
}

}  // namespace bongsu::ingest
