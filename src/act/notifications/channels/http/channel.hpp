// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Notifications over HTTP: POST to the endpoint's address. Source: GS CIM 009 V1.9.1 clause 6.3.8.

#include "act/notifications/channel.hpp"
#include "runtime/http_link.hpp"

namespace bongsu::notifications {

/// What an answer's status means: 2xx delivered; 408, 425, 429 and 5xx to be said again; any other is a no.
Outcome OutcomeOf(int status);

/// @param link  of its own; closed with the channel
std::unique_ptr<Channel> MakeHttpChannel(const Endpoint& endpoint, std::shared_ptr<runtime::HttpLink> link);

}  // namespace bongsu::notifications
