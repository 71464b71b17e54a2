// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One connector of every folder under sense/connectors/. The source of this is written by CMake
/// (cmake/connectors.cpp.in).

#include "sense/ingest/connector.hpp"

namespace bongsu::sense {

ingest::Connectors AllConnectors();

}  // namespace bongsu::sense
