// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A written procedure: what an operator does, in order, for one sort of incident. Format: docs/formats/procedures.md.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "model/place.hpp"

namespace bongsu::sop {

/// A step is shown when the question `step` (1-based) has one of `answers`.
struct Condition {
  std::size_t step = 0;
  std::vector<std::string> answers;
};

struct StepText {
  std::string id;               ///< Name for conditions; empty for none.
  json::Value text;             ///< LText
  std::optional<Duration> due;  ///< From the start of the incident.
  json::Value answers;          ///< [{id,label}] of a question; null for none.
  std::optional<Condition> condition;
  json::Value action;  ///< StepAction; null for none.
};

struct Procedure {
  std::string id;
  std::int64_t version = 1;
  json::Value title;    ///< LText
  std::string service;  ///< Pack it belongs to.
  bool manual = false;  ///< The one for incidents opened by hand in this service.
  std::vector<StepText> steps;
};

inline constexpr std::size_t kFewestSteps = 3;
inline constexpr std::size_t kMostSteps = 9;
inline constexpr std::size_t kLongestStepText = 80;  ///< characters

/// @param file  name in complaints, which carry line and column
/// @errors kInvalidArgument yaml.bad, procedure.bad, procedure.bad_text, procedure.bad_action
Result<Procedure> ParseProcedure(std::string_view text, std::string_view file);

/// All procedures by id.
class Library {
 public:
  /// @errors kInvalidArgument as ParseProcedure; procedure.twice when the id is taken
  Result<void> Add(std::string_view text, std::string_view file);
  /// Every packs/*/procedures/*.yaml below `packs`. @errors as Add; kNotFound procedure.no_folder
  static Result<Library> Load(const std::string& packs);

  const Procedure* Find(std::string_view id) const;
  /// The procedure for an incident opened by hand in `service`, else the one of any service (service "").
  const Procedure* Manual(std::string_view service) const;
  std::size_t size() const { return procedures_.size(); }
  const std::map<std::string, Procedure, std::less<>>& all() const { return procedures_; }

  /// The procedure as an incident begins it: {"procedure": Procedure of api/openapi.yaml, "run": what the book needs,
  /// "progress"}; null when there is none.
  /// @param id  empty: the manual procedure of `service`
  json::Value Start(std::string_view id, std::string_view service, TimePoint at) const;

 private:
  std::map<std::string, Procedure, std::less<>> procedures_;
};

}  // namespace bongsu::sop
