// SPDX-License-Identifier: Apache-2.0
#include "know/store/past.hpp"

#include "know/context/context.hpp"
#include "know/context/patch.hpp"

namespace bongsu::store {
namespace {

/// Puts what the fold of a partition begins with into `fold` and says for which records it stands: nothing while the
/// journal has its first record, else the entities of `base`.
Result<std::uint64_t> FoldBase(const journal::JournalPort& journal, std::uint16_t partition, const StatePort* base,
                               context::Context& fold) {
  const auto range = journal.RangeOf(partition);
  if (range.first_seq <= 1) return std::uint64_t{0};
  BONGSU_TRY(const std::uint64_t begun, base == nullptr ? Result<std::uint64_t>{0} : base->AppliedSeq(partition));
  if (begun + 1 < range.first_seq)
    return Fail(Code::kNotFound, "history.trimmed", "partition {} begins at {}, a fold needs all of it", partition,
                range.first_seq);
  BONGSU_CHECK(base->ReadEntities(partition, [&](std::string_view bytes, std::uint8_t) -> Result<void> {
    BONGSU_TRY(context::Entity entity, context::Decode(bytes, fold.names()));
    fold.Load(std::move(entity));
    return {};
  }));
  return begun;
}

/// The entity as of the last row.
Result<PastEntity> FoldRows(const journal::JournalPort& journal, const EntityKey& key,
                            const std::vector<HistoryRow>& rows) {
  PastEntity past{std::make_shared<context::Names>(), nullptr};
  if (rows.empty()) return past;
  if (!rows.front().keyframe)
    return Fail(Code::kNotFound, "history.trimmed", "the history of {} begins after {}", key.id,
                FormatUtc(rows.back().at));
  for (const HistoryRow& row : rows) {
    if (row.keyframe) {
      past.entity.reset();
      if (row.bytes.empty()) continue;
      BONGSU_TRY(context::Entity entity, context::Decode(row.bytes, *past.names));
      past.entity = std::make_unique<context::Entity>(std::move(entity));
      continue;
    }
    const auto record = journal.At({key.partition, row.seq});
    if (!record && record.error().code != Code::kNotFound) return tl::unexpected<Error>(record.error());
    if (!record)
      return Fail(Code::kNotFound, "history.trimmed", "{}: the change at {} is no longer in the journal", key.id,
                  FormatUtc(row.at));
    BONGSU_TRY(const model::EntityPatch patch, model::EntityPatchFromRecord(*record));
    context::ApplyPatch(past.entity, patch, record->ingest_time, *past.names);
  }
  return past;
}

}  // namespace

StatePort::WholeCopy WholeCopyFrom(const journal::JournalPort& journal) {
  return [&journal](const EntityKey& key, const std::vector<HistoryRow>& rows) -> Result<std::string> {
    BONGSU_TRY(const PastEntity past, FoldRows(journal, key, rows));
    return past.entity ? context::Encode(*past.entity) : std::string{};
  };
}

Result<PastEntity> EntityAsOf(const StatePort& state, const journal::JournalPort& journal, const EntityKey& key,
                              TimePoint as_of) {
  BONGSU_TRY(const auto cut, state.CutOf(key.partition));
  if (cut && as_of < cut->at)
    return Fail(Code::kNotFound, "history.trimmed", "what was so before {} is no longer kept", FormatUtc(cut->at));
  BONGSU_TRY(const auto rows, state.History(key, as_of));
  BONGSU_TRY(PastEntity past, FoldRows(journal, key, rows));
  if (past.entity && past.entity->expires <= as_of) past.entity.reset();
  return past;
}

Result<std::vector<PastEntity>> EntitiesAsOf(const StatePort& state, const journal::JournalPort& journal,
                                             std::uint16_t partition, std::uint16_t tenant, TimePoint as_of,
                                             std::size_t limit,
                                             const std::function<bool(const context::Entity&)>& wanted) {
  BONGSU_TRY(const auto cut, state.CutOf(partition));
  if (cut && as_of < cut->at)
    return Fail(Code::kNotFound, "history.trimmed", "what was so before {} is no longer kept", FormatUtc(cut->at));
  std::vector<PastEntity> found;
  Result<void> failed;
  BONGSU_CHECK(state.HistoryIds(partition, tenant, [&](std::string_view id) {
    auto past = EntityAsOf(state, journal, {partition, tenant, std::string(id)}, as_of);
    if (!past) {
      failed = tl::unexpected<Error>(past.error());
      return false;
    }
    if (past->entity && wanted(*past->entity)) found.push_back(std::move(*past));
    return found.size() < limit;
  }));
  BONGSU_CHECK(failed);
  return found;
}

Result<Verified> VerifyState(const StatePort& state, const journal::JournalPort& journal, const StatePort* base) {
  context::StateHash saved;
  context::Context fold;
  for (std::uint16_t partition = 0; partition < journal.partitions(); ++partition) {
    BONGSU_CHECK(state.ReadEntities(partition, [&](std::string_view bytes, std::uint8_t) -> Result<void> {
      saved.Add(bytes);
      return {};
    }));
    BONGSU_TRY(const std::uint64_t applied, state.AppliedSeq(partition));
    if (applied == 0) continue;
    BONGSU_TRY(const std::uint64_t begun, FoldBase(journal, partition, base, fold));
    BONGSU_CHECK(journal.Read(partition, begun + 1, [&](const model::Record& record) {
      if (record.position.seq > applied) return false;
      fold.Apply(record);
      return true;
    }));
  }
  Verified verified{saved.Text(), fold.Hash().Text(), false};
  verified.equal = verified.state_hash == verified.fold_hash;
  return verified;
}

}  // namespace bongsu::store
