// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A disk that is full now and then, under the state of entities.

#include <algorithm>
#include <atomic>

#include "know/store/port.hpp"

namespace bongsu::store {

/// A state that refuses every second one of the next writes.
class RefusingState final : public StatePort {
 public:
  explicit RefusingState(StatePort& state) : state_{state} {}
  void Refuse(int writes) { left_ = writes; }
  bool refuses() const { return left_ > 0; }
  int refused() const { return refused_; }

  Result<void> Write(const StateBatch& batch) override {
    BONGSU_CHECK(Next());
    return state_.Write(batch);
  }
  Result<std::optional<HistoryCut>> CutOf(std::uint16_t partition) const override { return state_.CutOf(partition); }
  Result<void> SetCut(std::uint16_t partition, const HistoryCut& cut) override {
    BONGSU_CHECK(Next());
    return state_.SetCut(partition, cut);
  }
  Result<std::string> DropBeforeCut(std::uint16_t partition, const std::string& after, std::size_t count,
                                    const WholeCopy& whole) override {
    BONGSU_CHECK(Next());
    return state_.DropBeforeCut(partition, after, std::min<std::size_t>(count, 2), whole);
  }
  Result<std::uint64_t> AppliedSeq(std::uint16_t partition) const override { return state_.AppliedSeq(partition); }
  Result<void> ReadEntities(
      std::uint16_t partition,
      const std::function<Result<void>(std::string_view bytes, std::uint8_t changes)>& visit) const override {
    return state_.ReadEntities(partition, visit);
  }
  Result<void> ReadRows(
      std::span<const EntityKey> keys,
      const std::function<Result<void>(std::size_t place, std::string_view bytes)>& visit) const override {
    return state_.ReadRows(keys, visit);
  }
  Result<std::vector<HistoryRow>> History(const EntityKey& key, TimePoint as_of) const override {
    return state_.History(key, as_of);
  }
  Result<void> HistoryIds(std::uint16_t partition, std::uint16_t tenant,
                          const std::function<bool(std::string_view id)>& visit) const override {
    return state_.HistoryIds(partition, tenant, visit);
  }
  Result<std::vector<history::SeriesKey>> SeriesOf(const EntityKey& key) const override { return state_.SeriesOf(key); }
  Result<void> ReadSeries(const history::SeriesKey& key, const SeriesRange& range,
                          const ChunkVisit& visit) const override {
    return state_.ReadSeries(key, range, visit);
  }
  Result<std::optional<history::Evolution>> EvolutionOf(const EntityKey& key) const override {
    return state_.EvolutionOf(key);
  }
  Result<void> Evolutions(
      std::uint16_t partition, std::uint16_t tenant,
      const std::function<bool(std::string_view id, std::string_view bytes)>& visit) const override {
    return state_.Evolutions(partition, tenant, visit);
  }

 private:
  Result<void> Next() {
    const int left = left_;
    if (left > 0) left_ = left - 1;
    if (left == 0 || left % 2 != 0) return {};
    ++refused_;
    return Fail(Code::kDiskFull, "test.full", "full");
  }

  StatePort& state_;
  std::atomic<int> left_{0};  // two savers may take the same one: a refusal more or less does not matter
  std::atomic<int> refused_{0};
};

}  // namespace bongsu::store
