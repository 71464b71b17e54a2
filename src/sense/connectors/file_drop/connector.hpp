// SPDX-License-Identifier: Apache-2.0
#pragma once

/// One-way links that drop files with sequence numbers into a folder; a file is done with when its messages are on
/// disk.

#include <memory>

#include "sense/ingest/connector.hpp"

namespace bongsu::file_drop {

std::unique_ptr<ingest::Connector> Make();

}  // namespace bongsu::file_drop
