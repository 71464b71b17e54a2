// SPDX-License-Identifier: Apache-2.0
// call: a person telephones; the console shows the peer's number. Nothing leaves the house by itself.
#include "act/sop/steps/action.hpp"

namespace bongsu::sop::steps {
namespace {

Result<void> Check(const yaml::Node& action, std::string_view file) {
  if (action.Text("peer").empty()) {
    return FailAt(file, action, "procedure.bad_action", "call needs 'peer': who is telephoned");
  }
  if (!action.Text("channel").empty()) return FailAt(file, action, "procedure.bad_action", "call has no 'channel'");
  return {};
}

}  // namespace

const ActionKind kCall{"call", &Check};

}  // namespace bongsu::sop::steps
