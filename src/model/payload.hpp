// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/json.hpp"
#include "model/record.hpp"

namespace bongsu::model {

/// The payload of `record`, read; nullptr when it is no JSON. Several books look at one record one after the other, so
/// each thread keeps the last 8 payloads it read, found again by their text; a payload above 256 KiB is not kept.
std::shared_ptr<const json::Value> PayloadOf(const Record& record);

}  // namespace bongsu::model
