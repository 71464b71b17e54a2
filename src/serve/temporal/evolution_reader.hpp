// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Reads the evolution of entities as a temporal request asks for it. Blocks: only in the blocking pool.

#include <optional>
#include <string>
#include <vector>

#include "know/context/selection.hpp"
#include "know/history/aggregate.hpp"
#include "know/store/port.hpp"
#include "serve/ngsi/request_query.hpp"
#include "serve/temporal/time_query.hpp"

namespace bongsu::temporal {

struct SeriesAnswer {
  std::string attribute;  ///< IRI, or history::kScope, which comes first.
  std::string dataset;
  std::vector<history::Sample> samples;         ///< Oldest first; with lastN newest first.
  std::optional<history::Aggregate> aggregate;  ///< Instead of samples.
  std::optional<history::Sample> cut = {};      ///< One of the samples, when all of them lie behind the cut.
};

struct EvolutionAnswer {
  std::string id;
  history::Evolution head;
  std::vector<SeriesAnswer> series;  ///< By attribute, then datasetId; those that have something to show.
  bool known_attributes = false;     ///< There are series of what was asked for, at whatever time.
};

/// pick and omit leave the id, the type or a scope.
bool ShowsMembers(const ngsi::Representation& as, const EvolutionAnswer& answer);

/// From a time on and before another one.
struct Interval {
  TimePoint from{};
  TimePoint to{};
};
/// Where an entity was in the scopes that were asked for, in order; nothing when they were not asked for.
using Whereabouts = std::optional<std::vector<Interval>>;

class EvolutionReader {
 public:
  /// @param cap  samples of an answer; of a series one more is read, so that a cut can be seen
  EvolutionReader(const store::StatePort& state, const TemporalRequest& request, std::size_t cap)
      : state_{state}, request_{request}, cap_{cap} {}

  /// Nothing when the entity has no history, or when `query` does not match what it was in the span.
  /// @errors kTooLarge ngsi.TooComplexQuery; those of StatePort
  Result<std::optional<EvolutionAnswer>> Read(const store::EntityKey& key, const context::Query* query) const;

  /// @errors kNotFound ngsi.ResourceNotFound  the whole span lies before the past of all these partitions begins
  Result<void> CheckReach(std::uint16_t first_partition, std::uint16_t last_partition) const;

  struct Page {
    std::vector<EvolutionAnswer> entities;  ///< By id.
    std::size_t total = 0;                  ///< All that match; only when counted.
    bool more = false;
  };
  Result<Page> Find(std::uint16_t partitions, const context::Query& query, const ngsi::Page& page,
                    bool descending) const;

 private:
  Result<std::vector<history::Sample>> Samples(const history::SeriesKey& key, const Whereabouts& where) const;
  Result<std::optional<history::Aggregate>> Sums(const history::SeriesKey& key, const Whereabouts& where) const;
  /// Everything the scope ever was, in the order of the time that is asked for.
  Result<std::vector<history::Sample>> Scopes(const store::EntityKey& key) const;
  /// What of it is shown: what was told in the span, and what was so when the span begins.
  std::vector<history::Sample> ShownScopes(std::vector<history::Sample> all, const Whereabouts& where) const;
  std::vector<Interval> WhereaboutsOf(const std::vector<history::Sample>& scopes,
                                      const context::ScopeQuery& asked) const;
  TimePoint ScopedAt(const history::Sample& sample) const;
  Result<bool> Matches(const std::string& id, const history::Evolution& head,
                       const std::vector<history::SeriesKey>& series, const context::Query& query,
                       const Whereabouts& where) const;
  bool Wanted(const history::Sample& sample, const Whereabouts& where) const;
  bool Shown(const history::SeriesKey& key) const;
  bool ShowsScope() const;
  /// Any attribute, shown or not, has an instance in the span.
  Result<bool> HasInstances(const store::EntityKey& key, const context::Query& query) const;

  const store::StatePort& state_;
  const TemporalRequest& request_;
  std::size_t cap_;
};

}  // namespace bongsu::temporal
