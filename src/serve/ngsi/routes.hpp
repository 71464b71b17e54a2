// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The NGSI-LD interface, /ngsi-ld/v1. What answers what, and what answers 501: docs/ngsi-ld.md.

#include <span>
#include <string>
#include <string_view>

#include "serve/api/router.hpp"
#include "serve/ngsi/context_service.hpp"

namespace bongsu::ngsi {

/// @param service  lives longer than the routes
api::Routes NgsiRoutes(ContextService& service);

/// Whether the address has the parts of `pattern`, "entities/*/attrs"; "*" is one part that is not empty.
bool Fits(std::string_view pattern, std::span<const std::string> parts);
/// 405 with Allow. @param allowed  "GET, POST"
http::Response MethodNotAllowed(const std::string& allowed);

}  // namespace bongsu::ngsi
