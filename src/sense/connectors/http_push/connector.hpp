// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Systems that push messages over HTTP: POST /api/v1/ingest/{source}.

#include <memory>

#include "sense/ingest/connector.hpp"

namespace bongsu::http_push {

std::unique_ptr<ingest::Connector> Make();

}  // namespace bongsu::http_push
