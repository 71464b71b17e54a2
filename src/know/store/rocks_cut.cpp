// SPDX-License-Identifier: Apache-2.0
// Where the past of a partition begins, and what goes when it begins later than before.
#include <algorithm>
#include <limits>

#include "know/store/rocks_parts.hpp"

namespace bongsu::store {
namespace {

constexpr std::size_t kBatchBytes = 4UL << 20U;  ///< Of what is dropped in one write.

std::string CutKey(std::uint16_t partition) { return "cut" + PartitionPrefix(partition); }

/// The entity of a key of the history family. @param key  partition, tenant, id, 00, …
std::string EntityIn(std::string_view key) {
  return std::string(key.substr(0, std::min(key.find('\0', 4), key.size())));
}

/// The first entity behind `after` in a family; empty when there is none.
std::string NextIn(rocksdb::Iterator& rows, const std::string& after, const std::string& partition) {
  rows.Seek(after);
  if (!rows.Valid() || !rows.key().starts_with(partition)) return {};
  return EntityIn(View(rows.key()));
}

EntityKey KeyOf(std::string_view entity) {
  return {static_cast<std::uint16_t>(GetNumber(entity.substr(0, 2))),
          static_cast<std::uint16_t>(GetNumber(entity.substr(2, 2))), std::string(entity.substr(4))};
}

}  // namespace

/// Drops of one entity what lies before the cut.
class CutWork {
 public:
  CutWork(RocksState& owner, const RocksState::State& state, TimePoint cut, const StatePort::WholeCopy& whole)
      : owner_{owner}, state_{state}, cut_{cut}, whole_{whole} {}

  Result<void> Entity(const std::string& entity) {
    BONGSU_CHECK(Past(entity));
    BONGSU_TRY(const bool left, state_.series().DropBefore(entity, cut_, write_));
    if (left) return {};
    BONGSU_TRY(const auto evolution, state_.series().EvolutionOf(KeyOf(entity)));
    const bool gone = evolution && evolution->deleted != TimePoint{} && evolution->deleted < cut_;
    if (gone) state_.series().Clear(entity, write_);
    return {};
  }

  /// @param least  bytes below which it is put off
  Result<void> Write(std::size_t least) {
    if (write_.GetDataSize() < least || write_.Count() == 0) return {};
    const auto status = state_.db->Write(rocksdb::WriteOptions{}, &write_);
    write_.Clear();
    if (status.ok()) return {};
    (void)state_.db->Resume();
    return StateFailure(status, "state.write");
  }

 private:
  /// The last change up to the cut becomes a whole copy, then those before it go.
  Result<void> Past(const std::string& entity) {
    const EntityKey key = KeyOf(entity);
    BONGSU_TRY(auto rows, owner_.History(key, cut_));
    if (rows.empty()) return {};
    HistoryRow& last = rows.back();
    bool known = true;
    if (!last.keyframe) {
      auto whole = whole_(key, rows);
      if (!whole && whole.error().reason != "history.trimmed") return tl::unexpected<Error>(whole.error());
      if (!whole) {  // the journal was cut before there were whole copies
        BONGSU_TRY(whole, Newest(entity, last));
        known = !whole->empty();
      }
      last.keyframe = true;
      last.bytes = std::move(*whole);
      if (known && !last.bytes.empty()) state_.PutHistory(entity, last, write_);
    }
    return Delete(entity, HistoryKey(entity, last.at, last.seq), last.bytes.empty());
  }

  /// What the entity is now, when nothing changed since `last`; else empty.
  Result<std::string> Newest(const std::string& entity, const HistoryRow& last) const {
    const auto rows = state_.Scan(state_.history());
    const std::string place = HistoryKey(entity, last.at, last.seq);
    rows->Seek(place);
    if (rows->Valid() && rows->key() == rocksdb::Slice{place}) rows->Next();
    if (rows->Valid() && rows->key().starts_with(entity + '\0')) return std::string{};
    std::string bytes;
    const auto status = state_.db->Get(rocksdb::ReadOptions{}, state_.entities(), entity, &bytes);
    if (status.IsNotFound()) return std::string{};
    if (!status.ok()) return StateFailure(status, "state.read");
    return bytes.substr(std::min<std::size_t>(1, bytes.size()));
  }

  Result<void> Delete(const std::string& entity, const std::string& last, bool and_last) {
    const std::string prefix = entity + '\0';
    const auto rows = state_.Scan(state_.history());
    for (rows->Seek(prefix); rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
      const int order = rows->key().compare(last);
      if (order > 0 || (order == 0 && !and_last)) break;
      write_.Delete(state_.history(), rows->key());
      BONGSU_CHECK(Write(kBatchBytes));
    }
    if (!rows->status().ok()) return StateFailure(rows->status(), "state.read");
    return {};
  }

  RocksState& owner_;
  const RocksState::State& state_;
  TimePoint cut_;
  const StatePort::WholeCopy& whole_;
  rocksdb::WriteBatch write_;
};

Result<std::optional<HistoryCut>> RocksState::CutOf(std::uint16_t partition) const {
  std::string value;
  const auto status = state_->db->Get(rocksdb::ReadOptions{}, state_->meta(), CutKey(partition), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return StateFailure(status, "state.read");
  if (value.size() != 17)
    return Fail(Code::kCorrupt, "state.read", "the cut of partition {} does not decode", partition);
  const std::string_view bytes = value;
  return HistoryCut{GetNumber(bytes.substr(0, 8)), GetTime(bytes.substr(8, 8)), bytes[16] != 0};
}

Result<void> RocksState::SetCut(std::uint16_t partition, const HistoryCut& cut) {
  std::string value;
  PutNumber(value, cut.seq, 8);
  PutTime(value, cut.at);
  value += static_cast<char>(cut.dropped ? 1 : 0);
  const auto status = state_->db->Put(rocksdb::WriteOptions{}, state_->meta(), CutKey(partition), value);
  if (!status.ok()) return StateFailure(status, "state.write");
  return {};
}

Result<void> RocksState::GiveRoomBack(std::uint16_t partition) {
  const std::string begin = PartitionPrefix(partition);
  const std::string end = PartitionPrefix(static_cast<std::uint16_t>(partition + 1));
  const rocksdb::Slice from{begin};
  const rocksdb::Slice to{end};
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  for (std::size_t family = 2; family < state_->families.size(); ++family) {
    const auto status = state_->db->CompactRange(options, state_->families[family], &from, &to);
    if (!status.ok()) return StateFailure(status, "state.write");
  }
  return {};
}

Result<std::string> RocksState::DropBeforeCut(std::uint16_t partition, const std::string& after, std::size_t count,
                                              const WholeCopy& whole) {
  BONGSU_TRY(const auto cut, CutOf(partition));
  if (!cut) return std::string{};
  const std::string prefix = PartitionPrefix(partition);
  const auto history = state_->Scan(state_->history());
  const auto evolutions = state_->Scan(state_->evolutions());
  CutWork work{*this, *state_, cut->at, whole};
  std::string entity = after;
  for (std::size_t done = 0; done < count; ++done) {
    const std::string from = entity.empty() ? prefix : entity + '\x01';  // an id holds no control character
    std::string next = NextIn(*history, from, prefix);
    const std::string other = NextIn(*evolutions, from, prefix);
    if (next.empty() || (!other.empty() && other < next)) next = other;
    if (!history->status().ok() || !evolutions->status().ok())
      return StateFailure(history->status().ok() ? evolutions->status() : history->status(), "state.read");
    entity = std::move(next);
    if (entity.empty()) break;
    BONGSU_CHECK(work.Entity(entity));
    BONGSU_CHECK(work.Write(kBatchBytes));
  }
  BONGSU_CHECK(work.Write(0));
  return entity;
}

}  // namespace bongsu::store
