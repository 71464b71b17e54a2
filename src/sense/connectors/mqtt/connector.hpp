// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Sources that publish over MQTT: one session a broker, each message handed to the source whose topics it matches and
/// acknowledged after it is on disk.

#include <memory>

#include "sense/ingest/connector.hpp"

namespace bongsu::mqtt {

std::unique_ptr<ingest::Connector> Make();

}  // namespace bongsu::mqtt
