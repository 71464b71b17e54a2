// SPDX-License-Identifier: Apache-2.0
// notify: sends a notice to an agency through the outbox and ticks the step.
#include "act/sop/steps/action.hpp"

namespace bongsu::sop::steps {
namespace {

Result<void> Check(const yaml::Node& action, std::string_view file) {
  if (action.Text("peer").empty()) {
    return FailAt(file, action, "procedure.bad_action", "notify needs 'peer': the agency that is told");
  }
  return {};
}

}  // namespace

const ActionKind kNotify{"notify", &Check};

}  // namespace bongsu::sop::steps
