// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Instances of a series as JSON text. What hangs on the values is shaped once for all that share it.

#include <string>
#include <unordered_map>

#include "know/context/entity.hpp"
#include "know/history/sample.hpp"
#include "serve/temporal/time_query.hpp"

namespace bongsu::temporal {

/// The instance as it was written: value, observedAt and members, names expanded.
json::Value WholeInstance(const history::Sample& sample);

class InstanceWriter {
 public:
  explicit InstanceWriter(const TemporalRequest& request, std::uint16_t partition)
      : request_{request}, partition_{partition} {}

  /// Normalized or concise, with instanceId.
  void AppendInstance(std::string& out, const history::Sample& sample);
  /// Only the value, as temporalValues wants it.
  void AppendValue(std::string& out, const history::Sample& sample);
  /// The same of the scope, which is a Property without a name of its own (clause 4.5.6).
  void AppendScope(std::string& out, const history::Sample& sample) const;
  static void AppendScopeValue(std::string& out, const history::Sample& sample);
  /// Name of the attribute type, and of the member that lists its values.
  std::string_view TypeOf(const history::Sample& sample);
  std::string_view ListOf(const history::Sample& sample);

 private:
  struct Shell {
    context::AttributeKind kind = context::AttributeKind::kProperty;
    bool observed = false;  ///< The shell has observedAt itself.
    std::string head;       ///< {"type":"Property","value":
    std::string tail;       ///< ,"unitCode":"CEL"
  };
  const Shell& ShellOf(const history::Sample& sample);
  void AppendTimes(std::string& out, const history::Sample& sample) const;
  std::string ValueText(const history::Sample& sample, const Shell& shell, std::string& language) const;
  bool picks_language(const Shell& shell) const;

  const TemporalRequest& request_;
  std::uint16_t partition_;
  std::unordered_map<std::string, Shell> shells_;
  const std::string* last_text_ = nullptr;  // the shell of the sample before, which the next one mostly shares
  const Shell* last_ = nullptr;
};

}  // namespace bongsu::temporal
