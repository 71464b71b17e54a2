// SPDX-License-Identifier: Apache-2.0
// A state of an earlier layout becomes one of this, where the journal can no longer be folded from its beginning.
#include <algorithm>

#include "know/context/context.hpp"
#include "know/store/past.hpp"
#include "know/store/rocks_parts.hpp"

namespace bongsu::store {
namespace {

constexpr std::size_t kBatchBytes = 4UL << 20U;
constexpr std::size_t kSlice = 1000;  ///< Entities.

/// The scopes of an entity as layout 3 knew them: those it has, or had when it was deleted.
std::vector<history::Sample> ScopesOf(std::string_view evolution) {
  std::vector<history::Sample> samples;
  const auto head = json::Parse(evolution);
  if (!head || (*head)["scope"].AsArray().empty()) return samples;
  const TimePoint created = FromMicros((*head)["created"].AsInt());
  const TimePoint deleted = FromMicros((*head)["deleted"].AsInt());
  const json::Value instance =
      json::Object{{"type", "Property"}, {"value", (*head)["scope"]}, {"observedAt", FormatUtc(created)}};
  constexpr std::uint32_t kOrdinal = std::numeric_limits<std::uint32_t>::max();  // of no instance of that record
  samples.push_back(history::MakeSample({created, kOrdinal}, created, json::ToString(instance), false));
  if (deleted > created)
    samples.push_back(history::MakeSample({deleted, kOrdinal}, deleted, R"({"type":"Property"})", true));
  return samples;
}

class Carrier {
 public:
  explicit Carrier(const RocksState::State& state) : state_{state} {}

  /// Every entity as this version encodes it.
  Result<void> Entities(std::uint16_t partition) {
    context::Names names;
    const std::string prefix = PartitionPrefix(partition);
    const auto rows = state_.Scan(state_.entities());
    for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
      const std::string_view value = View(rows->value());
      if (value.empty()) return Fail(Code::kCorrupt, "state.read", "entity row without bytes");
      BONGSU_TRY(const context::Entity entity, context::Decode(value.substr(1), names));
      write_.Put(state_.entities(), rows->key(), std::string(1, value[0]) + context::Encode(entity));
      BONGSU_CHECK(Write(kBatchBytes));
    }
    if (!rows->status().ok()) return StateFailure(rows->status(), "state.read");
    return Write(0);
  }

  Result<void> Scopes(std::uint16_t partition) {
    const std::string prefix = PartitionPrefix(partition);
    const auto rows = state_.Scan(state_.evolutions());
    for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
      const auto samples = ScopesOf(View(rows->value()));
      if (!samples.empty()) state_.series().PutNew(rows->key().ToString(), history::kScope, samples, write_);
      BONGSU_CHECK(Write(kBatchBytes));
    }
    if (!rows->status().ok()) return StateFailure(rows->status(), "state.read");
    return Write(0);
  }

  /// Rows of attributes that this version does not read.
  Result<void> ForgetSeries(std::uint16_t partition) {
    const std::string begin = PartitionPrefix(partition);
    const std::string end = PartitionPrefix(static_cast<std::uint16_t>(partition + 1));
    for (auto* family : {state_.families[3], state_.families[4]}) write_.DeleteRange(family, begin, end);
    return Write(0);
  }

 private:
  Result<void> Write(std::size_t least) {
    if (write_.Count() == 0 || write_.GetDataSize() < least) return {};
    const auto status = state_.db->Write(rocksdb::WriteOptions{}, &write_);
    write_.Clear();
    if (!status.ok()) return StateFailure(status, "state.write");
    return {};
  }

  const RocksState::State& state_;
  rocksdb::WriteBatch write_;
};

/// The past of a partition begins with what the journal still has.
Result<void> CutAtJournal(RocksState& state, const journal::JournalPort& journal, std::uint16_t partition) {
  const journal::Range range = journal.RangeOf(partition);
  if (range.first_seq <= 1) return {};
  BONGSU_TRY(const model::Record first, journal.At({partition, range.first_seq}));
  HistoryCut cut{range.first_seq - 1, first.ingest_time - Duration{1}, false};
  BONGSU_CHECK(state.SetCut(partition, cut));
  const auto whole = WholeCopyFrom(journal);
  std::string after;
  do {
    BONGSU_TRY(after, state.DropBeforeCut(partition, after, kSlice, whole));
  } while (!after.empty());
  cut.dropped = true;
  return state.SetCut(partition, cut);
}

}  // namespace

Result<std::string> RocksState::CarryOver(const std::string& folder, const journal::JournalPort& journal) {
  BONGSU_TRY(const auto state, Open({.folder = folder, .any_layout = true}));
  const State& parts = *state->state_;
  std::string layout;
  const auto known = parts.db->Get(rocksdb::ReadOptions{}, parts.meta(), "layout", &layout);
  if (known.IsNotFound()) layout = "1";  // did not say
  if (layout != "1" && layout != "2" && layout != "3")
    return Fail(Code::kCorrupt, "state.corrupt", "{} has layout '{}', which cannot be carried over", folder, layout);
  Carrier carrier{parts};
  for (std::uint16_t partition = 0; partition < journal.partitions(); ++partition) {
    BONGSU_CHECK(carrier.Entities(partition));
    if (layout != "3") BONGSU_CHECK(carrier.ForgetSeries(partition));
    BONGSU_CHECK(carrier.Scopes(partition));
    BONGSU_CHECK(CutAtJournal(*state, journal, partition));
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto put = parts.db->Put(synced, parts.meta(), "layout", rocksdb::Slice{kLayout.data(), kLayout.size()});
  if (!put.ok()) return StateFailure(put, "state.write");
  return layout;
}

}  // namespace bongsu::store
