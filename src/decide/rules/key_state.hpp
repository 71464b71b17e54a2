// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the correlator keeps of one (tenant, rule, key): the hits that may still matter, in order of event time, and
/// what was told. Findings are a function of the hits, so their order of arrival does not count.
///
///   folded into Base ◀── watermark ──▶ entries that may still get late neighbours

#include <memory>
#include <vector>

#include "decide/rules/hit.hpp"
#include "model/finding.hpp"

namespace bongsu::rules {

inline constexpr std::size_t kMaxEvidence = 50;  ///< model::Finding::events
inline constexpr std::size_t kMaxParts = 256;    ///< kState: parts of a key.

struct Entry {
  TimePoint at{};
  TimePoint received_at{};
  model::Position position;
  std::uint32_t stage = 0;
  std::uint32_t source = 0;  ///< Number of the source's name in the correlator.
  std::uint64_t part = 0;
  double value = 0;
  model::LatLon point;
  std::shared_ptr<const Detail> detail;

  friend bool operator<(const Entry& a, const Entry& b) { return a.at != b.at ? a.at < b.at : a.position < b.position; }
};

/// One time a rule was true, as an operator sees it.
struct Outcome {
  TimePoint start{};
  TimePoint first{};
  TimePoint last{};
  TimePoint settled{};  ///< Nothing that comes later than this changes it, apart from its end.
  std::uint64_t count = 1;
  bool clears = false;
  std::vector<Entry> evidence;  ///< At most kMaxEvidence, oldest first.
  Entry newest;                 ///< The hit whose texts are shown.
};

struct Evaluation {
  std::vector<Outcome> outcomes;
  TimePoint next = kNever;  ///< Event time at which the outcomes change without a hit.
};

/// The running state of a condition that lasts (operators/state.cpp).
struct StateMachine {
  struct Part {
    std::uint64_t id = 0;
    Entry raised;
  };
  std::vector<Part> parts;  ///< In the condition now.
  bool holds = false;       ///< Enough parts.
  TimePoint held_since{};
  bool open = false;
  bool closing = false;  ///< Below `at_least`; waiting for clear_for.
  TimePoint closing_since{};
  Outcome outcome;  ///< While open.
};

/// Everything before the watermark, folded.
struct Base {
  TimePoint resume_from{};  ///< Hits before it belong to outcomes that are settled.
  TimePoint evicted_to{};   ///< Hits up to it left because of max_events.
  StateMachine machine;
  bool has_reference = false;  ///< kChange over places
  model::LatLon reference;
};

struct Told {
  Hash128 id;
  std::uint32_t revision = 0;
  std::uint64_t content = 0;  ///< Hash of what was told.
  bool final = false;
  bool recovered = false;  ///< From the journal; not yet computed again.
  std::shared_ptr<const model::Finding> finding;
};

struct KeyState {
  RulePtr rule;
  std::uint16_t tenant = 0;
  std::string key;
  std::vector<Entry> entries;
  Base base;
  std::vector<Told> told;           ///< At most max_events.
  TimePoint next_due = kNever;      ///< In the correlator's queue of deadlines.
  TimePoint next_settled = kNever;  ///< In its queue of findings that wait to be final.
};

// Sizes behind Rule::BytesBound.
inline constexpr std::size_t kKeyBytes = sizeof(KeyState) + 512;
inline constexpr std::size_t kEntryBytes = sizeof(Entry);
inline constexpr std::size_t kDetailBytes = 1024;
inline constexpr std::size_t kToldBytes = sizeof(Told) + 2048;

}  // namespace bongsu::rules
