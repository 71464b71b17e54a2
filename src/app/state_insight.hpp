// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the state beside the journal (entities, checkpoints of desks) adds to `journal verify` and `journal inspect`.

#include "know/journal/offline/commands.hpp"

namespace bongsu::app {

journal::StateInsight InsightOfState();

}  // namespace bongsu::app
