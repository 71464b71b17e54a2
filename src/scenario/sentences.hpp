// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The sentences about the desk: what is expected of it and what people do at it.

#include "scenario/script.hpp"
#include "scenario/words.hpp"

namespace bongsu::scenario {

/// What follows `expect`. @errors kInvalidArgument scenario.bad_line
Result<void> ReadExpect(Words& words, Step& step);
/// What follows `act`. @errors kInvalidArgument scenario.bad_line
Result<void> ReadAct(Words& words, Step& step);

}  // namespace bongsu::scenario
