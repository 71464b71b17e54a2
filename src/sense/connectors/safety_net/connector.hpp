// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Agencies that push events to us: sign in with an apiKey, then send with the session key. The answer comes after the
/// disk.

#include <memory>

#include "sense/ingest/connector.hpp"

namespace bongsu::safety_net {

std::unique_ptr<ingest::Connector> Make();

}  // namespace bongsu::safety_net
