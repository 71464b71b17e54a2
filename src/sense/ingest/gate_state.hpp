// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Inside of the gate: what one source's shard remembers of it, and a delivery on its way.

#include <unordered_map>

#include "sense/ingest/dedupe.hpp"
#include "sense/ingest/gate.hpp"

namespace bongsu::ingest {

inline constexpr std::int64_t kMaxUnderWay = 50'000;  ///< Messages of one source between Submit and Done.
inline constexpr std::size_t kRowsPerBatch = 500;

struct Gate::State {
  State(std::shared_ptr<Source> of, std::uint16_t tenant_ordinal, std::uint16_t at, Metrics& metrics)
      : source{std::move(of)},
        tenant{tenant_ordinal},
        partition{at},
        dedupe{static_cast<std::size_t>(source->config.dedupe)} {
    const auto counter = [&](std::string_view what) {
      return &metrics.Counter(
          "bongsu_sense_messages_total", "Messages of linked systems by what became of them.",
          fmt::format("tenant=\"{}\",source=\"{}\",outcome=\"{}\"", source->config.tenant, source->config.id, what));
    };
    accepted = counter("accepted");
    refused = counter("refused");
    duplicate = counter("duplicate");
    quarantined = counter("quarantined");
  }

  std::shared_ptr<Source> source;
  std::uint16_t tenant = 0;
  std::uint16_t partition = 0;
  Dedupe dedupe;
  Quarantine quarantine;
  Counts counts;
  Rate rate;
  std::optional<TimePoint> heard_at;  ///< Last sign of life, platform time.
  std::optional<TimePoint> last_message_at;
  bool silent = false;
  bool telling = false;  ///< The event about it is on its way.
  TimePoint newest{};    ///< Newest event time, for the watermark.
  std::deque<LinkError> errors;
  Counter* accepted = nullptr;
  Counter* refused = nullptr;
  Counter* duplicate = nullptr;
  Counter* quarantined = nullptr;

  void Note(TimePoint now, const Error& error) {
    errors.push_front({now, error.reason, error.message.substr(0, 500)});
    if (errors.size() > 20) errors.pop_back();
  }
};

struct Gate::Shard {
  std::unordered_map<const Source*, std::unique_ptr<State>> states;
};

/// One delivery between Submit and Done.
struct Gate::Work {
  /// Records of one admission class that go into the journal together.
  struct Pending {
    journal::Batch batch;
    std::vector<Hash128> identities;  ///< Made known when the batch is on disk.
    std::size_t events = 0;
    std::vector<std::pair<std::size_t, Held>> held;  ///< Index of the record in the batch.
    std::size_t held_rows = 0;
  };
  Delivery delivery;
  Done done;
  Outcome outcome;
  std::map<model::Admission, Pending> open;
  std::vector<Pending> ready;
  std::vector<std::pair<Hash128, std::size_t>> waiting;  ///< Repeats of what is still on its way.
  std::size_t parts = 0;                                 ///< Appends and repeats that have not answered.
  std::int64_t under_way = 0;

  void Complain(std::size_t row, const Error& error) {
    if (outcome.errors.size() < 20) outcome.errors.push_back({row, error.reason, error.message});
  }
};

}  // namespace bongsu::ingest
