// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Joins session and codec to the gate: whole messages in, each handed to its source.

#include <memory>

#include "sense/ingest/connector.hpp"

namespace bongsu::@NAME@ {

std::unique_ptr<ingest::Connector> Make();

}  // namespace bongsu::@NAME@
