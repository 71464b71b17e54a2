// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The `detection` part of a Sigma rule: named selections of field tests.

#include <map>
#include <string>
#include <vector>

#include "base/yaml.hpp"
#include "decide/rules/expression.hpp"
#include "decide/rules/predicate.hpp"

namespace bongsu::rules {

/// Values of `%name%` placeholders (modifier `expand`).
using Variables = std::map<std::string, std::vector<std::string>, std::less<>>;

struct Detection {
  std::vector<Predicate> predicates;
  std::vector<std::string> names;      ///< Of the selections, in file order.
  std::vector<Expression> selections;  ///< Leaves are indexes into predicates.

  /// `condition` with selections in place of their names: leaves are indexes into predicates.
  /// @errors kInvalidArgument rules.bad_condition
  Result<Expression> Resolve(std::string_view condition) const;
};

/// @param file  for complaints
/// @errors kInvalidArgument rules.* with FILE:LINE:COLUMN
Result<Detection> ReadDetection(const yaml::Node& node, std::string_view file, const Variables& variables);

}  // namespace bongsu::rules
