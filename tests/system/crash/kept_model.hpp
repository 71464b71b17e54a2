// SPDX-License-Identifier: Apache-2.0
#pragma once

/// All that was ever in the journal, of which nothing leaves: what a house that cuts its past must still know, and what
/// it may no longer know. Folded record by record, without state, chunks or cuts.

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kept_house.hpp"

namespace bongsu::crash {

class KeptModel {
 public:
  /// Takes in what is new in a journal. @returns what is wrong with it: empty when nothing is
  std::string TakeIn(const journal::JournalPort& journal);
  /// The journal begins no later than `young`, and all that it keeps is there byte for byte.
  std::string CompareJournal(const journal::JournalPort& journal, TimePoint young) const;
  /// The past from its cut on: entities as of random times and as of the cut, every instance of every attribute.
  /// Everything must be saved.
  std::string ComparePast(const KeptHouse& house, std::mt19937_64& random) const;

  struct Told {
    std::uint16_t partition = 0;
    std::uint64_t seq = 0;
    std::uint64_t hash = 0;
  };
  /// An acknowledged record is one of those taken in.
  bool Has(const Told& told) const;
  TimePoint newest() const;
  std::size_t records() const;

 private:
  struct Known {
    TimePoint at{};
    std::uint64_t hash = 0;
  };
  struct Thing {
    std::uint16_t partition = 0;
    std::unique_ptr<context::Entity> now;
    std::vector<std::pair<TimePoint, std::string>> past;                            // as of; empty: it was not there
    std::map<std::string, std::vector<std::pair<TimePoint, std::string>>> samples;  // by attribute; empty: it went
  };
  void Fold(const model::Record& record);
  std::string CompareAsOf(const KeptHouse& house, const std::string& id, const Thing& thing, TimePoint at) const;
  std::string CompareSamples(const KeptHouse& house, const std::string& id, const Thing& thing, TimePoint cut) const;

  context::Names names_;
  std::vector<std::vector<Known>> journal_{kPartitions};  // by seq, from 1 on
  std::map<std::string, Thing> things_;
};

}  // namespace bongsu::crash
