// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Routes of the HTTP interface. Each noun's folder gives a list of routes; app/ joins the lists.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "guard/principal.hpp"
#include "runtime/http_message.hpp"

namespace bongsu::api {

/// A request that found its route.
struct Call {
  http::Request request;
  guard::Principal caller;
  std::map<std::string, std::string, std::less<>> params;  ///< {id} -> decoded part
};

/// Runs on the shard that read the request; answers once, at once or later, on that same or any other shard.
using Handler = std::function<void(Call call, http::Respond respond)>;

struct Route {
  std::string method;            ///< "GET"; "*" for any (NGSI-LD answers 405 itself)
  std::string pattern;           ///< "/api/v1/alarms/{id}/acknowledge"; a last part "**" takes the rest
  guard::Permission permission;
  Handler handler;
};

using Routes = std::vector<Route>;

}  // namespace bongsu::api
