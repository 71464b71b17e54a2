// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One rule as it was read: what it looks for (stages), how hits become a finding (operator), and what people are told.
/// The language is docs/formats/rules.md.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "decide/rules/detection.hpp"
#include "decide/rules/template_text.hpp"
#include "model/event.hpp"

namespace bongsu::rules {

/// How the hits of a rule become findings; operators/ has one file each.
enum class OperatorKind : std::uint8_t {
  kEach,      ///< every hit; hits closer than `gap` are one
  kState,     ///< a condition that lasts: raise, clear, hold, hysteresis, several parts
  kCount,     ///< N hits, or N different values, within `window`
  kSequence,  ///< stage after stage within `window`
  kTogether,  ///< all stages within `window`, in any order
  kMissing,   ///< stage 0 and no stage 1 within `window` after it
  kSilence,   ///< nothing of stage 0 for `window`
  kChange,    ///< a value or a place moved by `change_by` within `window`
  kNear,      ///< stage 0 and stage 1 within `radius_m` and `window` of each other
};

struct Comparison {
  enum class Op : std::uint8_t { kGreater, kGreaterEq, kLess, kLessEq, kEqual, kNotEqual } op = Op::kGreaterEq;
  std::uint64_t than = 1;
  bool Holds(std::uint64_t value) const;
};

/// What hits of one kind mean to the operator.
struct Stage {
  std::optional<Expression> when;  ///< Over the rule's predicates; empty when other rules feed it.
  std::vector<std::string> rules;  ///< Ids or names of rules whose hits it takes.
  std::uint32_t count = 1;         ///< kSequence: hits that are needed.
  std::vector<TemplateText> key;   ///< First that can be filled.
};

/// Local time of day in which a rule is awake.
struct Schedule {
  std::chrono::minutes from{0};
  std::chrono::minutes to{0};      ///< Before `from`: over midnight.
  std::chrono::minutes offset{0};  ///< Local time ahead of UTC.
  bool Awake(TimePoint at) const;
};

struct NearEntity {
  std::string type;
  double within_m = 0;
};

struct LTemplate {
  TemplateText ko;
  TemplateText en;
};

enum class PlaceFrom : std::uint8_t { kEvent, kEntity, kNone };

struct Rule;
using RulePtr = std::shared_ptr<const Rule>;

/// Hits of a rule also go to that stage of another one.
struct Feed {
  RulePtr rule;
  std::uint32_t stage = 0;
};

struct Rule {
  std::string id;
  std::string name;     ///< Sigma's short name; may stand for the id in correlations.
  std::string version;  ///< Author's version and eight letters of the text's hash.
  std::string file;
  int line = 0;
  std::string written;       ///< The document as it stands in the file.
  int number = 0;            ///< Row of the city's rule list; 0 for none.
  bool generate = true;      ///< False: only feeds correlations.
  bool keeps_bases = false;  ///< A correlation whose base rules give findings of their own too.
  model::LogSource log_source;
  std::vector<Predicate> predicates;
  std::vector<Stage> stages;

  OperatorKind op = OperatorKind::kEach;
  Duration window{0};
  Duration gap{0};
  Duration hold{0};
  Duration clear_hold{0};
  std::uint32_t at_least = 1;  ///< kState: parts that must be in the condition.
  bool by_parts = false;       ///< kState: `each` was given.
  TemplateText part;           ///< kState: what a part is; kCount: the value whose different forms count.
  bool distinct = false;
  Comparison comparison;     ///< kCount
  std::string change_field;  ///< kChange; empty: the place
  double change_by = 0;      ///< Unit of the field, or metres; negative: a fall.
  double radius_m = 0;       ///< kNear
  std::optional<NearEntity> near_entity;
  std::optional<Schedule> schedule;

  int severity = 3;
  LTemplate title;
  LTemplate text;
  std::string service = "cyber";
  std::string position = "cyber";
  std::string procedure;
  std::string evidence = "none";
  PlaceFrom place = PlaceFrom::kEvent;
  std::vector<TemplateText> entity;
  TemplateText parent_key;
  std::string confidence;
  std::string joins;  ///< Rule whose alarm this finding belongs to.
  LTemplate prevented_by;
  std::vector<std::string> tags;
  std::map<std::string, TemplateText, std::less<>> join;  ///< Name of a context entity -> its id.

  // Filled in when the set is built.
  std::vector<Feed> feeds;
  std::vector<std::uint64_t> hears;  ///< Log sources (LogSourceKey) it and its base rules read.
  bool quiet = false;                ///< A correlation reads it and does not keep its bases.

  std::vector<std::string> captured;  ///< Names that texts use and a hit must carry.
  std::size_t max_keys = 2048;
  std::size_t max_events = 32;  ///< Hits kept a key.

  /// Whether it gives findings of its own.
  bool Tells() const { return generate && !quiet; }
  /// Upper bound of the state in memory on one shard, in bytes; what is past it is evicted and counted.
  std::uint64_t BytesBound() const;
};

std::string_view OperatorName(OperatorKind kind);

/// A rule that could not be read.
struct Complaint {
  std::string file;
  int line = 0;
  int column = 0;
  std::string code;
  std::string message;
  std::string rule{};  ///< Id of the document, where it names one.
};

struct ReadRules {
  std::vector<Rule> rules;
  std::vector<Complaint> complaints;
};

/// Reads every document of a file. A bad document gives a complaint, the others load.
ReadRules ReadRuleFile(std::string_view text, std::string_view file, const Variables& variables);

}  // namespace bongsu::rules
