// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Which Sigma log source a recorded host event belongs to, when it does not say so itself.
/// Source: Sigma specification 2.1.0, "Taxonomy Appendix", and Microsoft's Sysmon event list.

#include <string_view>

#include "model/event.hpp"

namespace bongsu::rules {

/// What a host event says about its origin.
struct HostEvent {
  std::string_view channel;
  std::string_view event_type;  ///< Sysmon's EventType
  std::int64_t event_id = 0;
};

/// Empty parts where nothing is known; all empty for an event of no known channel.
model::LogSource LogSourceOf(const HostEvent& event);

}  // namespace bongsu::rules
