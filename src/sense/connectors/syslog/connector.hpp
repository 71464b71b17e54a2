// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Listens for syslog over UDP and TCP and hands each message to the source whose line it is.

#include <memory>

#include "sense/ingest/connector.hpp"

namespace bongsu::syslog {

std::unique_ptr<ingest::Connector> Make();

}  // namespace bongsu::syslog
